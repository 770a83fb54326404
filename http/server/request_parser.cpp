#include "http/server/request_parser.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include <boost/beast/http/error.hpp>

#include "http/server/limits.hpp"

namespace tally::http {
namespace beast_http = boost::beast::http;
namespace {

bool is_control_byte(char byte) { return (byte >= 0 && byte < ' ' && byte != '\t') || byte == '\x7F'; }

}  // namespace

void RequestLines::clear() {
  method = target = {};
  verb = beast_http::verb::unknown;
  version = 11;
  fields.clear();
  hosts = content_lengths = transfer_encodings = content_encodings = 0;
}

RequestParser::RequestParser(RequestLines& lines, std::string& body) : lines_(lines), body_(body) {
  // Bounds are the owner's: it counts the whole head, where the parser would count its parts.
  header_limit(std::numeric_limits<std::uint32_t>::max());
  body_limit(boost::none);
  eager(false);
}

bool RequestParser::find_span(Text text, RequestLines::Span& span) const {
  if (text.empty()) return true;
  const std::less<const char*> before;
  if (before(text.data(), head_.data()) || before(head_.data() + head_.size(), text.data() + text.size())) return false;
  span.offset = static_cast<std::uint32_t>(text.data() - head_.data());
  span.bytes = static_cast<std::uint32_t>(text.size());
  return true;
}

void RequestParser::on_request_impl(Verb verb, Text method, Text target, int version, Error& error) {
  lines_.verb = verb;
  lines_.version = version;
  if (!find_span(method, lines_.method) || !find_span(target, lines_.target)) error = beast_http::error::bad_target;
}

void RequestParser::on_field_impl(Name name, Text name_text, Text value, Error& error) {
  if (head_done_) {
    if (trailer_ == nullptr) trailer_ = name_text.data();
    return;
  }
  RequestLines::Field field;
  // A folded value is not where it came from: Beast has put its lines together elsewhere.
  if (!find_span(name_text, field.name) || !find_span(value, field.value)) {
    error = beast_http::error::bad_value;
    return;
  }
  if (lines_.fields.size() == limits::kHeaderFieldsMax) {
    error = beast_http::error::header_limit;
    return;
  }
  lines_.hosts += name == Name::host ? 1 : 0;
  lines_.content_lengths += name == Name::content_length ? 1 : 0;
  lines_.transfer_encodings += name == Name::transfer_encoding ? 1 : 0;
  lines_.content_encodings += name == Name::content_encoding ? 1 : 0;
  lines_.fields.push_back(field);
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& content_length, Error&) {
  // At once: a body that grows step by step would leave its beginnings behind.
  if (!content_length || ignores_body_) return;
  body_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*content_length, kept_bytes_max_)));
}

std::size_t RequestParser::on_body_impl(Text bytes, Error&) {
  if (!ignores_body_) body_.append(bytes.data(), bytes.size());
  return bytes.size();
}

// Beast takes any byte within quotes: one reader's quoted line feed is another's end of the line.
void RequestParser::on_chunk_header_impl(std::uint64_t, Text extensions, Error& error) {
  extension_bytes_ += extensions.size();
  if (extension_bytes_ > limits::kChunkExtensionBytesMax || std::ranges::any_of(extensions, is_control_byte))
    error = beast_http::error::bad_chunk_extension;
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text bytes, Error&) {
  if (!ignores_body_) body_.append(bytes.data(), bytes.size());
  return bytes.size();
}

}  // namespace tally::http
