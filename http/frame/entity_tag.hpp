#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/base/version_condition.hpp"
#include "http/frame/refusal.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

/// ETag of answers about one thing: `"VERSION-DIGEST"`. The version is what a write is conditional on: the state's own.
/// The digest is of the whole answer, so that what is no part of the state (last_used_at, a name) changes the tag as
/// well. Source: RFC 9110 §8.8.3, §13.1; docs/adr/0014.
namespace tally::http {

/// Call when the body is written.
void set_entity_tag(std::uint64_t version, Response& response);

/// The same. On GET and HEAD it answers If-None-Match: 304 without a body.
void tag_answer(const Request& request, std::uint64_t version, Response& response);

/// The same for what anybody may keep, and must ask about again: `Cache-Control: no-cache` and Last-Modified, which a
/// 304 repeats. Source: RFC 9110 §15.4.5, RFC 9111 §5.2.2.4.
void tag_public_answer(const Request& request, std::uint64_t version, core::Timestamp last_modified,
                       Response& response);

/// The condition of If-Match; `*` stands for any version. A weak tag, or one that this server never gave, fits nothing.
/// Refusals: 400 (the field's form, or more than kEntityTagsPerConditionMax tags).
Checked<core::VersionCondition> read_if_match(const Request& request);

}  // namespace tally::http
