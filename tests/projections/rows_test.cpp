#include <functional>

#include <catch2/catch.hpp>

#include "projections/queries/page_cursor.hpp"
#include "projections/rows/access_rows.hpp"
#include "projections/rows/idempotency_rows.hpp"
#include "projections/rows/person_row.hpp"
#include "projections/rows/signing_key_row.hpp"
#include "projections/rows/small_rows.hpp"
#include "projections/rows/token_row.hpp"
#include "projections/rows/workspace_rows.hpp"
#include "tests/support/seeded_random.hpp"

using namespace tally;
using namespace tally::projections;

namespace {

core::Timestamp at(std::int64_t micros) { return core::timestamp_of_micros(micros); }

core::Uuid uuid_of(std::uint8_t fill) {
  core::Uuid uuid;
  uuid.bytes.fill(fill);
  return uuid;
}

core::TokenState full_token() {
  core::TokenState token;
  token.id = core::TokenId{uuid_of(1)};
  token.workspace = core::WorkspaceId{uuid_of(2)};
  token.owner = core::UserId{uuid_of(3)};
  token.name = "a name that is longer than a short string";
  token.scope = *core::ScopeSet::parse("deploy:write tally:tokens.read", 10);
  token.kind = core::TokenKind::legacy;
  token.imported_at = at(16);
  token.mark = core::TokenMark::deleted;
  token.created_at = core::kEarliestTime;
  token.expires_at = core::kLatestTime;
  token.policy_sequence = 7;
  token.generation = UINT32_MAX;
  token.secret_hash.bytes.fill(9);
  token.last_refreshed_at = at(11);
  token.refresh_count = 12;
  token.retry_count = 3;
  token.access_expires_at = core::timestamp_of_micros(1'700'000'000'000'007);
  token.parent = core::TokenId{core::Uuid{{1, 2, 3}}};
  token.stopped_at = at(13);
  token.stopped_by = core::Actor{core::ActorKind::operator_person, uuid_of(4)};
  token.stop_cause = core::DisableCause::revoked;
  token.stop_reason = "left the company";
  token.access_revoked_at = at(14);
  token.has_revoked_access_tokens = true;
  token.confirmation = core::Confirmation{core::ConfirmationMethod::x5t_s256, {}};
  token.confirmation->thumbprint.bytes.fill(16);
  token.version = 15;
  return token;
}

core::WorkspaceState full_workspace() {
  core::WorkspaceState workspace;
  workspace.id = core::WorkspaceId{uuid_of(2)};
  workspace.name = "Workspace";
  workspace.created_at = at(1);
  workspace.policy.max_lifetime_days = 31;
  workspace.policy.who_may_generate = core::WhoMayGenerate::admins;
  workspace.policy.max_active_tokens_per_user = 3;
  workspace.policy.access_token_seconds = 61;
  workspace.policy.refresh_retry_seconds = 86'400;
  workspace.policy.allowed_scopes = *core::ScopeSet::parse("a b c", 10);
  workspace.policy.legacy_sunset_at = at(2);
  workspace.policy.access_token_format = core::AccessTokenFormat::opaque;
  workspace.policy_sequence = 3;
  workspace.cut_off_at = at(4);
  workspace.access_cut_off_at = at(5);
  workspace.admin_count = 6;
  workspace.version = 7;
  return workspace;
}

core::PersonState full_person() {
  core::PersonState person;
  person.id = core::UserId{uuid_of(3)};
  person.username = "ada";
  person.display_name = "Ada L.";
  person.email = "ada@example.org";
  person.password_verifier = "$argon2id$";
  person.standing = core::ServerStanding::auditor;
  person.profile_changes = 7;
  person.created_at = at(1);
  person.deactivated_at = at(2);
  person.credentials_version = 3;
  person.failure_minute = -4;
  person.failures_in_minute = 5;
  person.version = 6;
  return person;
}

/// Some rows always fit; of the others the samples do.
template <class Value, class Encode>
std::string encoded(const Value& value, Encode encode) {
  std::string out;
  if constexpr (std::is_void_v<decltype(encode(value, out))>) {
    encode(value, out);
  } else {
    REQUIRE(encode(value, out).has_value());
  }
  return out;
}

/// Decodes and encodes again; empty if the bytes were refused as corrupt.
using Recode = std::function<std::optional<std::string>(std::string_view)>;

template <class Decode, class Encode>
Recode recode(Decode decode, Encode encode) {
  return [=](std::string_view row) -> std::optional<std::string> {
    const auto value = decode(row);
    if (value.has_error()) {
      REQUIRE((value.error().code == core::Errc::corrupt || value.error().code == core::Errc::malformed));
      return std::nullopt;
    }
    return encoded(*value, encode);
  };
}

struct Sample {
  std::string name;
  std::string row;
  Recode recode;
  std::size_t own_bytes = SIZE_MAX;  ///< After them, sealed bytes; else more than the row has.
};

/// A row that ends with sealed bytes, which can be cut to `own_bytes` and still be a row.
Sample with_sealed(Sample sample, std::size_t own_bytes) {
  sample.own_bytes = own_bytes;
  return sample;
}

template <class Value, class Decode, class Encode>
Sample sample(std::string name, const Value& value, Decode decode, Encode encode) {
  return {std::move(name), encoded(value, encode), recode(decode, encode)};
}

core::SigningKeyState full_key() {
  core::SigningKeyState key;
  key.key_id = "kid";
  key.algorithm = core::crypto::SigningAlgorithm::rs256;
  key.public_key = core::Bytes(270, 7);
  key.added = core::Sequence{9};
  key.added_at = at(1);
  key.activates_at = at(2);
  key.retired_at = at(3);
  key.retirement = core::KeyRetirement::forced;
  return key;
}

std::vector<Sample> samples() {
  const auto token = full_token();
  const auto workspace = full_workspace();
  const auto person = full_person();
  const core::MemberState member{workspace.id, person.id, core::Role::auditor, at(1), 6};
  const core::ResourceServerState server{
      core::ResourceServerId{uuid_of(5)}, workspace.id, "API", token.secret_hash, at(1), "https://api.example"};
  return {
      sample(
          "token", token, [=](auto row) { return decode_token(token.workspace, token.id, row); }, encode_token),
      sample("token_by_owner", OwnedToken{core::TokenMark::disabled, at(1)}, decode_owned_token, encode_owned_token),
      sample(
          "workspace", workspace, [=](auto row) { return decode_workspace(workspace.id, row); }, encode_workspace),
      sample(
          "member", member, [=](auto row) { return decode_member(member.workspace, member.user, row); }, encode_member),
      sample(
          "resource_server", server, [=](auto row) { return decode_resource_server(server.workspace, server.id, row); },
          encode_resource_server),
      sample(
          "person", person, [=](auto row) { return decode_person(person.id, row); }, encode_person),
      sample("server_standing", core::ServerStanding::break_glass, decode_server_standing, encode_server_standing),
      sample("secret", SecretHome{core::SubjectKind::token, workspace.id, uuid_of(6), 7}, decode_secret_home,
             encode_secret_home),
      sample("resource", ResourceHome{workspace.id, core::ResourceServerId{uuid_of(5)}}, decode_resource_home,
             encode_resource_home),
      sample("owner_count", std::uint64_t{5}, decode_count, encode_count),
      with_sealed(sample("retry", RetryRow{at(1), 2, 7, {3, 4, 5}}, decode_retry, encode_retry), 20),
      with_sealed(sample("retry of before", RetryRow{at(1), 2, {}, {3, 4, 5}}, decode_retry, encode_retry), 12),
      sample("session", SessionRow{at(1), person.id, 2}, decode_session, encode_session),
      sample("usage", UsageRow{at(1), 2}, decode_usage, encode_usage),
      sample("idempotency, with a secret beside it",
             IdempotencyRow{at(1), token.secret_hash, core::Sequence{5}, true, false, "/v1/x", {}}, decode_idempotency,
             encode_idempotency),
      with_sealed(sample("idempotency", IdempotencyRow{at(1), token.secret_hash, {}, false, false, {}, {7, 8, 9}},
                         decode_idempotency, encode_idempotency),
                  8 + 1 + 1 + 32 + 2 + 1),
      with_sealed(sample("idempotent secret", IdempotentSecretRow{at(1), {7, 8, 9}}, decode_idempotent_secret,
                         encode_idempotent_secret),
                  8 + 1),
      sample(
          "signing_key", full_key(), [](auto row) { return decode_signing_key("kid", row); }, encode_signing_key),
      sample("access_secret", AccessSecretRow{workspace.id, token.id, core::Sequence{8}, at(1), token.secret_hash},
             decode_access_secret, encode_access_secret),
      sample("access_queue", AccessQueueRow{token.secret_hash, {}}, decode_access_queue, encode_access_queue),
      sample(
          "cursor", PageCursor{3, "sort", std::string(16, 'i')},
          [](auto row) { return decode_cursor(ListKind::tokens, 3, 16, row); },
          [](const PageCursor& cursor, std::string& out) { out = *encode_cursor(ListKind::tokens, cursor); }),
  };
}

}  // namespace

TEST_CASE("rows: what is encoded is decoded", "[projections][rows]") {
  std::string row;
  const auto token = full_token();
  REQUIRE(encode_token(token, row).has_value());
  CHECK(*decode_token(token.workspace, token.id, row) == token);
  core::TokenState bare;
  REQUIRE(encode_token(bare, row).has_value());
  CHECK(*decode_token(bare.workspace, bare.id, row) == bare);
  const auto workspace = full_workspace();
  REQUIRE(encode_workspace(workspace, row).has_value());
  CHECK(*decode_workspace(workspace.id, row) == workspace);
  REQUIRE(encode_workspace(core::WorkspaceState{}, row).has_value());
  CHECK(*decode_workspace({}, row) == core::WorkspaceState{});
  const auto person = full_person();
  REQUIRE(encode_person(person, row).has_value());
  CHECK(*decode_person(person.id, row) == person);
  REQUIRE(encode_signing_key(full_key(), row).has_value());
  CHECK(*decode_signing_key("kid", row) == full_key());
  REQUIRE(encode_signing_key(core::SigningKeyState{}, row).has_value());
  CHECK(*decode_signing_key("", row) == core::SigningKeyState{});
  REQUIRE(encode_person(core::PersonState{}, row).has_value());
  CHECK(*decode_person({}, row) == core::PersonState{});
}

TEST_CASE("rows: a value that does not fit its field is an error, and the row stays as it was", "[projections][rows]") {
  std::string row = "before";
  const auto refuses = [&](const auto& written) {
    return written.has_error() && written.error().code == core::Errc::internal && row == "before";
  };
  core::TokenState token = full_token();
  token.name.assign(UINT16_MAX + 1, 'n');
  CHECK(refuses(encode_token(token, row)));
  token = full_token();
  token.scope = *core::ScopeSet::from_sorted({std::string(UINT8_MAX + 1, 's')});
  CHECK(refuses(encode_token(token, row)));
  core::WorkspaceState workspace = full_workspace();
  workspace.policy.max_lifetime_days = UINT16_MAX + 1;
  CHECK(refuses(encode_workspace(workspace, row)));
  workspace = full_workspace();
  workspace.policy.refresh_retry_seconds = -1;
  CHECK(refuses(encode_workspace(workspace, row)));

  token.scope = {};
  token.name.assign(UINT16_MAX, 'n');
  REQUIRE(encode_token(token, row).has_value());
  CHECK(decode_token(token.workspace, token.id, row)->name == token.name);
}

TEST_CASE("rows: a time that nobody can write is corrupt", "[projections][rows]") {
  const std::int64_t micros =
      GENERATE(INT64_MIN, core::micros_of(core::kEarliestTime) - 1, core::micros_of(core::kLatestTime) + 1, INT64_MAX);
  CAPTURE(micros);
  std::string row;
  encode_usage({at(micros), 1}, row);
  CHECK(decode_usage(row).error().code == core::Errc::corrupt);
}

TEST_CASE("rows: every cut is corrupt", "[projections][rows]") {
  for (const Sample& one : samples()) {
    INFO(one.name);
    CHECK(one.recode(one.row) == one.row);
    for (std::size_t size = 0; size < one.row.size(); ++size) {
      INFO("cut to " << size);
      const auto again = one.recode(std::string_view{one.row}.substr(0, size));
      // What is sealed is whatever follows the row's own fields: the seal itself tells a cut.
      if (size >= one.own_bytes) continue;
      CHECK_FALSE(again.has_value());
    }
    if (one.own_bytes > one.row.size()) CHECK_FALSE(one.recode(one.row + '\0').has_value());
  }
}

TEST_CASE("rows: a changed byte is corrupt, or another value with exactly those bytes", "[projections][rows]") {
  for (const Sample& one : samples()) {
    INFO(one.name);
    for (std::size_t index = 0; index < one.row.size(); ++index) {
      for (int mask = 1; mask < 256; ++mask) {
        std::string damaged = one.row;
        damaged[index] = static_cast<char>(damaged[index] ^ mask);
        const auto again = one.recode(damaged);
        if (again && *again != damaged) FAIL("byte " << index << " ^ " << mask << " has a second encoding");
      }
    }
  }
}

TEST_CASE("rows: random bytes are never more than corrupt", "[projections][rows]") {
  testing::SeededRandom random{7};
  for (const Sample& one : samples()) {
    for (int round = 0; round < 500; ++round) {
      std::string bytes(random.below(80), '\0');
      for (char& byte : bytes) byte = static_cast<char>(random.below(256));
      if (!bytes.empty() && random.below(2) == 0) bytes[0] = '\1';
      const auto again = one.recode(bytes);
      if (again) CHECK(*again == bytes);
    }
  }
}
