#include "http/api/stop_fields.hpp"

#include <utility>

#include "core/base/names.hpp"

namespace tally::http {
namespace {

core::Result<std::string> normalized_reason(std::string_view written) {
  return core::normalize_reason("reason", written);
}

}  // namespace

core::AccessFate read_access_fate(JsonReader& reader, core::AccessFate absent) {
  const std::string fate = reader.text("access", Presence::optional);
  if (fate == "keep") return core::AccessFate::keep;
  if (fate == "revoke") return core::AccessFate::revoke;
  if (reader.has("access")) reader.invalid("access", "must be keep or revoke");
  return absent;
}

core::AccessFate read_access_fate(QueryReader& reader, core::AccessFate absent) {
  return reader
      .word<core::AccessFate>("access", {{"keep", core::AccessFate::keep}, {"revoke", core::AccessFate::revoke}})
      .value_or(absent);
}

std::string read_reason(JsonReader& reader) { return reader.text_by(normalized_reason, "reason", Presence::optional); }

std::string read_reason(QueryReader& reader) {
  auto reason = normalized_reason(reader.text("reason").value_or(""));
  if (reason.has_value()) return *std::move(reason);
  reader.invalid("reason", reason.error().detail);
  return {};
}

}  // namespace tally::http
