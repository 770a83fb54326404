#include "tools/cli/surroundings.hpp"

#include <chrono>
#include <iostream>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace tally::tools {
namespace {

std::size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

/// Turns the echo off for its life, so that no early return leaves the terminal mute.
class WithoutEcho {
 public:
  WithoutEcho() {
    changed_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!changed_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  WithoutEcho(const WithoutEcho&) = delete;
  WithoutEcho& operator=(const WithoutEcho&) = delete;
  ~WithoutEcho() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool changed_ = false;
};

core::SecretText ask_on_terminal(const std::string& prompt) {
  std::cerr << prompt << std::flush;
  std::string typed;
  {
    const WithoutEcho silence;
    std::getline(std::cin, typed);
  }
  std::cerr << '\n';
  return core::SecretText{std::move(typed)};
}

}  // namespace

Surroundings process_surroundings() {
  Surroundings surroundings{std::cout, std::cerr, std::cin, process_environment(),
                            [] { return std::chrono::floor<core::Duration>(std::chrono::system_clock::now()); }};
  surroundings.out_is_terminal = ::isatty(STDOUT_FILENO) != 0;
  surroundings.err_is_terminal = ::isatty(STDERR_FILENO) != 0;
  surroundings.in_is_terminal = ::isatty(STDIN_FILENO) != 0;
  surroundings.columns = surroundings.out_is_terminal ? terminal_columns() : 0;
  surroundings.ask_secret = ask_on_terminal;
  surroundings.wait = [](std::chrono::seconds pause) {
    return ::poll(nullptr, 0, static_cast<int>(std::chrono::milliseconds{pause}.count())) == 0;
  };
  return surroundings;
}

}  // namespace tally::tools
