#include "http/api/legacy_lines.hpp"

#include <algorithm>
#include <cstring>

#include "core/crypto/base64.hpp"
#include "http/frame/json_fields.hpp"
#include "http/frame/json_reader.hpp"
#include "http/server/limits.hpp"
#include "http/tokens/legacy_tokens.hpp"

namespace tally::http {
namespace {

constexpr std::size_t kHexDigits = 64;

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

core::Error bad_hash() {
  return core::fail(core::Errc::malformed, "must be a SHA-256: 64 hexadecimal digits, or 43 characters of base64url");
}

core::Result<core::Digest> parse_hex(std::string_view text) {
  core::Digest digest;
  for (std::size_t index = 0; index < digest.bytes.size(); ++index) {
    const int high = hex_digit(text[index * 2]);
    const int low = hex_digit(text[index * 2 + 1]);
    if (high < 0 || low < 0) return bad_hash();
    digest.bytes[index] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

bool is_blank(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

void LineCutter::append(std::string_view bytes) {
  const std::size_t room = limits::kImportLineBytesMax - current_.text.size();
  if (bytes.size() > room) current_.is_too_long = true;
  current_.text += bytes.substr(0, room);
}

void LineCutter::end_line(std::vector<Line>& lines) {
  const std::uint64_t next = current_.number + 1;
  if (current_.is_too_long || !is_blank(current_.text)) lines.push_back(std::move(current_));
  current_ = {next, {}, false};
}

void LineCutter::cut(std::string_view piece, std::vector<Line>& lines) {
  for (;;) {
    const std::size_t end = piece.find('\n');
    append(piece.substr(0, end));
    if (end == std::string_view::npos) return;
    end_line(lines);
    piece.remove_prefix(end + 1);
  }
}

void LineCutter::finish(std::vector<Line>& lines) { end_line(lines); }

core::Result<core::Digest> parse_token_hash(std::string_view text) {
  if (text.size() == kHexDigits) return parse_hex(text);
  const auto bytes = core::crypto::base64url_decode(text);
  core::Digest digest;
  if (bytes.has_error() || bytes->size() != digest.bytes.size()) return bad_hash();
  std::copy(bytes->begin(), bytes->end(), digest.bytes.begin());
  return digest;
}

namespace {

/// All that is wrong with a line, as the one error that its result has room for: that of the first field.
core::Error joined(const std::vector<core::Error>& errors) {
  core::Error all = errors.front();
  for (std::size_t at = 1; at < errors.size(); ++at) {
    all.detail.append("; ").append(errors[at].field).append(" ").append(errors[at].detail);
  }
  return all;
}

}  // namespace

core::Result<core::LegacyToken> parse_legacy_line(std::string_view line, core::Timestamp now) {
  auto reader = JsonReader::parse_text(line);
  if (reader.has_error()) return reader.error();
  core::LegacyToken token;
  const auto hash = parse_token_hash(reader->text("hash"));
  if (hash.has_error()) {
    reader->invalid("hash", hash.error().detail);
  } else {
    token.secret_hash = *hash;
  }
  std::string owner = reader->text("owner");
  if (const auto id = core::UserId::parse(owner); id.has_value()) {
    token.owner = *id;
  } else {
    token.owner = std::move(owner);
  }
  token.description = reader->text("description");
  token.created_at = reader->time_if("created").value_or(now);
  token.expires_at = reader->time_if("expires").value_or(kLegacyWithoutEnd);
  if (const auto good = reader->finish(); good.has_error()) return joined(good.error().errors);
  return token;
}

}  // namespace tally::http
