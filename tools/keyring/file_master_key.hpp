#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/random.hpp"
#include "tools/keyring/master_key.hpp"

namespace tally::tools {

/// A master key of 256 bits in memory, from one line of base64, as `openssl rand -base64 32` writes it.
class FileMasterKey final : public MasterKey {
 public:
  /// The line of a new key.
  static core::SecretText make_line(core::RandomSource& random);
  /// `line` with or without its end. Errors: malformed. Lifetime: `random` outlives the key.
  static core::Result<std::unique_ptr<FileMasterKey>> parse(std::string_view line, std::string name,
                                                            core::RandomSource& random);

  [[nodiscard]] WrapMethod method() const override { return WrapMethod::secret; }
  [[nodiscard]] const MasterKeyId& id() const override { return id_; }
  [[nodiscard]] const std::string& name() const override { return name_; }
  core::Result<core::Bytes> wrap(core::ByteView context, std::string_view secret) override;
  core::Result<core::SecretText> unwrap(core::ByteView context, core::ByteView wrapped) override;

 private:
  FileMasterKey(core::SecretText key, std::string name, core::RandomSource& random);
  // Constant after construction.
  core::SecretText key_;  ///< 32 bytes.
  MasterKeyId id_;
  std::string name_;
  core::RandomSource& random_;
};

}  // namespace tally::tools
