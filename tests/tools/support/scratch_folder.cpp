#include "tests/tools/support/scratch_folder.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/check.hpp"

namespace tally::tools {

ScratchFolder::ScratchFolder() {
  path_ = (std::filesystem::temp_directory_path() / "tally-tools-XXXXXX").string();
  TALLY_CHECK(::mkdtemp(path_.data()) != nullptr, path_);
}

ScratchFolder::~ScratchFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream{path, std::ios::binary} << text;
  TALLY_CHECK(::chmod(path.c_str(), 0600) == 0, path);
}

std::string read_text(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

unsigned mode_of(const std::string& path) {
  struct stat found{};
  TALLY_CHECK(::stat(path.c_str(), &found) == 0, path);
  return found.st_mode & 07777U;
}

}  // namespace tally::tools
