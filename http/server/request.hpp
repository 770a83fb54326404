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
#include "core/base/check.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/base/time.hpp"

namespace tally::http {

enum class Method : std::uint8_t { get, head, post, put, delete_, options, other };
const char* name_of(Method method);

struct ExchangeNotes;
struct ResourceHints;

/// One request as a handler sees it: parsed and bounded, and constant from then on. The views point into the
/// connection's buffers and end with the request; whoever keeps something copies it. Threads: one at a time.
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

  /// Who waits for the answer.
  class Presence {
   public:
    /// There is nobody, or there will be no answer in time: the connection has ended, or the server is stopping. A
    /// system call.
    [[nodiscard]] virtual bool has_left() = 0;
    /// Runs `work` on the pool of long reads when it is the request's turn; waits however full that is. False: the
    /// server is stopping, and it did not run. Throws what `work` throws.
    virtual boost::asio::awaitable<bool> read_in_turn(std::function<void()> work) = 0;

   protected:
    ~Presence() = default;
  };
  Presence* presence = nullptr;  ///< Of whoever sent it; null: not known.
  /// Whether whoever waits on the request's behalf has nobody to wait for. Threads: the connection's own.
  [[nodiscard]] bool has_left() const { return presence != nullptr && presence->has_left(); }

  /// For handlers that wait, and have to read more than a few rows before or between their commands. As
  /// Presence::read_in_turn; where there is none, here and now.
  [[nodiscard]] boost::asio::awaitable<bool> read_in_turn(std::function<void()> work) const;

  const ResourceHints* resource_hints = nullptr;  ///< Of the route; null: none.
  std::string_view route;                         ///< The pattern of the route that serves it; empty if none does.

  /// What the route's `{names}` matched, in order, percent-decoded form not applied (ids need none).
  static constexpr std::size_t kPathParametersMax = 4;
  std::array<std::string_view, kPathParametersMax> path_parameters{};

  /// The first header field of that name (any case), or empty optional.
  [[nodiscard]] virtual std::optional<std::string_view> header(std::string_view name) const = 0;
  /// How many fields of that name there are.
  [[nodiscard]] virtual std::size_t header_count(std::string_view name) const = 0;

  /// What is found out on the request's way, for those who come after and for its answer. It is no part of the request,
  /// but of the exchange that the request began: whoever writes there says so by this name. Lifetime: the exchange's; a
  /// request of none has no notes (checked). Threads: as the request.
  [[nodiscard]] ExchangeNotes& notes() const {
    TALLY_CHECK(notes_ != nullptr, "a request of no exchange");
    return *notes_;
  }
  /// Null: of no exchange.
  void set_notes(ExchangeNotes* notes) { notes_ = notes; }

 private:
  ExchangeNotes* notes_ = nullptr;
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
