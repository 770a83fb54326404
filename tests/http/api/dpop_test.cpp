#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "tests/http/api/api_fixture.hpp"
#include "tests/support/proof_maker.hpp"

using namespace tally;
using namespace tally::testing;

namespace {

constexpr const char* kGenerate = R"({"name":"ci","lifetime_days":30})";
constexpr const char* kMetadata =
    R"(resource_metadata="https://tally.example/.well-known/oauth-protected-resource/v1")";

struct DPoPApi : ApiFixture {
  Reply generate_proving(const std::string& proof) {
    return send_raw(
        {http::Method::post,
         path("/tokens"),
         {{"Cookie", grace.cookie}, {"Origin", kIssuer}, {"Content-Type", "application/json"}, {"DPoP", proof}},
         kGenerate});
  }
  ProofMaker::Claims claims(const std::string& method, const std::optional<std::string>& nonce) const {
    return {.method = method, .url = kIssuer + path("/tokens"), .at = now, .nonce = nonce};
  }
  std::string learn_nonce() { return generate_proving("x").header("DPoP-Nonce").value(); }

  ProofMaker maker;
};

std::string all_challenges(const Reply& reply) {
  std::string all;
  std::string_view rest = reply.headers;
  constexpr std::string_view kName = "WWW-Authenticate: ";
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    if (line.starts_with(kName)) all.append(line.substr(kName.size())).append("\n");
  }
  return all;
}

}  // namespace

TEST_CASE_METHOD(DPoPApi, "dpop: a token generated with a proof is bound from the start", "[api][dpop]") {
  const Reply asked = generate_proving(maker.proof(claims("POST", std::nullopt)));
  CHECK(asked.status == 401);
  CHECK(asked.text("code") == "nonce_required");
  CHECK(all_challenges(asked).find(
            R"(DPoP realm="tally", error="use_dpop_nonce", algs="ES256 Ed25519 EdDSA RS256 PS256")") == 0);
  const std::string nonce = asked.header("DPoP-Nonce").value();
  const std::string proof = maker.proof(claims("POST", nonce));
  const Reply generated = generate_proving(proof);
  REQUIRE(generated.status == 201);
  CHECK(generated.text("token_type") == "DPoP");
  CHECK(generated.header("DPoP-Nonce") == nonce);
  CHECK(generated.json().at("token").at("cnf").at("jkt").as_string() == maker.thumbprint());
  const auto events = events_of(core::EventType::token_generated);
  REQUIRE(events.size() == 1);
  CHECK(std::get<core::TokenGenerated>(events.front().payload).confirmation.has_value());
  // A proof is used once, here too; and a bad one makes no token.
  CHECK(generate_proving(proof).text("code") == "invalid_proof");
  CHECK(events_of(core::EventType::token_generated).size() == 1);
}

TEST_CASE_METHOD(DPoPApi, "dpop: a bound access token reads with a proof of its own", "[api][dpop]") {
  const std::string nonce = learn_nonce();
  const Reply generated = generate_proving(maker.proof(claims("POST", nonce)));
  http::AccessClaims bound = *access_tokens.verify(generated.text("access_token"), now);
  bound.scope = *core::ScopeSet::parse("tally:tokens.read tally:tokens.write", 50);
  const std::string token = access_tokens.sign(bound);
  const auto get_with = [&](const std::string& scheme, ProofMaker& prover) {
    ProofMaker::Claims wanted = claims("GET", nonce);
    wanted.access_token = token;
    return send_raw({http::Method::get,
                     path("/tokens"),
                     {{"Authorization", scheme + " " + token}, {"DPoP", prover.proof(wanted)}},
                     ""});
  };
  const Reply read = get_with("DPoP", maker);
  CHECK(read.status == 200);
  CHECK(read.header("DPoP-Nonce") == nonce);
  const Reply as_bearer = get_with("Bearer", maker);
  CHECK(as_bearer.status == 401);
  CHECK(all_challenges(as_bearer).find(R"(Bearer realm="tally", error="invalid_token")") == 0);
  ProofMaker thief{78};
  const Reply stolen = get_with("DPoP", thief);
  CHECK(stolen.status == 401);
  CHECK(all_challenges(stolen).find(R"(DPoP realm="tally", error="invalid_dpop_proof")") == 0);

  // What it generates is bound to the same key, by the one proof.
  ProofMaker::Claims wanted = claims("POST", nonce);
  wanted.access_token = token;
  const Reply child = send_raw(
      {http::Method::post,
       path("/tokens"),
       {{"Authorization", "DPoP " + token}, {"Content-Type", "application/json"}, {"DPoP", maker.proof(wanted)}},
       kGenerate});
  CHECK(child.status == 201);
  CHECK(child.json().at("token").at("cnf").at("jkt").as_string() == maker.thumbprint());
}

TEST_CASE_METHOD(ApiFixture, "challenge: a refusal says how to come, and where to read more", "[api][dpop]") {
  const Reply nobody_came = get(nobody, path("/tokens"));
  CHECK(all_challenges(nobody_came) == std::string{R"(Bearer realm="tally", )"} + kMetadata + "\n" +
                                           R"(DPoP realm="tally", algs="ES256 Ed25519 EdDSA RS256 PS256", )" +
                                           kMetadata + "\n");
  CHECK_FALSE(nobody_came.header("DPoP-Nonce").has_value());
  const Reply bad_token = get({{}, {}, "nonsense"}, path("/tokens"));
  CHECK(all_challenges(bad_token).find(R"(Bearer realm="tally", error="invalid_token", )") == 0);
  const Reply too_little = get(bearer_of(grace, "tally:tokens.write"), path("/tokens"));
  CHECK(too_little.status == 403);
  CHECK(all_challenges(too_little).find(R"(Bearer realm="tally", error="insufficient_scope", )") == 0);
  // A session is no token: its refusals ask for none.
  CHECK(all_challenges(get(grace, "/v1/users")).empty());
}

TEST_CASE_METHOD(ApiFixture, "resource server: its URI is shown, unique, and not this server's own",
                 "[api][resource]") {
  const std::string target = path("/resource-servers");
  const Reply created = post(ada, target, R"({"name":"Orders","resource":"https://orders.example/"})");
  CHECK(created.status == 201);
  CHECK(created.text("resource") == "https://orders.example/");
  CHECK(get(ada, target).json().at("items").at(0).at("resource").as_string() == "https://orders.example/");
  CHECK(post(ada, target, R"({"name":"Orders","resource":"https://orders.example/"})").status == 409);
  for (const std::string& bad : {std::string{"orders"}, std::string{kIssuer}, std::string{kIssuer} + "/v1",
                                 std::string{kIssuer} + "/w/" + workspace.str()}) {
    const Reply refused = post(ada, target, R"({"name":"Orders","resource":")" + bad + "\"}");
    CHECK(refused.status == 400);
    CHECK(fields_of(refused) == std::vector<std::string>{"resource"});
  }
}
