#include "tools/bench/child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tally::tools {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::vector<std::string>& additions) {
  std::vector<std::string> all;
  for (char** entry = ::environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
  all.insert(all.end(), additions.begin(), additions.end());
  return all;
}

}  // namespace

core::Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments,
                                               const std::vector<std::string>& environment,
                                               const std::string& error_file) {
  TALLY_CHECK(!arguments.empty());
  std::array<int, 2> output{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0) return core::fail(core::Errc::io_failed, std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, error_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  auto argument_texts = arguments;
  auto environment_texts = environment_with(environment);
  pid_t id = 0;
  const int failure = ::posix_spawnp(&id, argument_texts.front().c_str(), &actions, nullptr,
                                     pointers_to(argument_texts).data(), pointers_to(environment_texts).data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(output[1]);
  if (failure != 0) {
    ::close(output[0]);
    return core::fail(core::Errc::unreachable, arguments.front() + ": " + std::strerror(failure));
  }
  return ChildProcess{id, output[0]};
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : id_(std::exchange(other.id_, 0)),
      output_(std::exchange(other.output_, -1)),
      read_ahead_(std::move(other.read_ahead_)) {}

ChildProcess::~ChildProcess() {
  stop();
  if (output_ >= 0) ::close(output_);
}

core::Result<std::string> ChildProcess::read_line() {
  for (;;) {
    if (const auto end = read_ahead_.find('\n'); end != std::string::npos) {
      auto line = read_ahead_.substr(0, end);
      read_ahead_.erase(0, end + 1);
      return line;
    }
    std::array<char, 4'096> piece;
    const auto bytes = ::read(output_, piece.data(), piece.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return core::fail(core::Errc::unreachable, "the program ended before it said what was expected");
    read_ahead_.append(piece.data(), static_cast<std::size_t>(bytes));
  }
}

std::uint64_t ChildProcess::resident_bytes() const {
  std::ifstream status{"/proc/" + std::to_string(id_) + "/status"};
  for (std::string word; status >> word;) {
    if (word != "VmRSS:") continue;
    std::uint64_t kibibytes = 0;
    status >> kibibytes;
    return kibibytes << 10;
  }
  return 0;
}

std::optional<ProcessUse> ChildProcess::use() const { return use_of_process(id_); }

void ChildProcess::stop() {
  if (id_ <= 0) return;
  ::kill(id_, SIGTERM);
  while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
  }
  id_ = 0;
}

core::Result<TemporaryFolder> TemporaryFolder::make(const std::string& parent) {
  auto path = (parent.empty() ? std::filesystem::temp_directory_path() : std::filesystem::path{parent}).string() +
              "/tally-bench-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return core::fail(core::Errc::io_failed, path + ": " + std::strerror(errno));
  return TemporaryFolder{std::move(path)};
}

TemporaryFolder::~TemporaryFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace tally::tools
