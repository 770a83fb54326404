#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/server/connection_input.hpp"
#include "http/server/error_form.hpp"
#include "http/server/request.hpp"
#include "http/server/request_parser.hpp"
#include "http/server/wiped.hpp"

namespace tally::http {

/// The request that a RequestReader fills in.
class ParsedRequest final : public Request {
 public:
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const override;
  [[nodiscard]] std::size_t header_count(std::string_view name) const override;

  /// All fields of that name in one, joined by commas. Source: RFC 9110 §5.3.
  [[nodiscard]] std::string joined(std::string_view name) const;

  /// No request; keeps memory, and what is true of the connection: remote address, client certificate, presence.
  void clear();

 private:
  friend class RequestReader;
  struct Field {
    std::string_view name, value;
  };
  std::vector<Field> fields_;
};

/// Turns the bytes of a connection into requests, one after the other, within the bounds of limits.hpp. Knows
/// no socket: whoever owns it reads into room() and tells received(). Keeps its memory from request to request.
/// Threads: one.
class RequestReader {
 public:
  RequestReader() = default;
  ~RequestReader() { wipe_text(body_); }
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  enum class Progress : std::uint8_t { need_more, done, failed };
  /// Why the connection can not go on: what to answer before it is closed.
  using Failure = HttpRefusal;

  /// Where to put the next bytes; never empty after need_more.
  std::span<char> room();
  void received(std::size_t bytes) { input_.received(bytes); }
  /// Something was received that is not read yet.
  [[nodiscard]] bool has_input() const { return !input_.waiting().empty(); }

  /// The request line and the fields. When done, request() has all but the body, and the body's bound must be set.
  Progress read_head();
  /// `kept_bytes_max`: no more of it is kept at the same time, because somebody takes it in pieces. Errors: failed
  /// (413) if the announced length is over the bound already.
  Progress set_body_bytes_max(std::size_t bytes_max, std::size_t kept_bytes_max = SIZE_MAX);
  /// The body is read within its bound, and nothing of it is kept. Before the first read_body().
  void ignore_body();
  /// What reading on will have taken in buffers: 0 if all of the body is here, or none is kept. Of a chunked body, as
  /// far as it can be known: ask again when more has come.
  [[nodiscard]] std::size_t body_buffer_bytes() const;
  Progress read_body();
  /// The body as far as it has come and was not dropped.
  [[nodiscard]] std::string_view body_so_far() const { return body_; }
  /// What has come of the body was taken by somebody. Not after the body is done.
  void drop_body() { wipe_text(body_); }
  /// Forgets and overwrites the request, keeps what came after it.
  void next();

  [[nodiscard]] const Failure& failure() const { return failure_; }
  [[nodiscard]] ParsedRequest& request() { return request_; }
  [[nodiscard]] const ParsedRequest& request() const { return request_; }
  /// The method as it was sent.
  [[nodiscard]] std::string_view method_text() const { return method_text_; }
  /// Whether some standard has a method of that name, whatever is done with it here.
  [[nodiscard]] bool knows_method() const { return knows_method_; }
  /// The path of a request whose head can not be read, as far as it is known: as sent. Empty: not at all.
  [[nodiscard]] std::string_view path_of_broken_head() const;
  /// Some byte of a request has come, but not its whole head. Empty lines before it are none of its.
  [[nodiscard]] bool in_head() const { return !head_done_ && parser_.has_value(); }
  // After the head:
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  [[nodiscard]] bool is_http_1_0() const { return lines_.version == 10; }
  /// The client waits for 100 (Continue) before it sends the body.
  [[nodiscard]] bool expects_continue() const { return expects_continue_; }
  /// The body has a coding, as `gzip`; none is known here. Source: RFC 9110 §8.4.
  [[nodiscard]] bool has_content_coding() const;
  /// Bytes of the request on the wire so far.
  [[nodiscard]] std::uint64_t request_bytes() const { return request_bytes_; }

 private:
  Progress fail(unsigned status, std::string_view code, std::string_view detail);
  Progress fail_of(const boost::beast::error_code& error);
  Progress refuse_long_head();
  /// False: there are too many.
  bool skip_empty_lines();
  [[nodiscard]] bool ends_in_folded_trailer(std::string_view taken) const;
  Progress finish_head();
  Progress check_framing();
  Progress read_target();
  void undo_needless_escapes();
  void fill_request();
  [[nodiscard]] std::string_view text_of(RequestLines::Span span) const;

  ConnectionInput input_;
  RequestLines lines_;
  std::optional<RequestParser> parser_;
  std::string body_;
  ParsedRequest request_;
  Failure failure_;
  std::string_view method_text_;
  std::string plain_path_;  ///< Of a path that was written with more percent signs than it needs.
  bool knows_method_ = false;
  std::uint64_t request_bytes_ = 0;
  std::size_t kept_body_bytes_max_ = 0;
  unsigned empty_lines_ = 0;
  bool ignores_body_ = false;
  bool head_done_ = false;
  bool keep_alive_ = false;
  bool expects_continue_ = false;
};

}  // namespace tally::http
