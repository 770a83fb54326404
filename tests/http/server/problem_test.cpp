#include "http/server/problem.hpp"

#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "tests/support/fake_request.hpp"

using namespace tally;
using core::Errc;

namespace {

const testing::FakeRequest& request() {
  static const testing::FakeRequest kRequest{http::Method::get, "/v1/users", {}, {}, {}};
  return kRequest;
}

boost::json::object problem_of(http::Response& written) { return boost::json::parse(written.body()).as_object(); }

}  // namespace

TEST_CASE("problem: every error has its status, and says its code only if the caller may know it", "[http][problem]") {
  const auto [code, status, wire_code] = GENERATE(table<Errc, unsigned, std::string>({
      {Errc::invalid_argument, 400, "invalid_argument"},
      {Errc::malformed, 400, "malformed"},
      {Errc::unauthenticated, 401, "unauthenticated"},
      {Errc::binding_failed, 401, "binding_failed"},
      {Errc::invalid_proof, 401, "invalid_proof"},
      {Errc::nonce_required, 401, "nonce_required"},
      {Errc::resource_refused, 400, "resource_refused"},
      {Errc::forbidden, 403, "forbidden"},
      {Errc::not_found, 404, "not_found"},
      {Errc::already_exists, 409, "already_exists"},
      {Errc::conflict, 409, "conflict"},
      {Errc::limit_exceeded, 409, "limit_exceeded"},
      {Errc::unknown_client, 404, "unknown_client"},
      {Errc::secret_unknown, 401, "secret_unknown"},
      {Errc::secret_reused, 401, "secret_reused"},
      {Errc::token_expired, 401, "token_expired"},
      {Errc::token_disabled, 401, "token_disabled"},
      {Errc::token_deleted, 404, "token_deleted"},
      {Errc::wrong_workspace, 404, "wrong_workspace"},
      {Errc::scope_exceeded, 400, "scope_exceeded"},
      {Errc::too_large, 413, "too_large"},
      {Errc::overloaded, 503, "overloaded"},
      {Errc::outcome_unknown, 503, "outcome_unknown"},
      {Errc::stopping, 503, "stopping"},
      {Errc::no_space, 503, "no_space"},
      {Errc::clock_in_doubt, 503, "clock_in_doubt"},
      {Errc::locked, 503, "locked"},
      {Errc::unreachable, 503, "unreachable"},
      {Errc::bad_configuration, 500, "internal"},
      {Errc::corrupt, 500, "internal"},
      {Errc::io_failed, 500, "internal"},
      {Errc::unknown_event, 500, "internal"},
      {Errc::internal, 500, "internal"},
  }));
  CAPTURE(wire_code, core::name_of(code));
  http::Response response;
  response.set("ETag", "\"of what the handler wanted to answer\"");
  response.body() = "half of an answer";
  http::write_problem(request(), core::fail(code, "the detail"), response);
  CHECK((response.body().find("the detail") == std::string::npos) == (status >= 500));

  CHECK(http::status_of(code) == status);
  CHECK(response.status() == status);
  CHECK(response.headers().find("Content-Type: application/problem+json\r\n") != std::string::npos);
  CHECK(response.headers().find("ETag") == std::string::npos);
  CHECK((response.headers().find("WWW-Authenticate: Bearer ") != std::string::npos) == (status == 401));
  CHECK((response.headers().find("Retry-After: ") != std::string::npos) == (status == 503));
  const boost::json::object problem = problem_of(response);
  CHECK(problem.at("type").as_string() == "urn:tally:problem:" + wire_code);
  CHECK(problem.at("code").as_string() == wire_code);
  CHECK(problem.at("status").as_int64() == status);
  CHECK(problem.at("instance").as_string() == "request-1");
  CHECK_FALSE(problem.at("title").as_string().empty());
  CHECK(problem.contains("detail") == (status < 500));
}

TEST_CASE("problem: a field that is not valid is named", "[http][problem]") {
  http::Response response;
  http::write_problem(request(), core::invalid("lifetime_days", "must be 1 to 365"), response);
  const boost::json::object problem = problem_of(response);
  const boost::json::object& error = problem.at("errors").as_array().at(0).as_object();
  CHECK(error.at("field").as_string() == "lifetime_days");
  CHECK(error.at("message").as_string() == "must be 1 to 365");
}

TEST_CASE("problem: several fields at once", "[http][problem]") {
  http::Response response;
  const std::vector<core::Error> errors{core::invalid("name", "is empty"), core::invalid("scope", "is unknown")};
  http::write_problem(request(), errors, response);
  CHECK(response.status() == 400);
  const boost::json::object problem = problem_of(response);
  REQUIRE(problem.at("errors").as_array().size() == 2);
  CHECK(problem.at("errors").as_array()[1].as_object().at("field").as_string() == "scope");
}

TEST_CASE("problem: an answer of HTTP itself", "[http][problem]") {
  http::Response response;
  http::write_http_problem(request(), 415, "unsupported_media_type", "send application/json", response);
  const boost::json::object problem = problem_of(response);
  CHECK(response.status() == 415);
  CHECK(problem.at("code").as_string() == "unsupported_media_type");
  CHECK(problem.at("title").as_string() == "Unsupported Media Type");
  CHECK(problem.at("detail").as_string() == "send application/json");
}
