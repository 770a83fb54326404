#include "tools/tallyd/scrub.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "events/log/codec.hpp"
#include "events/log/keys.hpp"
#include "events/log/log.hpp"
#include "tests/support/ledger_fixture.hpp"
#include "tests/tools/support/scratch_folder.hpp"

namespace tally::tools {
namespace {

using namespace std::chrono_literals;
using Catch::Contains;
using core::Errc;
using events::Family;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;

/// A ledger that is served, and one run after the other over it. The clock goes on by a millisecond at each look.
class ScrubbedLedger {
 public:
  ScrubbedLedger()
      : team_(ledger), descriptor_(::open(path().c_str(), O_CREAT | O_RDWR, 0600)), log_(LogLevel::info, descriptor_) {
    ledger.generate(team_.workspace, team_.member, "t", secret_);
    write(1'100);
  }
  ~ScrubbedLedger() { ::close(descriptor_); }
  ScrubbedLedger(const ScrubbedLedger&) = delete;
  ScrubbedLedger& operator=(const ScrubbedLedger&) = delete;

  Scrub::Outcome run() {
    Scrub scrub{{ledger.store(), [this]() -> core::Result<std::vector<core::Commitment>> { return signed_by; },
                 [this](const core::RecordVerification& found) -> core::Result<void> {
                   if (refuses_records) return core::fail(Errc::no_space, "the disk is full");
                   ledger.run(ledger.as_system(), found);
                   return {};
                 },
                 [this](core::Duration pause) {
                   rests.push_back(pause);
                   if (on_rest) on_rest();
                   return rests.size() < rests_max;
                 },
                 [this] { return time_ += 1ms; }, health, log_}};
    return scrub.run();
  }
  void write(int events) {
    for (int index = 0; index < events; ++index) {
      const std::string next = "secret " + std::to_string(++written_);
      ledger.run(ledger.as_client(team_.workspace), ledger.refresh_command(std::exchange(secret_, next), next));
    }
  }
  std::uint64_t size() { return value_of(events::load_head(ledger.store())).tree.size(); }
  core::Event event_at(std::uint64_t place) {
    return value_of(events::read_event(ledger.store(), core::Sequence{place})).value();
  }
  std::optional<core::LedgerVerified> last_record() {
    const core::Event last = event_at(size() - 1);
    const auto* found = std::get_if<core::LedgerVerified>(&last.payload);
    return found == nullptr ? std::nullopt : std::optional{*found};
  }
  void put(std::uint64_t place, std::string_view bytes) {
    const auto batch = ledger.store().new_batch();
    batch->put(Family::log, events::key_of({place}), bytes);
    REQUIRE(ledger.store().commit(*batch, events::Durability::synced).has_value());
  }
  std::string told() {
    log_.flush();
    return value_of(read_text_file()).value();
  }

  LedgerFixture ledger;
  LedgerHealth health;
  std::vector<core::Commitment> signed_by;
  std::vector<core::Duration> rests;
  std::size_t rests_max = SIZE_MAX;
  std::function<void()> on_rest;
  bool refuses_records = false;

 private:
  [[nodiscard]] std::string path() const { return folder_ / "log"; }
  [[nodiscard]] core::Result<std::optional<std::string>> read_text_file() const {
    std::string text(1 << 16, '\0');
    const ssize_t bytes = ::pread(descriptor_, text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(bytes, 0)));
    return std::optional{text};
  }

  SmallTeam team_;
  std::string secret_ = "secret 0";
  int written_ = 0;
  ScratchFolder folder_;
  int descriptor_;
  Log log_;
  core::Duration time_{};
};

}  // namespace

TEST_CASE("scrub: a run reads the whole log in pieces, and the ledger says that it did", "[tools][scrub]") {
  ScrubbedLedger ledger;
  const std::uint64_t size = ledger.size();
  const auto head = value_of(events::load_head(ledger.ledger.store()));
  ledger.signed_by = {{"checkpoint", {size, head.tree.root()}}};
  CHECK(ledger.run() == Scrub::Outcome::verified);
  CHECK(ledger.last_record() == core::LedgerVerified{size, head.tree.root(), 0});
  CHECK(ledger.size() == size + 1);
  CHECK(ledger.health.check().has_value());
  CHECK(ledger.rests.size() >= 3);
  CHECK(ledger.rests.front() == 9ms);
  CHECK_THAT(ledger.told(), Contains("the ledger was verified"));
}

TEST_CASE("scrub: what is written meanwhile is left to the next run", "[tools][scrub]") {
  ScrubbedLedger ledger;
  const std::uint64_t size = ledger.size();
  ledger.on_rest = [&] { ledger.write(300); };
  CHECK(ledger.run() == Scrub::Outcome::verified);
  REQUIRE(ledger.last_record());
  CHECK(ledger.last_record()->size == size);
  CHECK(ledger.last_record()->damaged == 0);
  CHECK(ledger.size() > size + 600);
}

TEST_CASE("scrub: damage is told, counted and recorded, until a run finds none", "[tools][scrub]") {
  ScrubbedLedger ledger;
  const std::string whole = value_of(events::read_event_bytes(ledger.ledger.store(), {700})).value();
  core::Event event = ledger.event_at(700);
  event.origin.request_id = "another";
  events::EventEncoder encoder;
  ledger.put(700, core::as_text(value_of(encoder.encode(event))));
  CHECK(ledger.run() == Scrub::Outcome::verified);
  REQUIRE(ledger.last_record());
  CHECK(ledger.last_record()->damaged == ledger.health.damaged());
  CHECK(ledger.health.damaged() > 0);
  const auto state = ledger.health.check();
  REQUIRE(state.has_error());
  CHECK(state.error().code == Errc::corrupt);
  CHECK_THAT(state.error().detail, Contains("the ledger is damaged: " + std::to_string(ledger.health.damaged())));
  CHECK_THAT(ledger.told(), Contains("\"the ledger is damaged\"") && Contains("event 700: its bytes are not those"));

  ledger.put(700, whole);
  CHECK(ledger.run() == Scrub::Outcome::verified);
  CHECK(ledger.health.check().has_value());
  CHECK(ledger.last_record()->damaged == 0);
}

TEST_CASE("scrub: a stop ends a run at its next rest, and nothing is recorded", "[tools][scrub]") {
  ScrubbedLedger ledger;
  const std::uint64_t size = ledger.size();
  ledger.rests_max = 1;
  CHECK(ledger.run() == Scrub::Outcome::stopped);
  CHECK(ledger.rests.size() == 1);
  CHECK(ledger.size() == size);
  CHECK_THAT(ledger.told(), !Contains("verified"));
}

TEST_CASE("scrub: what can not be recorded is told, and damage that was found stays", "[tools][scrub]") {
  ScrubbedLedger ledger;
  ledger.refuses_records = true;
  ledger.signed_by = {{"checkpoint", {5, {}}}};
  CHECK(ledger.run() == Scrub::Outcome::failed);
  CHECK(ledger.health.damaged() == 1);
  CHECK_THAT(ledger.told(), Contains("verification could not be recorded") && Contains("no_space"));
}

TEST_CASE("scrub: the first run is when it is said, the next ones after each period, and a failed one soon",
          "[tools][scrub]") {
  ScrubPlan plan{std::chrono::days{7}, 5min};
  CHECK_FALSE(plan.is_due(4min));
  CHECK(plan.is_due(5min));
  plan.ran(Scrub::Outcome::verified, 6min);
  CHECK_FALSE(plan.is_due(std::chrono::days{7}));
  CHECK(plan.is_due(std::chrono::days{7} + 6min));
  plan.ran(Scrub::Outcome::failed, std::chrono::days{8});
  CHECK_FALSE(plan.is_due(std::chrono::days{8} + 59min));
  CHECK(plan.is_due(std::chrono::days{8} + 1h));
}

}  // namespace tally::tools
