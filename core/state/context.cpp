#include "core/state/context.hpp"

#include "core/base/check.hpp"

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

const char* name_of(CredentialKind kind) {
  switch (kind) {
    case CredentialKind::unrecorded:
      return "unrecorded";
    case CredentialKind::none:
      return "none";
    case CredentialKind::session:
      return "session";
    case CredentialKind::access_token:
      return "access_token";
    case CredentialKind::refresh_token:
      return "refresh_token";
    case CredentialKind::client_secret:
      return "client_secret";
    case CredentialKind::legacy_token:
      return "legacy_token";
  }
  check_failed("a known CredentialKind", __FILE__, __LINE__, std::to_string(static_cast<int>(kind)));
}

}  // namespace tally::core
