#include "tools/tallyd/data_folder.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace tally::tools {
namespace {

namespace fs = std::filesystem;
using core::Errc;
using core::fail;
using core::Result;

/// `ledger`, `keys`, and what is in them; deeper than that nothing of ours lies.
constexpr int kDepthMax = 4;

core::Error can_not(const char* what, const std::string& path) {
  return fail(Errc::io_failed, std::string{"cannot "} + what + " " + path + ": " + std::strerror(errno));
}

class Tightening {
 public:
  explicit Tightening(LooseModes what) : what_(what) {}

  /// The folder or file itself. A link is not followed and left alone: RocksDB makes none, and neither do we.
  Result<void> visit(const std::string& path) {
    struct stat found{};
    if (::lstat(path.c_str(), &found) != 0) return errno == ENOENT ? Result<void>{} : can_not("read", path);
    return S_ISLNK(found.st_mode) ? Result<void>{} : mend(path, found);
  }
  /// The data folder itself, which may be a link to where it is.
  Result<void> visit_target(const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) return can_not("read", path);
    return mend(path, found);
  }
  Result<void> visit_tree(const std::string& path) {
    TALLY_TRY(visit(path));
    std::error_code error;
    fs::recursive_directory_iterator entry{path, error};
    // What goes away meanwhile is of a RocksDB that still runs; its lock is asked for later.
    for (; !error && entry != fs::recursive_directory_iterator{}; entry.increment(error)) {
      if (entry.depth() >= kDepthMax) entry.disable_recursion_pending();
      TALLY_TRY(visit(entry->path().string()));
    }
    return {};
  }
  [[nodiscard]] std::uint64_t loose() const { return loose_; }

 private:
  Result<void> mend(const std::string& path, const struct stat& found) {
    if (found.st_uid != ::geteuid()) {
      return fail(Errc::io_failed, path + " belongs to uid " + std::to_string(found.st_uid) +
                                       ", and this process is uid " + std::to_string(::geteuid()) +
                                       ": start it as the owner, or give the folder to whom it runs as (chown -R)");
    }
    if ((found.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
    ++loose_;
    if (what_ == LooseModes::count || ::chmod(path.c_str(), found.st_mode & S_IRWXU) == 0) return {};
    return can_not("change the mode of", path);
  }

  const LooseModes what_;
  std::uint64_t loose_ = 0;
};

}  // namespace

bool holds_ledger(const std::string& data_dir) {
  std::error_code error;
  const fs::path ledger = fs::path{data_dir} / "ledger";
  if (fs::exists(ledger / "CURRENT", error)) return true;
  // Without that file the store says what is missing; a new ledger beside its tables would hide it.
  for (fs::directory_iterator entry{ledger, error}, end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".sst") return true;
  }
  return false;
}

Result<LedgerPlan> plan_ledger(const Settings& settings) {
  const std::string& folder = settings.data_dir;
  if (holds_ledger(folder)) {
    if (settings.new_ledger != NewLedger::required) return LedgerPlan::open;
    return fail(Errc::io_failed, "data_dir: there is a ledger in " + folder + " already: start without --init");
  }
  const bool may_make = settings.new_ledger == NewLedger::required ||
                        (settings.new_ledger == NewLedger::allow && settings.expected_ledger_key.empty());
  if (!may_make) {
    return fail(Errc::io_failed, "data_dir: no ledger in " + folder + "; is it mounted? To make a new one: --init");
  }
  std::error_code error;
  const fs::path parent = fs::absolute(fs::path{folder} / "..", error).lexically_normal();
  if (!error && !fs::exists(folder, error) && !fs::is_directory(parent, error)) {
    return fail(Errc::io_failed, "data_dir: " + folder + " can not be made, for there is no folder " + parent.string() +
                                     "; is it mounted? Otherwise make it first");
  }
  return LedgerPlan::make;
}

Result<std::uint64_t> tighten_modes(const std::string& data_dir, LooseModes what) {
  Tightening tightening{what};
  TALLY_TRY(tightening.visit_target(data_dir));
  TALLY_TRY(tightening.visit_tree(data_dir + "/ledger"));
  TALLY_TRY(tightening.visit_tree(data_dir + "/keys"));
  TALLY_TRY(tightening.visit(data_dir + "/checkpoint"));
  TALLY_TRY(tightening.visit(data_dir + "/anchor"));
  return tightening.loose();
}

}  // namespace tally::tools
