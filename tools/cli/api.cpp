#include "tools/cli/api.hpp"

#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "http/auth/session_cookie.hpp"
#include "tools/cli/json_text.hpp"
#include "tools/cli/table.hpp"

namespace tally::tools {
namespace {

Exit exit_of_status(unsigned status) {
  if (status == 401 || status == 403) return Exit::not_allowed;
  return status == 502 || status == 503 || status == 504 ? Exit::unreachable : Exit::refused;
}

/// What a problem document or an OAuth error says, in one line.
std::string words_of_reply(const HttpReply& reply, const boost::json::value& json) {
  std::string words = text_at(json, {"detail"});
  if (words.empty()) words = text_at(json, {"error_description"});
  if (words.empty()) words = text_at(json, {"title"});
  if (const std::string error = text_at(json, {"error"}); !error.empty())
    words = error + (words.empty() ? "" : ": " + words);
  std::string fields;
  for (const boost::json::value& item : items_at(json, {"errors"})) {
    fields += (fields.empty() ? "" : "; ") + text_at(item, {"field"}) + " " + text_at(item, {"message"});
  }
  if (!fields.empty()) words = fields;
  if (words.empty()) words = "the server answered " + std::to_string(reply.status);
  if (reply.status >= 500) {
    if (const auto request_id = reply.header("X-Request-Id")) words += " (request " + *request_id + ")";
  }
  return printable(words);
}

}  // namespace

Attempt<ApiAnswer> Api::get(const std::string& target) { return call({"GET", target}); }

Attempt<ApiAnswer> Api::get_text(const std::string& target) { return call({"GET", target}, {}, Expected::text); }

Attempt<ApiAnswer> Api::post(const std::string& target, const boost::json::value& body) {
  HttpRequest request{"POST", target};
  if (!body.is_null()) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = boost::json::serialize(body);
  }
  return call(std::move(request));
}

Attempt<ApiAnswer> Api::post_lines(const std::string& target, std::string lines) {
  return call({"POST", target, {{"Content-Type", "application/x-ndjson"}}, std::move(lines)});
}

Attempt<ApiAnswer> Api::put(const std::string& target, const boost::json::value& body, const std::string& if_match) {
  HttpRequest request{"PUT", target, {{"Content-Type", "application/json"}}, boost::json::serialize(body)};
  if (!if_match.empty()) request.headers.emplace_back("If-Match", if_match);
  return call(std::move(request));
}

Attempt<ApiAnswer> Api::remove(const std::string& target) { return call({"DELETE", target}); }

Attempt<ApiAnswer> Api::post_form(const std::string& target, std::string form) {
  return call({"POST", target, {{"Content-Type", "application/x-www-form-urlencoded"}}, std::move(form)});
}

Attempt<ApiAnswer> Api::download(const std::string& target, const BodySink& sink) {
  return call({"GET", target}, sink);
}

Attempt<void> Api::stream(const std::string& target, const std::string& last_event_id, const BodySink& sink) {
  HttpRequest request{"GET", target, {{"Accept", "text/event-stream"}}};
  if (!last_event_id.empty()) request.headers.emplace_back("Last-Event-ID", last_event_id);
  TALLY_TRY(call(std::move(request), sink));
  return {};
}

Attempt<ApiAnswer> Api::call(HttpRequest request, const BodySink& sink, Expected expected) {
  const bool is_management = request.target.starts_with("/v1/");
  if (is_management && !session_.empty()) {
    request.headers.emplace_back("Cookie", std::string{http::kSessionCookie} + "=" + std::string{session_.reveal()});
  }
  auto sent = client_.send(request, sink);
  core::wipe(request.body.data(), request.body.size());
  TALLY_TRY_ASSIGN(HttpReply reply, std::move(sent));
  ApiAnswer answer;
  boost::system::error_code error;
  if (!reply.body.empty()) answer.json = boost::json::parse(reply.body, error);
  if (reply.status < 200 || reply.status > 299)
    return failure_of_reply(reply, error ? boost::json::value{} : answer.json);
  const bool is_text = reply.header("Content-Type").value_or("").starts_with("text/plain");
  if (expected == Expected::text ? !is_text : error.failed()) {
    const std::string form = expected == Expected::text ? "plain text" : "JSON";
    return Failure{Exit::unreachable,
                   client_.server().str() + " gave an answer that is no " + form + ": is it a tally server?"};
  }
  answer.text = std::exchange(reply.body, {});
  answer.reply = std::move(reply);
  return answer;
}

Failure Api::failure_of_reply(const HttpReply& reply, const boost::json::value& json) const {
  Failure failure{exit_of_status(reply.status), words_of_reply(reply, json)};
  if (reply.status == 401 && session_.empty()) failure.message = "you are not signed in: run tally login";
  return failure;
}

core::SecretText session_cookie_of(const HttpReply& reply) {
  const std::string prefix = std::string{http::kSessionCookie} + "=";
  for (const auto& [name, value] : reply.headers) {
    if ((name == "Set-Cookie" || name == "set-cookie") && value.starts_with(prefix)) {
      return core::SecretText{value.substr(prefix.size(), value.find(';') - prefix.size())};
    }
  }
  return {};
}

}  // namespace tally::tools
