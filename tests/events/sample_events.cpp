#include "tests/events/sample_events.hpp"

#include "core/base/check.hpp"

namespace tally::testing {
namespace {

core::ScopeSet scopes(std::string_view text) {
  auto parsed = core::ScopeSet::parse(text, 50);
  TALLY_CHECK(!parsed.has_error());
  return std::move(*parsed);
}

core::Timestamp at(std::int64_t seconds) {
  return core::timestamp_of_micros(1'700'000'000'000'000 + seconds * 1'000'000);
}

core::Policy sample_policy() {
  core::Policy policy;
  policy.max_lifetime_days = 90;
  policy.who_may_generate = core::WhoMayGenerate::admins;
  policy.max_active_tokens_per_user = 7;
  policy.access_token_seconds = 900;
  policy.refresh_retry_seconds = 120;
  policy.allowed_scopes = scopes("invoices.read invoices.write tally:audit.read");
  policy.legacy_sunset_at = at(86'400);
  policy.access_token_format = core::AccessTokenFormat::opaque;
  return policy;
}

core::Event envelope(std::uint8_t number, core::Subject subject, core::EventPayload payload) {
  core::Event event;
  event.sequence = core::Sequence{0x0102'0304'0506'0700ULL + number};
  event.id = core::EventId{sample_uuid(static_cast<std::uint8_t>(100 + number))};
  event.recorded_at = at(number);
  event.workspace = core::WorkspaceId{sample_uuid(1)};
  event.workspace_sequence = 40'000'000'000ULL + number;
  event.subject = subject;
  event.subject_version = 3;
  event.actor = {core::ActorKind::user, sample_uuid(2)};
  event.via = core::Via::api;
  event.origin = {"req-7f3c", "4bf92f3577b34da6a3ce929d0e0e4736", "192.0.2.17", "curl/7.88.1"};
  event.payload = std::move(payload);
  return event;
}

std::vector<core::Event> token_events() {
  const core::Subject subject{core::SubjectKind::token, sample_uuid(3)};
  const core::AccessTokenId access{sample_uuid(4)};
  std::vector<core::Event> events;
  events.push_back(envelope(
      1, subject,
      core::TokenGenerated{core::UserId{sample_uuid(2)}, "build farm \xc3\xa9", scopes("invoices.read invoices.write"),
                           at(1'000), 17, sample_digest(5), access, at(2'000),
                           core::Confirmation{core::ConfirmationMethod::jkt, sample_digest(14)}, sample_digest(24)}));
  events.push_back(
      envelope(2, subject,
               core::TokenRefreshed{8, sample_digest(6), scopes("invoices.read"), access, at(3'000),
                                    core::Confirmation{core::ConfirmationMethod::x5t_s256, sample_digest(15)},
                                    "https://api.example/invoices", sample_digest(25)}));
  events.back().actor = {core::ActorKind::client, sample_uuid(1)};
  events.back().via = core::Via::oauth;
  events.push_back(envelope(3, subject,
                            core::TokenRefreshRetried{8, scopes("invoices.read"), access, at(3'100),
                                                      "https://api.example/invoices", sample_digest(26)}));
  events.push_back(envelope(4, subject, core::TokenReuseDetected{6, 8}));
  events.push_back(
      envelope(5, subject, core::TokenDisabled{core::DisableCause::revoked, core::AccessFate::revoke, "left"}));
  events.back().via = core::Via::page;
  events.push_back(envelope(6, subject, core::TokenDeleted{core::AccessFate::keep, "tidied up"}));
  events.back().via = core::Via::cli;
  events.push_back(envelope(7, subject, core::AccessRevoked{access, at(4'000)}));
  events.push_back(
      envelope(8, subject,
               core::LegacyTokenImported{core::UserId{sample_uuid(2)}, "cron of 2019", scopes("invoices.read"),
                                         at(-9'000), at(9'000), 17, sample_digest(14)}));
  events.push_back(
      envelope(9, subject,
               core::AccessExchanged{access, core::AccessTokenId{sample_uuid(12)}, scopes("invoices.read"), at(4'100),
                                     "https://api.example/invoices",
                                     core::Confirmation{core::ConfirmationMethod::jkt, sample_digest(14)}}));
  events.back().actor = {core::ActorKind::client, sample_uuid(1)};
  events.back().via = core::Via::oauth;
  events.push_back(envelope(10, subject, core::DescendantsDisabled{2'345}));
  return events;
}

std::vector<core::Event> workspace_events() {
  const core::Subject subject{core::SubjectKind::workspace, sample_uuid(1)};
  const core::UserId user{sample_uuid(2)};
  const core::ResourceServerId server{sample_uuid(7)};
  std::vector<core::Event> events;
  events.push_back(envelope(20, subject, core::WorkspaceCreated{"Research", sample_policy()}));
  events.back().actor = {core::ActorKind::operator_person, sample_uuid(9)};
  events.push_back(envelope(21, subject, core::PolicyChanged{sample_policy()}));
  events.push_back(envelope(22, subject, core::MemberAdded{user, core::Role::admin}));
  events.push_back(envelope(23, subject, core::MemberRoleChanged{user, core::Role::auditor}));
  events.push_back(envelope(24, subject, core::MemberRemoved{user}));
  events.push_back(
      envelope(25, {core::SubjectKind::resource_server, server.uuid()},
               core::ResourceServerAdded{server, "billing API", sample_digest(8), "https://api.example/billing"}));
  events.push_back(
      envelope(26, {core::SubjectKind::resource_server, server.uuid()}, core::ResourceServerRemoved{server}));
  events.push_back(envelope(27, subject, core::CutOffMoved{at(5'000), core::AccessFate::revoke}));
  return events;
}

std::vector<core::Event> identity_events() {
  const core::Subject subject{core::SubjectKind::user, sample_uuid(2)};
  std::vector<core::Event> events;
  events.push_back(
      envelope(40, subject,
               core::UserCreated{true, "ada", "Ada Lovelace", "ada@example.org", "$argon2id$v=19$sample$verifier"}));
  // Created by somebody else: two parts of personal data.
  events.back().actor = {core::ActorKind::operator_person, sample_uuid(9)};
  events.push_back(envelope(41, subject, core::UserDeactivated{}));
  // By the person: one part with everything.
  events.push_back(envelope(42, subject, core::PasswordChanged{"$argon2id$v=19$sample$other"}));
  events.push_back(envelope(43, subject, core::SignedIn{}));
  events.push_back(envelope(44, subject, core::SignInFailed{}));
  events.push_back(envelope(45, subject, core::UserReactivated{}));
  events.push_back(envelope(46, subject, core::OperatorChanged{core::ServerStanding::auditor}));
  events.push_back(envelope(47, subject, core::OperatorRecovered{core::RecoveryMeans::file, sample_uuid(6)}));
  events.push_back(envelope(49, subject, core::OffboardingCompleted{98'000, 1'200}));
  for (core::Event& event : events) {
    event.workspace.reset();
    event.workspace_sequence = 0;
  }
  return events;
}

std::vector<core::Event> ledger_events() {
  const core::Subject subject{core::SubjectKind::ledger, {}};
  const core::ExportId id{sample_uuid(10)};
  std::vector<core::Event> events;
  events.push_back(envelope(60, subject, core::LedgerStarted{sample_uuid(11), 4'242, sample_digest(12)}));
  events.back().actor = {core::ActorKind::system, {}};
  events.back().via = core::Via::system;
  events.back().origin = {};
  events.back().workspace.reset();
  events.back().workspace_sequence = 0;
  events.push_back(envelope(
      61, subject,
      core::SigningKeyAdded{"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "EdDSA", core::Bytes(32, 0xa5), at(600)}));
  events.push_back(envelope(62, subject, core::AuditRead{"type=TokenDisabled", 12}));
  events.push_back(envelope(63, subject, core::ExportStarted{id, "ndjson", "from=2023-11-14T22:13:20Z"}));
  events.push_back(envelope(64, subject, core::ExportCompleted{id, 1'000, 24, 350'000, sample_digest(13)}));
  events.push_back(
      envelope(65, subject,
               core::SigningKeyRetired{"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", core::KeyRetirement::forced}));
  events.push_back(
      envelope(66, {core::SubjectKind::workspace, sample_uuid(1)},
               core::CommandDenied{"tokens.refresh", "token_disabled", core::TokenId{sample_uuid(3)}, 41, at(6'000)}));
  events.push_back(envelope(67, subject, core::ClockAccepted{core::Sequence{40}, at(7'000), core::Sequence{33}}));
  events.push_back(
      envelope(68, core::Subject{}, core::IssuerChanged{"https://tokens.example.com", "http://127.0.0.1:8080"}));
  events.push_back(envelope(69, subject, core::ClockAcceptanceCompleted{17}));
  const core::Subject ledger{core::SubjectKind::ledger, {}};
  const core::Fork fork{5'000, sample_digest(14), 1, "tally.example+1e9f4c5d+AcVlBA=="};
  events.push_back(envelope(90, ledger, core::LedgerVerified{4'300, sample_digest(15), 2}));
  events.push_back(envelope(91, ledger, core::LedgerRecovered{4'301, sample_digest(16), fork}));
  events.push_back(envelope(92, ledger,
                            core::LedgerRestored{"20261130T100000Z", 4'302, sample_digest(17), sample_uuid(11),
                                                 core::RestoreFence::newer, fork}));
  return events;
}

/// As they are written since 0.2: with what the actor acted, and what became of those who depend on the subject.
std::vector<core::Event> second_versions() {
  const core::Subject token{core::SubjectKind::token, sample_uuid(3)};
  const core::Subject person{core::SubjectKind::user, sample_uuid(2)};
  const core::Subject workspace{core::SubjectKind::workspace, sample_uuid(1)};
  using core::AccessFate;
  std::vector<core::Event> events;
  core::TokenGenerated generated{
      core::UserId{sample_uuid(2)},        "child",  scopes("invoices.read"), at(1'000), 17, sample_digest(5),
      core::AccessTokenId{sample_uuid(4)}, at(2'000)};
  generated.parent = core::TokenId{sample_uuid(7)};
  events.push_back(envelope(1, token, std::move(generated)));
  events.push_back(envelope(2, token,
                            core::TokenRefreshed{3, sample_digest(5), scopes("invoices.read"),
                                                 core::AccessTokenId{sample_uuid(4)}, at(2'000)}));
  events.back().read_at = events.back().recorded_at - std::chrono::seconds{20};
  events.push_back(
      envelope(5, token, core::TokenDisabled{core::DisableCause::parent_stopped, AccessFate::revoke, "", true}));
  events.push_back(envelope(6, token, core::TokenDeleted{AccessFate::revoke, "", true}));
  events.push_back(envelope(7, token, core::AccessRevoked{{}, at(4'000), true}));
  events.push_back(
      envelope(3, token,
               core::TokenRefreshRetried{
                   8, scopes("invoices.read"), core::AccessTokenId{sample_uuid(4)}, at(3'100), {}, {}, true}));
  events.push_back(
      envelope(24, workspace, core::MemberRemoved{core::UserId{sample_uuid(2)}, AccessFate::revoke, "left", true}));
  events.push_back(envelope(41, person, core::UserDeactivated{AccessFate::revoke, "left", true}));
  events.back().workspace.reset();
  events.back().workspace_sequence = 0;
  for (core::Event& event : events) {
    event.credential = {core::CredentialKind::access_token, sample_uuid(7), sample_uuid(8)};
  }
  return events;
}

}  // namespace

core::Uuid sample_uuid(std::uint8_t number) {
  core::Uuid uuid;
  for (std::size_t index = 0; index < uuid.bytes.size(); ++index) {
    uuid.bytes[index] = static_cast<std::uint8_t>(number * 16 + index + 1);
  }
  return uuid;
}

core::Digest sample_digest(std::uint8_t number) {
  core::Digest digest;
  for (std::size_t index = 0; index < digest.bytes.size(); ++index) {
    digest.bytes[index] = static_cast<std::uint8_t>(number * 7 + index * 3);
  }
  return digest;
}

std::vector<core::Event> sample_events() {
  std::vector<core::Event> events = token_events();
  for (auto group : {workspace_events(), identity_events(), ledger_events(), second_versions()}) {
    events.insert(events.end(), group.begin(), group.end());
  }
  return events;
}

core::NewEvent sample_new_event(std::uint8_t workspace) {
  return {core::WorkspaceId{sample_uuid(workspace)},
          {core::SubjectKind::workspace, sample_uuid(workspace)},
          1,
          core::MemberRemoved{core::UserId{sample_uuid(2)}}};
}

core::CommandContext sample_context(std::int64_t at_micros) {
  core::CommandContext context;
  context.at = core::timestamp_of_micros(at_micros);
  context.actor = {core::ActorKind::user, sample_uuid(2)};
  context.via = core::Via::api;
  context.origin.request_id = "req-1";
  context.entropy = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  return context;
}

}  // namespace tally::testing
