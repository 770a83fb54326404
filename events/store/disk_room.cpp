#include "events/store/disk_room.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>

namespace tally::events {
namespace {

constexpr std::chrono::seconds kCheckInterval{1};
constexpr std::uint64_t kCheckBytes = 8 << 20;

/// What a copy of the file that leaves its zeros out does not have.
std::uint64_t bytes_set_aside(const std::string& path) {
  constexpr std::uint64_t kBlockBytes = 512;
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.st_blocks) * kBlockBytes : 0;
}

}  // namespace

FreeBytes free_bytes_of(std::string folder) {
  return [folder = std::move(folder)]() -> std::optional<std::uint64_t> {
    struct statvfs space{};
    if (::statvfs(folder.c_str(), &space) != 0) return std::nullopt;
    return std::uint64_t{space.f_bavail} * space.f_frsize;
  };
}

DiskRoom::DiskRoom(const std::string& folder, const RoomLimits& limits, FreeBytes ask)
    : limits_(limits),
      reserve_path_(folder + "/" + std::string{kReserveFile}),
      ask_(std::move(ask)),
      reserved_bytes_(bytes_set_aside(reserve_path_)) {}

Room DiskRoom::room() {
  const std::lock_guard lock{mutex_};
  look_if_due();
  return room_;
}

core::Result<void> DiskRoom::allow(std::uint64_t bytes) {
  const std::lock_guard lock{mutex_};
  unchecked_bytes_ += bytes;
  look_if_due();
  const auto fits = [&] { return free_bytes_ >= bytes + limits_.last; };
  // Whoever writes below the floor stops something: that is what the reserve is for.
  if (room_ == Room::stops_only && (free_bytes_ < limits_.floor / 2 || !fits())) give_reserve_back();
  if (room_ != Room::none && fits()) return {};
  return full();
}

core::Result<bool> DiskRoom::prepare_to_open() {
  const std::lock_guard lock{mutex_};
  look();
  if (room_ == Room::ample) return false;
  if (free_bytes_ < limits_.floor / 2) give_reserve_back();
  if (free_bytes_ < 2 * limits_.last) return full();
  return true;
}

core::Error DiskRoom::full() const {
  return core::fail(core::Errc::no_space, "the disk of the ledger has " + std::to_string(free_bytes_) +
                                              " bytes left; make room for " + std::to_string(2 * limits_.last) +
                                              " at least");
}

void DiskRoom::look_if_due() {
  if (unchecked_bytes_ >= kCheckBytes || std::chrono::steady_clock::now() - checked_at_ >= kCheckInterval) look();
}

void DiskRoom::look() {
  checked_at_ = std::chrono::steady_clock::now();
  unchecked_bytes_ = 0;
  const auto free_bytes = ask_();
  // A disk that does not answer is for the write itself to find out.
  free_bytes_ = free_bytes.value_or(limits_.floor + limits_.reserve);
  // As long as nothing is set aside, as much is kept free: or a reserve that was given back would be everybody's.
  const std::uint64_t kept = limits_.reserve - std::min(limits_.reserve, reserved_bytes_);
  room_ = free_bytes_ >= limits_.floor + kept            ? Room::ample
          : free_bytes_ + reserved_bytes_ < limits_.last ? Room::none
                                                         : Room::stops_only;
  const bool may_reserve = free_bytes && free_bytes_ >= limits_.floor + limits_.reserve + limits_.reserve / 4;
  if (limits_.reserve > 0 && reserved_bytes_ == 0 && may_reserve) set_reserve_aside();
}

void DiskRoom::give_reserve_back() {
  if (reserved_bytes_ == 0) return;
  ::unlink(reserve_path_.c_str());
  reserved_bytes_ = 0;
  look();
}

void DiskRoom::set_reserve_aside() {
  const int descriptor = ::open(reserve_path_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (descriptor < 0) return;
  // A file system that can not set blocks aside has no reserve; the floor is there all the same.
  const bool is_set_aside = ::fallocate(descriptor, 0, 0, static_cast<off_t>(limits_.reserve)) == 0;
  ::close(descriptor);
  if (!is_set_aside) ::unlink(reserve_path_.c_str());
  reserved_bytes_ = is_set_aside ? limits_.reserve : 0;
}

}  // namespace tally::events
