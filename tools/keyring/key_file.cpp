#include "tools/keyring/key_file.hpp"

#include <algorithm>

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;

constexpr std::string_view kMagic = "TLYK";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMethodAt = 5;
constexpr std::size_t kIdAt = 6;
constexpr std::size_t kHeaderBytes = kIdAt + MasterKeyId{}.size();

core::Bytes header_of(const MasterKey& master_key) {
  core::Bytes header{kMagic.begin(), kMagic.end()};
  header.push_back(kVersion);
  header.push_back(static_cast<std::uint8_t>(master_key.method()));
  header.insert(header.end(), master_key.id().begin(), master_key.id().end());
  return header;
}

/// What is authenticated beside the secret.
core::Bytes context_of(core::ByteView header, std::string_view name) {
  core::Bytes context{header.begin(), header.end()};
  context.insert(context.end(), name.begin(), name.end());
  return context;
}

}  // namespace

Result<KeyFileHeader> read_key_file_header(core::ByteView file) {
  const bool is_ours = file.size() > kHeaderBytes && core::as_text(file).starts_with(kMagic) &&
                       file[kMagic.size()] == kVersion && file[kMethodAt] >= 1 &&
                       file[kMethodAt] <= static_cast<std::uint8_t>(WrapMethod::pkcs11);
  if (!is_ours) return core::fail(Errc::malformed, "is not a wrapped key of this release");
  KeyFileHeader header;
  header.method = static_cast<WrapMethod>(file[kMethodAt]);
  std::copy_n(file.begin() + kIdAt, header.master_key.size(), header.master_key.begin());
  return header;
}

Result<std::string> make_key_file(MasterKey& master_key, std::string_view name, std::string_view secret) {
  const core::Bytes header = header_of(master_key);
  TALLY_TRY_ASSIGN(const core::Bytes wrapped, master_key.wrap(context_of(header, name), secret));
  std::string file{core::as_text(header)};
  file.append(core::as_text(wrapped));
  return file;
}

Result<core::SecretText> open_key_file(MasterKey& master_key, std::string_view name, core::ByteView file) {
  TALLY_TRY_ASSIGN(const KeyFileHeader header, read_key_file_header(file));
  if (header.method != master_key.method() || header.master_key != master_key.id()) {
    return core::fail(Errc::bad_configuration, "was wrapped by another master key");
  }
  return master_key.unwrap(context_of(file.first(kHeaderBytes), name), file.subspan(kHeaderBytes));
}

}  // namespace tally::tools
