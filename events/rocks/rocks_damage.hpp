#pragma once

#include <functional>
#include <mutex>
#include <string>

#include <rocksdb/listener.h>

/// Part of the adapter: included by events/rocks_* only.
namespace tally::events {

/// A compaction that meets a file which it can not read gives up, and nothing else: the rows stay where they are, reads
/// of them fail one by one, and writes go on. RocksDB would take no more of them. It is tried again each second, and
/// told once. Threads: RocksDB's.
class DamageListener final : public rocksdb::EventListener {
 public:
  explicit DamageListener(std::function<void(const std::string&)> on_damage) : on_damage_(std::move(on_damage)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;

 private:
  const std::function<void(const std::string&)> on_damage_;
  std::mutex mutex_;
  std::string told_;  // guarded by mutex_
};

}  // namespace tally::events
