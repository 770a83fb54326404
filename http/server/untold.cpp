#include "http/server/untold.hpp"

#include "http/server/exchange_notes.hpp"

namespace tally::http {
namespace {

using core::Errc;

/// Of what passes with time, or when an operator acts.
std::string_view sentence_of_waiting(Errc code) {
  if (code == Errc::overloaded) return "Too busy; nothing was done";
  if (code == Errc::outcome_unknown)
    return "The outcome is unknown; try again with the same Idempotency-Key or refresh token";
  if (code == Errc::stopping) return "The server is stopping; nothing was done";
  if (code == Errc::clock_in_doubt) return "The server's clock is in doubt; nothing was done";
  if (code == Errc::no_space) return "The server has no space left; nothing was done";
  return "Something that the server needs can not be reached";
}

}  // namespace

std::optional<std::string_view> told_instead(Errc code) {
  switch (code) {
    case Errc::overloaded:
    case Errc::outcome_unknown:
    case Errc::stopping:
    case Errc::no_space:
    case Errc::clock_in_doubt:
    case Errc::locked:
    case Errc::unreachable:
      return sentence_of_waiting(code);
    case Errc::bad_configuration:
    case Errc::corrupt:
    case Errc::io_failed:
    case Errc::unknown_event:
    case Errc::internal:
      return "Internal error";
    case Errc::invalid_argument:
    case Errc::malformed:
    case Errc::unauthenticated:
    case Errc::forbidden:
    case Errc::not_found:
    case Errc::already_exists:
    case Errc::conflict:
    case Errc::limit_exceeded:
    case Errc::unknown_client:
    case Errc::secret_unknown:
    case Errc::secret_reused:
    case Errc::token_expired:
    case Errc::token_disabled:
    case Errc::token_deleted:
    case Errc::wrong_workspace:
    case Errc::scope_exceeded:
    case Errc::too_large:
    case Errc::binding_failed:
    case Errc::resource_refused:
    case Errc::invalid_proof:
    case Errc::nonce_required:
    case Errc::precondition_failed:
    case Errc::idempotency_mismatch:
    case Errc::last_break_glass:
    case Errc::rate_limited:
      return std::nullopt;
  }
  core::check_failed("a known Errc", __FILE__, __LINE__, std::to_string(static_cast<int>(code)));
}

void note_untold(const Request& request, const core::Error& error) {
  if (core::is_our_fault(error.code) || error.code == Errc::bad_configuration) {
    request.notes().attempt.blame_us(error);
  } else if (error.code == Errc::no_space || error.code == Errc::outcome_unknown || error.code == Errc::locked ||
             error.code == Errc::unreachable) {
    request.notes().attempt.blame_surroundings(error);
  }
}

}  // namespace tally::http
