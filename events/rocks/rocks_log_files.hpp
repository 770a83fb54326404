#pragma once

#include <cstdint>
#include <set>
#include <string>

#include <rocksdb/file_system.h>

/// Part of the adapter: included by events/rocks_* only.
namespace tally::events {

/// The file system of a pass over a database that changes nothing: remembers which write-ahead log is being read, and
/// lets the database read on where it would end, so that it can be told what is missing. Threads: one.
class LogFiles final : public rocksdb::FileSystemWrapper {
 public:
  enum class Reading : std::uint8_t {
    as_they_are,
    lenient,  ///< Logs have the size that they should have, and those of `absent` are there, empty.
    nothing,  ///< All logs are empty.
  };
  LogFiles(Reading reading, std::set<std::uint64_t> absent);

  /// The path of the log that was opened last; empty: none was.
  [[nodiscard]] const std::string& last_opened() const { return last_opened_; }

  [[nodiscard]] const char* Name() const override { return "tally.log_files"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetChildren(const std::string& folder, const rocksdb::IOOptions& options,
                                std::vector<std::string>* result, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFileSize(const std::string& path, const rocksdb::IOOptions& options, std::uint64_t* size,
                                rocksdb::IODebugContext* debug) override;

 private:
  const Reading reading_;
  const std::set<std::uint64_t> absent_;
  std::string last_opened_;
};

/// `000012.log`
std::string log_name(std::uint64_t number);
/// Whether a log, by its name, was begun after that of a path.
bool is_later_log(const std::string& name, const std::string& path);

}  // namespace tally::events
