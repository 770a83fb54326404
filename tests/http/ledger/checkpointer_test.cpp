#include "http/ledger/checkpointer.hpp"

#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "http/server/limits.hpp"
#include "tests/support/faulty_store.hpp"
#include "tests/support/ledger_fixture.hpp"
#include "tests/support/memory_checkpoints.hpp"

using namespace tally;
using namespace tally::testing;
using http::Checkpointer;
using namespace std::chrono_literals;

namespace {

core::LedgerOrigin origin_of(std::string_view text) { return core::LedgerOrigin::parse(text).value(); }

/// A ledger that grows, and a checkpointer over it.
struct CheckpointWorld : LedgerFixture {
  class WorldClock final : public http::Clock {
   public:
    explicit WorldClock(const core::Timestamp& now) : now_(now) {}
    [[nodiscard]] core::Timestamp now() const override { return now_; }

   private:
    const core::Timestamp& now_;
  };

  CheckpointWorld() : key(core::crypto::SigningKey::generate(random)) {}

  Checkpointer::Parts parts() {
    return {ledger, kept, key, clock, [this](const core::Error& error) { failures.push_back(error.code); }};
  }
  /// One event more.
  void grow() { add_person("person" + std::to_string(++people)); }
  core::TreeHead tree() { return value_of(ledger.tree_head()); }
  core::SignedCheckpoint read(const std::string& note) { return value_of(core::parse_checkpoint(note)); }
  core::Errc code_of_latest() {
    const auto latest = checkpointer.latest();
    REQUIRE(latest.has_error());
    return latest.error().code;
  }
  /// What the store holds, as the next process would read it.
  core::Result<std::optional<http::ServedCheckpoint>> loaded() { return http::load_checkpoint(kept, key.public_key()); }

  projections::AuditQueries ledger{store()};
  MemoryCheckpoints kept;
  core::crypto::SigningKey key;
  WorldClock clock{now};
  std::vector<core::Errc> failures;
  int people = 0;
  Checkpointer checkpointer{parts(), origin_of("tally.example"), std::nullopt};
};

}  // namespace

TEST_CASE_METHOD(CheckpointWorld, "checkpointer: it signs the ledger's size and root, and keeps what it tells",
                 "[http][auth][checkpoint]") {
  grow();
  const auto latest = value_of(checkpointer.latest());
  CHECK(latest->tree == tree());
  CHECK(latest->signed_at == now);
  const auto note = read(latest->note);
  CHECK(note.checkpoint.origin.str() == "tally.example");
  CHECK(note.checkpoint.tree == tree());
  CHECK(checkpointer.verifier().has_signed(note));
  REQUIRE(kept.kept.has_value());
  CHECK(kept.kept->note == latest->note);
}

TEST_CASE_METHOD(CheckpointWorld, "checkpointer: one signature a second, and none without a new event",
                 "[http][auth][checkpoint]") {
  const auto first = value_of(checkpointer.latest());
  grow();
  now += http::limits::kCheckpointPause - 1us;
  CHECK(value_of(checkpointer.latest())->note == first->note);
  CHECK(kept.keeps == 1);
  now += 1us;
  const auto second = value_of(checkpointer.latest());
  CHECK(second->tree.size == first->tree.size + 1);
  CHECK(second->signed_at == now);
  CHECK(kept.keeps == 2);
  now += 48h;
  CHECK(value_of(checkpointer.latest())->note == second->note);
  CHECK(kept.keeps == 2);
  grow();
  now -= 24h;  // set back
  CHECK(value_of(checkpointer.latest())->tree == tree());
}

TEST_CASE_METHOD(CheckpointWorld,
                 "checkpointer: what could not be kept is not told, and the error is told for a second",
                 "[http][auth][checkpoint]") {
  const auto code = GENERATE(core::Errc::io_failed, core::Errc::no_space);
  const bool is_first = GENERATE(true, false);
  if (!is_first) value_of(checkpointer.latest());
  const auto before = kept.kept;
  now += 1s;
  grow();
  kept.failure = core::fail(code, "injected");
  const int keeps = kept.keeps;
  CHECK(code_of_latest() == code);
  CHECK(code_of_latest() == code);
  CHECK(kept.keeps == keeps + 1);
  CHECK(failures == std::vector{code});
  CHECK(kept.kept.has_value() == before.has_value());
  kept.failure.reset();
  CHECK(code_of_latest() == code);
  now += 1s;
  const auto latest = value_of(checkpointer.latest());
  CHECK(latest->tree == tree());
  CHECK(kept.kept->note == latest->note);
}

TEST_CASE_METHOD(CheckpointWorld, "checkpointer: whoever follows the ledger signs what has grown, however soon",
                 "[http][auth][checkpoint]") {
  value_of(checkpointer.latest());
  REQUIRE(checkpointer.follow().has_value());
  CHECK(kept.keeps == 1);
  grow();
  REQUIRE(checkpointer.follow().has_value());
  CHECK(kept.keeps == 2);
  CHECK(value_of(loaded())->tree == tree());
  // And who asks is told that one.
  CHECK(value_of(checkpointer.latest())->tree == tree());
  CHECK(kept.keeps == 2);
}

TEST_CASE_METHOD(CheckpointWorld, "checkpointer: a failure that lasts is told once, and once more when it is another",
                 "[http][auth][checkpoint]") {
  value_of(checkpointer.latest());
  grow();
  const auto fail_with = [&](core::Errc code, int times) {
    kept.failure = core::fail(code, "injected");
    for (int time = 0; time < times; ++time) CHECK(checkpointer.follow().error().code == code);
  };
  fail_with(core::Errc::no_space, 5);
  fail_with(core::Errc::io_failed, 5);
  CHECK(failures == std::vector{core::Errc::no_space, core::Errc::io_failed});
  kept.failure.reset();
  REQUIRE(checkpointer.follow().has_value());
  CHECK(value_of(loaded())->tree == tree());
  grow();
  fail_with(core::Errc::io_failed, 2);
  CHECK(failures.size() == 3);
}

TEST_CASE_METHOD(CheckpointWorld, "checkpointer: whoever follows does not wait for who is signing",
                 "[http][auth][checkpoint]") {
  kept.while_keeping = [&] { CHECK(checkpointer.follow().has_value()); };
  value_of(checkpointer.latest());
  CHECK(kept.keeps == 1);
}

TEST_CASE_METHOD(CheckpointWorld, "checkpointer: a ledger that can not be read at the n-th call is not signed",
                 "[http][auth][checkpoint]") {
  std::uint64_t failed = 0;
  for (std::uint64_t call = 1;; ++call) {
    FaultPlan plan{call};
    FaultyStore faulty{store(), plan, FailedCommit::lost};
    const projections::AuditQueries queries{faulty};
    MemoryCheckpoints nothing;
    Checkpointer over_faults{{queries, nothing, key, clock, {}}, origin_of("tally.example"), std::nullopt};
    const auto latest = over_faults.latest();
    if (!plan.has_struck()) {
      CHECK(value_of(latest)->tree == tree());
      break;
    }
    ++failed;
    REQUIRE(latest.has_error());
    CHECK(latest.error().code == core::Errc::io_failed);
    CHECK(nothing.keeps == 0);
  }
  CHECK(failed >= 2);
}

TEST_CASE_METHOD(CheckpointWorld, "checkpointer: while one signs, the others are told the one before",
                 "[http][auth][checkpoint]") {
  const auto first = value_of(checkpointer.latest());
  now += 1s;
  grow();
  std::vector<std::string> told(8);
  kept.while_keeping = [&] {
    std::vector<std::thread> askers;
    for (std::string& note : told) askers.emplace_back([&] { note = checkpointer.latest().value()->note; });
    for (std::thread& asker : askers) asker.join();
  };
  const auto second = value_of(checkpointer.latest());
  CHECK(second->tree.size == first->tree.size + 1);
  CHECK(told == std::vector<std::string>(8, first->note));
  CHECK(kept.keeps == 2);
}

TEST_CASE_METHOD(CheckpointWorld, "checkpointer: while the very first is signed, the others wait for it",
                 "[http][auth][checkpoint]") {
  std::vector<std::string> told(8);
  std::vector<std::thread> askers;
  kept.while_keeping = [&] {
    for (std::string& note : told) askers.emplace_back([&] { note = checkpointer.latest().value()->note; });
  };
  const auto first = value_of(checkpointer.latest());
  for (std::thread& asker : askers) asker.join();
  CHECK(told == std::vector<std::string>(8, first->note));
  CHECK(kept.keeps == 1);
}

TEST_CASE_METHOD(CheckpointWorld, "checkpointer: given a checkpoint of before, what is told then is never smaller",
                 "[http][auth][checkpoint]") {
  grow();
  const auto before = value_of(checkpointer.latest());
  const auto last = value_of(loaded());
  REQUIRE(last.has_value());
  CHECK(last->tree == before->tree);
  SECTION("the ledger is as it was: the same note, which nobody signs again") {
    Checkpointer next{parts(), origin_of("tally.example"), last};
    CHECK(value_of(next.latest())->note == before->note);
    CHECK(kept.keeps == 1);
  }
  SECTION("the ledger has grown, and has another name now") {
    grow();
    Checkpointer next{parts(), origin_of("other.example"), last};
    const auto latest = value_of(next.latest());
    CHECK(latest->tree.size == before->tree.size + 1);
    CHECK(read(latest->note).checkpoint.origin.str() == "other.example");
    CHECK(next.verifier().has_signed(read(latest->note)));
  }
  SECTION("the ledger is shorter, or another: corrupt, and nothing is signed") {
    http::ServedCheckpoint wrong = *last;
    wrong.tree.size += GENERATE(std::uint64_t{0}, std::uint64_t{1});
    wrong.tree.root.bytes[0] ^= 1;
    Checkpointer next{parts(), origin_of("tally.example"), wrong};
    const auto latest = next.latest();
    REQUIRE(latest.has_error());
    CHECK(latest.error().code == core::Errc::corrupt);
    CHECK(kept.keeps == 1);
  }
}

TEST_CASE_METHOD(CheckpointWorld, "checkpointer: a kept note is the key's, or corrupt", "[http][auth][checkpoint]") {
  CHECK_FALSE(value_of(loaded()).has_value());
  value_of(checkpointer.latest());
  CHECK(value_of(loaded()).has_value());
  const core::crypto::SigningKey other = core::crypto::SigningKey::generate(random);
  const auto foreign = http::load_checkpoint(kept, other.public_key());
  REQUIRE(foreign.has_error());
  CHECK(foreign.error().code == core::Errc::corrupt);
  const std::string note = kept.kept->note;
  for (std::size_t position = 0; position < note.size(); ++position) {
    kept.kept->note = note;
    kept.kept->note[position] = static_cast<char>(kept.kept->note[position] ^ 1);
    CAPTURE(position);
    const auto changed = loaded();
    CHECK(changed.has_error());
    kept.kept->note = note.substr(0, position);
    const auto cut = loaded();
    REQUIRE(cut.has_error());
    CHECK(cut.error().code == core::Errc::corrupt);
  }
}
