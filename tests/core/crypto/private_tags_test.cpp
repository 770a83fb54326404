#include "core/crypto/private_tags.hpp"

#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "core/crypto/system_random.hpp"
#include "tests/core/fixed_random.hpp"
#include "tests/core/hex.hpp"

namespace tally::core::crypto {
namespace {

TEST_CASE("private tags: the vector of RFC 8439, each time", "[core][crypto]") {
  testing::FixedRandom key{testing::bytes_of_hex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")};
  const PrivateTags tags{key};
  for (int turn = 0; turn < 3; ++turn) {
    CHECK(to_hex(tags.of("Cryptographic Forum Research Group")) == "a8061dc1305136c6c22b8baf0c0127a9");
  }
}

TEST_CASE("private tags: another text or another key has another tag", "[core][crypto]") {
  SystemRandom random;
  const PrivateTags tags{random};
  const std::string text(700, 'a');
  CHECK(tags.of(text) == tags.of(text));
  CHECK(tags.of(text) != tags.of(text.substr(1)));
  CHECK(tags.of(text) != tags.of(text + std::string(1, '\0')));
  CHECK(tags.of("") != tags.of(std::string(1, '\0')));
  CHECK(PrivateTags{random}.of(text) != tags.of(text));
}

TEST_CASE("private tags: many threads at once", "[core][crypto]") {
  SystemRandom random;
  const PrivateTags tags{random};
  const PrivateTags::Tag expected = tags.of("text");
  std::vector<int> wrong(4, 0);
  {
    std::vector<std::jthread> threads;
    for (int& mine : wrong) {
      threads.emplace_back([&] {
        for (int turn = 0; turn < 1'000; ++turn) mine += tags.of("text") == expected ? 0 : 1;
      });
    }
  }
  CHECK(wrong == std::vector<int>(4, 0));
}

}  // namespace
}  // namespace tally::core::crypto
