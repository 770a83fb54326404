#include "core/base/result.hpp"

namespace tally::core {

const char* name_of(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::malformed:
      return "malformed";
    case Errc::unauthenticated:
      return "unauthenticated";
    case Errc::forbidden:
      return "forbidden";
    case Errc::not_found:
      return "not_found";
    case Errc::already_exists:
      return "already_exists";
    case Errc::conflict:
      return "conflict";
    case Errc::limit_exceeded:
      return "limit_exceeded";
    case Errc::unknown_client:
      return "unknown_client";
    case Errc::secret_unknown:
      return "secret_unknown";
    case Errc::secret_reused:
      return "secret_reused";
    case Errc::token_expired:
      return "token_expired";
    case Errc::token_disabled:
      return "token_disabled";
    case Errc::token_deleted:
      return "token_deleted";
    case Errc::wrong_workspace:
      return "wrong_workspace";
    case Errc::scope_exceeded:
      return "scope_exceeded";
    case Errc::too_large:
      return "too_large";
    case Errc::binding_failed:
      return "binding_failed";
    case Errc::resource_refused:
      return "resource_refused";
    case Errc::invalid_proof:
      return "invalid_proof";
    case Errc::nonce_required:
      return "nonce_required";
    case Errc::precondition_failed:
      return "precondition_failed";
    case Errc::idempotency_mismatch:
      return "idempotency_mismatch";
    case Errc::last_break_glass:
      return "last_break_glass";
    case Errc::overloaded:
      return "overloaded";
    case Errc::outcome_unknown:
      return "outcome_unknown";
    case Errc::stopping:
      return "stopping";
    case Errc::no_space:
      return "no_space";
    case Errc::locked:
      return "locked";
    case Errc::bad_configuration:
      return "bad_configuration";
    case Errc::unreachable:
      return "unreachable";
    case Errc::rate_limited:
      return "rate_limited";
    case Errc::clock_in_doubt:
      return "clock_in_doubt";
    case Errc::corrupt:
      return "corrupt";
    case Errc::io_failed:
      return "io_failed";
    case Errc::unknown_event:
      return "unknown_event";
    case Errc::internal:
      return "internal";
  }
  check_failed("a known Errc", __FILE__, __LINE__, std::to_string(static_cast<int>(code)));
}

}  // namespace tally::core
