#include "tools/tallyd/scrub.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace tally::tools {
namespace {

using core::Duration;
using core::Errc;
using core::Result;

constexpr int kRestsPerWork = 9;  ///< A tenth of a core, and of the disk.
constexpr std::chrono::seconds kRestMax{10};
constexpr std::size_t kFindingsTold = 3;
constexpr std::chrono::hours kAfterFailure{1};

}  // namespace

Result<void> LedgerHealth::check() const {
  const std::uint64_t damaged = damaged_;
  if (damaged == 0) return {};
  return core::fail(Errc::corrupt, "the ledger is damaged: " + std::to_string(damaged) +
                                       (damaged == 1 ? " finding" : " findings") + ", which the log names");
}

Scrub::Outcome Scrub::run() {
  const Duration began = parts_.clock();
  const auto failed = [&](const core::Error& error, std::string_view what = "the ledger could not be verified") {
    if (error.code == Errc::stopping) return Outcome::stopped;
    parts_.log.error(what, {{"code", core::name_of(error.code)}, {"detail", error.detail}});
    return Outcome::failed;
  };
  auto signed_by = parts_.signed_by();
  if (signed_by.has_error()) return failed(signed_by.error());
  auto verification = projections::LogVerification::begin(parts_.store, std::move(*signed_by));
  if (verification.has_error()) return failed(verification.error());
  const auto verified = look(*verification);
  if (verified.has_error()) return failed(verified.error());
  const std::uint64_t damaged = verification->findings().count();
  parts_.health.found(damaged);
  tell(*verified, verification->findings(), parts_.clock() - began);
  const auto recorded = parts_.record({verified->tree.size, verified->tree.root, damaged});
  if (recorded.has_error()) return failed(recorded.error(), "the ledger's verification could not be recorded");
  return Outcome::verified;
}

Result<projections::VerifiedLog> Scrub::look(projections::LogVerification& verification) {
  for (;;) {
    const Duration began = parts_.clock();
    TALLY_TRY_ASSIGN(const bool has_more, verification.step());
    if (!has_more) return verification.end();
    const Duration took = parts_.clock() - began;
    if (!parts_.rest(std::min<Duration>(took * kRestsPerWork, kRestMax))) {
      return core::fail(Errc::stopping, "the server is stopping");
    }
  }
}

void Scrub::tell(const projections::VerifiedLog& verified, const projections::Findings& findings, Duration took) {
  const auto events = static_cast<std::int64_t>(verified.walked.events);
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(took).count();
  if (findings.count() == 0) {
    parts_.log.info("the ledger was verified", {{"events", events}, {"seconds", seconds}});
    return;
  }
  std::string first;
  for (std::size_t index = 0; index < std::min(findings.first().size(), kFindingsTold); ++index) {
    first += (index == 0 ? "" : "; ") + findings.first()[index].sentence;
  }
  parts_.log.error("the ledger is damaged", {{"findings", static_cast<std::int64_t>(findings.count())},
                                             {"first", first},
                                             {"events", events},
                                             {"seconds", seconds}});
}

void ScrubPlan::ran(Scrub::Outcome outcome, Duration now) {
  due_ = now + (outcome == Scrub::Outcome::failed ? std::min<Duration>(period_, kAfterFailure) : period_);
}

}  // namespace tally::tools
