#include "core/token/access_rule.hpp"

#include "tests/core/token/token_story.hpp"

namespace tally::core::testing {
namespace {

constexpr std::int64_t kIssued = seconds_of(kStart + 10s);

/// An access token that lives, and everything that can be said of it; each row changes one thing.
struct World {
  TokenState token = replay({{0s, generated()}});
  WorkspaceState workspace = testing::workspace();
  Ending ending;
  std::optional<Timestamp> owner_revoked_at;
  bool is_revoked = false;
  bool is_ancestor_revoked = false;
  PresentedAccess presented{kWorkspace, kToken, kAlice, kAccess, {}, kIssued, kIssued + 3'600};
  Timestamp now = kStart + 20s;

  [[nodiscard]] std::optional<AccessEnd> end() const {
    const AccessSituation situation{ending.parts.empty() ? nullptr : &ending,
                                    &token,
                                    &workspace,
                                    owner_revoked_at,
                                    is_revoked,
                                    is_ancestor_revoked};
    return access_end(situation, presented, now);
  }
};

Ending ending_of(WorkspaceId workspace, AccessFate access) { return {{{workspace, access, Sequence{7}}}}; }

struct Row {
  const char* what;
  void (*change)(World&);
  std::optional<AccessEnd> end;
};

// clang-format off
const std::vector<Row> kRows{
    {"nothing", [](World&) {}, {}},
    {"of somebody else", [](World& world) { world.presented.owner = kBob; }, AccessEnd::unknown_token},
    {"just before its end", [](World& world) { world.now = kStart + 3'610s - 1us; }, {}},
    {"at its end", [](World& world) { world.now = kStart + 3'610s; }, AccessEnd::expired},
    {"the family disabled, kept", [](World& world) { world.token = replay({{0s, generated()}, {15s, disabled()}}); }, {}},
    {"the family deleted, kept", [](World& world) { world.token = replay({{0s, generated()}, {15s, deleted()}}); }, {}},
    {"the family revoked", [](World& world) {
       world.token = replay({{0s, generated()}, {15s, disabled(AccessFate::revoke)}});
     }, AccessEnd::revoked},
    {"revoked in its second", [](World& world) { world.token.access_revoked_at = kStart + 10s; }, AccessEnd::revoked},
    {"revoked at any time", [](World& world) { world.token.access_revoked_at = kStart + 9s; }, AccessEnd::revoked},
    {"issued ahead, as far as clocks may differ", [](World& world) { world.now = kStart + 10s - 60s; }, {}},
    {"issued further ahead", [](World& world) { world.now = kStart + 10s - 60s - 1us; }, AccessEnd::issued_ahead},
    {"revoked by itself", [](World& world) { world.is_revoked = true; }, AccessEnd::revoked},
    {"the cut-off", [](World& world) { world.workspace.cut_off_at = kStart + 15s; }, {}},
    {"the cut-off that revokes", [](World& world) { world.workspace.access_cut_off_at = kStart + 1us; }, AccessEnd::cut_off},
    {"a cut-off before it", [](World& world) { world.workspace.access_cut_off_at = kStart; }, {}},
    {"the owner is going, kept", [](World& world) { world.ending = ending_of({}, AccessFate::keep); }, {}},
    {"the owner is going", [](World& world) { world.ending = ending_of({}, AccessFate::revoke); }, AccessEnd::owner_gone},
    {"the owner is leaving here", [](World& world) {
       world.ending = ending_of(kWorkspace, AccessFate::revoke);
     }, AccessEnd::owner_gone},
    {"the owner is leaving elsewhere", [](World& world) {
       world.ending = ending_of(kOtherWorkspace, AccessFate::revoke);
     }, {}},
    {"leaving here, kept, and elsewhere", [](World& world) {
       world.ending = ending_of(kOtherWorkspace, AccessFate::revoke);
       world.ending.parts.push_back({kWorkspace, AccessFate::keep, Sequence{8}});
     }, {}},
    {"the owner was deactivated in its second", [](World& world) { world.owner_revoked_at = kStart + 10s; }, AccessEnd::owner_gone},
    {"the owner was deactivated before it was issued, but not before its token", [](World& world) { world.owner_revoked_at = kStart + 9s; }, AccessEnd::owner_gone},
    {"the owner was deactivated in its second, and its token is of after", [](World& world) { world.owner_revoked_at = kStart - 1us; }, {}},
    {"an ancestor was revoked", [](World& world) { world.is_ancestor_revoked = true; }, AccessEnd::ancestor_stopped},
};
// clang-format on

TEST_CASE("access rule: one thing after the other ends an access token, or does not", "[core][token]") {
  const Row row = kRows[GENERATE(range(std::size_t{0}, kRows.size()))];
  INFO(row.what);
  World world;
  row.change(world);
  CHECK(world.end() == row.end);
}

TEST_CASE("access rule: without a token nothing lives", "[core][token]") {
  const World world;
  CHECK(access_end({}, world.presented, world.now) == AccessEnd::unknown_token);
}

TEST_CASE("ending: what a part covers, and what it revokes", "[core][token]") {
  Ending ending = ending_of(kWorkspace, AccessFate::keep);
  CHECK(ending.covers(kWorkspace));
  CHECK_FALSE(ending.covers(kOtherWorkspace));
  CHECK_FALSE(ending.revokes(kWorkspace));
  CHECK(ending.part_of(kWorkspace) == &ending.parts[0]);
  CHECK(ending.part_of({}) == nullptr);
  ending.parts.push_back({{}, AccessFate::revoke, Sequence{9}});
  CHECK(ending.covers(kOtherWorkspace));
  CHECK(ending.revokes(kWorkspace));
  CHECK(ending.revokes(kOtherWorkspace));
}

}  // namespace
}  // namespace tally::core::testing
