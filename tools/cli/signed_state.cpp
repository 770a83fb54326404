#include "tools/cli/signed_state.hpp"

#include <filesystem>
#include <utility>
#include <vector>

#include "core/ledger/commitment.hpp"
#include "projections/verify/verify_log.hpp"
#include "tools/folder/kept_checkpoint.hpp"
#include "tools/tallyd/signed_ledger.hpp"

namespace tally::tools {
Attempt<void> check_checkpoint_is_there(const events::Reader& ledger, const std::string& data_dir) {
  const std::string checkpoint = data_dir + "/checkpoint";
  const std::string key = data_dir + "/keys/ledger.key";
  std::error_code error;
  if (std::filesystem::exists(checkpoint, error) || !std::filesystem::exists(key, error)) return {};
  const auto allowed = check_unsigned(checkpoint, key, ledger);
  return allowed.has_error() ? Attempt<void>{failure_of(allowed.error())} : Attempt<void>{};
}

Failure failure_of(const projections::Findings& findings, std::string message) {
  return {findings.are_of_a_later_release() ? Exit::later_release : Exit::damaged, std::move(message)};
}

Attempt<std::optional<std::uint64_t>> check_signed_state(const events::Store& store, const std::string& data_dir) {
  const auto checkpoint = read_kept_checkpoint(data_dir);
  if (checkpoint.has_error()) return failure_of(checkpoint.error());
  TALLY_TRY(check_checkpoint_is_there(store, data_dir));
  std::vector<core::Commitment> signed_by;
  if (*checkpoint) signed_by.push_back((*checkpoint)->commitment);
  projections::Findings findings;
  const auto verified = projections::verify_log(store, signed_by, findings, {}, projections::TreeRows::left_out);
  if (verified.has_error()) return failure_of(verified.error());
  if (findings.count() == 0) return signed_by.empty() ? std::nullopt : std::optional{signed_by.front().tree.size};
  const std::string more = findings.count() == 1 ? "" : "; tally verify tells all " + std::to_string(findings.count());
  return failure_of(findings, data_dir + ": " + findings.first().front().sentence + more);
}

}  // namespace tally::tools
