#include <set>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "tests/hostile/crowd.hpp"
#include "tests/hostile/walk_size.hpp"
#include "tests/support/seeded_random.hpp"

using namespace tally;
using testing::CallerKind;
using testing::Contract;
using testing::Crowd;
using testing::Draft;
using testing::Operation;
using testing::SeededRandom;
using testing::Spot;
using testing::WireReply;

namespace {

/// Hashes are slow, and all of these operations read their bodies in the same way.
constexpr std::uint64_t kFewerHashes = 25;
/// Of what any request has, that much less is tried in a walk that leaves things out.
constexpr std::uint64_t kFewerFields = 8;

/// What is wrong with an answer; empty: nothing.
std::string complaint_about(const Contract& contract, const Operation& operation, const WireReply& reply) {
  if (reply.status == 0) return operation.name() + ": no answer";
  if (!reply.complete) return operation.name() + ": half an answer";
  if (reply.status >= 500) return operation.name() + ": " + std::to_string(reply.status);
  const http::Method method = operation.streams ? http::Method::head : operation.method;
  const std::string type = reply.field("Content-Type");
  const std::string wrong =
      contract.complaint(method, operation.pattern, reply.status, type == "absent" ? "" : type, reply.body);
  if (!wrong.empty() || type != "application/problem+json" || method == http::Method::head) return wrong;
  const boost::json::value problem = boost::json::parse(reply.body);
  if (problem.at("status").as_int64() != reply.status) return operation.name() + ": another status in the problem";
  if (problem.at("instance").as_string() != reply.field("X-Request-Id")) return operation.name() + ": another instance";
  return {};
}

/// Who asks what. A sample leaves out callers rather than values: each value comes from somebody who is let in.
class Choice {
 public:
  Choice(SeededRandom& random, const std::vector<CallerKind>& callers, const Operation& operation)
      : random_(random), callers_(callers), hashes_(operation.hashes_passwords()) {}

  /// `caller` asked politely, and was not refused.
  void is_let_in(const CallerKind& caller) { let_in_.push_back(&caller); }

  /// Chooses for the next draft; false: nobody asks.
  bool next(Spot spot) {
    asking_.clear();
    if (hashes_ && random_.below(kFewerHashes) != 0) return false;
    const std::uint64_t every = testing::one_in();
    const CallerKind* sure = nullptr;
    if (!let_in_.empty() && (spot == Spot::of_operation || random_.below(kFewerFields) == 0)) {
      sure = let_in_[random_.below(let_in_.size())];
    }
    for (const CallerKind& caller : callers_) {
      if (&caller == sure || every == 1 || random_.below(3 * every) == 0) asking_.push_back(&caller);
    }
    return !asking_.empty();
  }
  [[nodiscard]] const std::vector<const CallerKind*>& asking() const { return asking_; }

 private:
  SeededRandom& random_;
  const std::vector<CallerKind>& callers_;
  const bool hashes_;
  std::vector<const CallerKind*> let_in_;
  std::vector<const CallerKind*> asking_;
};

/// Asks, judges and counts.
class Walker {
 public:
  void walk(const Operation& operation, SeededRandom& random) {
    Choice choice{random, crowd_.callers, operation};
    for (const CallerKind& caller : crowd_.callers) {
      for (const Draft& draft : testing::polite_drafts(operation, crowd_.things)) {
        if (ask(operation, caller, draft) < 400) choice.is_let_in(caller);
      }
    }
    const std::function<bool(Spot)> wanted = [&](Spot spot) { return choice.next(spot); };
    const std::function<void(const Draft&)> use = [&](const Draft& draft) {
      for (const CallerKind* caller : choice.asking()) ask(operation, *caller, draft);
    };
    testing::for_each_draft(operation, crowd_.things, wanted, use);
  }

  const Contract contract;
  std::uint64_t asked = 0;
  std::set<std::string> complaints;

 private:
  unsigned ask(const Operation& operation, const CallerKind& caller, const Draft& draft) {
    ++asked;
    const WireReply reply = crowd_.ask(operation, draft, caller);
    const std::string wrong = complaint_about(contract, operation, reply);
    if (wrong.empty() || !complaints.insert(wrong).second) return reply.status;
    UNSCOPED_INFO(caller.name << " asks with " << draft.what << " " << draft.target(operation).substr(0, 300) << "\n  "
                              << draft.body.substr(0, 300) << "\n  " << reply.body.substr(0, 300));
    CHECK(wrong == "");
    return reply.status;
  }

  Crowd crowd_;
};

}  // namespace

TEST_CASE("hostile: every operation answers whatever anybody sends as its contract says", "[hostile]") {
  SeededRandom random{testing::walk_seed()};
  Walker walker;
  for (const Operation& operation : testing::operations_of(walker.contract)) walker.walk(operation, random);
  WARN(walker.asked << " requests");
  CHECK(walker.asked > 10'000);
  CHECK(walker.complaints.empty());
}
