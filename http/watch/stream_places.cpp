#include "http/watch/stream_places.hpp"

#include <string>

#include "core/base/check.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

struct Bounds {
  std::string_view what;
  std::size_t all, per_workspace, per_person;
};

Bounds bounds_of(StreamKind kind) {
  switch (kind) {
    case StreamKind::live:
      return {"live streams", limits::kLiveStreamsMax, limits::kLiveStreamsPerWorkspaceMax,
              limits::kLiveStreamsPerPersonMax};
    case StreamKind::exported:
      return {"exports", limits::kExportsMax, limits::kExportsPerWorkspaceMax, limits::kExportsPerPersonMax};
  }
  core::check_failed("a known StreamKind", __FILE__, __LINE__, std::to_string(static_cast<int>(kind)));
}

template <class Id>
std::size_t count_of(const std::map<Id, std::size_t>& counts, Id id) {
  const auto place = counts.find(id);
  return place == counts.end() ? 0 : place->second;
}

template <class Id>
void take_one_from(std::map<Id, std::size_t>& counts, Id id) {
  const auto place = counts.find(id);
  TALLY_CHECK(place != counts.end());
  if (--place->second == 0) counts.erase(place);
}

core::Error refusal_of(std::string_view whose, std::size_t most, std::string_view what) {
  return core::fail(core::Errc::rate_limited, std::string{whose} + " has " + std::to_string(most) + " " +
                                                  std::string{what} + " already, which is the most: end one first");
}

}  // namespace

StreamPlace::~StreamPlace() { places_.give_back(*this); }

core::Result<std::unique_ptr<StreamPlace>> StreamPlaces::take(StreamKind kind, core::UserId person,
                                                              core::WorkspaceId workspace) {
  const Bounds bounds = bounds_of(kind);
  const std::lock_guard lock{mutex_};
  Taken& taken = taken_[kind];
  if (count_of(taken.by_person, person) >= bounds.per_person) {
    return refusal_of("this person", bounds.per_person, bounds.what);
  }
  if (count_of(taken.by_workspace, workspace) >= bounds.per_workspace) {
    return refusal_of("this workspace", bounds.per_workspace, bounds.what);
  }
  if (taken.all >= bounds.all) return core::fail(core::Errc::overloaded, "too many " + std::string{bounds.what});
  // Whatever can fail goes before what counts.
  std::size_t& of_person = taken.by_person[person];
  std::size_t& of_workspace = taken.by_workspace[workspace];
  auto* const place = new StreamPlace{*this, kind, person, workspace};
  ++taken.all;
  ++of_person;
  ++of_workspace;
  return std::unique_ptr<StreamPlace>{place};
}

void StreamPlaces::give_back(const StreamPlace& place) {
  const std::lock_guard lock{mutex_};
  Taken& taken = taken_[place.kind_];
  --taken.all;
  take_one_from(taken.by_person, place.person_);
  take_one_from(taken.by_workspace, place.workspace_);
}

}  // namespace tally::http
