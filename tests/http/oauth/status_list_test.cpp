#include <zlib.h>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "core/crypto/base64.hpp"
#include "core/token/token_commands.hpp"
#include "http/server/limits.hpp"
#include "http/tokens/status_index.hpp"
#include "tests/http/oauth/oauth_world.hpp"

using namespace tally;
using namespace tally::testing;

namespace {

struct StatusWorld : OAuthWorld {
  Reply list(const std::string& number = "0") { return call({http::Method::get, "/oauth2/status/" + number, {}, ""}); }

  /// A part of a JWT as JSON; 0 is the header.
  static boost::json::object part(const std::string& jwt, int number) {
    std::size_t begin = 0;
    for (int skipped = 0; skipped < number; ++skipped) begin = jwt.find('.', begin) + 1;
    const std::string encoded = jwt.substr(begin, jwt.find('.', begin) - begin);
    const auto bytes = core::crypto::base64url_decode(encoded);
    return boost::json::parse(core::as_text(*bytes)).as_object();
  }
  /// The bits, decompressed by zlib itself.
  static core::Bytes bits_of(const Reply& reply) {
    const auto payload = part(reply.body, 1);
    const auto packed =
        core::crypto::base64url_decode(std::string_view{payload.at("status_list").at("lst").as_string()});
    core::Bytes bits(http::limits::kTokensPerStatusList / 8);
    uLongf size = bits.size();
    REQUIRE(::uncompress(bits.data(), &size, packed->data(), packed->size()) == Z_OK);
    REQUIRE(size == bits.size());
    return bits;
  }
  bool is_dead(const Granted& granted) {
    now += std::chrono::seconds{1};  // the last one may be kept so long
    const auto claims = part(granted.access_token, 1);
    const std::uint64_t place = claims.at("status").at("status_list").at("idx").to_number<std::uint64_t>();
    const core::Bytes bits = bits_of(list());
    return (bits[place / 8] >> place % 8 & 1) != 0;
  }
};

}  // namespace

TEST_CASE("status list: an access token points to its place, and all of its token's to the same one",
          "[http][oauth][status]") {
  StatusWorld world;
  const Granted granted = world.grant(world.red);
  const Reply refreshed = world.refresh(world.red.client_id(), granted.refresh_token);
  const auto first = StatusWorld::part(granted.access_token, 1).at("status");
  CHECK(first == StatusWorld::part(refreshed.text("access_token"), 1).at("status"));
  CHECK(first.at("status_list").at("uri") == "https://tally.example/oauth2/status/0");
  const auto other = StatusWorld::part(world.grant(world.red).access_token, 1).at("status");
  CHECK(first.at("status_list").at("idx") != other.at("status_list").at("idx"));
}

TEST_CASE("status list: a signed JWT of its own type that ends with its ttl", "[http][oauth][status]") {
  StatusWorld world;
  const Reply reply = world.list();
  REQUIRE(reply.status == 200);
  CHECK(reply.header("Content-Type") == "application/statuslist+jwt");
  CHECK(reply.header("Cache-Control") == "public, max-age=60");
  const auto header = StatusWorld::part(reply.body, 0);
  CHECK(header.at("typ") == "statuslist+jwt");
  const auto payload = StatusWorld::part(reply.body, 1);
  CHECK(payload.at("sub") == "https://tally.example/oauth2/status/0");
  CHECK(payload.at("ttl") == 60);
  CHECK(payload.at("exp").as_int64() == payload.at("iat").as_int64() + 60);
  CHECK(payload.at("status_list").at("bits") == 1);
  CHECK(world.access_tokens.verify(reply.body, world.now).has_error());
}

TEST_CASE("status list: shows whatever kills all access tokens of a token, and nothing else", "[http][oauth][status]") {
  StatusWorld world;
  const Granted granted = world.grant(world.red);
  const Granted bystander = world.grant(world.red);
  CHECK_FALSE(world.is_dead(granted));
  const auto [kind, is_dead] = GENERATE(table<std::string, bool>({
      {"disable and revoke", true},
      {"disable", false},
      {"delete and revoke", true},
      {"revoke the refresh token", true},
      {"revoke one access token", false},
      {"cut off and revoke", true},
      {"expire", false},
  }));
  INFO(kind);
  const auto access = kind.ends_with("and revoke") ? core::AccessFate::revoke : core::AccessFate::keep;
  if (kind.starts_with("disable")) world.disable(world.red, granted.id, access);
  if (kind.starts_with("delete")) {
    world.run(world.as(world.red.admin), core::DeleteTokens{world.red.workspace, {granted.id}, access, ""});
  }
  if (kind == "revoke the refresh token") world.revoke(world.red.client_id(), granted.refresh_token);
  if (kind == "revoke one access token") world.revoke(world.red.client_id(), granted.access_token);
  if (kind.starts_with("cut off")) {
    core::DisableIssuedBefore command;
    command.workspace = world.red.workspace;
    command.time = world.now;
    command.access = access;
    world.run(world.as(world.red.admin), command);
  }
  if (kind == "expire") world.now += std::chrono::hours{2};
  CHECK(world.is_dead(granted) == is_dead);
  if (!kind.starts_with("cut off")) CHECK_FALSE(world.is_dead(bystander));
}

TEST_CASE("status list: what was dead stays dead, whatever is done to it", "[http][oauth][status]") {
  StatusWorld world;
  const Granted granted = world.grant(world.red);
  world.disable(world.red, granted.id, core::AccessFate::revoke);
  world.run(world.as(world.red.admin),
            core::DeleteTokens{world.red.workspace, {granted.id}, core::AccessFate::keep, ""});
  CHECK(world.is_dead(granted));
}

TEST_CASE("status list: signed again when it is a second old, and never served past its age", "[http][oauth][status]") {
  StatusWorld world;
  const Reply first = world.list();
  CHECK(world.list().body == first.body);
  world.now += std::chrono::seconds{1};
  CHECK(world.list().body != first.body);
}

TEST_CASE("status list: a number that is none, or of no list yet, is not found", "[http][oauth][status]") {
  StatusWorld world;
  const std::string number = GENERATE("1", "00", "-1", "x", "18446744073709551615", "99999999999999999999", "0x0");
  CHECK(world.list(number).status == 404);
}

TEST_CASE("status list number: the largest whose indices fit, and no larger", "[http][oauth][status]") {
  CHECK(http::parse_status_list("0") == 0);
  CHECK(http::parse_status_list("140737488355326") == 140'737'488'355'326);
  CHECK_FALSE(http::parse_status_list("140737488355327"));
  CHECK_FALSE(http::parse_status_list(""));
  CHECK_FALSE(http::parse_status_list("1 "));
}
