#include "http/server/request_reader.hpp"

#include <algorithm>
#include <charconv>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include "core/base/ascii.hpp"
#include "http/server/authority.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace beast_http = boost::beast::http;

namespace {

constexpr std::size_t kBodyRoomBytes = 32 << 10;
/// Ten thousand idle connections keep so much each.
constexpr std::size_t kKeptBodyBytesMax = 4 << 10;
/// A chunked body is held in steps of this size.
constexpr std::size_t kChunkedStepBytes = 16 << 10;

Method method_of(beast_http::verb verb) {
  if (verb == beast_http::verb::get) return Method::get;
  if (verb == beast_http::verb::head) return Method::head;
  if (verb == beast_http::verb::post) return Method::post;
  if (verb == beast_http::verb::put) return Method::put;
  if (verb == beast_http::verb::delete_) return Method::delete_;
  if (verb == beast_http::verb::options) return Method::options;
  return Method::other;
}

/// RFC 9112 §3.2.2: a server takes the absolute form too; its scheme and authority say nothing that we need.
std::string_view without_origin(std::string_view target) {
  const std::size_t scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) return target;
  const std::string_view scheme = target.substr(0, scheme_end);
  if (!core::ascii::equal_without_case(scheme, "http") && !core::ascii::equal_without_case(scheme, "https"))
    return target;
  const std::size_t path = target.find_first_of("/?", scheme_end + 3);
  if (path == std::string_view::npos) return "/";
  return target[path] == '/' ? target.substr(path) : target;
}

/// What the three characters at the beginning stand for, or -1.
int octet_of_escape(std::string_view text) {
  unsigned octet = 0;
  if (text.size() < 3) return -1;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + 3, octet, 16);
  return error == std::errc{} && end == text.data() + 3 ? static_cast<int>(octet) : -1;
}

/// RFC 3986 §2.3.
bool is_unreserved(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || std::string_view{"-._~"}.find(character) != std::string_view::npos;
}

/// Whether a line behind the first begins with a blank: a folded field value, in whatever form. Source: RFC 9112 §5.2.
bool has_folded_line(std::string_view lines) {
  std::size_t end = lines.find('\n');
  while (end < lines.size() - 1) {
    if (lines[end + 1] == ' ' || lines[end + 1] == '\t') return true;
    end = lines.find('\n', end + 1);
  }
  return false;
}

}  // namespace

std::optional<std::string_view> ParsedRequest::header(std::string_view name) const {
  for (const Field& field : fields_) {
    if (core::ascii::equal_without_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::size_t ParsedRequest::header_count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(fields_.begin(), fields_.end(), [name](const Field& field) {
    return core::ascii::equal_without_case(field.name, name);
  }));
}

std::string ParsedRequest::joined(std::string_view name) const {
  std::string all;
  for (const Field& field : fields_) {
    if (!core::ascii::equal_without_case(field.name, name)) continue;
    if (!all.empty()) all += ',';
    all += field.value;
  }
  return all;
}

void ParsedRequest::clear() {
  method = Method::get;
  path = query = body = request_id = trace_id = {};
  path_parameters = {};
  resource_hints = nullptr;
  route = {};
  fields_.clear();
}

std::span<char> RequestReader::room() {
  return head_done_ ? input_.room_behind_pinned() : input_.room(limits::kHeaderBytesMax);
}

RequestReader::Progress RequestReader::fail(unsigned status, std::string_view code, std::string_view detail) {
  failure_ = {status, code, detail};
  return Progress::failed;
}

RequestReader::Progress RequestReader::fail_of(const boost::beast::error_code& error) {
  if (error == beast_http::error::body_limit) return fail(413, "body_too_large", "the body is too long");
  if (error == beast_http::error::header_limit) return fail(431, "too_many_fields", "more than 100 header fields");
  return fail(400, "malformed_request", "the request is not well-formed HTTP/1.1");
}

// The input holds as many bytes as a head may have, and the head is not at its end.
RequestReader::Progress RequestReader::refuse_long_head() {
  const bool in_request_line = lines_.target.bytes == 0;
  if (in_request_line) return fail(414, "target_too_long", "the request target is longer than 8 KiB");
  return fail(431, "header_too_large", "the header is longer than 16 KiB");
}

// RFC 9112 §2.2: an empty line before the request line is ignored.
bool RequestReader::skip_empty_lines() {
  while (input_.waiting().starts_with("\r\n")) {
    if (++empty_lines_ > limits::kEmptyLinesMax) return false;
    input_.take(2);
    input_.unpin();
  }
  return true;
}

RequestReader::Progress RequestReader::read_head() {
  if (!parser_) {
    if (!skip_empty_lines()) return fail(400, "malformed_request", "too many empty lines before the request");
    if (input_.waiting().empty() || input_.waiting() == "\r") return Progress::need_more;
    parser_.emplace(lines_, body_);
  }
  const std::string_view waiting = input_.waiting();
  const std::size_t pinned = input_.pinned().size();
  parser_->set_origin({waiting.data() - pinned, waiting.size() + pinned});
  boost::beast::error_code error;
  const std::size_t used = parser_->put(boost::asio::const_buffer(waiting.data(), waiting.size()), error);
  input_.take_pinned(used);
  request_bytes_ += used;
  if (error && error != beast_http::error::need_more) return fail_of(error);
  if (lines_.target.bytes > limits::kTargetBytesMax) {
    return fail(414, "target_too_long", "the request target is longer than 8 KiB");
  }
  if (parser_->is_header_done()) return finish_head();
  if (input_.pinned().size() + input_.waiting().size() >= limits::kHeaderBytesMax) return refuse_long_head();
  return Progress::need_more;
}

RequestReader::Progress RequestReader::finish_head() {
  head_done_ = true;
  // From here on views point into the pinned head: whatever the body needs is reserved before.
  if (!parser_->is_done()) {
    const std::uint64_t announced = parser_->content_length().value_or(kBodyRoomBytes);
    const auto room_bytes = static_cast<std::size_t>(std::min<std::uint64_t>(announced, kBodyRoomBytes));
    input_.reserve(std::max(input_.waiting().size() + 1, room_bytes));
  }
  fill_request();
  keep_alive_ = parser_->keep_alive();
  if (has_folded_line(input_.pinned())) return fail(400, "malformed_request", "a line of the head begins with a blank");
  if (const Progress framing = check_framing(); framing != Progress::done) return framing;
  return read_target();
}

void RequestReader::fill_request() {
  method_text_ = text_of(lines_.method);
  request_.method = method_of(lines_.verb);
  knows_method_ = lines_.verb != beast_http::verb::unknown;
  request_.fields_.clear();
  for (const RequestLines::Field& field : lines_.fields) {
    request_.fields_.push_back({text_of(field.name), text_of(field.value)});
  }
}

// What two readers could understand differently is refused: it is how requests are smuggled past a proxy.
// Source: RFC 9112 §3.2, §6.1, §6.3.
RequestReader::Progress RequestReader::check_framing() {
  if (lines_.hosts > 1 || (lines_.hosts == 0 && lines_.version == 11)) {
    return fail(400, "bad_host", "exactly one Host field is needed");
  }
  // Empty where the target has no authority.
  if (lines_.hosts == 1 && !request_.header("Host")->empty() && !is_authority(*request_.header("Host"))) {
    return fail(400, "bad_host", "Host must be a name or an address, and a port if there is one");
  }
  if (lines_.content_lengths > 0) {
    const std::string_view length = *request_.header("Content-Length");
    const bool digits = length.find_first_not_of("0123456789") == std::string_view::npos;
    if (lines_.content_lengths > 1 || lines_.transfer_encodings > 0 || !digits) {
      return fail(400, "bad_framing", "the length of the body is ambiguous");
    }
  }
  if (lines_.transfer_encodings > 0) {
    if (lines_.transfer_encodings > 1 || lines_.version == 10) {
      return fail(400, "bad_framing", "the length of the body is ambiguous");
    }
    if (!core::ascii::equal_without_case(*request_.header("Transfer-Encoding"), "chunked")) {
      return fail(501, "unknown_transfer_coding", "chunked is the only transfer coding that is known here");
    }
  }
  expects_continue_ = false;
  if (const auto expectation = request_.header("Expect"); expectation && lines_.version == 11) {
    if (!core::ascii::equal_without_case(*expectation, "100-continue"))
      return fail(417, "unknown_expectation", "only 100-continue is met");
    expects_continue_ = true;
  }
  return Progress::done;
}

RequestReader::Progress RequestReader::read_target() {
  const std::string_view sent = text_of(lines_.target);
  const std::string_view target = sent == "*" ? sent : without_origin(sent);
  const bool visible = std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < '\x7F'; });
  if (!visible || target.find('#') != std::string_view::npos) {
    return fail(400, "bad_target", "the request target has a character that must be percent-encoded");
  }
  if (!target.starts_with('/') && !(target == "*" && request_.method == Method::options)) {
    return fail(400, "bad_target", "the request target must begin with a slash");
  }
  const std::size_t path_end = std::min(target.find('?'), target.size());
  request_.path = target.substr(0, path_end);
  request_.query = path_end == target.size() ? std::string_view{} : target.substr(path_end + 1);
  if (request_.path.find('%') != std::string_view::npos) undo_needless_escapes();
  return Progress::done;
}

// RFC 3986 §6.2.2.2. What is left encoded is no part of any path here: the router finds nothing.
void RequestReader::undo_needless_escapes() {
  plain_path_.clear();
  for (std::string_view rest = request_.path; !rest.empty();) {
    const int octet = rest.front() == '%' ? octet_of_escape(rest) : -1;
    const bool is_needless = octet >= 0 && is_unreserved(static_cast<char>(octet));
    plain_path_ += is_needless ? static_cast<char>(octet) : rest.front();
    rest.remove_prefix(is_needless ? 3 : 1);
  }
  request_.path = plain_path_;
}

RequestReader::Progress RequestReader::set_body_bytes_max(std::size_t bytes_max, std::size_t kept_bytes_max) {
  const auto announced = parser_->content_length();
  if (announced && *announced > bytes_max) return fail(413, "body_too_large", "the body is too long");
  if (parser_->is_done()) return Progress::done;
  kept_body_bytes_max_ = std::min(bytes_max, kept_bytes_max);
  parser_->body_limit(bytes_max);
  parser_->set_kept_bytes_max(kept_body_bytes_max_);
  return Progress::done;
}

void RequestReader::ignore_body() {
  ignores_body_ = true;
  parser_->ignore_body();
}

bool RequestReader::has_content_coding() const {
  if (lines_.content_encodings == 0 || parser_->is_done()) return false;
  return std::any_of(request_.fields_.begin(), request_.fields_.end(), [](const ParsedRequest::Field& field) {
    return core::ascii::equal_without_case(field.name, "Content-Encoding") && !field.value.empty() &&
           !core::ascii::equal_without_case(field.value, "identity");
  });
}

std::size_t RequestReader::body_buffer_bytes() const {
  if (parser_->is_done() || ignores_body_) return 0;
  const std::size_t waiting = input_.waiting().size();
  const auto announced = parser_->content_length();
  if (announced && body_.empty() && *announced <= waiting) return 0;
  if (announced) {
    const auto kept = static_cast<std::size_t>(std::min<std::uint64_t>(*announced, kept_body_bytes_max_));
    return kept + std::min(kept, kBodyRoomBytes);
  }
  // What has come with the head may be all of it.
  if (body_.empty() && waiting > 0) return 0;
  const std::size_t steps = (body_.size() + waiting) / kChunkedStepBytes + 1;
  return std::min(steps * kChunkedStepBytes, kept_body_bytes_max_) + kBodyRoomBytes;
}

// Only whoever reads the very bytes knows: the lines of a folded value may all be empty.
bool RequestReader::ends_in_folded_trailer(std::string_view taken) const {
  const char* trailer = parser_->trailer();
  return trailer != nullptr &&
         has_folded_line({trailer, static_cast<std::size_t>(taken.data() + taken.size() - trailer)});
}

RequestReader::Progress RequestReader::read_body() {
  // Beast 1.81 asserts that the end of a chunked body, which is never shorter, does not come in smaller pieces.
  const std::size_t least = parser_->chunked() ? std::string_view{"0\r\n\r\n"}.size() : 1;
  while (!parser_->is_done()) {
    const std::string_view waiting = input_.waiting();
    boost::beast::error_code error;
    std::size_t used = 0;
    if (waiting.size() >= least) used = parser_->put(boost::asio::const_buffer(waiting.data(), waiting.size()), error);
    if (parser_->is_done() && ends_in_folded_trailer(waiting.substr(0, used))) {
      return fail(400, "malformed_request", "a line of the trailer begins with a blank");
    }
    input_.take(used);
    request_bytes_ += used;
    if (error && error != beast_http::error::need_more) return fail_of(error);
    if (used > 0) continue;
    // A chunk's line that does not fit has no end in sight.
    if (room().empty()) return fail(400, "malformed_request", "a line of the chunked body is too long");
    return Progress::need_more;
  }
  request_.body = body_;
  return Progress::done;
}

void RequestReader::next() {
  parser_.reset();
  lines_.clear();
  input_.unpin();
  wipe_text(body_);
  if (body_.capacity() > kKeptBodyBytesMax) body_.shrink_to_fit();
  request_.clear();
  method_text_ = {};
  request_bytes_ = 0;
  empty_lines_ = 0;
  ignores_body_ = false;
  head_done_ = false;
}

// The parser says nothing of a line before the whole head is there.
std::string_view RequestReader::path_of_broken_head() const {
  const std::size_t pinned = input_.pinned().size();
  const std::string_view waiting = input_.waiting();
  const std::string_view head{waiting.data() - pinned, waiting.size() + pinned};
  const std::size_t before = head.find(' ');
  if (before == std::string_view::npos) return {};
  const std::string_view target = head.substr(before + 1);
  return target.substr(0, target.find_first_of(" ?\r\n"));
}

std::string_view RequestReader::text_of(RequestLines::Span span) const {
  return input_.pinned().substr(span.offset, span.bytes);
}

}  // namespace tally::http
