#include "http/tokens/access_token_cache.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "core/crypto/hash.hpp"
#include "tests/http/oauth/token_forge.hpp"

using namespace tally;
using namespace tally::testing;
using http::AccessTokenCache;

namespace {

AccessTokenCache::Key key_number(int number) {
  const core::Digest digest = core::crypto::sha256(core::as_bytes(std::to_string(number)));
  AccessTokenCache::Key key;
  std::copy_n(digest.bytes.begin(), key.size(), key.begin());
  return key;
}

http::AccessClaims claims_number(int number, const std::string& scope = "files.read") {
  http::AccessClaims claims = sample_claims(scope);
  claims.expires_at_seconds += number;
  if (number % 5 == 0) {
    claims.confirmation = core::Confirmation{};
    claims.confirmation->thumbprint.bytes.front() = static_cast<std::uint8_t>(number);
  }
  if (number % 7 == 0) claims.parent = claims.id;
  if (number % 11 == 0) claims.resource = "https://api" + std::to_string(number % 3) + ".example";
  return claims;
}

}  // namespace

TEST_CASE("access token cache: forgets the oldest first, never more than it must, and mixes nothing up",
          "[http][access-token]") {
  constexpr int kAll = 5000;
  constexpr std::size_t kBound = 1600;
  AccessTokenCache cache{{kBound, 1 << 20}};
  for (int number = 0; number < kAll; ++number) {
    const std::string scope = number % 3 == 0 ? "" : "files.read s" + std::to_string(number % 7);
    cache.remember(key_number(number), claims_number(number, scope), cache.epoch());
    REQUIRE(cache.size() <= kBound);
  }
  CHECK(cache.size() == kBound);
  std::size_t found = 0;
  for (int number = 0; number < kAll; ++number) {
    const auto claims = cache.find(key_number(number));
    if (!claims) continue;
    ++found;
    const std::string scope = number % 3 == 0 ? "" : "files.read s" + std::to_string(number % 7);
    REQUIRE(*claims == claims_number(number, scope));
  }
  CHECK(found == kBound);
  // Each shard holds 100, and 5000 keys are spread over 16 of them: the last 1000 can not all have been pushed out.
  CHECK(cache.find(key_number(kAll - 1)).has_value());
  CHECK_FALSE(cache.find(key_number(0)).has_value());
}

TEST_CASE("access token cache: remembering twice is remembering once", "[http][access-token]") {
  AccessTokenCache cache{{64, 1 << 20}};
  cache.remember(key_number(1), claims_number(1), cache.epoch());
  cache.remember(key_number(1), claims_number(1), cache.epoch());
  CHECK(cache.size() == 1);
}

TEST_CASE("access token cache: ever new sets of scopes push out tokens, not memory", "[http][access-token]") {
  constexpr std::size_t kScopeBytes = 16 << 10;  // 1 KiB in each shard
  AccessTokenCache cache{{1600, kScopeBytes}};
  for (int number = 0; number < 2000; ++number) {
    cache.remember(key_number(number), claims_number(number, "scope." + std::to_string(number)), cache.epoch());
    const auto claims = cache.find(key_number(number));
    REQUIRE(claims.has_value());
    REQUIRE(claims->scope.contains("scope." + std::to_string(number)));
  }
  // A set costs more than 128 bytes.
  CHECK(cache.size() <= kScopeBytes / 128);
  CHECK(cache.size() >= 16);
  const std::size_t before = cache.size();
  // Larger than all there is: not remembered, and nothing is lost for it.
  std::string wide;
  for (int i = 0; i < 50; ++i) wide += (wide.empty() ? "" : " ") + std::string(100, 'w') + std::to_string(i);
  cache.remember(key_number(9999), claims_number(1, wide), cache.epoch());
  CHECK_FALSE(cache.find(key_number(9999)).has_value());
  CHECK(cache.size() == before);
}

TEST_CASE("access token cache: many threads at once", "[http][access-token]") {
  AccessTokenCache cache{{320, 1 << 16}};
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&cache, &wrong, thread] {
      for (int number = 0; number < 2000; ++number) {
        cache.remember(key_number(number), claims_number(number, "s" + std::to_string(number % 5)), cache.epoch());
        const int looked_up = (number * 7 + thread) % 2000;
        const auto claims = cache.find(key_number(looked_up));
        if (claims && *claims != claims_number(looked_up, "s" + std::to_string(looked_up % 5))) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(cache.size() <= 320);
}

TEST_CASE("access token cache: forgets everything, and what was looked at before is not remembered after",
          "[http][access-token]") {
  AccessTokenCache cache{{1600, 1 << 20}};
  const AccessTokenCache::Epoch before = cache.epoch();
  for (int number = 0; number < 100; ++number) cache.remember(key_number(number), claims_number(number), before);
  cache.forget_all();
  CHECK(cache.size() == 0);
  CHECK_FALSE(cache.find(key_number(1)).has_value());
  cache.remember(key_number(1), claims_number(1), before);
  CHECK_FALSE(cache.find(key_number(1)).has_value());
  cache.remember(key_number(1), claims_number(1), cache.epoch());
  CHECK(cache.find(key_number(1)).has_value());
}
