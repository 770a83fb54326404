#include "core/state/token.hpp"

#include "core/base/check.hpp"

namespace tally::core {

TokenStatus status_at(const TokenState& token, Timestamp now, std::optional<Timestamp> cut_off) {
  if (token.mark == TokenMark::deleted) return TokenStatus::deleted;
  const bool is_cut_off = cut_off.has_value() && token.created_at < *cut_off;
  const bool is_made_ahead = lies_ahead(token.imported_at.value_or(token.created_at), now);
  if (token.mark == TokenMark::disabled || is_cut_off || is_made_ahead) return TokenStatus::disabled;
  return now >= token.expires_at ? TokenStatus::expired : TokenStatus::active;
}

const char* name_of(TokenStatus status) {
  switch (status) {
    case TokenStatus::active:
      return "active";
    case TokenStatus::disabled:
      return "disabled";
    case TokenStatus::expired:
      return "expired";
    case TokenStatus::deleted:
      return "deleted";
  }
  check_failed("a known TokenStatus", __FILE__, __LINE__, std::to_string(static_cast<int>(status)));
}

const char* name_of(ConfirmationMethod method) {
  switch (method) {
    case ConfirmationMethod::jkt:
      return "jkt";
    case ConfirmationMethod::x5t_s256:
      return "x5t#S256";
  }
  check_failed("a known ConfirmationMethod", __FILE__, __LINE__, std::to_string(static_cast<int>(method)));
}

const char* name_of(DisableCause cause) {
  switch (cause) {
    case DisableCause::requested:
      return "requested";
    case DisableCause::reuse_detected:
      return "reuse_detected";
    case DisableCause::offboarding:
      return "offboarding";
    case DisableCause::cut_off:
      return "cut_off";
    case DisableCause::parent_stopped:
      return "parent_stopped";
    case DisableCause::revoked:
      return "revoked";
    case DisableCause::clock:
      return "clock";
  }
  check_failed("a known DisableCause", __FILE__, __LINE__, std::to_string(static_cast<int>(cause)));
}

const char* name_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::oauth2:
      return "oauth2";
    case TokenKind::legacy:
      return "legacy";
  }
  check_failed("a known TokenKind", __FILE__, __LINE__, std::to_string(static_cast<int>(kind)));
}

const char* name_of(AccessFate fate) {
  switch (fate) {
    case AccessFate::keep:
      return "keep";
    case AccessFate::revoke:
      return "revoke";
  }
  check_failed("a known AccessFate", __FILE__, __LINE__, std::to_string(static_cast<int>(fate)));
}

}  // namespace tally::core
