#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "core/base/secret.hpp"
#include "tools/client/http_client.hpp"
#include "tools/client/outcome.hpp"

namespace tally::tools {

/// A good answer: its JSON (null without a body), and its text as it came.
struct ApiAnswer {
  boost::json::value json;
  std::string text;
  HttpReply reply;
};

/// The server's interface as the signed-in person. A refusal becomes a Failure with the words of the server's problem
/// document. Errors of all: unreachable; not_allowed (401, 403); refused. Threads: one.
class Api {
 public:
  Api(HttpClient client, core::SecretText session) : client_(std::move(client)), session_(std::move(session)) {}

  Attempt<ApiAnswer> get(const std::string& target);
  /// An answer that is plain text.
  Attempt<ApiAnswer> get_text(const std::string& target);
  Attempt<ApiAnswer> post(const std::string& target, const boost::json::value& body);
  /// A body of newline-delimited JSON.
  Attempt<ApiAnswer> post_lines(const std::string& target, std::string lines);
  Attempt<ApiAnswer> put(const std::string& target, const boost::json::value& body, const std::string& if_match = {});
  Attempt<ApiAnswer> remove(const std::string& target);
  /// A form as OAuth wants it, without the session. The body may hold secrets.
  Attempt<ApiAnswer> post_form(const std::string& target, std::string form);
  /// Server-sent events after the one of that id (empty: as the target says), for as long as they come.
  Attempt<void> stream(const std::string& target, const std::string& last_event_id, const BodySink& sink);
  /// A body of any size; the answer has its headers only.
  Attempt<ApiAnswer> download(const std::string& target, const BodySink& sink);

  [[nodiscard]] const ServerUrl& server() const { return client_.server(); }
  [[nodiscard]] bool has_session() const { return !session_.empty(); }

 private:
  enum class Expected : std::uint8_t { json, text };
  Attempt<ApiAnswer> call(HttpRequest request, const BodySink& sink = {}, Expected expected = Expected::json);
  [[nodiscard]] Failure failure_of_reply(const HttpReply& reply, const boost::json::value& json) const;

  HttpClient client_;
  core::SecretText session_;
};

/// The value of the session cookie that an answer sets; empty if it sets none.
core::SecretText session_cookie_of(const HttpReply& reply);

}  // namespace tally::tools
