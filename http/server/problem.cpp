#include "http/server/problem.hpp"

#include <algorithm>
#include <string>

#include "http/server/challenge.hpp"
#include "http/server/error_form.hpp"
#include "http/server/exchange_notes.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/response_head.hpp"
#include "http/server/untold.hpp"

namespace tally::http {
namespace {

using core::Errc;

constexpr std::string_view kRetryAfterSeconds = "1";

struct Kind {
  unsigned status;
  std::string_view title;
};

/// Of the three codes that the conventions of HTTP bring, and of no other.
Kind kind_of_convention(Errc code) {
  if (code == Errc::precondition_failed) return {412, "It has changed since it was read"};
  if (code == Errc::rate_limited) return {429, "Too many requests"};
  return {422, "The Idempotency-Key was used for another request"};
}

Kind kind_of(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return {400, "A field is not valid"};
    case Errc::malformed:
      return {400, "The request can not be read"};
    case Errc::unauthenticated:
      return {401, "Nobody is signed in"};
    case Errc::forbidden:
      return {403, "Not allowed"};
    case Errc::not_found:
    case Errc::unknown_client:
    case Errc::wrong_workspace:
      return {404, "Not found"};
    case Errc::already_exists:
      return {409, "It exists already"};
    case Errc::conflict:
    case Errc::limit_exceeded:
    case Errc::last_break_glass:
      return {409, "The state does not allow it"};
    case Errc::secret_unknown:
    case Errc::secret_reused:
      return {401, "Unknown credentials"};
    case Errc::token_expired:
    case Errc::token_disabled:
      return {401, "The token is no longer good"};
    case Errc::token_deleted:
      return {404, "The token is deleted"};
    case Errc::scope_exceeded:
    case Errc::resource_refused:
      return {400, "Wider than allowed"};
    case Errc::binding_failed:
    case Errc::invalid_proof:
    case Errc::nonce_required:
      return {401, "The token's key is not proved"};
    case Errc::too_large:
      return {413, "Too large"};
    case Errc::precondition_failed:
    case Errc::idempotency_mismatch:
    case Errc::rate_limited:
      return kind_of_convention(code);
    case Errc::overloaded:
    case Errc::outcome_unknown:
    case Errc::stopping:
    case Errc::no_space:
    case Errc::clock_in_doubt:
    case Errc::locked:
    case Errc::unreachable:
      return {503, *told_instead(code)};
    case Errc::bad_configuration:
    case Errc::corrupt:
    case Errc::io_failed:
    case Errc::unknown_event:
    case Errc::internal:
      return {500, *told_instead(code)};
  }
  core::check_failed("a known Errc", __FILE__, __LINE__, std::to_string(static_cast<int>(code)));
}

struct Head {
  unsigned status;
  std::string_view code;
  std::string_view title;
};

void start_problem(const Request& request, const Head& head, Response& response) {
  response.clear();
  response.start(head.status, kProblemJson);
  response.set_no_store();
  if (head.status == 503) response.set("Retry-After", kRetryAfterSeconds);
  if (head.status == 429) response.set("Retry-After", std::to_string(request.notes().rates.retry_after_seconds()));
}

void write_head(const Request& request, const Head& head, JsonWriter& json) {
  std::string type{"urn:tally:problem:"};
  type += head.code;
  json.member("type", std::string_view{type});
  json.member("title", head.title);
  json.member("status", std::uint64_t{head.status});
  json.member("instance", request.request_id);
  json.member("code", head.code);
}

void write_field(const core::Error& error, JsonWriter& json) {
  json.begin_object().member("field", error.field).member("message", error.detail).end_object();
}

}  // namespace

unsigned status_of(Errc code) { return kind_of(code).status; }

void write_problem(const Request& request, const core::Error& error, Response& response) {
  const Kind kind = kind_of(error.code);
  note_untold(request, error);
  const bool ours = kind.status == 500;
  const Head head{kind.status, core::name_of(ours ? Errc::internal : error.code), kind.title};
  start_problem(request, head, response);
  if (head.status == 401) write_challenges(request, error.code, response);
  JsonWriter json{response.body()};
  json.begin_object();
  write_head(request, head, json);
  const bool is_theirs = !told_instead(error.code);
  if (is_theirs && !error.detail.empty()) json.member("detail", error.detail);
  if (is_theirs && !error.field.empty()) {
    json.key("errors").begin_array();
    write_field(error, json);
    json.end_array();
  }
  json.end_object();
}

void write_problem(const Request& request, std::span<const core::Error> invalid_fields, Response& response) {
  TALLY_CHECK(!invalid_fields.empty());
  const Kind kind = kind_of(Errc::invalid_argument);
  const Head head{kind.status, core::name_of(Errc::invalid_argument), kind.title};
  start_problem(request, head, response);
  JsonWriter json{response.body()};
  json.begin_object();
  write_head(request, head, json);
  json.key("errors").begin_array();
  for (const core::Error& error : invalid_fields) write_field(error, json);
  json.end_array().end_object();
}

void write_http_problem(const Request& request, unsigned status, std::string_view code, std::string_view detail,
                        Response& response) {
  const Head head{status, code, reason_phrase(status)};
  start_problem(request, head, response);
  JsonWriter json{response.body()};
  json.begin_object();
  write_head(request, head, json);
  json.member("detail", detail);
  json.end_object();
}

const ErrorForm kProblemForm{[](const Request& request, const core::Error& error, Response& response) {
                               write_problem(request, error, response);
                             },
                             [](const Request& request, const HttpRefusal& refusal, Response& response) {
                               write_http_problem(request, refusal.status, refusal.code, refusal.detail, response);
                             }};

}  // namespace tally::http
