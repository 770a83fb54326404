#include "core/state/person.hpp"

#include <array>

#include "core/base/check.hpp"

namespace tally::core {

const char* name_of(ServerStanding standing) {
  switch (standing) {
    case ServerStanding::none:
      return "none";
    case ServerStanding::operator_person:
      return "operator";
    case ServerStanding::break_glass:
      return "break_glass";
    case ServerStanding::auditor:
      return "auditor";
  }
  check_failed("a known ServerStanding", __FILE__, __LINE__, std::to_string(static_cast<int>(standing)));
}

Result<ServerStanding> parse_server_standing(std::string_view text) {
  constexpr std::array kAll{ServerStanding::none, ServerStanding::operator_person, ServerStanding::break_glass,
                            ServerStanding::auditor};
  for (const ServerStanding standing : kAll) {
    if (text == name_of(standing)) return standing;
  }
  return invalid("standing", "must be none, operator, break_glass or auditor");
}

Error auditor_changes_nothing() {
  return fail(Errc::forbidden, "the server auditor reads everything and changes nothing");
}

const char* name_of(RecoveryMeans means) {
  switch (means) {
    case RecoveryMeans::command:
      return "command";
    case RecoveryMeans::file:
      return "file";
  }
  check_failed("known RecoveryMeans", __FILE__, __LINE__, std::to_string(static_cast<int>(means)));
}

}  // namespace tally::core
