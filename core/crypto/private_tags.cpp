#include "core/crypto/private_tags.hpp"

#include <memory>
#include <string>

#include <botan/mac.h>

#include "core/base/bytes.hpp"

namespace tally::core::crypto {
namespace {

constexpr std::size_t kTagKeyBytes = 32;

SecretText draw_key(RandomSource& random) {
  std::array<std::uint8_t, kTagKeyBytes> key;
  random.fill(key);
  SecretText drawn{std::string{as_text(key)}};
  wipe(key.data(), key.size());
  return drawn;
}

}  // namespace

PrivateTags::PrivateTags(RandomSource& random) : key_(draw_key(random)) {}

PrivateTags::Tag PrivateTags::of(std::string_view text) const {
  thread_local const std::unique_ptr<Botan::MessageAuthenticationCode> mac =
      Botan::MessageAuthenticationCode::create_or_throw("Poly1305");
  const ByteView key = as_bytes(key_.reveal());
  const ByteView bytes = as_bytes(text);
  Tag tag;
  mac->set_key(key.data(), key.size());
  mac->update(bytes.data(), bytes.size());
  mac->final(tag.data());  // and it has forgotten the key
  return tag;
}

}  // namespace tally::core::crypto
