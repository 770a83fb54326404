#include "tests/projections/rows/sample_rows.hpp"

#include <type_traits>
#include <utility>

#include <catch2/catch.hpp>

#include "projections/rows/access_rows.hpp"
#include "projections/rows/ending_row.hpp"
#include "projections/rows/idempotency_rows.hpp"
#include "projections/rows/person_row.hpp"
#include "projections/rows/signing_key_row.hpp"
#include "projections/rows/small_rows.hpp"
#include "projections/rows/token_row.hpp"
#include "projections/rows/workspace_rows.hpp"

namespace tally::testing {

using namespace tally::projections;

core::Timestamp row_time(std::int64_t micros) { return core::timestamp_of_micros(micros); }

core::Uuid row_uuid(std::uint8_t fill) {
  core::Uuid uuid;
  uuid.bytes.fill(fill);
  return uuid;
}

core::TokenState full_token() {
  core::TokenState token;
  token.id = core::TokenId{row_uuid(1)};
  token.workspace = core::WorkspaceId{row_uuid(2)};
  token.owner = core::UserId{row_uuid(3)};
  token.name = "a name that is longer than a short string";
  token.scope = *core::ScopeSet::parse("deploy:write tally:tokens.read", 10);
  token.kind = core::TokenKind::legacy;
  token.imported_at = row_time(16);
  token.mark = core::TokenMark::deleted;
  token.created_at = core::kEarliestTime;
  token.expires_at = core::kLatestTime;
  token.policy_sequence = 7;
  token.created_sequence = 8;
  token.generation = UINT32_MAX;
  token.secret_hash.bytes.fill(9);
  token.last_refreshed_at = row_time(11);
  token.refresh_count = 12;
  token.retry_count = 3;
  token.access_expires_at = core::timestamp_of_micros(1'700'000'000'000'007);
  token.parent = core::TokenId{core::Uuid{{1, 2, 3}}};
  token.stopped_at = row_time(13);
  token.stopped_by = core::Actor{core::ActorKind::operator_person, row_uuid(4)};
  token.stop_cause = core::DisableCause::revoked;
  token.stop_reason = "left the company";
  token.access_revoked_at = row_time(14);
  token.has_revoked_access_tokens = true;
  token.confirmation = core::Confirmation{core::ConfirmationMethod::x5t_s256, {}};
  token.confirmation->thumbprint.bytes.fill(16);
  token.version = 15;
  return token;
}

core::WorkspaceState full_workspace() {
  core::WorkspaceState workspace;
  workspace.id = core::WorkspaceId{row_uuid(2)};
  workspace.name = "Workspace";
  workspace.created_at = row_time(1);
  workspace.policy.max_lifetime_days = 31;
  workspace.policy.who_may_generate = core::WhoMayGenerate::admins;
  workspace.policy.max_active_tokens_per_user = 3;
  workspace.policy.access_token_seconds = 61;
  workspace.policy.refresh_retry_seconds = 86'400;
  workspace.policy.allowed_scopes = *core::ScopeSet::parse("a b c", 10);
  workspace.policy.legacy_sunset_at = row_time(2);
  workspace.policy.access_token_format = core::AccessTokenFormat::opaque;
  workspace.policy_sequence = 3;
  workspace.cut_off_at = row_time(4);
  workspace.access_cut_off_at = row_time(5);
  workspace.admin_count = 6;
  workspace.version = 7;
  return workspace;
}

core::PersonState full_person() {
  core::PersonState person;
  person.id = core::UserId{row_uuid(3)};
  person.username = "ada";
  person.display_name = "Ada L.";
  person.email = "ada@example.org";
  person.password_verifier = "$argon2id$";
  person.standing = core::ServerStanding::auditor;
  person.profile_changes = 7;
  person.created_at = row_time(1);
  person.deactivated_at = row_time(2);
  person.access_revoked_at = row_time(8);
  person.credentials_version = 3;
  person.failure_minute = -4;
  person.failures_in_minute = 5;
  person.version = 6;
  return person;
}

core::SigningKeyState full_signing_key() {
  core::SigningKeyState key;
  key.key_id = "kid";
  key.algorithm = core::crypto::SigningAlgorithm::rs256;
  key.public_key = core::Bytes(270, 7);
  key.added = core::Sequence{9};
  key.added_at = row_time(1);
  key.activates_at = row_time(2);
  key.retired_at = row_time(3);
  key.retirement = core::KeyRetirement::forced;
  return key;
}

namespace {

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

template <class Value, class Decode, class Encode>
SampleRow sample(std::string name, const Value& value, Decode decode, Encode encode) {
  const auto recode = [=](std::string_view row) -> std::optional<std::string> {
    const auto decoded = decode(row);
    if (decoded.has_error()) {
      REQUIRE(decoded.error().code == core::Errc::corrupt);
      return std::nullopt;
    }
    return encoded(*decoded, encode);
  };
  return {std::move(name), encoded(value, encode), recode};
}

SampleRow with_own_bytes(SampleRow sample, std::size_t own_bytes) {
  sample.own_bytes = own_bytes;
  return sample;
}

void add_tokens(std::vector<SampleRow>& rows) {
  const auto token = [&](std::string name, const core::TokenState& state) {
    rows.push_back(sample(
        std::move(name), state, [=](auto row) { return decode_token(state.workspace, state.id, row); }, encode_token));
  };
  const core::TokenState full = full_token();
  token("token", full);
  token("token, bare", {});
  core::TokenState refreshed;
  refreshed.name = "t";
  refreshed.last_refreshed_at = row_time(5);
  token("token, refreshed", refreshed);
  rows.push_back(sample("token_by_owner", OwnedToken{core::TokenMark::disabled, row_time(1)}, decode_owned_token,
                        encode_owned_token));
  rows.push_back(sample("owner_count", std::uint64_t{5}, decode_owner_count, encode_owner_count));
  rows.push_back(sample("token_home", full.workspace, decode_token_home, encode_token_home));
  rows.push_back(sample("ending_token", std::uint64_t{6}, decode_ending_token, encode_ending_token));
  rows.push_back(sample("secret", SecretHome{core::SubjectKind::token, full.workspace, row_uuid(6), 7},
                        decode_secret_home, encode_secret_home));
  rows.push_back(sample("secret, of a resource server",
                        SecretHome{core::SubjectKind::resource_server, full.workspace, row_uuid(6), 0},
                        decode_secret_home, encode_secret_home));
  rows.push_back(sample("access_secret",
                        AccessSecretRow{full.workspace, full.id, core::Sequence{8}, row_time(1), full.secret_hash},
                        decode_access_secret, encode_access_secret));
  rows.push_back(
      sample("access_queue", AccessQueueRow{full.secret_hash, {}}, decode_access_queue, encode_access_queue));
}

void add_endings(std::vector<SampleRow>& rows) {
  const core::Ending::Part everywhere{{}, core::AccessFate::keep, core::Sequence{9}, 10, 11};
  const core::Ending::Part one{core::WorkspaceId{row_uuid(2)}, core::AccessFate::revoke, core::Sequence{12}, 13, 14};
  rows.push_back(sample("ending", core::Ending{{one}}, decode_ending, encode_ending));
  rows.push_back(with_own_bytes(sample("ending, of two", core::Ending{{one, everywhere}}, decode_ending, encode_ending),
                                1 + 16 + 1 + 8 + 8 + 8));
}

void add_workspaces(std::vector<SampleRow>& rows) {
  const auto workspace = [&](std::string name, const core::WorkspaceState& state) {
    rows.push_back(
        sample(std::move(name), state, [=](auto row) { return decode_workspace(state.id, row); }, encode_workspace));
  };
  const core::WorkspaceState full = full_workspace();
  workspace("workspace", full);
  workspace("workspace, bare", {});
  const core::MemberState member{full.id, full_person().id, core::Role::auditor, row_time(1), 6};
  rows.push_back(sample(
      "member", member, [=](auto row) { return decode_member(member.workspace, member.user, row); }, encode_member));
  const core::ResourceServerState server{core::ResourceServerId{row_uuid(5)},
                                         full.id,
                                         "API",
                                         full_token().secret_hash,
                                         row_time(1),
                                         "https://api.example"};
  rows.push_back(sample(
      "resource_server", server, [=](auto row) { return decode_resource_server(server.workspace, server.id, row); },
      encode_resource_server));
  rows.push_back(sample("resource", ResourceHome{full.id, server.id}, decode_resource_home, encode_resource_home));
}

void add_people(std::vector<SampleRow>& rows) {
  const auto person = [&](std::string name, const core::PersonState& state) {
    rows.push_back(
        sample(std::move(name), state, [=](auto row) { return decode_person(state.id, row); }, encode_person));
  };
  person("person", full_person());
  person("person, bare", {});
  rows.push_back(sample("username", full_person().id, decode_username, encode_username));
  rows.push_back(
      sample("server_standing", core::ServerStanding::break_glass, decode_server_standing, encode_server_standing));
}

void add_signing_keys(std::vector<SampleRow>& rows) {
  const auto key = [&](std::string name, const core::SigningKeyState& state) {
    rows.push_back(sample(
        std::move(name), state, [=](auto row) { return decode_signing_key(state.key_id, row); }, encode_signing_key));
  };
  key("signing_key", full_signing_key());
  key("signing_key, bare", {});
}

/// What commands write beside the log.
void add_ephemeral(std::vector<SampleRow>& rows) {
  const core::Timestamp time = row_time(1);
  const core::Digest digest = full_token().secret_hash;
  rows.push_back(with_own_bytes(sample("retry", RetryRow{time, 2, 7, {3, 4, 5}}, decode_retry, encode_retry), 20));
  rows.push_back(
      with_own_bytes(sample("retry, of before", RetryRow{time, 2, {}, {3, 4, 5}}, decode_retry, encode_retry), 12));
  rows.push_back(sample("session", SessionRow{time, full_person().id, 2}, decode_session, encode_session));
  rows.push_back(sample("session_by_user", time, decode_session_by_user, encode_session_by_user));
  rows.push_back(sample("usage", UsageRow{time, 2}, decode_usage, encode_usage));
  const auto kept = [&](std::string name, const IdempotencyRow& row) {
    return sample(std::move(name), row, decode_idempotency, encode_idempotency);
  };
  rows.push_back(kept("idempotency, with a secret beside it",
                      IdempotencyRow{time, digest, core::Sequence{5}, true, false, "/v1/x", {}}));
  rows.push_back(
      kept("idempotency, a fact", IdempotencyRow{time, digest, core::Sequence{5}, false, true, "/v1/x", {}}));
  rows.push_back(with_own_bytes(kept("idempotency", IdempotencyRow{time, digest, {}, false, false, {}, {7, 8, 9}}),
                                8 + 1 + 1 + 32 + 2 + 1));
  rows.push_back(with_own_bytes(sample("idempotency, a secret", IdempotentSecretRow{time, {7, 8, 9}},
                                       decode_idempotent_secret, encode_idempotent_secret),
                                8 + 1));
  rows.push_back(sample("idempotency, of a caller", IdempotencyUseRow{row_time(2), row_time(3)}, decode_idempotency_use,
                        encode_idempotency_use));
}

}  // namespace

std::vector<SampleRow> sample_rows() {
  std::vector<SampleRow> rows;
  add_tokens(rows);
  add_endings(rows);
  add_workspaces(rows);
  add_people(rows);
  add_signing_keys(rows);
  add_ephemeral(rows);
  return rows;
}

}  // namespace tally::testing
