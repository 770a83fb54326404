#include "core/base/limits.hpp"
#include "core/identity/person_decider.hpp"
#include "tests/core/given.hpp"

namespace tally::core::testing {
namespace {

constexpr Actor kSystem{ActorKind::system, {}};

UserCreated created() { return {false, "alice", "Alice", "alice@example.org", "$argon2id$1"}; }

Event user_event(std::uint64_t version, const EventPayload& payload, Duration after) {
  return event_of({std::nullopt, subject_of(kAlice), version, payload}, kStart + after);
}

PersonState replay(const std::vector<Past>& history) {
  std::optional<PersonState> person;
  std::uint64_t version = 0;
  for (const Past& past : history) person = evolve(std::move(person), user_event(++version, past.payload, past.after));
  return *person;
}

/// What happened to Alice, who comes and when.
struct PersonStory {
  std::vector<Past> history = {{0s, created()}};
  CallerRights caller = the_operator();
  Duration now = 1s;
  OtherBreakGlass others = OtherBreakGlass::active;
  const Ending* ending = nullptr;

  template <class Command>
  Then when(const Command& command) const {
    std::optional<PersonState> person;
    if (!history.empty()) person = replay(history);
    const PersonState* pointer = person.has_value() ? &*person : nullptr;
    const CommandContext context = context_at(kStart + now);
    const std::uint64_t version = person.has_value() ? person->version : 0;
    if constexpr (std::is_same_v<Command, SignIn>) {
      return {decide(pointer, context, command), std::nullopt, subject_of(kAlice), version};
    } else if constexpr (std::is_same_v<Command, DeactivateUser> || std::is_same_v<Command, SetOperator>) {
      return {decide(pointer, caller, others, context, command), std::nullopt, subject_of(kAlice), version};
    } else if constexpr (std::is_same_v<Command, ReactivateUser>) {
      return {decide(pointer, caller, ending, context, command), std::nullopt, subject_of(kAlice), version};
    } else {
      return {decide(pointer, caller, context, command), std::nullopt, subject_of(kAlice), version};
    }
  }
};

PersonStory after(std::vector<Past> history) {
  PersonStory story;
  story.history = std::move(history);
  return story;
}
/// As after(), and nobody else is an active break-glass account.
PersonStory alone(std::vector<Past> history) {
  PersonStory story = after(std::move(history));
  story.others = OtherBreakGlass::none;
  return story;
}
PersonStory asked_by(CallerRights caller) {
  PersonStory story;
  story.caller = caller;
  return story;
}

VersionCondition expecting(std::uint64_t version) { return VersionCondition{std::vector{version}}; }

CreateUser create_alice() {
  CreateUser command;
  command.id = kAlice;
  command.username = "Alice";
  command.display_name = " Alice ";
  command.email = "alice@example.org";
  command.password_verifier = "$argon2id$1";
  return command;
}
Then when_created(const CreateUserSituation& situation, const CreateUser& command, Actor actor = {}) {
  return {decide(situation, context_at(kStart, actor), command), std::nullopt, subject_of(kAlice), 0};
}
CreateUserSituation by_operator() {
  CreateUserSituation situation;
  situation.caller = the_operator();
  return situation;
}

TEST_CASE("create user: by the operator, normalised", "[core][identity]") {
  when_created(by_operator(), create_alice()).then({created()});
  CreateUser plain = create_alice();
  plain.email = "";
  UserCreated expected = created();
  expected.email = "";
  when_created(by_operator(), plain).then({expected});
}

TEST_CASE("create user: the system creates the first person, who is the operator", "[core][identity]") {
  UserCreated expected = created();
  expected.is_operator = true;
  CreateUserSituation first;
  first.is_first_person = true;
  when_created(first, create_alice(), kSystem).then({expected});
  when_created(first, create_alice(), Actor{ActorKind::user, kBob.uuid()}).then_error(Errc::forbidden);
  when_created({}, create_alice(), kSystem).then_error(Errc::forbidden);
}

TEST_CASE("create user: not by others", "[core][identity]") {
  CreateUserSituation situation;
  situation.caller = rights(kBob, Role::admin);
  when_created(situation, create_alice()).then_error(Errc::forbidden);
  situation.caller = the_operator();
  situation.caller.is_active = false;
  when_created(situation, create_alice()).then_error(Errc::forbidden);
}

TEST_CASE("create user: a username once", "[core][identity]") {
  CreateUserSituation taken = by_operator();
  taken.username_taken = true;
  when_created(taken, create_alice()).then_error(Errc::already_exists, "username");
}

TEST_CASE("create user: texts within their bounds", "[core][identity]") {
  CreateUser command = create_alice();
  command.username = "-alice";
  when_created(by_operator(), command).then_error(Errc::invalid_argument, "username");
  command = create_alice();
  command.display_name = "a\nb";
  when_created(by_operator(), command).then_error(Errc::invalid_argument, "display_name");
  for (const std::string& email :
       {std::string{"alice"}, std::string{"@b"}, std::string{"a@"}, std::string{"a@b@c"}, std::string{"a b@c"},
        std::string{"a\n@c"}, std::string{"a@b\x80"}, std::string{"a@b\0", 4}, std::string(253, 'a') + "@b"}) {
    CAPTURE(email);
    command = create_alice();
    command.email = email;
    when_created(by_operator(), command).then_error(Errc::invalid_argument, "email");
  }
  command.email = std::string(252, 'a') + "@b";
  CHECK_FALSE(when_created(by_operator(), command).decision().refusal.has_value());
}

TEST_CASE("username: lower case, and of few characters", "[core][identity]") {
  CHECK(*normalize_username("Alice.B_c@D+e-9") == "alice.b_c@d+e-9");
  CHECK(*normalize_username("0") == "0");
  CHECK(normalize_username(std::string(limits::kUsernameBytesMax, 'a')).has_value());
  const auto text = GENERATE(as<std::string>{}, "", " ", " alice", "alice ", "al ice", ".alice", "_alice", "@alice",
                             "al/ice", "al\tice", "\xc3\xa4lice", "\xff", std::string("a\0b", 3),
                             std::string(limits::kUsernameBytesMax + 1, 'a'));
  CAPTURE(text);
  REQUIRE(normalize_username(text).has_error());
  CHECK(normalize_username(text).error().code == Errc::invalid_argument);
  CHECK(normalize_username(text).error().field == "username");
}

TEST_CASE("deactivate: by the operator, once, never oneself", "[core][identity]") {
  const DeactivateUser command{kAlice};
  const UserDeactivated revoked{AccessFate::revoke};
  const UserDeactivated kept{AccessFate::keep};
  PersonStory{}.when(command).then({revoked});
  after({{0s, created()}, {1s, revoked}}).when(command).then({});
  DeactivateUser keeping = command;
  keeping.access = AccessFate::keep;
  keeping.reason = " left ";
  PersonStory{}.when(keeping).then({UserDeactivated{AccessFate::keep, "left"}});
  after({{0s, created()}, {1s, revoked}}).when(keeping).then({});
  after({{0s, created()}, {1s, kept}}).when(keeping).then({});
  after({{0s, created()}, {1s, kept}}).when(command).then({revoked});
  after({{0s, created()}, {1s, kept}, {2s, revoked}}).when(command).then({});
  keeping.reason = std::string(limits::kReasonCharactersMax + 1, 'x');
  PersonStory{}.when(keeping).then_error(Errc::invalid_argument, "reason");
  after({}).when(command).then_error(Errc::not_found);
  asked_by(the_operator(kAlice)).when(command).then_error(Errc::conflict);
  asked_by(rights(kAlice, Role::admin)).when(command).then_error(Errc::forbidden);
  asked_by(rights(kBob, Role::admin)).when(command).then_error(Errc::forbidden);
}

TEST_CASE("deactivate: not the last active break-glass account", "[core][identity]") {
  const DeactivateUser command{kAlice};
  const Past appointed{1s, OperatorChanged{ServerStanding::break_glass}};
  alone({{0s, created()}, appointed}).when(command).then_error(Errc::last_break_glass);
  after({{0s, created()}, appointed}).when(command).then({UserDeactivated{AccessFate::revoke}});
  alone({{0s, created()}, {1s, OperatorChanged{ServerStanding::operator_person}}})
      .when(command)
      .then({UserDeactivated{AccessFate::revoke}});
  alone({{0s, created()}, appointed, {2s, UserDeactivated{AccessFate::revoke}}}).when(command).then({});
  PersonStory oneself = alone({{0s, created()}, appointed});
  oneself.caller = the_operator(kAlice);
  oneself.when(command).then_error(Errc::conflict);
}

TEST_CASE("reactivate: by an operator, and nothing if the person is active", "[core][identity]") {
  const ReactivateUser command{kAlice};
  const std::vector<Past> gone{{0s, created()}, {1s, UserDeactivated{}}};
  after(gone).when(command).then({UserReactivated{}});
  PersonStory{}.when(command).then({});
  after({}).when(command).then_error(Errc::not_found);
  asked_by(rights(kBob, Role::admin)).when(command).then_error(Errc::forbidden);
  asked_by(rights(kAlice, {})).when(command).then_error(Errc::forbidden);
  after(gone).when(ReactivateUser{kAlice, expecting(1)}).then_error(Errc::precondition_failed);
  after(gone).when(ReactivateUser{kAlice, expecting(2)}).then({UserReactivated{}});
  const Ending ending;
  PersonStory leaving = after(gone);
  leaving.ending = &ending;
  leaving.when(command).then_error(Errc::conflict);
}

TEST_CASE("reactivate: whoever comes back before the time of their going is dead for what was before only",
          "[core][identity]") {
  const PersonState before =
      replay({{0s, created()}, {1h, UserDeactivated{AccessFate::revoke}}, {2h, UserReactivated{}}});
  CHECK(before.access_revoked_at == kStart + 1h);
  const PersonState ahead =
      replay({{0s, created()}, {1h, UserDeactivated{AccessFate::revoke}}, {1s, UserReactivated{}}});
  CHECK(ahead.access_revoked_at == kStart + 1s);
}

TEST_CASE("set operator: by an operator, and nothing if it is so already", "[core][identity]") {
  const auto wanted = GENERATE(ServerStanding::operator_person, ServerStanding::break_glass, ServerStanding::auditor);
  CAPTURE(name_of(wanted));
  const SetOperator command{kAlice, wanted};
  const Past set{1s, OperatorChanged{wanted}};
  PersonStory{}.when(command).then({OperatorChanged{wanted}});
  after({{0s, created()}, set}).when(command).then({});
  after({{0s, created()}, set})
      .when(SetOperator{kAlice, ServerStanding::none})
      .then({OperatorChanged{ServerStanding::none}});
  PersonStory{}.when(SetOperator{kAlice, ServerStanding::none}).then({});
  after({}).when(command).then_error(Errc::not_found);
  asked_by(rights(kBob, Role::admin)).when(command).then_error(Errc::forbidden);
  asked_by(rights(kAlice, {})).when(command).then_error(Errc::forbidden);
  asked_by(CallerRights{kBob, {}, true, false}).when(command).then_error(Errc::forbidden);
  PersonStory{}.when(SetOperator{kAlice, wanted, expecting(2)}).then_error(Errc::precondition_failed);
}

TEST_CASE("set operator: who is deactivated is appointed to nothing", "[core][identity]") {
  const std::vector<Past> gone{
      {0s, created()}, {1s, OperatorChanged{ServerStanding::break_glass}}, {2s, UserDeactivated{}}};
  after(gone).when(SetOperator{kAlice, ServerStanding::operator_person}).then_error(Errc::conflict);
  alone(gone).when(SetOperator{kAlice, ServerStanding::none}).then({OperatorChanged{ServerStanding::none}});
}

TEST_CASE("set operator: the last active break-glass account stays one", "[core][identity]") {
  const auto wanted = GENERATE(ServerStanding::none, ServerStanding::operator_person, ServerStanding::auditor);
  CAPTURE(name_of(wanted));
  const std::vector<Past> appointed{{0s, created()}, {1s, OperatorChanged{ServerStanding::break_glass}}};
  alone(appointed).when(SetOperator{kAlice, wanted}).then_error(Errc::last_break_glass);
  after(appointed).when(SetOperator{kAlice, wanted}).then({OperatorChanged{wanted}});
}

RecoverOperator recover(UnknownPerson unknown = UnknownPerson::refuse) {
  return {"alice", "$argon2id$9", RecoveryMeans::file, uuid_of(7), unknown, kAlice};
}
Then when_recovered(const std::vector<Past>& history, const RecoverOperator& command, bool is_nonce_known = false,
                    Actor actor = kSystem) {
  std::optional<PersonState> person;
  if (!history.empty()) person = replay(history);
  const RecoverySituation situation{person ? &*person : nullptr, is_nonce_known};
  return {decide(situation, context_at(kStart + 9s, actor), command), std::nullopt, subject_of(kAlice),
          person ? person->version : 0};
}

TEST_CASE("recover operator: a new password, and break-glass for who is no operator", "[core][identity]") {
  const EventPayload recovered = OperatorRecovered{RecoveryMeans::file, uuid_of(7)};
  const EventPayload changed = PasswordChanged{"$argon2id$9"};
  const EventPayload appointed = OperatorChanged{ServerStanding::break_glass};
  when_recovered({{0s, created()}}, recover()).then({recovered, appointed, changed});
  when_recovered({{0s, created()}, {1s, OperatorChanged{ServerStanding::auditor}}}, recover())
      .then({recovered, appointed, changed});
  for (const auto standing : {ServerStanding::operator_person, ServerStanding::break_glass}) {
    when_recovered({{0s, created()}, {1s, OperatorChanged{standing}}}, recover()).then({recovered, changed});
  }
  when_recovered({}, recover(UnknownPerson::create))
      .then({UserCreated{false, "alice", "alice", "", "$argon2id$9"}, recovered, appointed, changed});
}

TEST_CASE("recover operator: by the system only, once for a file, and nobody who is gone", "[core][identity]") {
  when_recovered({{0s, created()}}, recover(), false, Actor{ActorKind::user, kAlice.uuid()})
      .then_error(Errc::forbidden);
  when_recovered({{0s, created()}}, recover(), true).then({});
  when_recovered({{0s, created()}, {1s, UserDeactivated{}}}, recover(), true).then({});
  when_recovered({{0s, created()}, {1s, UserDeactivated{}}}, recover()).then_error(Errc::conflict);
  when_recovered({}, recover()).then_error(Errc::not_found);
  RecoverOperator nameless = recover(UnknownPerson::create);
  nameless.username = "-";
  when_recovered({}, nameless).then_error(Errc::invalid_argument, "username");
}

TEST_CASE("change password: oneself with the current one, or the operator", "[core][identity]") {
  const ChangePassword verified{kAlice, "$argon2id$2", true};
  const ChangePassword unverified{kAlice, "$argon2id$2", false};
  const std::vector<EventPayload> changed{PasswordChanged{"$argon2id$2"}};
  asked_by(rights(kAlice, {})).when(verified).then(changed);
  asked_by(rights(kAlice, {})).when(unverified).then_error(Errc::forbidden);
  asked_by(the_operator()).when(unverified).then(changed);
  asked_by(rights(kBob, Role::admin)).when(verified).then_error(Errc::forbidden);
  asked_by(CallerRights{kAlice, {}, false, false}).when(verified).then_error(Errc::forbidden);
  after({}).when(unverified).then_error(Errc::not_found);
  // A stranger does not learn who exists.
  PersonStory stranger = after({});
  stranger.caller = rights(kBob, {});
  stranger.when(unverified).then_error(Errc::forbidden);
  after({{0s, created()}, {1s, UserDeactivated{}}}).when(unverified).then_error(Errc::conflict);
}

SignIn sign_in(bool matched, std::uint32_t credentials_version = 1) {
  SignIn command;
  command.user = kAlice;
  command.password_matched = matched;
  command.credentials_version = credentials_version;
  return command;
}

TEST_CASE("sign in: succeeds with the right password of now", "[core][identity]") {
  PersonStory{}.when(sign_in(true)).then({SignedIn{}});
  PersonStory{}.when(sign_in(false)).then_error(Errc::unauthenticated, "", {SignInFailed{}});
  const PersonStory changed = after({{0s, created()}, {1s, PasswordChanged{"$argon2id$2"}}});
  changed.when(sign_in(true, 1)).then_error(Errc::unauthenticated, "", {SignInFailed{}});
  changed.when(sign_in(true, 2)).then({SignedIn{}});
}

TEST_CASE("sign in: unknown and deactivated people get the answer of a wrong password", "[core][identity]") {
  const Error wrong = *PersonStory{}.when(sign_in(false)).decision().refusal;
  const Then unknown = after({}).when(sign_in(true));
  unknown.then_error(Errc::unauthenticated);
  CHECK(unknown.decision().refusal->detail == wrong.detail);
  const Then gone = after({{0s, created()}, {1s, UserDeactivated{}}}).when(sign_in(true));
  gone.then_error(Errc::unauthenticated, "", {SignInFailed{}});
  CHECK(gone.decision().refusal->detail == wrong.detail);
}

TEST_CASE("sign in: a guesser fills ten events a minute, and locks nobody out", "[core][identity]") {
  PersonStory story;
  for (std::size_t i = 0; i < limits::kSignInFailuresRecordedPerMinute; ++i) {
    story.when(sign_in(false)).then_error(Errc::unauthenticated, "", {SignInFailed{}});
    story.history.push_back({1s, SignInFailed{}});
  }
  story.when(sign_in(false)).then_error(Errc::unauthenticated);
  story.when(sign_in(true)).then({SignedIn{}});
  // A success in between does not start a new count.
  story.history.push_back({2s, SignedIn{}});
  story.when(sign_in(false)).then_error(Errc::unauthenticated);
  story.now = 61s;
  story.when(sign_in(false)).then_error(Errc::unauthenticated, "", {SignInFailed{}});
}

TEST_CASE("person: the version that people see never comes back", "[core][identity]") {
  std::vector<Past> history{{0s, created()}};
  std::uint64_t seen = profile_version(replay(history));
  for (const EventPayload& change :
       {EventPayload{UserDeactivated{}}, EventPayload{UserReactivated{}}, EventPayload{UserDeactivated{}},
        EventPayload{UserReactivated{}}, EventPayload{OperatorChanged{ServerStanding::auditor}},
        EventPayload{OperatorChanged{ServerStanding::none}}, EventPayload{PasswordChanged{"$argon2id$2"}}}) {
    history.push_back({1s, change});
    const std::uint64_t next = profile_version(replay(history));
    CHECK(next > seen);
    seen = next;
  }
  history.push_back({2s, SignedIn{}});
  history.push_back({3s, OperatorRecovered{RecoveryMeans::command, {}}});
  CHECK(profile_version(replay(history)) == seen);
}

TEST_CASE("person: given back, they are as they were but for the time in between", "[core][identity]") {
  const PersonState person = replay({{0s, created()},
                                     {1s, OperatorChanged{ServerStanding::auditor}},
                                     {2s, UserDeactivated{}},
                                     {3s, UserReactivated{}}});
  CHECK_FALSE(person.deactivated_at.has_value());
  CHECK(person.standing == ServerStanding::auditor);
  CHECK_FALSE(person.is_operator());
  UserCreated first = created();
  first.is_operator = true;
  CHECK(replay({{0s, first}}).standing == ServerStanding::break_glass);
  CHECK(replay({{0s, first}}).is_operator());
}

TEST_CASE("person: the state is the events", "[core][identity]") {
  const PersonState person = replay({{0s, created()},
                                     {1s, SignedIn{}},
                                     {2s, SignInFailed{}},
                                     {3s, PasswordChanged{"$argon2id$2"}},
                                     {4s, UserDeactivated{AccessFate::keep}},
                                     {5s, UserDeactivated{AccessFate::revoke}}});
  CHECK(person.id == kAlice);
  CHECK(person.username == "alice");
  CHECK(person.display_name == "Alice");
  CHECK(person.email == "alice@example.org");
  CHECK(person.password_verifier == "$argon2id$2");
  CHECK(person.standing == ServerStanding::none);
  CHECK(person.created_at == kStart);
  CHECK(person.deactivated_at == kStart + 4s);
  CHECK(person.access_revoked_at == kStart + 5s);
  CHECK(person.credentials_version == 3);
  CHECK(person.failures_in_minute == 1);
  CHECK(person.failure_minute == seconds_of(kStart) / 60);
  CHECK(person.version == 6);
}

}  // namespace
}  // namespace tally::core::testing
