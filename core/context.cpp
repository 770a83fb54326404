#include "core/context.hpp"

#include "core/check.hpp"

namespace tally::core {

const char* name_of(Via via) {
  switch (via) {
    case Via::page:
      return "page";
    case Via::api:
      return "api";
    case Via::cli:
      return "cli";
    case Via::oauth:
      return "oauth";
    case Via::system:
      return "system";
  }
  check_failed("a known Via", __FILE__, __LINE__, std::to_string(static_cast<int>(via)));
}

const char* name_of(ActorKind kind) {
  switch (kind) {
    case ActorKind::user:
      return "user";
    case ActorKind::client:
      return "client";
    case ActorKind::operator_person:
      return "operator";
    case ActorKind::system:
      return "system";
  }
  check_failed("a known ActorKind", __FILE__, __LINE__, std::to_string(static_cast<int>(kind)));
}

}  // namespace tally::core
