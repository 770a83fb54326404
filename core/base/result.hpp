#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <boost/system/result.hpp>

#include "core/base/check.hpp"

namespace tally::core {

/// What went wrong, grouped by who must act. Branch on the code, never on the text. The edge maps codes to wire answers
/// in one exhaustive switch (http/server/problem.hpp, http/oauth/oauth_error.hpp).
enum class Errc : std::uint16_t {
  // The caller must act.
  invalid_argument = 1,  ///< A value breaks its bound or form; Error::field names it.
  malformed = 2,         ///< Bytes that do not parse as what they claim to be.
  unauthenticated = 3,   ///< Nobody, or wrong credentials.
  forbidden = 4,         ///< Known caller, but the role or scope does not suffice.
  not_found = 5,         ///< Absent, or not for this caller to know about.
  already_exists = 6,    ///< A unique name or id is taken.
  conflict = 7,          ///< The state does not allow it (for example: the last admin leaves).
  limit_exceeded = 8,    ///< A policy's count is used up.
  unknown_client = 9,    ///< No such workspace (OAuth client).
  secret_unknown = 10,   ///< A well-formed secret that was never given out, or no longer known.
  secret_reused = 11,    ///< A spent refresh token; its family has just been, or already was, disabled.
  token_expired = 12,
  token_disabled = 13,
  token_deleted = 14,
  wrong_workspace = 15,  ///< A secret presented with another workspace's client id.
  scope_exceeded = 16,   ///< Wider than what was granted or allowed.
  too_large = 17,
  binding_failed = 18,    ///< The token is bound to a key that the caller did not prove to hold.
  resource_refused = 19,  ///< No access token is issued for that resource (RFC 8707).
  invalid_proof = 20,     ///< A DPoP proof that does not prove what it should.
  nonce_required = 21,  ///< A DPoP proof without a nonce of this server's, or with an old one: try again with this one.
  precondition_failed = 22,   ///< The thing has changed since the caller looked at it (If-Match).
  idempotency_mismatch = 23,  ///< The idempotency key was used for another request.
  last_break_glass = 24,      ///< Nobody would be left whose password always lets an operator in.

  // The operator must act, or time must pass.
  overloaded = 40,       ///< A bounded queue is full; nothing happened.
  outcome_unknown = 41,  ///< The write failed; it may or may not be durable. The process stops.
  stopping = 42,         ///< The server is draining; nothing happened.
  no_space = 43,
  locked = 44,  ///< Another process owns the data folder.
  bad_configuration = 45,
  unreachable = 46,
  rate_limited = 47,    ///< The caller, or its address, asks too often; nothing happened.
  clock_in_doubt = 48,  ///< The machine's clock or the ledger's time is wrong; nothing happened.

  // We, or the disk, are at fault.
  corrupt = 60,  ///< Stored bytes that are not what was written.
  io_failed = 61,
  unknown_event = 62,  ///< Written by a newer release; never skipped.
  internal = 63,
};

/// Of the last group: nothing that the caller did.
inline bool is_our_fault(Errc code) { return code >= Errc::corrupt; }

/// A stable snake_case name, for machines and logs ("secret_reused").
const char* name_of(Errc code);

/// An expected failure. `detail` is for people and never holds a secret. `field` names the offending input, or is
/// empty.
struct Error {
  Errc code = Errc::internal;
  std::string detail;
  std::string field = {};
};

/// boost::system::result needs this to turn value() on an error into an exception: reaching it is a bug.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  check_failed("result has a value", where.file_name(), static_cast<int>(where.line()), error.detail);
}

/// A value or an Error. Never ignored. `value()` on an error is a failed check: test first, or use TALLY_TRY.
template <class T>
class [[nodiscard]] Result : public boost::system::result<T, Error> {
 public:
  using boost::system::result<T, Error>::result;
};

template <>
class [[nodiscard]] Result<void> : public boost::system::result<void, Error> {
 public:
  using boost::system::result<void, Error>::result;
  Result() = default;
};

inline Error fail(Errc code, std::string detail) { return Error{code, std::move(detail), {}}; }
inline Error invalid(std::string field, std::string detail) {
  return Error{Errc::invalid_argument, std::move(detail), std::move(field)};
}

}  // namespace tally::core

#define TALLY_CONCAT_INNER(left, right) left##right
#define TALLY_CONCAT(left, right) TALLY_CONCAT_INNER(left, right)

/// Returns the error of `expression` from the calling function, if it has one.
#define TALLY_TRY(expression)                                                              \
  do {                                                                                     \
    if (auto try_result = (expression); try_result.has_error()) return try_result.error(); \
  } while (false)

/// `TALLY_TRY_ASSIGN(auto name, expression)`: the value of `expression`, or its error from the calling function.
#define TALLY_TRY_ASSIGN(declaration, expression)                                                          \
  auto TALLY_CONCAT(try_result_, __LINE__) = (expression);                                                 \
  if (TALLY_CONCAT(try_result_, __LINE__).has_error()) return TALLY_CONCAT(try_result_, __LINE__).error(); \
  declaration = std::move(*TALLY_CONCAT(try_result_, __LINE__))
