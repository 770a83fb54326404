#pragma once

#include <initializer_list>
#include <memory>
#include <span>

#include "core/base/bytes.hpp"

namespace tally::core::crypto {

/// SHA-256. Source: FIPS 180-4. Reuses one hash object per thread. Threads: any.
Digest sha256(ByteView bytes);
/// SHA-256 of the parts one after the other.
Digest sha256(std::initializer_list<ByteView> parts);

/// HMAC-SHA-256 of the parts one after the other. Source: RFC 2104, FIPS 198-1.
Digest hmac_sha256(ByteView key, std::initializer_list<ByteView> parts);

/// HKDF-SHA-256: fills `out`, of at most 8,160 bytes (checked). Source: RFC 5869.
void hkdf_sha256(ByteView secret, ByteView salt, ByteView label, std::span<std::uint8_t> out);

/// SHA-256 over a stream, for files and exports of any size.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;
  void update(ByteView bytes);
  /// Ends the stream; call once.
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tally::core::crypto
