#include "tools/keyring/pkcs11_master_key.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/crypto/hash.hpp"

namespace tally::tools {
namespace {

using core::Result;

constexpr std::size_t kWrapNonceBytes = 12;
constexpr std::string_view kPkcs11IdLabel = "tally pkcs11 key id v1";
constexpr std::array<std::uint8_t, 1> kSeparator{0};

}  // namespace

Pkcs11MasterKey::Pkcs11MasterKey(const Pkcs11KeyName& name, std::unique_ptr<Pkcs11Session> session,
                                 core::RandomSource& random)
    : name_("pkcs11_key: " + name.key + " of the token " + name.token), random_(random), session_(std::move(session)) {
  const core::Digest digest = core::crypto::sha256(
      {core::as_bytes(kPkcs11IdLabel), core::as_bytes(session_->serial()), kSeparator, core::as_bytes(name.key)});
  std::copy_n(digest.bytes.begin(), id_.size(), id_.begin());
}

Result<std::unique_ptr<Pkcs11MasterKey>> Pkcs11MasterKey::open(const Pkcs11KeyName& name, std::string_view pin,
                                                               core::RandomSource& random) {
  TALLY_TRY_ASSIGN(auto session, Pkcs11Session::open(name, pin));
  return std::unique_ptr<Pkcs11MasterKey>{new Pkcs11MasterKey{name, std::move(session), random}};
}

Result<core::Bytes> Pkcs11MasterKey::wrap(core::ByteView context, std::string_view secret) {
  core::Bytes wrapped(kWrapNonceBytes);
  random_.fill(wrapped);
  const std::lock_guard lock{mutex_};
  TALLY_TRY_ASSIGN(const core::Bytes sealed, session_->encrypt(wrapped, context, core::as_bytes(secret)));
  wrapped.insert(wrapped.end(), sealed.begin(), sealed.end());
  return wrapped;
}

Result<core::SecretText> Pkcs11MasterKey::unwrap(core::ByteView context, core::ByteView wrapped) {
  if (wrapped.size() < kWrapNonceBytes) return core::fail(core::Errc::malformed, "does not open");
  const std::lock_guard lock{mutex_};
  TALLY_TRY_ASSIGN(core::Bytes plain,
                   session_->decrypt(wrapped.first(kWrapNonceBytes), context, wrapped.subspan(kWrapNonceBytes)));
  core::SecretText secret{std::string{core::as_text(plain)}};
  core::wipe(plain.data(), plain.size());
  return secret;
}

}  // namespace tally::tools
