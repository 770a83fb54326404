#include "core/crypto/system_random.hpp"

#include <exception>

#include <botan/system_rng.h>

#include "core/base/check.hpp"

namespace tally::core::crypto {

void SystemRandom::fill(std::span<std::uint8_t> out) {
  try {
    Botan::system_rng().randomize(out.data(), out.size());
  } catch (const std::exception& failure) {
    check_failed("the system gives random bytes", __FILE__, __LINE__, failure.what());
  }
}

}  // namespace tally::core::crypto
