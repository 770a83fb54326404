#include "tests/support/ledger_fixture.hpp"

#include <future>
#include <optional>

#include "core/crypto/signing_key.hpp"
#include "core/identity/person_commands.hpp"
#include "core/ledger/ledger_commands.hpp"
#include "core/state/offboarding.hpp"
#include "core/token/token_commands.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "events/ledger/ledger.hpp"
#include "projections/commands/idempotency.hpp"
#include "projections/commands/usage.hpp"

namespace tally::testing {

LedgerFixture::LedgerFixture(std::unique_ptr<events::Store> store, std::uint64_t seed)
    : random(seed), store_(std::move(store)) {
  start();
}
LedgerFixture::~LedgerFixture() { stop(); }

void LedgerFixture::start() {
  auto head = value_of(events::start_ledger(*store_, inline_.all(), as_system(), random));
  sequencer_ = std::make_unique<events::Sequencer>(*store_, std::move(head), inline_.all(), events::SequencerOptions{});
  commands_ = std::make_unique<projections::CommandService>(*sequencer_);
}

void LedgerFixture::stop() {
  commands_.reset();
  sequencer_.reset();
}

template <class Command>
projections::Answer<Command> LedgerFixture::execute(core::CommandContext context, Command command) {
  // Shared with the writer: it may still be inside set_value() when this thread goes on.
  auto promise = std::make_shared<std::promise<void>>();
  std::optional<projections::Answer<Command>> answer;
  commands_->execute(std::move(context), std::move(command), [&answer, promise](projections::Answer<Command> given) {
    answer.emplace(std::move(given));
    promise->set_value();
  });
  promise->get_future().get();
  return *std::move(answer);
}

template <class Command>
typename Command::Outcome LedgerFixture::run(core::CommandContext context, Command command) {
  return std::move(value_of(execute(std::move(context), std::move(command))).outcome);
}

template <class Command>
core::Errc LedgerFixture::refusal(core::CommandContext context, Command command) {
  const auto answer = execute(std::move(context), std::move(command));
  REQUIRE(answer.has_error());
  return answer.error().code;
}

core::CommandContext LedgerFixture::as(core::ActorKind kind, core::Uuid id) {
  core::CommandContext context;
  context.at = now;
  context.actor = {kind, id};
  context.via = core::Via::api;
  random.fill(context.entropy);
  return context;
}

core::CommandContext LedgerFixture::as_bearer(const core::TokenState& token) {
  core::CommandContext context = as(token.owner);
  const auto access_token = draw<core::AccessTokenId>();
  context.bearer = core::BearerPower{{token.workspace,
                                      token.id,
                                      token.owner,
                                      access_token,
                                      {},
                                      core::seconds_of(now),
                                      core::seconds_of(token.expires_at) + 1},
                                     token.scope};
  context.credential = {core::CredentialKind::access_token, token.id.uuid(), access_token.uuid()};
  return context;
}

core::UserId LedgerFixture::add_person(const std::string& username) {
  core::CreateUser command;
  command.id = draw<core::UserId>();
  command.username = username;
  command.display_name = "Person " + username;
  command.password_verifier = "no verifier";
  const bool is_first = operator_person.is_nil();
  const core::UserId id = command.id;
  run(is_first ? as_system() : as(operator_person), std::move(command));
  if (is_first) operator_person = id;
  return id;
}

core::WorkspaceId LedgerFixture::add_workspace(const std::string& name) {
  const auto id = draw<core::WorkspaceId>();
  run(as(operator_person), core::CreateWorkspace{id, name});
  return id;
}

void LedgerFixture::put_member(core::WorkspaceId workspace, core::UserId user, core::Role role) {
  run(as(operator_person), core::PutMember{workspace, user, role});
}

core::TokenState LedgerFixture::generate(core::WorkspaceId workspace, core::UserId owner, const std::string& name,
                                         const std::string& secret, int lifetime_days) {
  core::GenerateToken command = generate_command(workspace, name, secret, lifetime_days);
  command.id = {};  // as at the edge: the ledger gives one
  return run(as(owner), std::move(command)).token;
}

core::GenerateToken LedgerFixture::generate_command(core::WorkspaceId workspace, const std::string& name,
                                                    const std::string& secret, int lifetime_days) {
  core::GenerateToken command;
  command.id = draw<core::TokenId>();
  command.workspace = workspace;
  command.name = name;
  command.lifetime_days = lifetime_days;
  command.secret_hash = digest_of(secret);
  command.access_token = draw<core::AccessTokenId>();
  command.access_token_hash = digest_of(command.access_token.str());  // counts where the policy says opaque
  return command;
}

core::RefreshToken LedgerFixture::refresh_command(const std::string& presented, const std::string& successor) {
  core::RefreshToken command;
  command.presented_hash = digest_of(presented);
  command.successor_hash = digest_of(successor);
  const auto sealed = core::as_bytes(successor);  // tests of sealing seal; here the letter is open
  command.sealed_successor.assign(sealed.begin(), sealed.end());
  command.access_token = draw<core::AccessTokenId>();
  command.access_token_hash = digest_of(command.access_token.str());
  return command;
}

core::AddSigningKey signing_key_command(std::uint64_t seed, std::chrono::seconds lead) {
  SeededRandom random{1'000 + seed};
  const auto key = core::crypto::SigningKey::generate(random);
  return {key.public_key().thumbprint(), key.algorithm(), key.public_key().bytes(), lead};
}

SmallTeam::SmallTeam(LedgerFixture& ledger) {
  ledger.add_person("operator");
  admin = ledger.add_person("admin");
  member = ledger.add_person("member");
  auditor = ledger.add_person("auditor");
  workspace = ledger.add_workspace("Team");
  ledger.put_member(workspace, admin, core::Role::admin);
  ledger.put_member(workspace, member, core::Role::member);
  ledger.put_member(workspace, auditor, core::Role::auditor);
}

#define TALLY_INSTANTIATE(COMMAND)                                                             \
  template projections::Answer<COMMAND> LedgerFixture::execute(core::CommandContext, COMMAND); \
  template COMMAND::Outcome LedgerFixture::run(core::CommandContext, COMMAND);                 \
  template core::Errc LedgerFixture::refusal(core::CommandContext, COMMAND)

TALLY_INSTANTIATE(core::CreateUser);
TALLY_INSTANTIATE(core::DeactivateUser);
TALLY_INSTANTIATE(core::ReactivateUser);
TALLY_INSTANTIATE(core::SetOperator);
TALLY_INSTANTIATE(core::RecoverOperator);
TALLY_INSTANTIATE(core::ChangePassword);
TALLY_INSTANTIATE(core::SignIn);
TALLY_INSTANTIATE(core::SignOut);
TALLY_INSTANTIATE(core::AddSigningKey);
TALLY_INSTANTIATE(core::RetireSigningKey);
TALLY_INSTANTIATE(core::RecordAuditRead);
TALLY_INSTANTIATE(core::RecordExportStarted);
TALLY_INSTANTIATE(core::RecordExportCompleted);
TALLY_INSTANTIATE(core::RecordDenied);
TALLY_INSTANTIATE(core::ChangeIssuer);
TALLY_INSTANTIATE(core::RecordVerification);
TALLY_INSTANTIATE(core::GenerateToken);
TALLY_INSTANTIATE(core::RefreshToken);
TALLY_INSTANTIATE(core::ExchangeAccessToken);
TALLY_INSTANTIATE(core::DisableTokens);
TALLY_INSTANTIATE(core::DeleteTokens);
TALLY_INSTANTIATE(core::DisableIssuedBefore);
TALLY_INSTANTIATE(core::StopDescendants);
TALLY_INSTANTIATE(core::RevokeRefreshToken);
TALLY_INSTANTIATE(core::RevokeAccessToken);
TALLY_INSTANTIATE(core::ImportLegacyTokens);
TALLY_INSTANTIATE(core::CreateWorkspace);
TALLY_INSTANTIATE(core::ChangePolicy);
TALLY_INSTANTIATE(core::PutMember);
TALLY_INSTANTIATE(core::RemoveMember);
TALLY_INSTANTIATE(core::AddResourceServer);
TALLY_INSTANTIATE(core::RemoveResourceServer);
TALLY_INSTANTIATE(core::ContinueOffboarding);
TALLY_INSTANTIATE(projections::RecordUsage);
TALLY_INSTANTIATE(projections::Remembered<core::GenerateToken>);
TALLY_INSTANTIATE(projections::Remembered<core::SetOperator>);

#undef TALLY_INSTANTIATE

}  // namespace tally::testing
