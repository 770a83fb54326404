#include <utility>

#include "core/identity/person_decider.hpp"
#include "projections/commands.hpp"
#include "projections/handling.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/row_codec.hpp"

/// People and their sessions.
namespace tally::projections {

using core::PersonState;
using events::Family;

namespace {

const PersonState* pointer_to(const std::optional<PersonState>& person) { return person ? &*person : nullptr; }

/// Folds what a command recorded into the person it loaded.
PersonState folded(std::optional<PersonState> person, const std::vector<core::Event>& events) {
  for (const core::Event& event : events) {
    if (event.subject.kind == core::SubjectKind::user) person = core::evolve(std::move(person), event);
  }
  return std::move(*person);
}

}  // namespace

Result<core::CreateUser::Outcome> handle(Transaction& transaction, const CommandContext& given,
                                         core::CreateUser& command) {
  const TimedContext context{transaction, given};
  core::CreateUserSituation situation;
  TALLY_TRY_ASSIGN(situation.caller, load_standing(transaction, context, std::nullopt));
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

Result<core::ChangePassword::Outcome> handle(Transaction& transaction, const CommandContext& given,
                                             core::ChangePassword& command) {
  const TimedContext context{transaction, given};
  TALLY_TRY_ASSIGN(auto person, load_person(transaction, command.user));
  TALLY_TRY_ASSIGN(const auto caller, load_standing(transaction, context, std::nullopt));
  TALLY_TRY_ASSIGN(const auto events,
                   record(transaction, context, core::decide(pointer_to(person), caller, context, command)));
  return core::ChangePassword::Outcome{folded(std::move(person), events)};
}

Result<core::SignIn::Outcome> handle(Transaction& transaction, const CommandContext& given, core::SignIn& command) {
  const TimedContext context{transaction, given};
  TALLY_TRY_ASSIGN(const auto person, load_person(transaction, command.user));
  TALLY_TRY(record(transaction, context, core::decide(pointer_to(person), context, command)));
  std::string row;
  encode_session({command.session_expires_at, command.user, command.credentials_version}, row);
  transaction.put(Family::session, key_of_digest(command.session_hash), row);
  encode_time(command.session_expires_at, row);
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

}  // namespace tally::projections
