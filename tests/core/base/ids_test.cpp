#include "core/base/ids.hpp"

#include <algorithm>
#include <unordered_set>

#include <catch2/catch.hpp>

#include "tests/core/fixed_random.hpp"
#include "tests/core/hex.hpp"
#include "tests/support/seeded_random.hpp"

namespace tally::core {
namespace {

using testing::bytes_of_hex;

Uuid uuid_of_hex(std::string_view text) {
  const Bytes bytes = bytes_of_hex(text);
  Uuid uuid;
  std::copy(bytes.begin(), bytes.end(), uuid.bytes.begin());
  return uuid;
}

TEST_CASE("uuid: version 7 of RFC 9562, appendix A.6", "[core][ids]") {
  // The bits that version and variant take are set wrong on purpose.
  const Bytes entropy_bytes = bytes_of_hex("FCC3D8C4DC0C0C07398F");
  UuidEntropy entropy;
  std::copy(entropy_bytes.begin(), entropy_bytes.end(), entropy.begin());
  const Timestamp time = timestamp_of_micros(1'645'557'742'000'999);
  const Uuid uuid = make_uuid_v7(time, entropy);
  CHECK(uuid == uuid_of_hex("017F22E279B07CC398C4DC0C0C07398F"));
  CHECK(time_of_uuid_v7(uuid) == timestamp_of_micros(1'645'557'742'000'000));
}

TEST_CASE("uuid: the lower bound of a time is below every id of it and above every earlier one", "[core][ids]") {
  tally::testing::SeededRandom random{1};
  const Timestamp time = timestamp_of_micros(1'800'000'000'000'000);
  for (int i = 0; i < 1'000; ++i) {
    CHECK(draw_id<TokenId>(random, time).uuid() >= uuid_v7_lower_bound(time));
    CHECK(draw_id<TokenId>(random, time - std::chrono::milliseconds{1}).uuid() < uuid_v7_lower_bound(time));
  }
}

TEST_CASE("uuid: ids of one process stand in the order of its clock, to the microsecond", "[core][ids]") {
  tally::testing::SeededRandom random{2};
  const Timestamp time = timestamp_of_micros(1'800'000'000'123'000);
  for (int micros = 0; micros < 2'000; ++micros) {
    const Timestamp now = time + std::chrono::microseconds{micros};
    const Uuid uuid = draw_id<TokenId>(random, now).uuid();
    REQUIRE(uuid < draw_id<TokenId>(random, now + std::chrono::microseconds{1}).uuid());
    REQUIRE((uuid.bytes[6] >> 4 == 7 && uuid.bytes[8] >> 6 == 2));
    REQUIRE(time_of_uuid_v7(uuid) == std::chrono::floor<std::chrono::milliseconds>(now));
  }
}

TEST_CASE("uuid: ids of the log stand in the order of time, then of sequence, whatever chance says", "[core][ids]") {
  tally::testing::SeededRandom random{3};
  const auto id_of = [&random](std::int64_t micros, std::uint64_t sequence) {
    UuidEntropy entropy;
    random.fill(entropy);
    return make_uuid_v7_in_log(timestamp_of_micros(micros), Sequence{sequence}, entropy);
  };
  for (int round = 0; round < 1'000; ++round) {
    const auto micros = static_cast<std::int64_t>(random.below(1'000'000'000));
    const std::uint64_t sequence = random.below(0xffff'fff0);
    const Uuid uuid = id_of(micros, sequence);
    REQUIRE(uuid < id_of(micros, sequence + 1));
    REQUIRE(uuid < id_of(micros + 1, random.below(0xffff'ffff)));
    REQUIRE(uuid >= uuid_v7_lower_bound(timestamp_of_micros(micros)));
    REQUIRE((uuid.bytes[6] >> 4 == 7 && uuid.bytes[8] >> 6 == 2));
    REQUIRE(time_of_uuid_v7(uuid) == std::chrono::floor<std::chrono::milliseconds>(timestamp_of_micros(micros)));
    REQUIRE(uuid != id_of(micros, sequence));
  }
}

TEST_CASE("type id: vectors of the specification and of an independent program", "[core][ids]") {
  const auto [hex, suffix] = GENERATE(table<std::string, std::string>({
      {"00000000000000000000000000000000", "00000000000000000000000000"},
      {"00000000000000000000000000000001", "00000000000000000000000001"},
      {"0000000000000000000000000000000a", "0000000000000000000000000a"},
      {"00000000000000000000000000000010", "0000000000000000000000000g"},
      {"00000000000000000000000000000020", "00000000000000000000000010"},
      {"ffffffffffffffffffffffffffffffff", "7zzzzzzzzzzzzzzzzzzzzzzzzz"},
      {"0110c8531d0952d8d73e1194e95b5f19", "0123456789abcdefghjkmnpqrs"},
      {"01890a5dac96774bbcceb302099a8057", "01h455vb4pex5vsknk084sn02q"},
      {"017f22e279b07cc398c4dc0c0c07398f", "01fwhe4ydgfk1shh6w1g60eecf"},
      {"00112233445566778899aabbccddeeff", "0024h36h2ncsvrh6daqf6dvvqz"},
  }));
  const Uuid uuid = uuid_of_hex(hex);
  CHECK(format_type_id("prefix", uuid) == "prefix_" + suffix);
  CHECK(*parse_type_id("prefix", "prefix_" + suffix) == uuid);
  CHECK(TokenId{uuid}.str() == "tok_" + suffix);
  CHECK(*TokenId::parse("tok_" + suffix) == TokenId{uuid});
}

TEST_CASE("type id: what is not one is malformed", "[core][ids]") {
  const auto text = GENERATE(as<std::string>{},
                             "",                                      // nothing
                             "tok",                                   // no suffix
                             "tok_",                                  //
                             "01h455vb4pex5vsknk084sn02q",            // no prefix
                             "_01h455vb4pex5vsknk084sn02q",           // an empty one
                             "usr_01h455vb4pex5vsknk084sn02q",        // another kind
                             "TOK_01h455vb4pex5vsknk084sn02q",        // upper case prefix
                             "tok_01H455VB4PEX5VSKNK084SN02Q",        // upper case suffix
                             "tok-01h455vb4pex5vsknk084sn02q",        // wrong separator
                             "tok__1h455vb4pex5vsknk084sn02q",        // separator twice
                             "tok_01h455vb4pex5vsknk084sn02",         // 25 characters
                             "tok_01h455vb4pex5vsknk084sn02q0",       // 27 characters
                             "tok_8zzzzzzzzzzzzzzzzzzzzzzzzz",        // 129 bits
                             "tok_zzzzzzzzzzzzzzzzzzzzzzzzzz",        // 130 bits
                             "tok_-1h455vb4pex5vsknk084sn02q",        // a sign
                             "tok_01h455vb4pex5vsknk084sn02i",        // i, l, o, u: not in the alphabet
                             "tok_01h455vb4pex5vsknk084sn02l",        //
                             "tok_01h455vb4pex5vsknk084sn02o",        //
                             "tok_01h455vb4pex5vsknk084sn02u",        //
                             " tok_01h455vb4pex5vsknk084sn02q",       // white space
                             "tok_01h455vb4pex5vsknk084sn02 ",        //
                             "tok_01h455vb4pex5vsknk084sn0\xc3\xa9",  // beyond ASCII
                             std::string("tok_01h455vb4pex5vsknk084sn02\0", 30));
  CAPTURE(text);
  REQUIRE(TokenId::parse(text).has_error());
  CHECK(TokenId::parse(text).error().code == Errc::malformed);
}

TEST_CASE("type id: text and bytes have the same order", "[core][ids]") {
  tally::testing::SeededRandom random{2};
  for (int i = 0; i < 1'000; ++i) {
    Uuid left;
    Uuid right;
    random.fill(left.bytes);
    random.fill(right.bytes);
    CHECK((left < right) == (format_type_id("x", left) < format_type_id("x", right)));
    CHECK(*parse_type_id("x", format_type_id("x", left)) == left);
  }
}

TEST_CASE("ids: drawn ids of one millisecond differ, and hash apart", "[core][ids]") {
  tally::testing::SeededRandom random{3};
  std::unordered_set<UserId> ids;
  for (int i = 0; i < 10'000; ++i) ids.insert(draw_id<UserId>(random, timestamp_of_micros(1'000)));
  CHECK(ids.size() == 10'000);
}

}  // namespace
}  // namespace tally::core
