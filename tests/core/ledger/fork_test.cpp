#include "core/ledger/fork.hpp"

#include <catch2/catch.hpp>

namespace tally {
namespace {

core::Digest root_of(std::uint8_t seed) {
  core::Digest digest;
  digest.bytes.fill(seed);
  return digest;
}

core::KnownOfLedger known(std::uint64_t size, bool is_contained) {
  return {{"checkpoint", {size, root_of(static_cast<std::uint8_t>(size))}}, is_contained};
}

}  // namespace

TEST_CASE("fork: a ledger that contains all that is known of it goes on as it was", "[core][fork]") {
  const std::array both{known(10, true), known(12, true)};
  const core::Fork fork = core::decide_fork(both, false, 3);
  CHECK(fork.number == 0);
  CHECK(fork.known_size == 12);
  CHECK(fork.known_root == root_of(12));
  CHECK(core::decide_fork({}, false, 0) == core::Fork{});
}

TEST_CASE("fork: whatever is known and not contained, or may be known, forks, under the next number", "[core][fork]") {
  const std::array longer{known(10, true), known(12, false)};
  const core::Fork fork = core::decide_fork(longer, false, 0);
  CHECK(fork.number == 1);
  CHECK(fork.known_size == 12);
  const std::array other{known(12, true), known(10, false)};
  CHECK(core::decide_fork(other, false, 4).number == 5);
  CHECK(core::decide_fork(other, false, 4).known_root == root_of(12));
  CHECK(core::decide_fork({}, true, 1).number == 2);
}

}  // namespace tally
