#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"

namespace tally::tools {

/// How a master key wraps. Persisted in key files; never renumbered.
enum class WrapMethod : std::uint8_t {
  secret = 1,  ///< core/crypto/sealing.hpp under 256 bits that this process knows.
  pkcs11 = 2,  ///< AES-GCM inside a PKCS#11 token.
};

/// Tells master keys apart without telling anything of them.
using MasterKeyId = std::array<std::uint8_t, 16>;

/// What wraps every other secret of a server. Two kinds: FileMasterKey and Pkcs11MasterKey. Threads: any.
class MasterKey {
 public:
  virtual ~MasterKey() = default;
  [[nodiscard]] virtual WrapMethod method() const = 0;
  [[nodiscard]] virtual const MasterKeyId& id() const = 0;
  /// For people: the setting that names it, and where it is. "master_key_file: /etc/tally/master.key".
  [[nodiscard]] virtual const std::string& name() const = 0;
  /// `context` is authenticated: a secret opens only where it was put. Errors: io_failed (the token).
  virtual core::Result<core::Bytes> wrap(core::ByteView context, std::string_view secret) = 0;
  /// Errors: malformed (changed bytes, or another context or key: they can not be told apart), io_failed (the token).
  virtual core::Result<core::SecretText> unwrap(core::ByteView context, core::ByteView wrapped) = 0;
};

}  // namespace tally::tools
