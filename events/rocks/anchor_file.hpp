#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "events/log/anchor.hpp"

namespace tally::events {

/// When an anchor survives a power cut.
enum class AnchorSync : std::uint8_t {
  each_second,  ///< When sync() is called, on another thread than the writer's. Survives the end of the process at
                ///< once.
  each_batch,   ///< Before anybody is told of the batch.
};

/// The file of a ledger's anchor. Source: docs/formats.md ("The anchor"), docs/adr/0058.
class AnchorFile {
 public:
  /// Told when anchors begin to fail, with why, and when they are well again, with null. Must be quick.
  using OnTrouble = std::function<void(const core::Error*)>;

  explicit AnchorFile(std::string path, AnchorSync sync = AnchorSync::each_second, OnTrouble on_trouble = {});
  /// sync().
  ~AnchorFile();
  AnchorFile(const AnchorFile&) = delete;
  AnchorFile& operator=(const AnchorFile&) = delete;

  /// What was kept last; empty: there is no such file. Whoever calls holds the ledger's folder. Errors: corrupt,
  /// io_failed.
  core::Result<std::optional<Anchor>> load();
  /// The same for whoever only reads, and could not write. Errors: as load().
  [[nodiscard]] core::Result<std::optional<Anchor>> read() const;
  /// Makes the file, whole and durable, or puts a new one in its place. Errors: io_failed, no_space.
  core::Result<void> create(Anchor anchor);
  /// Keeps another one, with the next counter. After load() has found, or create() has made, a file; before, nothing is
  /// kept. Threads: the writer's. Errors, if each batch is synced: io_failed, no_space. Otherwise a failure is told to
  /// `on_trouble`, and tried again at the next write or sync: what is on the disk says less than the ledger holds, and
  /// refuses nothing that is whole.
  core::Result<void> write(const Anchor& anchor);
  /// What was written is durable. Threads: any.
  void sync();
  /// Whether the last anchor could be kept. Errors: io_failed, no_space. Threads: any.
  [[nodiscard]] core::Result<void> state() const;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] AnchorSync mode() const { return sync_; }

  /// `outcome`, for whoever goes on without: told as if a write had failed.
  void tell(const core::Result<void>& outcome);

 private:
  core::Result<void> put_newest();
  core::Result<void> flush() const;
  void close();

  const std::string path_;
  const AnchorSync sync_;
  const OnTrouble on_trouble_;
  int descriptor_ = -1;  // of load() and create(), before anybody else calls
  mutable std::mutex mutex_;
  Anchor newest_;           // guarded by mutex_, as the following
  bool is_written_ = true;  // newest_ has reached the system
  bool is_synced_ = true;   // and the disk
  std::optional<core::Error> trouble_;
};

}  // namespace tally::events
