#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/random.hpp"
#include "tools/keyring/master_key.hpp"
#include "tools/keyring/pkcs11_session.hpp"

namespace tally::tools {

/// A master key inside a PKCS#11 token: it wraps there, and nobody can take it out. A wrapped secret is a nonce(12),
/// drawn here, and what AES-GCM made of the secret. Which key it was is told by the token's serial number and the key's
/// label.
class Pkcs11MasterKey final : public MasterKey {
 public:
  /// Errors: as Pkcs11Session::open. Lifetime: `random` outlives the key.
  static core::Result<std::unique_ptr<Pkcs11MasterKey>> open(const Pkcs11KeyName& name, std::string_view pin,
                                                             core::RandomSource& random);

  [[nodiscard]] WrapMethod method() const override { return WrapMethod::pkcs11; }
  [[nodiscard]] const MasterKeyId& id() const override { return id_; }
  [[nodiscard]] const std::string& name() const override { return name_; }
  core::Result<core::Bytes> wrap(core::ByteView context, std::string_view secret) override;
  core::Result<core::SecretText> unwrap(core::ByteView context, core::ByteView wrapped) override;

 private:
  Pkcs11MasterKey(const Pkcs11KeyName& name, std::unique_ptr<Pkcs11Session> session, core::RandomSource& random);
  // Constant after construction, but for the session.
  MasterKeyId id_;
  std::string name_;
  core::RandomSource& random_;
  std::mutex mutex_;
  std::unique_ptr<Pkcs11Session> session_;  // guarded by mutex_
};

}  // namespace tally::tools
