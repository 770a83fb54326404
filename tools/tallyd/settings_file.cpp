#include "tools/tallyd/settings_file.hpp"

#include <filesystem>
#include <system_error>

#include "tools/base/private_file.hpp"

namespace tally::tools {
namespace {

constexpr std::size_t kBytesMax = 1 << 20;

}  // namespace

core::Result<std::string> read_settings_file(const std::string& path) {
  const auto refuse = [](const std::string& what) { return core::fail(core::Errc::bad_configuration, what); };
  // Asked before it is opened: to open a pipe waits for somebody to write into it.
  std::error_code error;
  const auto found = std::filesystem::status(path, error);
  if (!std::filesystem::exists(found)) return refuse("there is no such file, or it can not be reached");
  if (std::filesystem::is_directory(found)) return refuse("is a folder; name the file in it");
  if (!std::filesystem::is_regular_file(found)) return refuse("is not a file");
  const auto text = read_private_file(path, kBytesMax);
  if (text.has_error()) return refuse(text.error().detail);
  if (!*text) return refuse("there is no such file");
  return std::string{(*text)->reveal()};
}

}  // namespace tally::tools
