#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "events/log/codec.hpp"
#include "events/log/keys.hpp"
#include "events/log/log.hpp"
#include "projections/verify/verify_log.hpp"
#include "tests/support/ledger_fixture.hpp"

namespace tally::testing {

struct Verified {
  projections::VerifiedLog log;
  projections::Findings findings;
};

/// A ledger in memory that has been started twice, and what is done to it behind its back.
class HandledLedger {
 public:
  HandledLedger() : team_(ledger_) {
    for (int index = 0; index < 6; ++index) {
      ledger_.now += std::chrono::seconds{1};
      ledger_.generate(team_.workspace, team_.member, "t", "s" + std::to_string(index));
    }
    ledger_.stop();
    ledger_.start();
    ledger_.now += std::chrono::seconds{1};
    ledger_.generate(team_.workspace, team_.member, "t", "last");
    ledger_.stop();
    size = value_of(events::load_head(store())).tree.size();
  }

  events::Store& store() { return ledger_.store(); }
  [[nodiscard]] core::WorkspaceId workspace() const { return team_.workspace; }

  std::string bytes_of(std::uint64_t place) {
    return value_of(events::read_event_bytes(store(), core::Sequence{place})).value();
  }
  core::Event event_at(std::uint64_t place) {
    return value_of(events::read_event(store(), core::Sequence{place})).value();
  }
  void put(std::uint64_t place, std::string_view bytes) {
    put_row(events::Family::log, events::key_of({place}), bytes);
  }
  void put(std::uint64_t place, const core::Event& event) {
    events::EventEncoder encoder;
    put(place, core::as_text(value_of(encoder.encode(event))));
  }
  void remove(std::uint64_t place) { remove_row(events::Family::log, events::key_of({place})); }
  void remove_row(events::Family family, std::string_view key) {
    const auto batch = store().new_batch();
    batch->erase(family, key);
    REQUIRE(store().commit(*batch, events::Durability::synced).has_value());
  }
  void put_row(events::Family family, std::string_view key, std::string_view value) {
    const auto batch = store().new_batch();
    batch->put(family, key, value);
    REQUIRE(store().commit(*batch, events::Durability::synced).has_value());
  }
  /// The place of the last event that is of the workspace.
  std::uint64_t last_of_workspace() {
    std::uint64_t place = size - 1;
    while (!event_at(place).workspace) --place;
    return place;
  }
  std::uint64_t second_start() {
    std::uint64_t place = size - 1;
    while (!std::holds_alternative<core::LedgerStarted>(event_at(place).payload)) --place;
    return place;
  }

  core::TreeHead tree_at(std::uint64_t events) {
    events::CompactRange tree;
    for (std::uint64_t place = 0; place < events; ++place)
      tree.append(events::leaf_hash(core::as_bytes(bytes_of(place))));
    return {tree.size(), tree.root()};
  }

  Verified verify(std::vector<core::Commitment> signed_by = {}) {
    Verified verified;
    verified.log = value_of(projections::verify_log(store(), signed_by, verified.findings, {}));
    return verified;
  }

  std::uint64_t size = 0;

 private:
  LedgerFixture ledger_;
  SmallTeam team_;
};

inline bool tells(const projections::Findings& findings, projections::Finding::Kind kind, const std::string& sentence) {
  return std::ranges::any_of(findings.first(), [&](const projections::Finding& finding) {
    return finding.kind == kind && finding.sentence.find(sentence) != std::string::npos;
  });
}

inline std::string all_of(const projections::Findings& findings) {
  std::string text = std::to_string(findings.count()) + " findings\n";
  for (const projections::Finding& finding : findings.first()) {
    text += std::string{projections::name_of(finding.kind)} + ": " + finding.sentence + "\n";
  }
  return text;
}

inline std::string event_number(std::uint64_t place) { return "event " + std::to_string(place); }

}  // namespace tally::testing
