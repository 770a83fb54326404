#include "http/auth/dpop_nonces.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "core/crypto/hash.hpp"
#include "core/crypto/system_random.hpp"
#include "http/server/limits.hpp"
#include "tests/support/seeded_random.hpp"

using namespace tally;
using core::Errc;
using http::DPoPNonces;
using http::limits::kNonceLifetime;

namespace {

// The beginning of an epoch.
const core::Timestamp kStart = core::timestamp_of_micros(1'800'000'000'000'000);

core::Digest proof_number(int number) { return core::crypto::sha256(core::as_bytes(std::to_string(number))); }

struct Fixture {
  testing::SeededRandom random{5};
  DPoPNonces nonces{random, 3};
};

}  // namespace

TEST_CASE("dpop nonces: one for a while, then another", "[http][dpop]") {
  Fixture fixture;
  const std::string first = fixture.nonces.current(kStart);
  CHECK(first.size() == 22);
  CHECK(fixture.nonces.current(kStart + kNonceLifetime - core::Duration{1}) == first);
  const std::string second = fixture.nonces.current(kStart + kNonceLifetime);
  CHECK(second != first);
}

TEST_CASE("dpop nonces: one is taken for twice as long as it is given, and no longer", "[http][dpop]") {
  Fixture fixture;
  const std::string first = fixture.nonces.current(kStart);
  CHECK(fixture.nonces.is_good(first, kStart));
  CHECK(fixture.nonces.is_good(first, kStart + 2 * kNonceLifetime - core::Duration{1}));
  CHECK_FALSE(fixture.nonces.is_good(first, kStart + 2 * kNonceLifetime));
  CHECK_FALSE(fixture.nonces.is_good(first, kStart));  // The clock may go back; a nonce does not come back.
}

TEST_CASE("dpop nonces: none of before a silence is good", "[http][dpop]") {
  Fixture fixture;
  const std::string first = fixture.nonces.current(kStart);
  CHECK_FALSE(fixture.nonces.is_good(first, kStart + 5 * kNonceLifetime));
  CHECK_FALSE(fixture.nonces.is_good("", kStart + 5 * kNonceLifetime));
  CHECK_FALSE(fixture.nonces.is_good("nonsense", kStart));
}

TEST_CASE("dpop nonces: a proof is used once, as long as its nonce lives", "[http][dpop]") {
  Fixture fixture;
  const std::string nonce = fixture.nonces.current(kStart);
  CHECK(fixture.nonces.use(nonce, proof_number(1), kStart).has_value());
  CHECK(fixture.nonces.use(nonce, proof_number(1), kStart).error().code == Errc::invalid_proof);
  CHECK(fixture.nonces.use(nonce, proof_number(2), kStart).has_value());
  const core::Timestamp later = kStart + kNonceLifetime;
  CHECK(fixture.nonces.use(nonce, proof_number(1), later).error().code == Errc::invalid_proof);
  CHECK(fixture.nonces.use(nonce, proof_number(3), later).has_value());
  CHECK(fixture.nonces.use(nonce, proof_number(4), later + kNonceLifetime).error().code == Errc::nonce_required);
  CHECK(fixture.nonces.use("nonsense", proof_number(4), later).error().code == Errc::nonce_required);
}

TEST_CASE("dpop nonces: a full memory refuses new proofs and forgets no old one", "[http][dpop]") {
  Fixture fixture;
  const std::string nonce = fixture.nonces.current(kStart);
  for (int number = 0; number < 3; ++number) CHECK(fixture.nonces.use(nonce, proof_number(number), kStart).has_value());
  CHECK(fixture.nonces.use(nonce, proof_number(3), kStart).error().code == Errc::overloaded);
  CHECK(fixture.nonces.use(nonce, proof_number(0), kStart).error().code == Errc::invalid_proof);
  const core::Timestamp later = kStart + kNonceLifetime;
  CHECK(fixture.nonces.use(fixture.nonces.current(later), proof_number(3), later).has_value());
}

TEST_CASE("dpop nonces: of many that use one proof at the same time one succeeds", "[http][dpop]") {
  core::crypto::SystemRandom random;
  DPoPNonces nonces{random, 100};
  const std::string nonce = nonces.current(kStart);
  std::atomic<int> used = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int number = 0; number < 20; ++number) {
        if (nonces.use(nonce, proof_number(number), kStart).has_value()) ++used;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(used == 20);
}
