#include "http/frame/entity_tag.hpp"

#include <string>
#include <vector>

#include "core/crypto/base64.hpp"
#include "core/crypto/hash.hpp"
#include "http/frame/query_reader.hpp"
#include "http/server/limits.hpp"
#include "http/server/response_head.hpp"

namespace tally::http {
namespace {

constexpr std::size_t kDigestBytes = 12;
constexpr std::string_view kBlanks = " \t";

std::string tag_of(std::uint64_t version, std::string_view body) {
  const core::Digest digest = core::crypto::sha256(core::as_bytes(body));
  std::string tag = "\"" + std::to_string(version) + "-";
  core::crypto::append_base64url(tag, core::ByteView{digest.bytes}.first(kDigestBytes));
  return tag + "\"";
}

struct EntityTag {
  bool is_weak = false;
  std::string_view opaque;  ///< Without its quotation marks.
};

void skip(std::string_view& text, std::string_view characters) {
  const std::size_t end = text.find_first_not_of(characters);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end);
}

/// `entity-tag` of RFC 9110 §8.8.3, taken off the front. Errors: malformed.
core::Result<EntityTag> take_tag(std::string_view& text) {
  EntityTag tag;
  if (text.starts_with("W/")) {
    tag.is_weak = true;
    text.remove_prefix(2);
  }
  const std::size_t end = text.starts_with('"') ? text.find('"', 1) : std::string_view::npos;
  if (end == std::string_view::npos) return core::fail(core::Errc::malformed, "not a list of entity tags");
  tag.opaque = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  return tag;
}

/// `#entity-tag`: separated by commas, empty members allowed (RFC 9110 §5.6.1). Errors: malformed.
core::Result<std::vector<EntityTag>> parse_tags(std::string_view text) {
  std::vector<EntityTag> tags;
  for (skip(text, " \t,"); !text.empty(); skip(text, " \t,")) {
    if (tags.size() == limits::kEntityTagsPerConditionMax) {
      return core::fail(core::Errc::malformed,
                        "more than " + std::to_string(limits::kEntityTagsPerConditionMax) + " entity tags");
    }
    TALLY_TRY_ASSIGN(const EntityTag tag, take_tag(text));
    tags.push_back(tag);
    skip(text, kBlanks);
    if (!text.empty() && text.front() != ',') return core::fail(core::Errc::malformed, "not a list of entity tags");
  }
  if (tags.empty()) return core::fail(core::Errc::malformed, "not a list of entity tags");
  return tags;
}

bool is_match(std::string_view condition, std::string_view tag) {
  if (condition == "*") return true;
  const auto tags = parse_tags(condition);
  if (tags.has_error()) return false;  // a condition that can not be read saves no answer
  // If-None-Match compares weakly: W/"1" and "1" are the same. Source: RFC 9110 §13.1.2.
  for (const EntityTag& candidate : *tags) {
    if (candidate.opaque == tag.substr(1, tag.size() - 2)) return true;
  }
  return false;
}

/// Whether the caller has the answer with this tag. The body is gone then.
bool answers_not_modified(const Request& request, std::string_view tag, Response& response) {
  const bool is_read = request.method == Method::get || request.method == Method::head;
  const auto condition = is_read ? request.header("If-None-Match") : std::nullopt;
  if (!condition || !is_match(*condition, tag)) return false;
  response.clear();
  response.empty(304);
  return true;
}

}  // namespace

void set_entity_tag(std::uint64_t version, Response& response) {
  response.set("ETag", tag_of(version, response.body()));
}

void tag_answer(const Request& request, std::uint64_t version, Response& response) {
  const std::string tag = tag_of(version, response.body());
  if (answers_not_modified(request, tag, response)) response.set_no_store();
  response.set("ETag", tag);
}

void tag_public_answer(const Request& request, std::uint64_t version, core::Timestamp last_modified,
                       Response& response) {
  const std::string tag = tag_of(version, response.body());
  answers_not_modified(request, tag, response);
  std::string date;
  append_http_date(date, last_modified);
  response.set("ETag", tag);
  response.set("Last-Modified", date);
  response.set("Cache-Control", "no-cache");
}

Checked<core::VersionCondition> read_if_match(const Request& request) {
  const auto condition = request.header("If-Match");
  if (!condition) return core::VersionCondition{};
  if (request.header_count("If-Match") != 1) return core::invalid("If-Match", "must be given once");
  if (*condition == "*") return core::VersionCondition::exists();
  const auto tags = parse_tags(*condition);
  if (tags.has_error()) return core::invalid("If-Match", tags.error().detail);
  std::vector<std::uint64_t> versions;
  for (const EntityTag& tag : *tags) {
    const auto version = parse_decimal(tag.opaque.substr(0, tag.opaque.find('-')));
    if (!tag.is_weak && version.has_value()) versions.push_back(*version);
  }
  return core::VersionCondition{std::move(versions)};
}

}  // namespace tally::http
