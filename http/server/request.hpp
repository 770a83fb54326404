#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/base/time.hpp"
#include "core/state/context.hpp"
#include "http/server/rate_notes.hpp"

namespace tally::http {

enum class Method : std::uint8_t { get, head, post, put, delete_, options, other };
const char* name_of(Method method);

struct ResourceHints;
/// Who attempts what, as far as it is known, and why it was refused: written by whoever finds out, for those who record
/// refused attempts.
struct AttemptNote {
  std::optional<core::Actor> actor;  ///< Absent: nobody proved to be anybody.
  core::Via via = core::Via::api;
  core::Credential credential{core::CredentialKind::none, {}, {}};  ///< What the actor proved it with.
  std::optional<core::WorkspaceId> workspace;                       ///< One that is there.
  core::TokenId token;                                              ///< Nil: not about one token.
  std::optional<core::Errc> refusal;                                ///< The first reason that was found.
  std::string fault = {};     ///< Why it failed, if that is our fault: for the log, not the caller.
  std::string obstacle = {};  ///< What stood in the way, if an operator may have to act: for the log, not the caller.

  void refuse(core::Errc code) {
    if (!refusal) refusal = code;
  }
  void blame_us(const core::Error& error) { fault = std::string{core::name_of(error.code)} + ": " + error.detail; }
  void blame_surroundings(const core::Error& error) {
    obstacle = std::string{core::name_of(error.code)} + ": " + error.detail;
  }
};

/// What the server got for the caller before the handler ran, from a refresh token that came beside the request.
struct FreshAccess {
  core::SecretText access_token;   ///< Stands in the place of Authorization.
  core::SecretText answer_fields;  ///< Field lines, each ended by CRLF, that the answer carries, whatever it is.
};

/// One request as a handler sees it: parsed and bounded. The views point into the connection's buffers and end with the
/// request; whoever keeps something copies it. Threads: one at a time.
class Request {
 public:
  virtual ~Request() = default;

  Method method = Method::get;
  /// Without the query; starts with '/'. As sent, but that a character which needs no percent-encoding has none: the
  /// two mean the same (RFC 3986 §2.3, §6.2.2.2).
  std::string_view path;
  std::string_view query;  ///< As sent, without '?'.
  std::string_view body;
  std::string_view remote_address;  ///< The client's IP address: the peer's, or what a proxy says (forwarded.hpp).
  /// SHA-256 of the certificate that the client showed and proved on this connection. Source: RFC 8705 §3.1.
  std::optional<core::Digest> client_certificate;
  std::string_view request_id;  ///< Taken from X-Request-Id if it is 1 to 64 visible characters, else made.
  std::string_view trace_id;    ///< 32 hex digits of traceparent, or empty. Source: W3C Trace Context.
  core::Timestamp received_at;  ///< The one clock reading of the request.
  std::optional<FreshAccess> fresh_access;

  /// Who waits for the answer.
  class Presence {
   public:
    /// There is nobody, or there will be no answer in time: the connection has ended, or the server is stopping. A
    /// system call.
    [[nodiscard]] virtual bool has_left() const = 0;
    /// Runs `work` on the pool of long reads when it is the request's turn; waits however full that is. False: the
    /// server is stopping, and it did not run. Throws what `work` throws.
    virtual boost::asio::awaitable<bool> read_in_turn(std::function<void()> work) const = 0;

   protected:
    ~Presence() = default;
  };
  const Presence* presence = nullptr;  ///< Of whoever sent it; null: not known.
  /// Whether whoever waits on the request's behalf has nobody to wait for. Threads: the connection's own.
  [[nodiscard]] bool has_left() const { return presence != nullptr && presence->has_left(); }

  /// For handlers that wait, and have to read more than a few rows before or between their commands. As
  /// Presence::read_in_turn; where there is none, here and now.
  [[nodiscard]] boost::asio::awaitable<bool> read_in_turn(std::function<void()> work) const;

  const ResourceHints* resource_hints = nullptr;  ///< Of the route; null: none.
  /// What the limits that were asked say; the connection writes it into the answer's head.
  mutable RateNotes rate_notes;
  mutable AttemptNote attempt;
  std::string_view route;  ///< The pattern of the route that serves it; empty if none does.

  /// What the route's `{names}` matched, in order, percent-decoded form not applied (ids need none).
  static constexpr std::size_t kPathParametersMax = 4;
  std::array<std::string_view, kPathParametersMax> path_parameters{};

  /// The first header field of that name (any case), or empty optional.
  [[nodiscard]] virtual std::optional<std::string_view> header(std::string_view name) const = 0;
  /// How many fields of that name there are.
  [[nodiscard]] virtual std::size_t header_count(std::string_view name) const = 0;
};

/// The parameters of a query string or of an application/x-www-form-urlencoded body, percent-decoded. At most 64 of
/// them. Source: WHATWG URL (urlencoded parsing); RFC 6749 appendix B.
class Parameters {
 public:
  /// Errors: malformed (bad percent-encoding, invalid UTF-8, or too many).
  static core::Result<Parameters> parse(std::string_view text);
  /// Errors: malformed if it is there more than once (RFC 6749 §3.2), with the name in Error::field.
  [[nodiscard]] core::Result<std::optional<std::string_view>> one(std::string_view name) const;
  /// The first name that is not in `known`, if any.
  [[nodiscard]] std::optional<std::string_view> unknown_name(std::initializer_list<std::string_view> known) const;

 private:
  /// Offsets, not views: they stay right when the object is moved.
  struct Entry {
    std::size_t name_begin, name_size, value_begin, value_size;
  };
  /// Fills the entries; `decoded` has what they point into.
  core::Result<void> decode(std::string_view text, std::string& decoded);
  [[nodiscard]] std::string_view name_of(const Entry& entry) const {
    return storage_.reveal().substr(entry.name_begin, entry.name_size);
  }
  [[nodiscard]] std::string_view value_of(const Entry& entry) const {
    return storage_.reveal().substr(entry.value_begin, entry.value_size);
  }

  core::SecretText storage_;  ///< A form may hold any of them.
  std::vector<Entry> entries_;
};

}  // namespace tally::http
