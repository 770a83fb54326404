#pragma once

#include <memory>
#include <utility>

#include <catch2/catch.hpp>

#include "events/ledger/sequencer.hpp"

namespace tally::testing {

/// Appends an event that no small history has, past every decider.
inline void append_event(events::Sequencer& sequencer, core::CommandContext context, core::NewEvent event) {
  class Append final : public events::Work {
   public:
    Append(core::CommandContext given, core::NewEvent said) : context_(std::move(given)), event_(std::move(said)) {}
    [[nodiscard]] core::Timestamp reading() const override { return context_.at; }
    void run(events::Transaction& transaction) override { REQUIRE(transaction.append(context_, event_).has_value()); }
    void finish(const core::Result<void>&) noexcept override {}

   private:
    core::CommandContext context_;
    core::NewEvent event_;
  };
  std::unique_ptr<events::Work> work = std::make_unique<Append>(std::move(context), std::move(event));
  REQUIRE(sequencer.submit(work).has_value());
}

}  // namespace tally::testing
