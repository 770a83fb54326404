#include "tests/support/http_fixture.hpp"

#include <exception>
#include <memory>

#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>

#include "core/base/check.hpp"
#include "http/server/exchange_notes.hpp"

namespace tally::testing {
namespace {

http::AccessTokenKey access_token_key(core::RandomSource& random) {
  auto key = std::make_shared<const core::crypto::SigningKey>(core::crypto::SigningKey::generate(random));
  return {key->public_key(), key, {}};
}

/// The answer as a client sees it; a body that is made while it is sent is read to its end.
Reply reply_of(http::Response& response) {
  Reply reply{response.status(), response.headers(), std::move(response.body())};
  while (response.stream) {
    auto piece = response.stream->next();
    reply.complete = piece.has_value();
    if (!reply.complete || !*piece) break;
    reply.body += **piece;
  }
  return reply;
}

/// A call under way, with what a connection would own.
struct Running {
  Running(const Call& call, core::Timestamp now) : request(call.method, call.target, call.headers, call.body, now) {
    request.client_certificate = call.client_certificate;
  }
  FakeRequest request;
  http::Response response;
  const http::Route* route = nullptr;
};

/// In pieces that are cut anywhere.
void feed(const http::StreamHandler& handler, Running& running) {
  constexpr std::size_t kPieceBytes = 997;
  const auto sink = handler(running.request, running.response);
  if (!sink) return;
  for (std::string_view rest = running.request.body; !rest.empty();) {
    const std::string_view piece = rest.substr(0, kPieceBytes);
    if (sink->take(piece, running.response) == http::BodySink::Appetite::enough) return;
    rest.remove_prefix(piece.size());
  }
  sink->finish(running.response);
}

boost::asio::awaitable<void> run_with_prelude(const http::Prelude* prelude, Running* running) {
  boost::asio::awaitable<http::PreludeOutcome> call = prelude->run(running->request, running->response);
  const http::PreludeOutcome outcome = co_await std::move(call);
  const http::Route* const route = running->route;
  if (outcome == http::PreludeOutcome::go_on) {
    if (const auto* sync = std::get_if<http::SyncHandler>(&route->handler)) {
      (*sync)(running->request, running->response);
    } else {
      boost::asio::awaitable<void> handling =
          std::get<http::AsyncHandler>(route->handler)(running->request, running->response);
      co_await std::move(handling);
    }
  }
  const auto& fresh = running->request.notes().fresh_access;
  if (fresh) running->response.add_lines(fresh->answer_fields.reveal());
}

void rethrow(const std::exception_ptr& thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

void start_call(boost::asio::io_context& io_context, const http::Router& router, http::RequestLimits& limits,
                Running& running) {
  const http::Router::Match match = router.find(running.request.method, running.request.path);
  TALLY_CHECK(match.route != nullptr, std::string{running.request.path});
  const http::RoutePolicy& policy = match.route->policy;
  TALLY_CHECK(running.request.body.size() <= policy.body_bytes_max);
  running.route = match.route;
  running.request.path_parameters = match.parameters;
  running.request.route = match.route->pattern;
  running.request.resource_hints = router.hints_of(*match.route);
  if (policy.address_limit == http::AddressLimit::first) {
    const auto admitted = limits.admit_address(running.request);
    if (admitted.has_error()) {
      return policy.error_form->write_error(running.request, admitted.error(), running.response);
    }
  }
  if (const http::Prelude* prelude = router.prelude_of(*match.route, running.request); prelude != nullptr) {
    boost::asio::co_spawn(io_context, run_with_prelude(prelude, &running), rethrow);
    return;
  }
  if (const auto* sync = std::get_if<http::SyncHandler>(&match.route->handler)) {
    (*sync)(running.request, running.response);
    return;
  }
  if (const auto* stream = std::get_if<http::StreamHandler>(&match.route->handler)) {
    feed(*stream, running);
    return;
  }
  const auto& handler = std::get<http::AsyncHandler>(match.route->handler);
  boost::asio::co_spawn(io_context, handler(running.request, running.response), rethrow);
}

}  // namespace

std::optional<std::string> Reply::header(std::string_view name) const {
  std::string_view rest = headers;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    const std::size_t colon = line.find(": ");
    if (is_same_name(line.substr(0, colon), name)) return std::string{line.substr(colon + 2)};
  }
  return std::nullopt;
}

boost::json::value Reply::json() const {
  boost::system::error_code failed;
  boost::json::value value = boost::json::parse(body, failed);
  TALLY_CHECK(!failed, body);
  return value;
}

std::string Reply::text(std::string_view member) const {
  const boost::json::value value = json();
  const boost::json::value* found = value.as_object().if_contains(member);
  return found == nullptr ? std::string{} : std::string{found->as_string()};
}

std::int64_t Reply::number(std::string_view member) const { return json().at(member).as_int64(); }

HttpFixture::HttpFixture(std::uint64_t seed, const char* issuer, const http::RequestLimitSettings& limit_settings)
    : LedgerFixture(events::make_memory_store(), seed),
      tokens(store()),
      workspaces(store()),
      people(store()),
      audit(store()),
      access_tokens(issuer, {access_token_key(random)}, &tokens),
      usage(commands()),
      limits(limit_settings, random),
      proofs(issuer, random),
      authenticator(access_tokens, tokens, people, issuer, usage, proofs, limits),
      denied(commands(), random),
      legacy_tokens_(tokens, usage),
      refresher_(commands(), tokens, workspaces, access_tokens, proofs, random, limits),
      exchange_(commands(), tokens, workspaces, access_tokens, proofs, random, limits),
      token_endpoint_(refresher_, exchange_, workspaces, access_tokens),
      revocation_endpoint_(commands(), tokens, workspaces, access_tokens, random),
      introspection_endpoint_(tokens, people, access_tokens, workspaces, usage, limits, legacy_tokens_),
      status_list_endpoint_(tokens, audit, access_tokens),
      metadata_endpoint_(access_tokens, http::ClientCertificates::not_asked),
      forward_auth_endpoint_(authenticator, legacy_tokens_),
      refresh_beside_(refresher_, access_tokens) {
  token_endpoint_.add_to(router);
  revocation_endpoint_.add_to(router);
  introspection_endpoint_.add_to(router);
  status_list_endpoint_.add_to(router);
  metadata_endpoint_.add_to(router);
  forward_auth_endpoint_.add_to(router);
  router.set_around(
      {&refresh_beside_.prelude(),
       [this](const http::Request& request, http::Response& response) { proofs.offer_nonce(request, response); },
       &metadata_endpoint_.management_hints()});
}

Reply HttpFixture::call(const Call& call) { return call_all({call}).front(); }

std::vector<Reply> HttpFixture::call_all(const std::vector<Call>& calls) {
  std::vector<std::unique_ptr<Running>> running;
  for (const Call& call : calls) {
    running.push_back(std::make_unique<Running>(call, now));
    start_call(io_context_, router, limits, *running.back());
  }
  io_context_.run();
  io_context_.restart();
  std::vector<Reply> replies;
  for (const auto& done : running) {
    router.offer_nonce(*done->route, done->request, done->response);
    replies.push_back(reply_of(done->response));
    denied.answered(done->request);
    done->request.notes().rates.append_lines(replies.back().headers);
  }
  return replies;
}

}  // namespace tally::testing
