#pragma once

#include <map>
#include <string>

#include "http/tokens/signing_key_store.hpp"

namespace tally::testing {

/// Private keys in memory, as PEM; the next calls can be made to fail.
class MemorySigningKeys final : public http::SigningKeyStore {
 public:
  explicit MemorySigningKeys(core::RandomSource& random) : random_(random) {}

  core::Result<core::crypto::SigningKey> make(core::crypto::SigningAlgorithm algorithm) override {
    if (is_full) return core::fail(core::Errc::no_space, "full");
    auto key = core::crypto::SigningKey::generate(random_, algorithm);
    kept[key.public_key().thumbprint()] = std::string{key.to_pem().reveal()};
    return key;
  }
  core::Result<core::crypto::SigningKey> first(core::crypto::SigningAlgorithm algorithm) override {
    return kept.empty() ? make(algorithm) : load(kept.begin()->first);
  }
  core::Result<core::crypto::SigningKey> load(const std::string& key_id) override {
    const auto found = kept.find(key_id);
    if (found == kept.end()) return core::fail(core::Errc::io_failed, "no key " + key_id);
    return core::crypto::SigningKey::from_pem(found->second);
  }
  core::Result<void> discard(const std::string& key_id) override {
    kept.erase(key_id);
    return {};
  }

  std::map<std::string, std::string> kept;
  bool is_full = false;

 private:
  core::RandomSource& random_;
};

}  // namespace tally::testing
