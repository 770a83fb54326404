#include "core/workspace/workspace_decider.hpp"
#include "tests/core/given.hpp"

namespace tally::core::testing {
namespace {

const CallerRights kAdmin = rights(kAlice, Role::admin);

WorkspaceState acme() {
  WorkspaceState workspace;
  workspace.id = kWorkspace;
  workspace.name = "acme";
  workspace.created_at = kStart;
  workspace.admin_count = 1;
  workspace.version = 5;
  return workspace;
}
PersonState person(UserId id) {
  PersonState state;
  state.id = id;
  return state;
}
MemberState member(UserId user, Role role) { return {kWorkspace, user, role, kStart}; }

/// A workspace, who comes, and whom it is about.
struct WorkspaceStory {
  std::optional<WorkspaceState> workspace = acme();
  CallerRights caller = kAdmin;
  std::optional<PersonState> person = testing::person(kBob);
  std::optional<MemberState> member = std::nullopt;
  std::optional<ResourceServerState> server = std::nullopt;
  ResourceTaken taken = ResourceTaken::no;
  bool is_ending = false;

  template <class Command>
  Then when(const Command& command) const {
    const CommandContext context = context_at(kStart);
    if constexpr (std::is_same_v<Command, PutMember> || std::is_same_v<Command, RemoveMember>) {
      const MemberSituation situation{pointer(workspace), pointer(person), pointer(member), caller, is_ending};
      return story_of(decide(situation, context, command));
    } else if constexpr (std::is_same_v<Command, RemoveResourceServer>) {
      return server_story_of(decide(pointer(workspace), pointer(server), caller, context, command));
    } else if constexpr (std::is_same_v<Command, AddResourceServer>) {
      return server_story_of(decide(pointer(workspace), caller, taken, context, command));
    } else {
      return story_of(decide(pointer(workspace), caller, context, command));
    }
  }

 private:
  template <class Value>
  static const Value* pointer(const std::optional<Value>& value) {
    return value.has_value() ? &*value : nullptr;
  }
  [[nodiscard]] Then story_of(Decision decision) const {
    return {std::move(decision), kWorkspace, subject_of(kWorkspace), workspace.has_value() ? workspace->version : 0};
  }
  [[nodiscard]] static Then server_story_of(Decision decision) {
    return {std::move(decision), kWorkspace, subject_of(kServer), Then::kNoVersion};
  }
};

WorkspaceStory by(CallerRights caller) {
  WorkspaceStory story;
  story.caller = caller;
  return story;
}
WorkspaceStory nowhere() {
  WorkspaceStory story;
  story.workspace.reset();
  return story;
}
WorkspaceStory with_member(Role role, std::uint32_t admins = 1) {
  WorkspaceStory story;
  story.member = member(kBob, role);
  story.workspace->admin_count = admins;
  return story;
}

Policy shorter() {
  Policy policy;
  policy.max_lifetime_days = 30;
  return policy;
}

/// Every command that an admin of the workspace may give: the same people are turned away from all of them.
template <class Command>
void check_admins_only(const Command& command, Errc for_the_operator) {
  nowhere().when(command).then_error(Errc::not_found);
  by(rights(kAlice, std::nullopt)).when(command).then_error(Errc::not_found);
  by(rights(kAlice, Role::member)).when(command).then_error(Errc::forbidden);
  by(rights(kAlice, Role::auditor)).when(command).then_error(Errc::forbidden);
  by(CallerRights{kAlice, Role::admin, false, false}).when(command).then_error(Errc::forbidden);
  if (for_the_operator != Errc{}) by(the_operator()).when(command).then_error(for_the_operator);
}

TEST_CASE("workspace: only an admin changes it", "[core][workspace]") {
  check_admins_only(ChangePolicy{kWorkspace, shorter()}, Errc::forbidden);
  check_admins_only(AddResourceServer{kServer, kWorkspace, "api", hash_of(1)}, Errc::forbidden);
  check_admins_only(RemoveResourceServer{kWorkspace, kServer}, Errc::forbidden);
  check_admins_only(DisableIssuedBefore{kWorkspace, kStart, {}, AccessFate::keep, {}}, Errc::forbidden);
  check_admins_only(PutMember{kWorkspace, kBob, Role::member}, Errc{});
  check_admins_only(RemoveMember{kWorkspace, kBob}, Errc{});
}

TEST_CASE("create workspace: the operator, with a name, once", "[core][workspace]") {
  const CreateWorkspace command{kWorkspace, " acme "};
  WorkspaceStory story = nowhere();
  story.caller = the_operator();
  story.when(command).then({WorkspaceCreated{"acme", Policy{}}});
  story.when(CreateWorkspace{kWorkspace, " "}).then_error(Errc::invalid_argument, "name");
  nowhere().when(command).then_error(Errc::forbidden);
  CallerRights gone = the_operator();
  gone.is_active = false;
  story.caller = gone;
  story.when(command).then_error(Errc::forbidden);
  by(the_operator()).when(command).then_error(Errc::already_exists, "id");
}

TEST_CASE("change policy: recorded if it is another one and within bounds", "[core][workspace]") {
  WorkspaceStory{}.when(ChangePolicy{kWorkspace, shorter()}).then({PolicyChanged{shorter()}});
  WorkspaceStory{}.when(ChangePolicy{kWorkspace, Policy{}}).then({});
  Policy bad;
  bad.refresh_retry_seconds = -1;
  WorkspaceStory{}.when(ChangePolicy{kWorkspace, bad}).then_error(Errc::invalid_argument, "refresh_retry_seconds");
}

TEST_CASE("policy: every bound, by the name of its field", "[core][workspace]") {
  const auto check = [](auto change, const std::string& field) {
    Policy policy;
    change(policy);
    const auto checked = check_policy(policy);
    INFO(field);
    if (field.empty()) {
      CHECK(checked.has_value());
      return;
    }
    REQUIRE(checked.has_error());
    CHECK(checked.error().code == Errc::invalid_argument);
    CHECK(checked.error().field == field);
  };
  for (const int days : {1, 365}) check([&](Policy& policy) { policy.max_lifetime_days = days; }, "");
  for (const int days : {0, -1, 366})
    check([&](Policy& policy) { policy.max_lifetime_days = days; }, "max_lifetime_days");
  for (const std::uint32_t count : {1u, 100'000u})
    check([&](Policy& policy) { policy.max_active_tokens_per_user = count; }, "");
  for (const std::uint32_t count : {0u, 100'001u}) {
    check([&](Policy& policy) { policy.max_active_tokens_per_user = count; }, "max_active_tokens_per_user");
  }
  for (const int seconds : {60, 3'600}) check([&](Policy& policy) { policy.access_token_seconds = seconds; }, "");
  for (const int seconds : {59, 3'601}) {
    check([&](Policy& policy) { policy.access_token_seconds = seconds; }, "access_token_seconds");
  }
  for (const int seconds : {0, 86'400}) check([&](Policy& policy) { policy.refresh_retry_seconds = seconds; }, "");
  for (const int seconds : {-1, 86'401}) {
    check([&](Policy& policy) { policy.refresh_retry_seconds = seconds; }, "refresh_retry_seconds");
  }
  check([](Policy& policy) { policy.allowed_scopes = scopes("read tally:audit.read"); }, "");
  check([](Policy& policy) { policy.allowed_scopes = scopes("tally:all"); }, "allowed_scopes");
  std::string many;
  for (std::size_t i = 0; i <= limits::kScopesPerWorkspaceMax; ++i) many += (i == 0 ? "s" : " s") + std::to_string(i);
  check([&](Policy& policy) { policy.allowed_scopes = scopes(many); }, "allowed_scopes");
}

TEST_CASE("put member: adds, changes, and does nothing where nothing changes", "[core][workspace]") {
  const CallerRights caller = GENERATE(as<CallerRights>{}, kAdmin, the_operator(kAlice));
  WorkspaceStory story = by(caller);
  story.when(PutMember{kWorkspace, kBob, Role::auditor}).then({MemberAdded{kBob, Role::auditor}});
  story.member = member(kBob, Role::member);
  story.when(PutMember{kWorkspace, kBob, Role::admin}).then({MemberRoleChanged{kBob, Role::admin}});
  story.when(PutMember{kWorkspace, kBob, Role::member}).then({});
}

TEST_CASE("put member: nobody unknown, and nobody deactivated gains anything", "[core][workspace]") {
  WorkspaceStory story;
  story.person.reset();
  story.when(PutMember{kWorkspace, kBob, Role::member}).then_error(Errc::not_found);

  WorkspaceStory gone = with_member(Role::admin, 2);
  gone.person->deactivated_at = kStart;
  // To be one already is no way to pass for the admin that a workspace lacks.
  gone.when(PutMember{kWorkspace, kBob, Role::admin}).then_error(Errc::conflict);
  gone.when(PutMember{kWorkspace, kBob, Role::member}).then({MemberRoleChanged{kBob, Role::member}});
  gone.member = member(kBob, Role::member);
  gone.when(PutMember{kWorkspace, kBob, Role::admin}).then_error(Errc::conflict);
  gone.member.reset();
  gone.when(PutMember{kWorkspace, kBob, Role::member}).then_error(Errc::conflict);
}

TEST_CASE("members: the last admin keeps the role, but may go", "[core][workspace]") {
  const CallerRights caller = GENERATE(as<CallerRights>{}, kAdmin, the_operator(kAlice));
  WorkspaceStory last = with_member(Role::admin, 1);
  last.caller = caller;
  last.when(PutMember{kWorkspace, kBob, Role::member}).then_error(Errc::conflict);
  last.when(RemoveMember{kWorkspace, kBob}).then({MemberRemoved{kBob, AccessFate::revoke}});
  WorkspaceStory one_of_two = with_member(Role::admin, 2);
  one_of_two.caller = caller;
  one_of_two.when(PutMember{kWorkspace, kBob, Role::member}).then({MemberRoleChanged{kBob, Role::member}});
  one_of_two.when(RemoveMember{kWorkspace, kBob}).then({MemberRemoved{kBob, AccessFate::revoke}});
}

TEST_CASE("remove member: a member goes, a stranger is not found", "[core][workspace]") {
  with_member(Role::auditor).when(RemoveMember{kWorkspace, kBob}).then({MemberRemoved{kBob, AccessFate::revoke}});
  WorkspaceStory{}.when(RemoveMember{kWorkspace, kBob}).then_error(Errc::not_found);
  RemoveMember kept{kWorkspace, kBob};
  kept.access = AccessFate::keep;
  kept.reason = "  left ";
  with_member(Role::member).when(kept).then({MemberRemoved{kBob, AccessFate::keep, "left"}});
  kept.reason = std::string(limits::kReasonCharactersMax + 1, 'x');
  with_member(Role::member).when(kept).then_error(Errc::invalid_argument, "reason");
}

TEST_CASE("members: nobody comes back while their tokens are still being stopped", "[core][workspace]") {
  WorkspaceStory going;
  going.is_ending = true;
  going.when(PutMember{kWorkspace, kBob, Role::member}).then_error(Errc::conflict);
}

TEST_CASE("resource server: its URI is absolute, without a fragment, and nobody else's", "[core][workspace]") {
  const std::string uri = "https://api.example/orders?v=1";
  const AddResourceServer command{kServer, kWorkspace, "api", hash_of(1), uri};
  WorkspaceStory{}.when(command).then({ResourceServerAdded{kServer, "api", hash_of(1), uri}});
  WorkspaceStory story;
  story.taken = ResourceTaken::yes;
  story.when(command).then_error(Errc::already_exists, "resource");
  // Without a URI nothing can be taken.
  story.when(AddResourceServer{kServer, kWorkspace, "api", hash_of(1)})
      .then({ResourceServerAdded{kServer, "api", hash_of(1)}});
  const std::string bad =
      GENERATE("orders", "//api.example", ":x", "1x:y", "https:", "https://api.example/#top", "https://api.example/ ",
               "https://api.example/\"", "https://api.example/\\", "https://\xc3\xa4.example", "ht_tp://a");
  WorkspaceStory{}
      .when(AddResourceServer{kServer, kWorkspace, "api", hash_of(1), bad})
      .then_error(Errc::invalid_argument, "resource");
}

TEST_CASE("resource server: its URI has a bound", "[core][workspace]") {
  const std::string most = "https://" + std::string(limits::kResourceBytesMax - 8, 'a');
  WorkspaceStory{}
      .when(AddResourceServer{kServer, kWorkspace, "api", hash_of(1), most})
      .then({ResourceServerAdded{kServer, "api", hash_of(1), most}});
  WorkspaceStory{}
      .when(AddResourceServer{kServer, kWorkspace, "api", hash_of(1), most + "a"})
      .then_error(Errc::invalid_argument, "resource");
}

TEST_CASE("resource server: added with a name, removed where it is", "[core][workspace]") {
  WorkspaceStory{}
      .when(AddResourceServer{kServer, kWorkspace, " api ", hash_of(1)})
      .then({ResourceServerAdded{kServer, "api", hash_of(1)}});
  WorkspaceStory{}
      .when(AddResourceServer{kServer, kWorkspace, "", hash_of(1)})
      .then_error(Errc::invalid_argument, "name");
  WorkspaceStory story;
  story.when(RemoveResourceServer{kWorkspace, kServer}).then_error(Errc::not_found);
  story.server = ResourceServerState{kServer, kWorkspace, "api", hash_of(1), kStart};
  story.when(RemoveResourceServer{kWorkspace, kServer}).then({ResourceServerRemoved{kServer}});
  story.server->workspace = kOtherWorkspace;
  story.when(RemoveResourceServer{kWorkspace, kServer}).then_error(Errc::not_found);
}

TEST_CASE("cut-off: moves forward only, not into the future, and not for one owner", "[core][workspace]") {
  const auto before = [](Duration after) {
    return DisableIssuedBefore{kWorkspace, kStart + after, {}, AccessFate::revoke, {}};
  };
  WorkspaceStory{}.when(before(0s)).then({CutOffMoved{kStart, AccessFate::revoke}});
  WorkspaceStory{}.when(before(1us)).then_error(Errc::invalid_argument, "time");
  WorkspaceStory moved;
  moved.workspace->cut_off_at = kStart - 10s;
  moved.when(before(-11s)).then({});
  moved.when(before(-10s)).then({});
  moved.when(before(-9s)).then({CutOffMoved{kStart - 9s, AccessFate::revoke}});
  DisableIssuedBefore of_bob = before(0s);
  of_bob.owner = kBob;
  WorkspaceStory{}.when(of_bob).then({});
}

TEST_CASE("cut-off: one that a clock has moved ahead comes back, and only that", "[core][workspace]") {
  WorkspaceState moved = acme();
  CHECK_FALSE(cut_off_taken_back(moved, kStart));
  moved.cut_off_at = kStart;
  moved.access_cut_off_at = kStart;
  CHECK_FALSE(cut_off_taken_back(moved, kStart));
  moved.cut_off_at = kStart + 1us;
  const auto kept = cut_off_taken_back(moved, kStart);
  REQUIRE(kept);
  CHECK(kept->payload == EventPayload{CutOffMoved{kStart, AccessFate::keep}});
  CHECK(kept->subject_version == moved.version + 1);
  moved.access_cut_off_at = kStart + 1us;
  CHECK(cut_off_taken_back(moved, kStart)->payload == EventPayload{CutOffMoved{kStart, AccessFate::revoke}});
  // The event fits: time has gone back before it. At any other time a cut-off moves forward.
  CHECK(may_move(kStart + 1us, kStart, kStart));
  CHECK_FALSE(may_move(kStart + 1us, kStart, kStart + 1us));
  CHECK_FALSE(may_move(kStart, kStart, kStart));
  CHECK(may_move(kStart, kStart + 1us, kStart + 2us));
}

/// The workspace after its events, in order.
class Replay {
 public:
  void add(const EventPayload& payload, std::optional<Role> role_before = {}) {
    const std::uint64_t version = state_.has_value() ? state_->version + 1 : 1;
    Event event = event_of({kWorkspace, subject_of(kWorkspace), version, payload}, kStart + version * 1s);
    event.sequence = Sequence{100 + version};
    state_ = evolve(std::move(state_), role_before, event);
  }
  [[nodiscard]] const WorkspaceState& state() const { return *state_; }

 private:
  std::optional<WorkspaceState> state_;
};

TEST_CASE("workspace: its state is its events", "[core][workspace]") {
  Replay replay;
  replay.add(WorkspaceCreated{"acme", Policy{}});
  CHECK(replay.state().id == kWorkspace);
  CHECK(replay.state().name == "acme");
  CHECK(replay.state().created_at == kStart + 1s);
  CHECK(replay.state().policy_sequence == 101);
  CHECK(replay.state().version == 1);
  replay.add(PolicyChanged{shorter()});
  CHECK(replay.state().policy == shorter());
  CHECK(replay.state().policy_sequence == 102);
  replay.add(MemberAdded{kAlice, Role::admin});
  replay.add(MemberAdded{kBob, Role::member});
  CHECK(replay.state().admin_count == 1);
  replay.add(MemberRoleChanged{kBob, Role::admin}, Role::member);
  CHECK(replay.state().admin_count == 2);
  replay.add(MemberRoleChanged{kAlice, Role::auditor}, Role::admin);
  CHECK(replay.state().admin_count == 1);
  replay.add(MemberRemoved{kAlice}, Role::auditor);
  CHECK(replay.state().admin_count == 1);
  replay.add(MemberRemoved{kBob}, Role::admin);
  CHECK(replay.state().admin_count == 0);
  replay.add(CutOffMoved{kStart, AccessFate::keep});
  CHECK(replay.state().cut_off_at == kStart);
  CHECK_FALSE(replay.state().access_cut_off_at.has_value());
  replay.add(CutOffMoved{kStart + 1s, AccessFate::revoke});
  CHECK(replay.state().cut_off_at == kStart + 1s);
  CHECK(replay.state().access_cut_off_at == kStart + 1s);
  replay.add(CutOffMoved{kStart + 2s, AccessFate::keep});
  CHECK(replay.state().access_cut_off_at == kStart + 1s);
  CHECK(replay.state().version == 11);
  CHECK(replay.state().policy_sequence == 102);
}

TEST_CASE("member and resource server: their state is their events", "[core][workspace]") {
  const auto at = [](const EventPayload& payload, Duration after) {
    return event_of({kWorkspace, subject_of(kWorkspace), 1, payload}, kStart + after);
  };
  const MemberState added = evolve(std::optional<MemberState>{}, at(MemberAdded{kBob, Role::member}, 1s));
  CHECK(added == MemberState{kWorkspace, kBob, Role::member, kStart + 1s, 0});
  const MemberState changed = evolve(added, at(MemberRoleChanged{kBob, Role::auditor}, 2s));
  CHECK(changed == MemberState{kWorkspace, kBob, Role::auditor, kStart + 1s, 0});
  CHECK(resource_server_of(at(ResourceServerAdded{kServer, "api", hash_of(1)}, 3s)) ==
        ResourceServerState{kServer, kWorkspace, "api", hash_of(1), kStart + 3s});
}

TEST_CASE("role: names both ways", "[core][workspace]") {
  for (const Role role : {Role::member, Role::admin, Role::auditor}) CHECK(*parse_role(name_of(role)) == role);
  for (const char* text : {"", "Admin", "admin ", "owner"}) {
    CHECK(parse_role(text).error().code == Errc::invalid_argument);
    CHECK(parse_role(text).error().field == "role");
  }
  CHECK(name_of(WhoMayGenerate::members) == std::string{"members"});
  CHECK(name_of(WhoMayGenerate::admins) == std::string{"admins"});
}

}  // namespace
}  // namespace tally::core::testing
