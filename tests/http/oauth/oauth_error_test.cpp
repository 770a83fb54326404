#include "http/oauth/oauth_error.hpp"

#include <catch2/catch.hpp>

#include "http/server/exchange_notes.hpp"
#include "tests/support/http_fixture.hpp"

using namespace tally;
using namespace tally::testing;
using core::Errc;

namespace {

Reply answer_of(const core::Error& error, Headers headers = {}, http::Challenge challenge = http::Challenge::if_tried) {
  const FakeRequest request{http::Method::post, "/oauth2/token", std::move(headers), "", core::Timestamp{}};
  http::Response response;
  response.set("Tally-Sequence", "7");
  http::write_oauth_error(request, error, response, challenge);
  return {response.status(), response.headers(), response.body()};
}

}  // namespace

TEST_CASE("oauth error: every code of the domain has its answer", "[http][oauth]") {
  const auto [code, status, name] = GENERATE(table<Errc, unsigned, std::string>({
      {Errc::invalid_argument, 400, "invalid_request"},
      {Errc::malformed, 400, "invalid_request"},
      {Errc::unauthenticated, 401, "invalid_client"},
      {Errc::forbidden, 401, "invalid_client"},
      {Errc::not_found, 400, "invalid_grant"},
      {Errc::already_exists, 400, "invalid_request"},
      {Errc::conflict, 400, "invalid_request"},
      {Errc::limit_exceeded, 400, "invalid_request"},
      {Errc::unknown_client, 401, "invalid_client"},
      {Errc::secret_unknown, 400, "invalid_grant"},
      {Errc::secret_reused, 400, "invalid_grant"},
      {Errc::token_expired, 400, "invalid_grant"},
      {Errc::token_disabled, 400, "invalid_grant"},
      {Errc::token_deleted, 400, "invalid_grant"},
      {Errc::wrong_workspace, 400, "invalid_grant"},
      {Errc::scope_exceeded, 400, "invalid_scope"},
      {Errc::binding_failed, 400, "invalid_grant"},
      {Errc::resource_refused, 400, "invalid_target"},
      {Errc::invalid_proof, 400, "invalid_dpop_proof"},
      {Errc::nonce_required, 400, "use_dpop_nonce"},
      {Errc::too_large, 400, "invalid_request"},
      {Errc::overloaded, 503, "temporarily_unavailable"},
      {Errc::outcome_unknown, 503, "temporarily_unavailable"},
      {Errc::stopping, 503, "temporarily_unavailable"},
      {Errc::no_space, 503, "temporarily_unavailable"},
      {Errc::clock_in_doubt, 503, "temporarily_unavailable"},
      {Errc::locked, 500, "server_error"},
      {Errc::bad_configuration, 500, "server_error"},
      {Errc::unreachable, 500, "server_error"},
      {Errc::corrupt, 500, "server_error"},
      {Errc::io_failed, 500, "server_error"},
      {Errc::unknown_event, 500, "server_error"},
      {Errc::internal, 500, "server_error"},
  }));
  const Reply reply = answer_of(core::fail(code, "/var/lib/tally/000102.log: why"));
  CHECK(reply.status == status);
  if (status >= 500) CHECK(reply.body.find("why") == std::string::npos);
  CHECK(reply.text("error") == name);
  CHECK(reply.header("Cache-Control") == "no-store");
  CHECK(reply.header("Pragma") == "no-cache");
  CHECK(reply.header("Retry-After").has_value() == (status == 503));
  CHECK_FALSE(reply.header("WWW-Authenticate").has_value());
  CHECK_FALSE(reply.header("Tally-Sequence").has_value());
}

TEST_CASE("oauth error: what a stranger may not know is not told", "[http][oauth]") {
  const std::string unknown = answer_of(core::fail(Errc::secret_unknown, "detail one")).body;
  CHECK(answer_of(core::fail(Errc::wrong_workspace, "detail two")).body == unknown);
  const std::string broken = answer_of(core::fail(Errc::corrupt, "row 17 of family secret")).body;
  CHECK(broken == R"({"error":"server_error","error_description":"request request-1"})");
}

TEST_CASE("oauth error: what only the log is told stands in the request's note", "[http][oauth]") {
  const auto [code, is_fault] = GENERATE(table<Errc, bool>(
      {{Errc::io_failed, true}, {Errc::corrupt, true}, {Errc::no_space, false}, {Errc::outcome_unknown, false}}));
  const FakeRequest request{http::Method::post, "/oauth2/token", {}, "", core::Timestamp{}};
  http::Response response;
  http::write_oauth_error(request, core::fail(code, "/var/lib/tally/000102.log"), response);
  const std::string& note = is_fault ? request.notes().attempt.fault : request.notes().attempt.obstacle;
  CHECK(note == std::string{core::name_of(code)} + ": /var/lib/tally/000102.log");
  CHECK((is_fault ? request.notes().attempt.obstacle : request.notes().attempt.fault).empty());
}

TEST_CASE("oauth error: a description has only the characters that RFC 6749 allows", "[http][oauth]") {
  const Reply reply = answer_of(core::invalid("scope", "without \" and \\ and \n and \xc3\xa9"));
  CHECK(reply.text("error") == "invalid_scope");
  CHECK(reply.text("error_description") == "scope: without ' and ' and ? and ??");
}

TEST_CASE("oauth error: two parameters have an error of their own", "[http][oauth]") {
  CHECK(answer_of(core::invalid("scope", "x")).text("error") == "invalid_scope");
  CHECK(answer_of(core::invalid("grant_type", "x")).text("error") == "unsupported_grant_type");
  CHECK(answer_of(core::Error{Errc::malformed, "twice", "grant_type"}).text("error") == "invalid_request");
}

TEST_CASE("oauth error: a client that tried to authenticate is told how", "[http][oauth]") {
  const core::Error error = core::fail(Errc::unknown_client, "unknown");
  CHECK(answer_of(error, {{"Authorization", "Basic x"}}).header("WWW-Authenticate") ==
        R"(Basic realm="tally", charset="UTF-8")");
  CHECK(answer_of(error, {}, http::Challenge::always).header("WWW-Authenticate").has_value());
  CHECK_FALSE(answer_of(core::fail(Errc::token_expired, "x"), {{"Authorization", "Basic x"}})
                  .header("WWW-Authenticate")
                  .has_value());
}
