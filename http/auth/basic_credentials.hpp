#pragma once

#include <string_view>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"

namespace tally::http {

/// A client's id and secret.
struct BasicCredentials {
  core::SecretText id;
  core::SecretText secret;
};

/// Reads the value of an Authorization field: scheme Basic (any case), then base64 of `id:secret`, both of them encoded
/// as in a form. Errors: unauthenticated (another scheme, or damaged in any way). Source: RFC 7617, RFC 6749 §2.3.1.
core::Result<BasicCredentials> parse_basic(std::string_view authorization);

}  // namespace tally::http
