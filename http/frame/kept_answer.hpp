#pragma once

#include <string_view>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "http/server/response.hpp"

namespace tally::http {

/// A whole answer as bytes: status(2) length of the header lines(4) header lines, body. Never one with a stream
/// (checked). Source: docs/formats.md ("Kept answer").
core::SecretText pack_answer(Response& response);

/// Replaces what `response` holds. Errors: corrupt.
core::Result<void> unpack_answer(std::string_view packed, Response& response);

}  // namespace tally::http
