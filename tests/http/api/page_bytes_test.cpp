#include <algorithm>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;
using testing::Reply;
namespace limits = core::limits;

namespace {

/// Items as long as they can be, and lists of them.
class LongFixture : public ApiFixture {
 public:
  /// `count` scopes of kScopeBytesMax, other ones for another number.
  static core::ScopeSet long_scopes(std::size_t count, int number) {
    std::string text;
    for (std::size_t index = 0; index < count; ++index) {
      std::string scope = std::to_string(1'000 + index) + "-" + std::to_string(10'000 + number);
      scope.resize(limits::kScopeBytesMax, 'y');
      text.append(text.empty() ? "" : " ").append(scope);
    }
    return testing::value_of(core::ScopeSet::parse(text, count));
  }
  void change_policy(core::WorkspaceId where, int number, std::size_t scopes = limits::kScopesPerWorkspaceMax) {
    core::Policy policy;
    policy.max_active_tokens_per_user = 1'000;
    policy.allowed_scopes = long_scopes(scopes, number);
    must({core::ActorKind::user, ada.id.uuid()}, core::ChangePolicy{where, policy});
  }

  /// Every page of a list, and how many items each has. `key`: of the item's member that tells it from others.
  std::vector<std::size_t> walk(const testing::Visitor& visitor, const std::string& target, const std::string& next,
                                const std::string& parameter, const std::string& key) {
    std::vector<std::size_t> counts;
    std::string after;
    for (;;) {
      const Reply reply = get(visitor, target + after);
      REQUIRE(reply.status == 200);
      CHECK(reply.body.size() < limits::kPageBytes + 2 * limits::kEventBytesMax);
      const auto page = reply.json().as_object();
      const auto& items = page.at("items").as_array();
      REQUIRE_FALSE(items.empty());
      for (const auto& item : items) seen.push_back(boost::json::serialize(item.at(key)));
      counts.push_back(items.size());
      const auto* more = page.if_contains(next);
      if (more == nullptr) return counts;
      after = "&" + parameter + "=" +
              (more->is_string() ? std::string{more->as_string()} : std::to_string(more->as_int64()));
    }
  }
  /// Whether nothing was told twice.
  [[nodiscard]] bool all_different() const {
    std::vector<std::string> sorted = seen;
    std::ranges::sort(sorted);
    return std::ranges::adjacent_find(sorted) == sorted.end();
  }

  std::vector<std::string> seen;
};

}  // namespace

TEST_CASE_METHOD(LongFixture, "pages: of long events end after about 1 MiB, and say where to go on",
                 "[api][audit][paging]") {
  constexpr int kChanges = 90;
  for (int number = 0; number < kChanges; ++number) change_policy(workspace, number);
  const bool newest_first = GENERATE(false, true);
  const std::string target =
      path("/events?limit=1000&type=PolicyChanged") + (newest_first ? "&order=newest" : "&order=oldest");
  const auto counts =
      walk(edith, target, newest_first ? "next_before" : "next_after", newest_first ? "before" : "after", "sequence");
  CHECK(counts.size() > 2);
  CHECK(seen.size() == kChanges);
  CHECK(all_different());
  // What the ledger says was told is what was told.
  const auto reads = events_of(core::EventType::audit_read);
  REQUIRE(reads.size() == counts.size());
  for (std::size_t page = 0; page < counts.size(); ++page) {
    CHECK(std::get<core::AuditRead>(reads[page].payload).items == counts[page]);
  }
}

TEST_CASE_METHOD(LongFixture, "pages: of workspaces with long policies end after about 1 MiB", "[api][paging]") {
  constexpr int kWorkspaces = 60;
  for (int number = 0; number < kWorkspaces; ++number) {
    const auto id = draw<core::WorkspaceId>();
    const core::Actor operator_person{core::ActorKind::operator_person, root.id.uuid()};
    must(operator_person, core::CreateWorkspace{id, "workspace " + std::to_string(number)});
    must(operator_person, core::PutMember{id, ada.id, core::Role::admin});
    change_policy(id, number);
  }
  const bool is_member = GENERATE(false, true);
  const auto counts = walk(is_member ? ada : root, "/v1/workspaces?limit=1000", "next_cursor", "cursor", "id");
  CHECK(counts.size() > 1);
  CHECK(seen.size() >= kWorkspaces);
  CHECK(all_different());
}

TEST_CASE_METHOD(LongFixture, "pages: of tokens with long scopes end after about 1 MiB", "[api][paging]") {
  constexpr std::size_t kTokens = 250;
  change_policy(workspace, 1, limits::kScopesPerTokenMax);
  for (std::size_t number = 0; number < kTokens; ++number) generate(grace, "robot " + std::to_string(number));
  const std::string sort = GENERATE(values<std::string>({"created_at", "-created_at", "name", "-expires_at"}));
  CAPTURE(sort);
  const auto counts = walk(grace, path("/tokens?limit=1000&sort=" + sort), "next_cursor", "cursor", "id");
  CHECK(counts.size() > 1);
  CHECK(seen.size() == kTokens);
  CHECK(all_different());
}
