#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "tools/client/outcome.hpp"

namespace tally::tools {

/// Where a command writes what `-o` names. `-` is standard output, and so is every other name of it. What is no regular
/// file (a device, a FIFO) is written through and stays what it is. A regular file is there only when it is whole: it
/// is written beside its place under a name of its own, synced, and renamed; a symbolic link is followed to its target
/// first. One that is replaced gives its mode to the new one, as far as its group can be kept; a new one is for nobody
/// else to read. Threads: one. Errors of all: refused, with the path and the reason.
class OutputFile {
 public:
  /// What becomes of a regular file that is there.
  enum class Existing : std::uint8_t { replaced, refused };

  /// Nothing is changed until keep(), but what is written through is opened: a FIFO waits for its reader.
  static Attempt<std::unique_ptr<OutputFile>> open(const std::string& path, std::ostream& standard_output,
                                                   Existing existing = Existing::replaced);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  /// What was not kept is gone, unless it was written through.
  ~OutputFile();

  Attempt<void> write(std::string_view piece);
  /// All of it is written: the file takes its place, durably.
  Attempt<void> keep();

  [[nodiscard]] bool is_standard_output() const { return standard_output_ != nullptr; }
  /// Whether it will be a regular file, beside which another may stand.
  [[nodiscard]] bool is_regular() const { return !temporary_.empty(); }

 private:
  OutputFile(std::string path, Existing existing) : path_(std::move(path)), existing_(existing) {}
  Attempt<void> write_through(int flags);
  Attempt<void> begin_beside(const std::string& target);
  Attempt<void> rename_into_place();
  void keep_mode_of_replaced();
  [[nodiscard]] Failure failure(int error_number) const;

  std::string path_;  ///< As it was typed.
  Existing existing_;
  std::string target_;     ///< Of a regular file: the path behind all links.
  std::string temporary_;  ///< Of a regular file: its name until then.
  int descriptor_ = -1;
  bool is_kept_ = false;
  std::ostream* standard_output_ = nullptr;
};

}  // namespace tally::tools
