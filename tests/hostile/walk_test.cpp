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
using testing::WireReply;

namespace {

/// Hashes are slow, and all of these operations read their bodies in the same way.
constexpr std::uint64_t kFewerHashes = 25;

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

}  // namespace

TEST_CASE("hostile: every operation answers whatever anybody sends as its contract says", "[hostile]") {
  SeededRandom random{testing::walk_seed()};
  const Contract contract;
  Crowd crowd;
  std::set<std::string> complaints;
  std::uint64_t asked = 0;
  for (const Operation& operation : testing::operations_of(contract)) {
    const std::uint64_t every = testing::one_in() * (operation.hashes_passwords() ? kFewerHashes : 1);
    for (const CallerKind& caller : crowd.callers) {
      const std::function<bool()> wanted = [&] { return random.below(every) == 0; };
      const std::function<void(const Draft&)> ask = [&](const Draft& draft) {
        ++asked;
        const WireReply reply = crowd.ask(operation, draft, caller);
        const std::string wrong = complaint_about(contract, operation, reply);
        if (wrong.empty() || !complaints.insert(wrong).second) return;
        UNSCOPED_INFO(caller.name << " asks with " << draft.what << " " << draft.target(operation).substr(0, 300)
                                  << "\n  " << draft.body.substr(0, 300) << "\n  " << reply.body.substr(0, 300));
        CHECK(wrong == "");
      };
      testing::for_each_draft(operation, crowd.things, wanted, ask);
    }
  }
  WARN(asked << " requests");
  CHECK(asked > 1'000);
  CHECK(complaints.empty());
}
