#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tally::testing {

/// RocksDB's format of write-ahead logs: blocks, in them records of checksum(4) length(2, little-endian) type(1)
/// contents.
inline constexpr std::size_t kLogBlockBytes = 32 << 10;
inline constexpr std::size_t kLogHeaderBytes = 7;
inline constexpr std::size_t kLogLengthAt = 4;

/// Where each record of a write-ahead log begins.
std::vector<std::size_t> log_records_of(const std::string& log);

std::string bytes_of(const std::filesystem::path& file);
void write_bytes(const std::filesystem::path& file, const std::string& bytes);

/// What a crash leaves of a ledger that has several write-ahead logs, each of which holds rows that are nowhere else.
class CrashedLedger {
 public:
  enum class Flushed {
    usage,  ///< Events are in the logs alone.
    log,    ///< All but the last events are in tables; other rows are not.
  };
  /// `first_event` is what ledgers of the same shape differ in.
  explicit CrashedLedger(Flushed flushed, std::uint8_t first_event = 1);
  /// One that has so many logs, and an anchor beside its folder.
  static CrashedLedger anchored(std::size_t logs, std::uint8_t first_event = 1);

  /// A fresh copy to be damaged.
  [[nodiscard]] std::filesystem::path copy() const;
  /// The logs that hold something, oldest first, as names.
  [[nodiscard]] const std::vector<std::string>& logs() const { return logs_; }
  /// The events before the commits that begin in the log of this index.
  [[nodiscard]] std::uint64_t commits() const { return moments_.size(); }
  /// How it stood after a commit.
  struct Moment {
    std::uint64_t events = 0;
    core::Digest root;
    std::string log = {};  ///< The newest log that holds something.
    std::uintmax_t log_bytes = 0;
    std::string anchor = {};  ///< Empty: it has none.
  };
  [[nodiscard]] const std::vector<Moment>& moments() const { return moments_; }

  struct Opened {
    bool is_refused = false;
    std::string detail;
    std::uint64_t commits = 0;  ///< How many are there: the first ones, with all their rows and none of others.
  };
  /// Opens it, and demands that it is refused as corrupt and left as it was, or that it is a whole ledger. It is held
  /// against its anchor, if it has one.
  [[nodiscard]] Opened open(const std::filesystem::path& folder) const;

 private:
  struct Shape {
    bool flushes_log = false;
    bool is_anchored = false;
    std::size_t logs = 0;  ///< 0: as many as come of the commits.
    std::uint8_t first_event = 1;
  };
  explicit CrashedLedger(const Shape& shape);
  void check_whole(const std::filesystem::path& folder, std::uint64_t& commits) const;

  std::shared_ptr<TemporaryFolder> folder_ = std::make_shared<TemporaryFolder>();
  std::vector<std::string> logs_;
  std::vector<Moment> moments_;  ///< After each commit.
};

/// Where the anchor of a ledger's folder is.
std::string anchor_beside(const std::filesystem::path& folder);

}  // namespace tally::testing
