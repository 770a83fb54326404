#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace tally::core::crypto {

/// Without padding. Source: RFC 4648 §5.
std::string base64url_encode(ByteView bytes);
void append_base64url(std::string& out, ByteView bytes);
/// Strict: no padding, no other characters, unused bits zero. Errors: malformed.
Result<Bytes> base64url_decode(std::string_view text);
/// Standard alphabet with padding. Source: RFC 4648 §4.
std::string base64_encode(ByteView bytes);
/// Standard alphabet with padding, for HTTP Basic and signed notes. Strict: unused bits zero. Errors: malformed.
/// Source: RFC 4648 §4, RFC 7617.
Result<Bytes> base64_decode(std::string_view text);

}  // namespace tally::core::crypto
