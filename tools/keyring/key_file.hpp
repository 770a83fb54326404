#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "tools/keyring/master_key.hpp"

/// A wrapped secret as a file: `TLYK`, version(1), method(1), id of the master key(16), what the master key made of the
/// secret. The header and the secret's name are authenticated, so that no file can take another's place. Source:
/// docs/formats.md.
namespace tally::tools {

struct KeyFileHeader {
  WrapMethod method = WrapMethod::secret;
  MasterKeyId master_key{};
};

/// Errors: malformed (not such a file, or of a later release).
core::Result<KeyFileHeader> read_key_file_header(core::ByteView file);

/// Errors: as MasterKey::wrap.
core::Result<std::string> make_key_file(MasterKey& master_key, std::string_view name, std::string_view secret);

/// Errors: malformed, bad_configuration (another master key has wrapped it), io_failed (the token).
core::Result<core::SecretText> open_key_file(MasterKey& master_key, std::string_view name, core::ByteView file);

}  // namespace tally::tools
