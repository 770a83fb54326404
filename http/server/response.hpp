#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"

namespace tally::http {

/// A body that is made while it is sent: exports. next() runs on the long-read pool, never on an I/O thread.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  /// The next piece (at most about 256 KiB); empty at the end. An error ends the connection without the last chunk, so
  /// that the client sees that the body is incomplete.
  virtual core::Result<std::optional<std::string>> next() = 0;
  /// How long to wait before the next call of next(), without holding a thread. A stream that waits has no end of its
  /// own: it is ended when the server drains. An empty piece is not sent. Threads: after next(), in any thread.
  [[nodiscard]] virtual std::chrono::milliseconds pause() const { return std::chrono::milliseconds::zero(); }
};

/// The one builder of responses. Reused from exchange to exchange: the strings keep their memory. The exchange adds
/// Content-Length or chunked framing, Date, Connection and X-Request-Id.
class Response {
 public:
  Response() = default;
  ~Response();
  Response(Response&&) = default;
  Response& operator=(Response&&) = default;

  /// Back to 200, no headers, empty body; keeps memory, and overwrites what was there.
  void clear();

  /// `name` must outlive the response (a literal); `value` is copied. A value with CR, LF or NUL is a bug (checked).
  void set(std::string_view name, std::string_view value);
  /// Field lines that are serialized already, each ended by CRLF.
  void add_lines(std::string_view lines) { headers_.append(lines); }
  /// `Tally-Sequence`, if there is one.
  void set_sequence(std::optional<core::Sequence> sequence);
  /// Cache-Control: no-store, for whatever holds a secret or a person's data.
  void set_no_store();

  /// Status and the type of the body that the handler writes into body().
  void start(unsigned status, std::string_view content_type);
  /// A status without a body (204, 304, 401 …).
  void empty(unsigned status);

  /// Another status for what is written.
  void set_status(unsigned status) { status_ = status; }

  /// Replaces everything by an answer of before: its status, field lines and body. Lines as headers() gave them.
  void restore(unsigned status, std::string_view headers, std::string_view body);

  [[nodiscard]] std::string& body() { return body_; }
  [[nodiscard]] unsigned status() const { return status_; }
  /// Serialized field lines, each ended by CRLF.
  [[nodiscard]] const std::string& headers() const { return headers_; }

  std::unique_ptr<BodyStream> stream;  ///< If set, it is the body.

 private:
  unsigned status_ = 200;
  std::string headers_;
  std::string body_;
};

inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kProblemJson = "application/problem+json";

}  // namespace tally::http
