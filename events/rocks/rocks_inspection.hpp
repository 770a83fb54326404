#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "events/rocks/rocks_store.hpp"
#include "events/store/store.hpp"

namespace tally::events {

/// A store for what is compared with a ledger's rows, in a folder of the ledger's that goes with it; after a crash,
/// with the next opening.
class ScratchStore {
 public:
  ScratchStore(std::unique_ptr<Store> store, std::string folder);
  ~ScratchStore();
  ScratchStore(const ScratchStore&) = delete;
  ScratchStore& operator=(const ScratchStore&) = delete;
  [[nodiscard]] Store& store() const { return *store_; }

 private:
  std::unique_ptr<Store> store_;
  const std::string folder_;
};

/// A ledger that nobody writes to, to be read whole, be it damaged, and left as it is: but by make_scratch(), no file
/// of its folder is made, changed or removed. In memory are the rows of its write-ahead logs, which are bounded, and
/// one cache. Threads: reader() from any, check_files() from one.
class LedgerInspection {
 public:
  /// Of `options`, the folder, the sizes, the anchor (which is read only) and `admit` count. Beside others that read.
  /// Errors: locked, io_failed, corrupt (not even log and meta can be opened), unknown_event (rows of a later release),
  /// and admit's.
  static core::Result<LedgerInspection> open(const RocksOptions& options);
  LedgerInspection(LedgerInspection&& other) noexcept;
  LedgerInspection& operator=(LedgerInspection&&) = delete;
  ~LedgerInspection();

  /// Of every live family; of log and meta alone if not has_rows() (checked).
  [[nodiscard]] const Reader& reader() const;
  [[nodiscard]] bool has_rows() const;
  /// What opening it met, in sentences: write-ahead logs that are not whole or fall short of the anchor, files that
  /// are missing.
  [[nodiscard]] const std::vector<std::string>& flaws() const;

  /// Empty. Errors: as open_rocks_store; locked: somebody else has one.
  [[nodiscard]] core::Result<std::unique_ptr<ScratchStore>> make_scratch() const;

  struct Files {
    std::uint64_t checked = 0;
    std::uint64_t bytes = 0;
    std::uint64_t without_sum = 0;  ///< Of which nobody wrote down what they should hold.
    std::vector<std::string> damaged;
  };
  /// Reads every file of the opened families to its end, and compares it with the checksum that was kept when it was
  /// written; told between files. Errors: none of a damaged file; `damaged` says it.
  [[nodiscard]] Files check_files(
      const std::function<void(std::uint64_t bytes, std::uint64_t bytes_total)>& tell) const;

 private:
  struct State;
  explicit LedgerInspection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tally::events
