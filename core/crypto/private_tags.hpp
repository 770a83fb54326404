#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/random.hpp"
#include "core/base/secret.hpp"

namespace tally::core::crypto {

/// 128 bits that stand for a text in a table of this process: Poly1305 under a key that is drawn when it is made and
/// known to nobody. Two given texts have the same tag with a chance of 2^-90 at most, if neither was chosen by somebody
/// who has seen tags: so none is ever shown, sent or stored. Costs a tenth of SHA-256. Source: RFC 8439 §2.5;
/// Bernstein, "The Poly1305-AES message-authentication code", 2005, §3. Threads: any.
class PrivateTags {
 public:
  using Tag = std::array<std::uint8_t, 16>;
  explicit PrivateTags(RandomSource& random);
  [[nodiscard]] Tag of(std::string_view text) const;

 private:
  SecretText key_;
};

}  // namespace tally::core::crypto
