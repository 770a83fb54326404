#include <vector>

#include <catch2/catch.hpp>

#include "events/log/codec.hpp"
#include "tests/events/sample_events.hpp"

// Under AddressSanitizer these also show that no byte outside the buffer is read: the damaged bytes lie in a vector of
// their size.
namespace tally {
namespace {

std::vector<std::uint8_t> bytes_to_damage(const core::Event& event) {
  events::EventEncoder encoder;
  const auto bytes = encoder.encode(event);
  REQUIRE(bytes.has_value());
  return {bytes->begin(), bytes->end()};
}

bool is_answered(const std::vector<std::uint8_t>& bytes) {
  const auto decoded = events::decode_event(bytes);
  return decoded.has_value() || decoded.error().code == core::Errc::corrupt ||
         decoded.error().code == core::Errc::unknown_event;
}

TEST_CASE("codec damage: a flipped bit is refused or is some event", "[events][codec]") {
  for (const core::Event& event : testing::sample_events()) {
    auto bytes = bytes_to_damage(event);
    std::size_t refused = 0;
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      if (!is_answered(bytes)) FAIL("bit " << bit);
      refused += events::decode_event(bytes).has_error() ? 1 : 0;
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
    // Offsets, lengths and table forms at least can not change unseen.
    CHECK(refused > bytes.size() / 2);
  }
}

TEST_CASE("codec damage: every other value of every byte is refused or is some event", "[events][codec]") {
  auto bytes = bytes_to_damage(testing::sample_events().front());
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    const std::uint8_t original = bytes[place];
    for (int value = 0; value < 256; ++value) {
      bytes[place] = static_cast<std::uint8_t>(value);
      if (!is_answered(bytes)) FAIL("byte " << place << " value " << value);
    }
    bytes[place] = original;
  }
}

TEST_CASE("codec damage: bytes cut off at any length never pass for the event", "[events][codec]") {
  for (const core::Event& event : testing::sample_events()) {
    const auto bytes = bytes_to_damage(event);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const std::vector<std::uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
      const auto decoded = events::decode_event(cut);
      if (decoded.has_value() && length + 8 < bytes.size()) FAIL("length " << length);
      if (decoded.has_error() && decoded.error().code != core::Errc::corrupt) FAIL("length " << length);
    }
  }
}

TEST_CASE("codec damage: two swapped bytes are refused or are some event", "[events][codec]") {
  auto bytes = bytes_to_damage(testing::sample_events().front());
  for (std::size_t place = 0; place + 1 < bytes.size(); ++place) {
    std::swap(bytes[place], bytes[place + 1]);
    if (!is_answered(bytes)) FAIL("bytes " << place);
    std::swap(bytes[place], bytes[place + 1]);
  }
}

TEST_CASE("codec damage: bytes of another kind are corrupt", "[events][codec]") {
  for (const std::size_t length : {0U, 1U, 3U, 4U, 7U, 8U, 64U, 1'024U, 65'536U, 70'000U}) {
    const auto decoded = events::decode_event(std::vector<std::uint8_t>(length, 0xff));
    REQUIRE(decoded.has_error());
    CHECK(decoded.error().code == core::Errc::corrupt);
  }
}

}  // namespace
}  // namespace tally
