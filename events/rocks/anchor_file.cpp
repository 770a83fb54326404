#include "events/rocks/anchor_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace tally::events {
namespace {

using core::Errc;
using core::Result;

core::Error anchor_error(const std::string& path, int number) {
  const Errc code = number == ENOSPC || number == EDQUOT ? Errc::no_space : Errc::io_failed;
  return core::fail(code, "the anchor " + path + ": " + std::strerror(number));
}

/// 0, or an errno.
int write_at(int descriptor, core::ByteView bytes, std::size_t offset) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 ? errno : EIO;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::size_t>(count);
  }
  return 0;
}

/// The folder of a file that was renamed there. 0, or an errno.
int sync_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path{path}.parent_path().string();
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int number = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return number;
}

/// At most what an anchor's file has; empty: it can not be read, see errno.
std::optional<std::vector<std::uint8_t>> read_whole(int descriptor) {
  std::vector<std::uint8_t> bytes(kAnchorFileBytes);
  std::size_t read = 0;
  while (read < bytes.size()) {
    const ssize_t count = ::pread(descriptor, bytes.data() + read, bytes.size() - read, static_cast<off_t>(read));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    read += static_cast<std::size_t>(count);
  }
  bytes.resize(read);
  return bytes;
}

/// `descriptor`: what ::open() has just given. Errors: corrupt, io_failed.
Result<std::optional<Anchor>> anchor_in(int descriptor, const std::string& path) {
  if (descriptor < 0 && errno == ENOENT) return std::optional<Anchor>{};
  struct stat found{};
  if (descriptor < 0 || ::fstat(descriptor, &found) != 0) return anchor_error(path, errno);
  if (!S_ISREG(found.st_mode)) return core::fail(Errc::io_failed, "the anchor " + path + " is no file");
  const auto bytes = read_whole(descriptor);
  if (!bytes) return anchor_error(path, errno);
  const auto anchor = newest_anchor(*bytes);
  if (anchor.has_error()) return core::fail(anchor.error().code, "the anchor " + path + ": " + anchor.error().detail);
  return std::optional{*anchor};
}

}  // namespace

AnchorFile::AnchorFile(std::string path, AnchorSync sync, OnTrouble on_trouble)
    : path_(std::move(path)), sync_(sync), on_trouble_(std::move(on_trouble)) {}

AnchorFile::~AnchorFile() {
  sync();
  close();
}

void AnchorFile::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

Result<std::optional<Anchor>> AnchorFile::load() {
  close();
  // A pipe without a reader would hold the start.
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  TALLY_TRY_ASSIGN(const auto anchor, anchor_in(descriptor_, path_));
  const std::lock_guard lock{mutex_};
  if (anchor) newest_ = *anchor;
  return anchor;
}

Result<std::optional<Anchor>> AnchorFile::read() const {
  const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  auto anchor = anchor_in(descriptor, path_);
  if (descriptor >= 0) ::close(descriptor);
  return anchor;
}

Result<void> AnchorFile::create(Anchor anchor) {
  const std::string made = path_ + ".new";
  const int descriptor = ::open(made.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) return anchor_error(made, errno);
  std::vector<std::uint8_t> file(kAnchorFileBytes);
  for (anchor.counter = 0;; ++anchor.counter) {
    const auto bytes = encode_anchor(anchor);
    std::copy(bytes.begin(), bytes.end(),
              file.begin() + static_cast<std::ptrdiff_t>(slot_of(anchor.counter) * kAnchorSlotBytes));
    if (anchor.counter + 1 == kAnchorSlots) break;
  }
  int number = write_at(descriptor, file, 0);
  if (number == 0 && ::fsync(descriptor) != 0) number = errno;
  if (number == 0 && std::rename(made.c_str(), path_.c_str()) != 0) number = errno;
  if (number == 0) number = sync_folder_of(path_);
  if (number != 0) {
    ::close(descriptor);
    return anchor_error(path_, number);
  }
  close();
  descriptor_ = descriptor;
  const std::lock_guard lock{mutex_};
  newest_ = anchor;
  return {};
}

Result<void> AnchorFile::write(const Anchor& anchor) {
  if (descriptor_ < 0) return {};
  const std::lock_guard lock{mutex_};
  // One that did not get there is followed in its own slot: the other holds the last that did.
  const std::uint64_t counter = newest_.counter + (is_written_ ? 1 : 0);
  newest_ = anchor;
  newest_.counter = counter;
  is_written_ = false;
  Result<void> outcome = put_newest();
  if (sync_ == AnchorSync::each_second) return {};
  if (outcome.has_value()) outcome = flush();
  is_synced_ = outcome.has_value();
  return outcome;
}

Result<void> AnchorFile::put_newest() {
  const auto bytes = encode_anchor(newest_);
  const int number = write_at(descriptor_, bytes, slot_of(newest_.counter) * kAnchorSlotBytes);
  Result<void> outcome;
  if (number != 0) outcome = anchor_error(path_, number);
  is_written_ = number == 0;
  is_synced_ = false;
  if (number != 0 && !trouble_) {
    trouble_ = outcome.error();
    if (on_trouble_) on_trouble_(&*trouble_);
  }
  return outcome;
}

Result<void> AnchorFile::flush() const {
  if (::fdatasync(descriptor_) != 0) return anchor_error(path_, errno);
  return {};
}

void AnchorFile::sync() {
  {
    const std::lock_guard lock{mutex_};
    if (descriptor_ < 0 || is_synced_) return;
    if (!is_written_ && put_newest().has_error()) return;
    is_synced_ = true;
  }
  // The writer does not wait for it.
  const Result<void> flushed = flush();
  const std::lock_guard lock{mutex_};
  if (flushed.has_value()) {
    if (!is_written_ || !trouble_) return;
    trouble_.reset();
    if (on_trouble_) on_trouble_(nullptr);
    return;
  }
  // What a failed sync has lost is not written again by itself.
  is_written_ = is_synced_ = false;
  if (trouble_) return;
  trouble_ = flushed.error();
  if (on_trouble_) on_trouble_(&*trouble_);
}

void AnchorFile::tell(const Result<void>& outcome) {
  if (outcome.has_value()) return;
  const std::lock_guard lock{mutex_};
  trouble_ = outcome.error();
  if (on_trouble_) on_trouble_(&*trouble_);
}

Result<void> AnchorFile::state() const {
  const std::lock_guard lock{mutex_};
  if (trouble_) return *trouble_;
  return {};
}

}  // namespace tally::events
