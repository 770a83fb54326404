#include "events/rocks/rocks_log_files.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace tally::events {
namespace {

constexpr std::size_t kNumberDigits = 6;

class EmptyFile final : public rocksdb::FSSequentialFile {
 public:
  rocksdb::IOStatus Read(std::size_t, const rocksdb::IOOptions&, rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext*) override {
    *result = rocksdb::Slice{scratch, 0};
    return rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus Skip(std::uint64_t) override { return rocksdb::IOStatus::OK(); }
};

bool is_log(const std::string& path) { return path.ends_with(".log"); }

bool is_one_of(const std::set<std::uint64_t>& numbers, const std::string& path) {
  return std::any_of(numbers.begin(), numbers.end(),
                     [&](std::uint64_t number) { return path.ends_with("/" + log_name(number)); });
}

}  // namespace

std::string log_name(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(kNumberDigits - std::min(kNumberDigits, digits.size()), '0') + digits + ".log";
}

bool is_later_log(const std::string& name, const std::string& path) {
  const std::string other = path.substr(path.find_last_of('/') + 1);
  // Numbers with more digits than are filled up have longer names.
  return name.size() != other.size() ? name.size() > other.size() : name > other;
}

LogFiles::LogFiles(Reading reading, std::set<std::uint64_t> absent)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), reading_(reading), absent_(std::move(absent)) {}

rocksdb::IOStatus LogFiles::NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                              std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                              rocksdb::IODebugContext* debug) {
  if (!is_log(path)) return FileSystemWrapper::NewSequentialFile(path, options, result, debug);
  last_opened_ = path;
  if (reading_ == Reading::nothing || is_one_of(absent_, path)) {
    *result = std::make_unique<EmptyFile>();
    return rocksdb::IOStatus::OK();
  }
  return FileSystemWrapper::NewSequentialFile(path, options, result, debug);
}

rocksdb::IOStatus LogFiles::GetChildren(const std::string& folder, const rocksdb::IOOptions& options,
                                        std::vector<std::string>* result, rocksdb::IODebugContext* debug) {
  auto status = FileSystemWrapper::GetChildren(folder, options, result, debug);
  for (const std::uint64_t number : absent_) result->push_back(log_name(number));
  return status;
}

rocksdb::IOStatus LogFiles::GetFileSize(const std::string& path, const rocksdb::IOOptions& options, std::uint64_t* size,
                                        rocksdb::IODebugContext* debug) {
  if (reading_ == Reading::as_they_are || !is_log(path)) {
    return FileSystemWrapper::GetFileSize(path, options, size, debug);
  }
  *size = std::numeric_limits<std::uint64_t>::max();
  return rocksdb::IOStatus::OK();
}

}  // namespace tally::events
