#pragma once

#include <optional>
#include <string_view>

#include "core/base/result.hpp"
#include "http/server/request.hpp"

namespace tally::http {

/// What a caller is told of an error that is not theirs: a sentence of ours. Never the detail, which may name files and
/// what the disk said; that is for the log, where it stands with the request's id. Empty optional: the error is the
/// caller's, and its detail was written for them. Whoever makes an answer of an error asks here first.
std::optional<std::string_view> told_instead(core::Errc code);

/// Notes for the log what told_instead() keeps from the caller.
void note_untold(const Request& request, const core::Error& error);

}  // namespace tally::http
