#include "projections/verify/log_walk.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/projections/verify/handled_ledger.hpp"

using namespace tally;
using events::Family;
using projections::Finding;
using projections::Findings;
using testing::event_number;
using testing::HandledLedger;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::tells;
using testing::value_of;
using testing::Verified;

namespace {

/// Fails to read some rows of the log.
class PartlyUnreadable final : public events::Reader {
 public:
  PartlyUnreadable(const events::Reader& inner, std::uint64_t first, std::uint64_t last)
      : inner_(inner), first_(events::key_of({first})), last_(events::key_of({last})) {}
  core::Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    return inner_.get(family, key);
  }
  std::unique_ptr<events::Cursor> scan(Family family, const events::ScanRange& range) const override {
    if (family != Family::log) return inner_.scan(family, range);
    return std::make_unique<Damaged>(*this, inner_.scan(family, range));
  }

 private:
  class Damaged final : public events::Cursor {
   public:
    Damaged(const PartlyUnreadable& rows, std::unique_ptr<events::Cursor> inner)
        : rows_(rows), inner_(std::move(inner)) {
      look();
    }
    [[nodiscard]] bool valid() const override { return !has_failed_ && inner_->valid(); }
    [[nodiscard]] std::string_view key() const override { return inner_->key(); }
    [[nodiscard]] std::string_view value() const override { return inner_->value(); }
    void next() override {
      inner_->next();
      look();
    }
    [[nodiscard]] core::Result<void> status() const override {
      return has_failed_ ? core::fail(core::Errc::corrupt, "block checksum mismatch") : inner_->status();
    }

   private:
    void look() { has_failed_ = inner_->valid() && inner_->key() >= rows_.first_ && inner_->key() <= rows_.last_; }
    const PartlyUnreadable& rows_;
    std::unique_ptr<events::Cursor> inner_;
    bool has_failed_ = false;
  };

  const events::Reader& inner_;
  const std::string first_;
  const std::string last_;
};

}  // namespace

TEST_CASE("verify log: a stretch that can not be read is told, and the walk goes on behind it",
          "[projections][verify]") {
  HandledLedger ledger;
  const auto [first, last] = GENERATE(table<std::uint64_t, std::uint64_t>({{3, 3}, {0, 4}, {5, 7}}));
  const PartlyUnreadable reader{ledger.store(), first, last};
  Findings findings;
  const auto verified = value_of(projections::verify_log(reader, {}, findings, {}));
  INFO(testing::all_of(findings));
  const std::string which =
      first == last ? event_number(first) : "events " + std::to_string(first) + " to " + std::to_string(last);
  CHECK(tells(findings, Finding::Kind::unreadable, which + " can not be read: block checksum mismatch"));
  CHECK(verified.walked.size == ledger.size);
  CHECK(verified.walked.events == ledger.size - (last - first + 1));
}

TEST_CASE("verify log: what can not be read up to the end ends the walk", "[projections][verify]") {
  HandledLedger ledger;
  const PartlyUnreadable reader{ledger.store(), 5, UINT64_MAX};
  Findings findings;
  const auto verified = value_of(projections::verify_log(reader, {}, findings, {}));
  CHECK(tells(findings, Finding::Kind::unreadable, "event 5 can not be read, nor what follows it: block checksum"));
  CHECK(verified.walked.size == 5);
}

TEST_CASE("verify log: findings are all counted, and the first ones kept", "[projections][verify]") {
  HandledLedger ledger;
  REQUIRE(ledger.size > 14);
  for (std::uint64_t place = 0; place < ledger.size; ++place) ledger.put(place, "no event");
  const Verified verified = ledger.verify();
  CHECK(verified.findings.count() >= ledger.size);
  CHECK(verified.findings.first().size() == std::min<std::size_t>(verified.findings.count(), Findings::kKeptMax));
  CHECK(tells(verified.findings, Finding::Kind::undecodable, "event 0 can not be decoded: "));

  Findings later;
  for (int index = 0; index < 30; ++index) later.add(Finding::Kind::unknown_type, {}, "x");
  CHECK(later.first().size() == Findings::kKeptMax);
  CHECK(later.are_of_a_later_release());
  later.add(Finding::Kind::root, {}, "y");
  CHECK_FALSE(later.are_of_a_later_release());
}

TEST_CASE("verify log: a ledger that is longer than a chunk is walked whole, with progress", "[projections][verify]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  for (int index = 0; index < 90; ++index)
    ledger.generate(team.workspace, team.member, "t", "s" + std::to_string(index));
  for (int round = 0; round < 10; ++round) {
    for (int index = 0; index < 90; ++index) {
      const std::string secret = "s" + std::to_string(index) + std::string(static_cast<std::size_t>(round), '+');
      ledger.run(ledger.as_client(team.workspace), ledger.refresh_command(secret, secret + "+"));
    }
  }
  ledger.stop();
  const std::uint64_t size = value_of(events::load_head(ledger.store())).tree.size();
  REQUIRE(size > 900);
  Findings findings;
  std::vector<std::uint64_t> told;
  const auto verified =
      value_of(projections::verify_log(ledger.store(), {}, findings, [&](const projections::RebuildProgress& progress) {
        CHECK(progress.events_total == size);
        told.push_back(progress.events_done);
      }));
  CHECK(findings.count() == 0);
  CHECK(verified.walked.events == size);
  CHECK(told.size() > 1);
  CHECK(std::ranges::is_sorted(told));
  CHECK(told.back() == size);
}
