#pragma once

#include <string>

namespace tally::tools {

/// A fresh folder that goes with its object.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// A file of mode 0600.
void write_text(const std::string& path, const std::string& text);
std::string read_text(const std::string& path);
/// The permission bits, as 0600.
unsigned mode_of(const std::string& path);

}  // namespace tally::tools
