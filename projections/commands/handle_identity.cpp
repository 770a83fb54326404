#include <utility>

#include "core/identity/person_decider.hpp"
#include "events/log/log.hpp"
#include "projections/commands/command_work.hpp"
#include "projections/commands/handling.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/person_row.hpp"
#include "projections/rows/pointer_to.hpp"
#include "projections/rows/row_codec.hpp"

/// People and their sessions.
namespace tally::projections {

using core::PersonState;
using events::Family;

namespace {

/// Folds what a command recorded into the person it loaded.
PersonState folded(std::optional<PersonState> person, const std::vector<core::Event>& events) {
  for (const core::Event& event : events) {
    if (event.subject.kind == core::SubjectKind::user) person = core::evolve(std::move(person), event);
  }
  return std::move(*person);
}

/// Whether the person was recovered by the file of that nonce.
Result<bool> is_nonce_known(const events::Reader& reader, core::UserId user, const core::Uuid& nonce) {
  if (nonce.is_nil()) return false;
  const auto cursor = reader.scan(Family::log_by_user, events::prefix_range(key_of(user)));
  for (; cursor->valid(); cursor->next()) {
    if (cursor->key().size() != 24) return corrupt_row("log_by_user");
    TALLY_TRY_ASSIGN(const auto event,
                     events::read_event(reader, core::Sequence{load_big_endian<std::uint64_t>(&cursor->key()[16])}));
    if (!event) return corrupt_row("log_by_user");
    const auto* recovered = std::get_if<core::OperatorRecovered>(&event->payload);
    if (recovered != nullptr && recovered->nonce == nonce) return true;
  }
  TALLY_TRY(cursor->status());
  return false;
}

}  // namespace

Result<core::CreateUser::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                         core::CreateUser& command) {
  core::CreateUserSituation situation;
  TALLY_TRY_ASSIGN(situation.caller, load_caller_rights(transaction, context, std::nullopt));
  TALLY_TRY_ASSIGN(const bool has_people, has_rows(transaction, Family::person));
  situation.is_first_person = !has_people;
  if (const auto username = core::normalize_username(command.username); username.has_value()) {
    TALLY_TRY_ASSIGN(const auto taken, load_username(transaction, *username));
    situation.username_taken = taken.has_value();
  }
  TALLY_TRY_ASSIGN(const auto existing, load_person(transaction, command.id));
  if (existing) return core::Error{core::Errc::already_exists, "the user exists", "id"};
  TALLY_TRY_ASSIGN(const auto events, record(transaction, context, core::decide(situation, context, command)));
  return core::CreateUser::Outcome{folded(std::nullopt, events)};
}

Result<core::ReactivateUser::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                             core::ReactivateUser& command) {
  TALLY_TRY_ASSIGN(auto person, load_person(transaction, command.user));
  TALLY_TRY_ASSIGN(const auto caller, load_caller_rights(transaction, context, std::nullopt));
  TALLY_TRY_ASSIGN(const auto ending, load_ending(transaction, command.user));
  TALLY_TRY_ASSIGN(
      const auto events,
      record(transaction, context, core::decide(pointer_to(person), caller, pointer_to(ending), context, command)));
  return core::ReactivateUser::Outcome{folded(std::move(person), events)};
}

Result<core::SetOperator::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                          core::SetOperator& command) {
  TALLY_TRY_ASSIGN(auto person, load_person(transaction, command.user));
  TALLY_TRY_ASSIGN(const auto caller, load_caller_rights(transaction, context, std::nullopt));
  TALLY_TRY_ASSIGN(const auto others, other_break_glass(transaction, command.user));
  TALLY_TRY_ASSIGN(const auto events,
                   record(transaction, context, core::decide(pointer_to(person), caller, others, context, command)));
  return core::SetOperator::Outcome{folded(std::move(person), events)};
}

Result<core::RecoverOperator::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                              core::RecoverOperator& command) {
  core::RecoverySituation situation;
  std::optional<PersonState> person;
  if (const auto username = core::normalize_username(command.username); username.has_value()) {
    TALLY_TRY_ASSIGN(const auto user, load_username(transaction, *username));
    if (user) {
      TALLY_TRY_ASSIGN(person, load_person(transaction, *user));
      TALLY_TRY_ASSIGN(situation.is_nonce_known, is_nonce_known(transaction, *user, command.nonce));
    }
  }
  situation.person = pointer_to(person);
  TALLY_TRY_ASSIGN(const auto events, record(transaction, context, core::decide(situation, context, command)));
  return core::RecoverOperator::Outcome{folded(std::move(person), events), situation.is_nonce_known};
}

Result<core::ChangePassword::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                             core::ChangePassword& command) {
  TALLY_TRY_ASSIGN(auto person, load_person(transaction, command.user));
  TALLY_TRY_ASSIGN(const auto caller, load_caller_rights(transaction, context, std::nullopt));
  TALLY_TRY_ASSIGN(const auto events,
                   record(transaction, context, core::decide(pointer_to(person), caller, context, command)));
  return core::ChangePassword::Outcome{folded(std::move(person), events)};
}

Result<core::SignIn::Outcome> handle(Transaction& transaction, const CommandContext& context, core::SignIn& command) {
  TALLY_TRY_ASSIGN(const auto person, load_person(transaction, command.user));
  TALLY_TRY(record(transaction, context, core::decide(pointer_to(person), context, command)));
  std::string row;
  encode_session({command.session_expires_at, command.user, command.credentials_version}, row);
  transaction.put(Family::session, key_of_digest(command.session_hash), row);
  encode_session_by_user(command.session_expires_at, row);
  transaction.put(Family::session_by_user, key_of(command.user, command.session_hash), row);
  return core::SignIn::Outcome{};
}

Result<core::SignOut::Outcome> handle(Transaction& transaction, const CommandContext&, core::SignOut& command) {
  TALLY_TRY_ASSIGN(const auto row, transaction.get(Family::session, key_of_digest(command.session_hash)));
  if (!row) return core::SignOut::Outcome{};
  TALLY_TRY_ASSIGN(const SessionRow session, decode_session(*row));
  transaction.erase(Family::session, key_of_digest(command.session_hash));
  transaction.erase(Family::session_by_user, key_of(session.user, command.session_hash));
  return core::SignOut::Outcome{};
}

template void CommandService::execute(CommandContext, core::CreateUser, Done<core::CreateUser>);
template void CommandService::execute(CommandContext, Remembered<core::CreateUser>, Done<Remembered<core::CreateUser>>);
template void CommandService::execute(CommandContext, core::ReactivateUser, Done<core::ReactivateUser>);
template void CommandService::execute(CommandContext, Remembered<core::ReactivateUser>,
                                      Done<Remembered<core::ReactivateUser>>);
template void CommandService::execute(CommandContext, core::SetOperator, Done<core::SetOperator>);
template void CommandService::execute(CommandContext, Remembered<core::SetOperator>,
                                      Done<Remembered<core::SetOperator>>);
template void CommandService::execute(CommandContext, core::RecoverOperator, Done<core::RecoverOperator>);
template void CommandService::execute(CommandContext, core::ChangePassword, Done<core::ChangePassword>);
template void CommandService::execute(CommandContext, Remembered<core::ChangePassword>,
                                      Done<Remembered<core::ChangePassword>>);
template void CommandService::execute(CommandContext, core::SignIn, Done<core::SignIn>);
template void CommandService::execute(CommandContext, Remembered<core::SignIn>, Done<Remembered<core::SignIn>>);
template void CommandService::execute(CommandContext, core::SignOut, Done<core::SignOut>);

}  // namespace tally::projections
