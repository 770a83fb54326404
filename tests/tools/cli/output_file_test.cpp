#include "tools/cli/output_file.hpp"

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/tools/support/scratch_folder.hpp"

namespace tally::tools {
namespace {

namespace fs = std::filesystem;
using Existing = OutputFile::Existing;

/// Writes `text` to where `path` says, whole.
Attempt<void> write_to(const std::string& path, const std::string& text, Existing existing = Existing::replaced) {
  std::ostringstream unused;
  TALLY_TRY_ASSIGN(const auto file, OutputFile::open(path, unused, existing));
  TALLY_TRY(file->write(text));
  TALLY_TRY(file->keep());
  CHECK(unused.str().empty());
  return {};
}

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator{folder}, fs::directory_iterator{}));
}

}  // namespace

TEST_CASE("output file: a new one is for nobody else to read, whatever the umask", "[tools][output]") {
  const ScratchFolder folder;
  const mode_t before = ::umask(022);
  const auto written = write_to(folder / "new", "text");
  ::umask(before);
  REQUIRE(written.has_value());
  CHECK(read_text(folder / "new") == "text");
  CHECK(mode_of(folder / "new") == 0600);
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("output file: one that is replaced keeps its mode, and nothing else is touched", "[tools][output]") {
  const unsigned mode = GENERATE(0600U, 0644U, 0640U, 0400U);
  const ScratchFolder folder;
  write_text(folder / "old", "a longer text than the new one");
  write_text(folder / "old.part", "somebody's");
  REQUIRE(::chmod((folder / "old").c_str(), mode) == 0);
  REQUIRE(write_to(folder / "old", "text").has_value());
  CHECK(read_text(folder / "old") == "text");
  CHECK(mode_of(folder / "old") == mode);
  CHECK(read_text(folder / "old.part") == "somebody's");
  CHECK(files_in(folder.path()) == 2);
}

TEST_CASE("output file: what is not kept leaves all as it was", "[tools][output]") {
  const ScratchFolder folder;
  write_text(folder / "old", "old");
  for (const char* name : {"old", "new"}) {
    std::ostringstream unused;
    const auto file = OutputFile::open(folder / name, unused);
    REQUIRE(file.has_value());
    REQUIRE((*file)->write("half").has_value());
    CHECK((*file)->is_regular());
  }
  CHECK(read_text(folder / "old") == "old");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("output file: a symbolic link stays one, and what it points to is written", "[tools][output]") {
  const ScratchFolder folder;
  fs::create_directory(folder / "far");
  const bool is_there = GENERATE(true, false);
  if (is_there) write_text(folder / "far/real", "old");
  fs::create_symlink("far/real", folder / "second");
  fs::create_symlink(folder / "second", folder / "first");
  REQUIRE(write_to(folder / "first", "text").has_value());
  CHECK(fs::is_symlink(folder / "first"));
  CHECK(fs::is_symlink(folder / "second"));
  CHECK(read_text(folder / "far/real") == "text");
  CHECK(mode_of(folder / "far/real") == 0600);
  CHECK(files_in(folder / "far") == 1);
}

TEST_CASE("output file: links that go round are refused", "[tools][output]") {
  const ScratchFolder folder;
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("a", folder / "b");
  CHECK(write_to(folder / "a", "text").error().exit == Exit::refused);
}

TEST_CASE("output file: a FIFO is written through, and stays one", "[tools][output]") {
  const ScratchFolder folder;
  const std::string fifo = folder / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0640) == 0);
  const int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(reader >= 0);
  REQUIRE(write_to(fifo, "text").has_value());
  std::array<char, 16> read{};
  CHECK(::read(reader, read.data(), read.size()) == 4);
  CHECK(std::string{read.data()} == "text");
  ::close(reader);
  CHECK(fs::is_fifo(fifo));
  CHECK(mode_of(fifo) == 0640);
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("output file: a device behind a link is written through", "[tools][output]") {
  // By a link, so that whatever is replaced in error is the link.
  const ScratchFolder folder;
  fs::create_symlink("/dev/null", folder / "null");
  fs::create_symlink("/dev/full", folder / "full");
  REQUIRE(write_to(folder / "null", "text").has_value());
  const auto full = write_to(folder / "full", "text");
  REQUIRE(full.has_error());
  CHECK_THAT(full.error().message, Catch::Contains("full: No space left"));
  CHECK(fs::is_symlink(folder / "null"));
  CHECK(fs::is_symlink(folder / "full"));
  CHECK(fs::is_character_file("/dev/null"));
  std::ostringstream unused;
  CHECK_FALSE((*OutputFile::open(folder / "null", unused))->is_regular());
}

TEST_CASE("output file: - is standard output, and no file of that name", "[tools][output]") {
  std::ostringstream out;
  const auto file = OutputFile::open("-", out);
  REQUIRE(file.has_value());
  CHECK((*file)->is_standard_output());
  CHECK_FALSE((*file)->is_regular());
  REQUIRE((*file)->write("text").has_value());
  REQUIRE((*file)->keep().has_value());
  CHECK(out.str() == "text");
  CHECK_FALSE(fs::exists("-"));
  out.setstate(std::ios::badbit);
  CHECK((*file)->write("more").has_error());
}

TEST_CASE("output file: every other name of standard output is that, too", "[tools][output]") {
  std::ostringstream out;
  const auto file = OutputFile::open("/dev/stdout", out);
  REQUIRE(file.has_value());
  CHECK((*file)->is_standard_output());
}

TEST_CASE("output file: a folder, and a file in a folder that is not there, are refused", "[tools][output]") {
  const ScratchFolder folder;
  CHECK_THAT(write_to(folder.path(), "text").error().message, Catch::Contains("Is a directory"));
  CHECK_THAT(write_to(folder / "no/such", "text").error().message, Catch::Contains("No such file"));
}

TEST_CASE("output file: who must not replace is told, also when somebody was faster", "[tools][output]") {
  const ScratchFolder folder;
  write_text(folder / "old", "old");
  CHECK(write_to(folder / "old", "text", Existing::refused).error().message ==
        "there is a " + (folder / "old") + " already");
  std::ostringstream unused;
  const auto file = OutputFile::open(folder / "new", unused, Existing::refused);
  REQUIRE(file.has_value());
  write_text(folder / "new", "faster");
  REQUIRE((*file)->write("text").has_value());
  CHECK((*file)->keep().has_error());
  CHECK(read_text(folder / "old") == "old");
  CHECK(read_text(folder / "new") == "faster");
}

}  // namespace tally::tools
