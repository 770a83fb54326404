#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace tally::tools {

/// By what a key is named.
struct Pkcs11KeyName {
  std::string module;  ///< The path of the shared library.
  std::string token;   ///< The PKCS#11 token's label.
  std::string key;     ///< The label of an AES key of 256 bits.
};

/// A logged-in session with one AES key of a PKCS#11 token. Threads: one at a time. Source: PKCS #11 v2.40.
class Pkcs11Session {
 public:
  /// Loads the module. It stays loaded until the process ends: modules do not survive being unloaded. Errors:
  /// bad_configuration; the detail begins with the setting that is wrong.
  static core::Result<std::unique_ptr<Pkcs11Session>> open(const Pkcs11KeyName& name, std::string_view pin);
  ~Pkcs11Session();

  /// The token's serial number, which its maker gave it.
  [[nodiscard]] const std::string& serial() const;
  /// AES-GCM with a tag of 16 bytes at the end. `nonce` has 12 bytes and is never used twice. Errors: io_failed.
  core::Result<core::Bytes> encrypt(core::ByteView nonce, core::ByteView context, core::ByteView plain);
  /// Errors: malformed (the token says that it does not open), io_failed.
  core::Result<core::Bytes> decrypt(core::ByteView nonce, core::ByteView context, core::ByteView sealed);

 private:
  struct State;
  explicit Pkcs11Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tally::tools
