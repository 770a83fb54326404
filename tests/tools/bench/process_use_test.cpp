#include "tools/bench/process_use.hpp"

#include <fstream>
#include <string>
#include <unistd.h>

#include <catch2/catch.hpp>

using namespace tally;
using tools::ProcessUse;
using tools::read_process_use;

namespace {

const std::string kIo =
    "rchar: 5036\nwchar: 17\nsyscr: 123\nsyscw: 45\nread_bytes: 0\nwrite_bytes: 8192\ncancelled_write_bytes: 0\n";

std::string stat_of(const std::string& name) {
  return "4711 (" + name + ") S 1 4711 4711 0 -1 4194304 9000 8 7 6 250 125 3 2 20 0 9 0 12345 1000 200\n";
}

}  // namespace

TEST_CASE("process use: processor time and calls, whatever the program's name", "[tools][bench]") {
  const auto name = GENERATE(as<std::string>{}, "tallyd", "two words", "(a) R 1 2 3 4 5 6 7 8 9 10 11) b");
  CHECK(read_process_use(stat_of(name), kIo, 100) == ProcessUse{std::chrono::milliseconds{3'750}, 123, 45});
  CHECK(read_process_use(stat_of(name), kIo, 250)->processor == std::chrono::milliseconds{1'500});
}

TEST_CASE("process use: what is not of the form is nothing", "[tools][bench]") {
  const std::string stat = stat_of("tallyd");
  CHECK_FALSE(read_process_use("", kIo, 100));
  CHECK_FALSE(read_process_use(stat, "", 100));
  CHECK_FALSE(read_process_use(stat.substr(0, stat.find(" 250 ")), kIo, 100));
  CHECK_FALSE(read_process_use(stat.substr(0, stat.find("125")), kIo, 100));
  CHECK_FALSE(read_process_use(stat, "syscr: 1\n", 100));
  CHECK_FALSE(read_process_use(stat, "syscr: many\nsyscw: 2\n", 100));
  CHECK_FALSE(read_process_use(stat, kIo, 0));
}

TEST_CASE("process use: of this process grows, and of none is nothing", "[tools][bench]") {
  const auto before = tools::use_of_process(::getpid());
  REQUIRE(before);
  constexpr int kCalls = 50;
  std::ofstream sink{"/dev/null"};
  for (int call = 0; call < kCalls; ++call) sink << 'x' << std::flush;
  const auto used = tools::used_between(before, tools::use_of_process(::getpid()));
  REQUIRE(used);
  CHECK(used->writes >= kCalls);
  CHECK_FALSE(tools::use_of_process(-1));
  CHECK_FALSE(tools::used_between(before, std::nullopt));
}
