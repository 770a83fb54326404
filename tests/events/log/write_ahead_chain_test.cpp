#include "events/log/write_ahead_chain.hpp"

#include <catch2/catch.hpp>

#include "events/log/meta_rows.hpp"

using namespace tally;
using events::WriteAheadChain;
using events::WriteAheadRecord;
using Kind = WriteAheadChain::Break::Kind;

namespace {

/// A ledger that commits an event and two rows more at a time, and what its logs would hold.
class Writer {
 public:
  WriteAheadRecord commit(std::string_view file) {
    const std::uint64_t event = head_.tree.size();
    bytes_ = "event " + std::to_string(event) + salt;
    head_.tree.append(events::leaf_hash(core::as_bytes(bytes_)));
    head_row_ = encode_head(head_);
    WriteAheadRecord record{file, next_row_, 3, {}, {{event, core::as_bytes(bytes_)}}, head_row_};
    next_row_ += 3;
    return record;
  }
  WriteAheadRecord rows(std::string_view file, std::uint64_t count) {
    const WriteAheadRecord record{file, next_row_, count, {}, {}, {}};
    next_row_ += count;
    return record;
  }
  /// Rows that no log holds; answers the number of the last row before them.
  std::uint64_t unlogged(std::uint64_t count) {
    next_row_ += count;
    return next_row_ - count - 1;
  }

  std::string salt;

 private:
  events::LedgerHead head_;
  std::uint64_t next_row_ = 17;
  std::string bytes_;
  std::string head_row_;
};

}  // namespace

TEST_CASE("chain: records that follow each other, over all files, are whole", "[events][chain]") {
  Writer writer;
  WriteAheadChain chain;
  CHECK_FALSE(chain.first_event().has_value());
  for (const std::string_view file : {"a", "a", "b", "d"}) CHECK(chain.follow(writer.commit(file)));
  CHECK(chain.follow(writer.rows("d", 0)));
  CHECK(chain.follow(writer.rows("d", 5)));
  CHECK(chain.follow(writer.commit("e")));
  CHECK_FALSE(chain.found().has_value());
  CHECK(chain.first_event() == 0U);
  CHECK(chain.first_file() == "a");
  CHECK(chain.next_event() == 5U);
  CHECK(chain.last_file() == "e");
}

TEST_CASE("chain: a record that is left out is a jump, and the first event after it is told", "[events][chain]") {
  Writer writer;
  WriteAheadChain chain;
  CHECK(chain.follow(writer.commit("a")));
  SECTION("with an event") {
    static_cast<void>(writer.commit("b"));
    CHECK(chain.follow(writer.rows("c", 1)));
    CHECK_FALSE(chain.follow(writer.commit("c")));
    CHECK(chain.found()->event_met == 2U);
  }
  SECTION("without one") {
    static_cast<void>(writer.rows("b", 1));
    CHECK_FALSE(chain.follow(writer.commit("c")));
    CHECK(chain.found()->event_met == 1U);
  }
  REQUIRE(chain.found().has_value());
  CHECK(chain.found()->kind == Kind::jump);
  CHECK(chain.found()->ends == "a");
  CHECK(chain.found()->goes_on == "c");
  CHECK(chain.found()->event_next == 1U);
}

TEST_CASE("chain: a record that comes again goes back", "[events][chain]") {
  Writer writer;
  WriteAheadChain chain;
  const auto first = writer.rows("a", 2);
  CHECK(chain.follow(first));
  CHECK(chain.follow(writer.commit("a")));
  chain.follow(first);
  REQUIRE(chain.found().has_value());
  CHECK(chain.found()->kind == Kind::back);
}

TEST_CASE("chain: numbers that rows without a log have taken are no hole if the next record says so",
          "[events][chain]") {
  Writer writer;
  WriteAheadChain chain;
  CHECK(chain.follow(writer.commit("a")));
  const std::uint64_t before = writer.unlogged(1'000);
  auto next = writer.commit("b");
  SECTION("it says so") {
    next.unlogged_since = before;
    CHECK(chain.follow(next));
    CHECK_FALSE(chain.found().has_value());
  }
  SECTION("it does not") {
    chain.follow(next);
    CHECK(chain.found()->kind == Kind::jump);
  }
  SECTION("it says so, and a logged record before it is missing") {
    next.unlogged_since = before + 1;
    chain.follow(next);
    CHECK(chain.found()->kind == Kind::jump);
  }
}

TEST_CASE("chain: events whose numbers fit and whose bytes do not are foreign", "[events][chain]") {
  Writer writer;
  Writer other;
  other.salt = "!";
  WriteAheadChain chain;
  CHECK(chain.follow(writer.commit("a")));
  static_cast<void>(other.commit("a"));
  chain.follow(other.commit("b"));
  REQUIRE(chain.found().has_value());
  CHECK(chain.found()->kind == Kind::foreign);
  CHECK(chain.found()->goes_on == "b");
}

TEST_CASE("chain: events without the head that follows from them are foreign", "[events][chain]") {
  Writer writer;
  WriteAheadChain chain;
  CHECK(chain.follow(writer.commit("a")));
  auto next = writer.commit("b");
  std::string head{*next.head};
  SECTION("none") { next.head.reset(); }
  SECTION("another") {
    head.back() = static_cast<char>(head.back() ^ 1);
    next.head = head;
  }
  SECTION("none that can be read") { next.head = "?"; }
  chain.follow(next);
  REQUIRE(chain.found().has_value());
  CHECK(chain.found()->kind == Kind::foreign);
}
