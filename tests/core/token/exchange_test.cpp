#include "tests/core/token/token_story.hpp"

namespace tally::core::testing {
namespace {

const std::vector<Past> kBeforeExchange{{0s, generated()}};
const AccessTokenId kChild{uuid_of(32)};
const std::string kOrders = "https://orders.example";

ExchangeAccessToken exchange() {
  ExchangeAccessToken command;
  command.client = kWorkspace;
  command.token = kToken;
  command.subject.id = kAccess;
  command.subject.issued_at_seconds = seconds_of(kStart);
  command.subject.expires_at = kStart + 1h;
  command.subject.scope = scopes("read write");
  command.access_token = kChild;
  return command;
}

AccessExchanged exchanged(Timestamp expires_at = kStart + 1h) {
  return {kAccess, kChild, scopes("read write"), expires_at, ""};
}

TEST_CASE("exchange: a live access token gives another one that ends no later", "[core][token]") {
  given(kBeforeExchange).at(10s).when(exchange()).then({exchanged()});
  Policy minutes = policy();
  minutes.access_token_seconds = 60;
  given(kBeforeExchange).under(minutes).at(10s).when(exchange()).then({exchanged(kStart + 70s)});
  CHECK(replay({{0s, generated()}, {10s, exchanged()}}).version == 2);
}

TEST_CASE("exchange: scope may be narrower than the presented token's, never wider", "[core][token]") {
  ExchangeAccessToken command = exchange();
  command.subject.scope = scopes("read");
  AccessExchanged narrow = exchanged();
  narrow.access_scope = scopes("read");
  given(kBeforeExchange).when(command).then({narrow});
  // The family has it, but the presented token does not.
  command.scope = scopes("write");
  given(kBeforeExchange).when(command).then_error(Errc::scope_exceeded, "scope");
  command.scope = ScopeSet{};
  narrow.access_scope = {};
  given(kBeforeExchange).when(command).then({narrow});
}

TEST_CASE("exchange: the audience may shrink to a registered resource, and not change", "[core][token]") {
  ExchangeAccessToken command = exchange();
  command.resource = AskedResource{kOrders, false};
  given(kBeforeExchange).when(command).then_error(Errc::resource_refused, "resource");
  AccessExchanged narrow = exchanged();
  narrow.access_resource = kOrders;
  given(kBeforeExchange).resource_registered().when(command).then({narrow});
  command.subject.resource = kOrders;
  given(kBeforeExchange).when(command).then({narrow});
  command.resource.reset();
  given(kBeforeExchange).when(command).then({narrow});
  for (const AskedResource& wider : {AskedResource{"", false}, AskedResource{"https://other.example", false}}) {
    command.resource = wider;
    given(kBeforeExchange).resource_registered().when(command).then_error(Errc::resource_refused, "resource");
  }
}

TEST_CASE("exchange: the key of the presented token is asked for and handed on", "[core][token]") {
  ExchangeAccessToken command = exchange();
  command.subject.confirmation = key(91);
  given(kBeforeExchange).when(command).then_error(Errc::binding_failed);
  command.proven = key(92);
  given(kBeforeExchange).when(command).then_error(Errc::binding_failed);
  command.proven = key(91);
  AccessExchanged bound = exchanged();
  bound.confirmation = key(91);
  given(kBeforeExchange).when(command).then({bound});
  // A token that is bound to no key gives one that is, for whoever asks with a proof.
  command.subject.confirmation.reset();
  given(kBeforeExchange).when(command).then({bound});
}

TEST_CASE("exchange: what is dead, foreign or itself exchanged gives nothing", "[core][token]") {
  given_nothing().when(exchange()).then_error(Errc::secret_unknown);
  ExchangeAccessToken foreign = exchange();
  foreign.client = kOtherWorkspace;
  given(kBeforeExchange).when(foreign).then_error(Errc::secret_unknown);
  ExchangeAccessToken again = exchange();
  again.subject.is_exchanged = true;
  given(kBeforeExchange).when(again).then_error(Errc::conflict);
  given(kBeforeExchange).subject_ended(AccessEnd::revoked).when(exchange()).then_error(Errc::token_disabled);
  given(kBeforeExchange).subject_ended(AccessEnd::owner_gone).when(exchange()).then_error(Errc::token_disabled);
  given(kBeforeExchange).subject_ended(AccessEnd::expired).when(exchange()).then_error(Errc::token_expired);
  // With `keep` the access token lives on, and yet nothing new comes of it.
  given(kBeforeExchange).ending().when(exchange()).then_error(Errc::token_disabled);
  given(kBeforeExchange).at(1h - 1us).when(exchange()).then({exchanged()});
  given({{0s, generated()}, {1s, disabled()}}).at(2s).when(exchange()).then_error(Errc::token_disabled);
  given({{0s, generated()}, {1s, deleted()}}).at(2s).when(exchange()).then_error(Errc::token_deleted);
  given(kBeforeExchange).cut_off(1s).at(2s).when(exchange()).then_error(Errc::token_disabled);
}

TEST_CASE("refresh: an access token for one resource, if the workspace has it", "[core][token]") {
  const auto asking = given(kBeforeExchange).asking_for({kOrders, false});
  asking.when_refreshed_with(0).then_error(Errc::resource_refused, "resource");
  TokenRefreshed for_orders = refreshed(1);
  for_orders.access_resource = kOrders;
  asking.resource_registered().when_refreshed_with(0).then({for_orders});
  // The management API of the server itself needs no registration.
  TokenRefreshed for_tally = refreshed(1);
  for_tally.access_resource = "https://tally.example/v1";
  given(kBeforeExchange).asking_for({"https://tally.example/v1", true}).when_refreshed_with(0).then({for_tally});
  const TokenRefreshRetried retried{1, scopes("read write"), kAccess, kStart + 1h, kOrders};
  given({{0s, generated()}, {0s, for_orders}})
      .asking_for({kOrders, false})
      .resource_registered()
      .when_refreshed_with(0)
      .then({retried});
}

}  // namespace
}  // namespace tally::core::testing
