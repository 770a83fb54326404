#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"

namespace tally::http {

/// What goes on long after it was asked for.
enum class StreamKind : std::uint8_t { live, exported };

class StreamPlaces;

/// One place of a stream; given back when it ends. Lifetime: the places outlive it.
class StreamPlace {
 public:
  ~StreamPlace();
  StreamPlace(const StreamPlace&) = delete;
  StreamPlace& operator=(const StreamPlace&) = delete;

 private:
  friend class StreamPlaces;
  StreamPlace(StreamPlaces& places, StreamKind kind, core::UserId person, core::WorkspaceId workspace)
      : places_(places), kind_(kind), person_(person), workspace_(workspace) {}

  StreamPlaces& places_;
  const StreamKind kind_;
  const core::UserId person_;
  const core::WorkspaceId workspace_;
};

/// The places of all streams. Every stream takes one before it begins, so that nobody has what others need. Bounds:
/// http/server/limits.hpp. Threads: any.
class StreamPlaces {
 public:
  /// Errors: overloaded (all are taken), rate_limited (the person has theirs, or the workspace its own).
  core::Result<std::unique_ptr<StreamPlace>> take(StreamKind kind, core::UserId person, core::WorkspaceId workspace);

 private:
  friend class StreamPlace;
  /// Of one kind. Those that nobody has have no entry.
  struct Taken {
    std::size_t all = 0;
    std::map<core::UserId, std::size_t> by_person;
    std::map<core::WorkspaceId, std::size_t> by_workspace;
  };
  void give_back(const StreamPlace& place);

  std::mutex mutex_;
  std::map<StreamKind, Taken> taken_;  // guarded by mutex_
};

}  // namespace tally::http
