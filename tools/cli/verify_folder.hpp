#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ledger/commitment.hpp"
#include "events/rocks/rocks_inspection.hpp"
#include "projections/verify/verify_log.hpp"
#include "tools/cli/context.hpp"
#include "tools/client/outcome.hpp"
#include "tools/folder/ledger_folder.hpp"
#include "tools/keyring/open_master_key.hpp"

namespace tally::tools {

/// What is asked of a data folder.
struct VerifyRequest {
  FolderChoice folder;
  std::string against;         ///< A file with a note that was kept elsewhere; empty: none.
  std::string key;             ///< The verifier key to hold signatures against; empty: the folder's own.
  MasterKeyChoice master_key;  ///< That opens the folder's own.
  bool rows = false;           ///< The rows too.
  bool repair_tiles = false;   ///< And what differs of the rows of the trees is to be written anew.
};

/// What was looked at, and what was found.
struct Verification {
  projections::Findings findings;
  std::vector<core::Commitment> signed_by;  ///< What there is of checkpoint, kept note and anchor.
  bool is_signature_checked = false;        ///< Of all of them.
  events::LedgerInspection::Files files;
  projections::VerifiedLog log;
  std::optional<std::uint64_t> rows;  ///< That were compared.
  std::vector<std::string> unknown;   ///< What could not be looked at, and why.
  double seconds = 0;
};

/// Holds the data folder of a stopped server against itself, its own checkpoint and a note that was kept elsewhere, and
/// changes nothing. (For the rows a scratch folder is made in it, which goes again.) Errors: usage (a note or key that
/// is none, or of another ledger), unreachable, later_release, refused (the rows of another release); damage is a
/// finding.
Attempt<Verification> verify_folder(Context& context, const VerifyRequest& request);

}  // namespace tally::tools
