#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"

namespace tally::core {

/// Overwrites memory in a way that the compiler keeps.
void wipe(void* memory, std::size_t bytes);

/// Text that must not leak: wiped when it goes, moved but not copied, never printable, never comparable with ==.
class SecretText {
 public:
  SecretText() = default;
  explicit SecretText(std::string text);
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  SecretText(SecretText&& other) noexcept;
  SecretText& operator=(SecretText&& other) noexcept;
  ~SecretText();

  /// The one way to the value; search for it to see every use.
  [[nodiscard]] std::string_view reveal() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

/// Which secret it is; the prefix lets scanners tell them apart.
enum class SecretKind : std::uint8_t {
  refresh_token = 1,    ///< `tlr_`
  resource_server = 2,  ///< `tls_`
  access_token = 3,     ///< `tla_`, where a workspace wants opaque access tokens.
};

/// A secret of ours: prefix, 43 base62 digits (256 random bits, most significant first, alphabet 0-9 A-Z a-z) and 6
/// base62 digits of the CRC-32 (IEEE) of all that precedes, zero-padded. 53 characters in all. Source: docs/formats.md.
class OpaqueSecret {
 public:
  static constexpr std::size_t kCharacters = 4 + 43 + 6;

  static OpaqueSecret generate(SecretKind kind, RandomSource& random);

  /// Refuses garbage before any look-up. Errors: malformed (length, prefix, alphabet, over 256 bits, or checksum).
  static Result<OpaqueSecret> parse(SecretKind kind, std::string_view text);

  OpaqueSecret(OpaqueSecret&&) noexcept = default;
  OpaqueSecret& operator=(OpaqueSecret&&) noexcept = default;

  [[nodiscard]] std::string_view reveal() const { return text_.reveal(); }
  /// The text alone, for whoever hands it out.
  [[nodiscard]] SecretText take() && { return std::move(text_); }

 private:
  explicit OpaqueSecret(SecretText text) : text_(std::move(text)) {}
  SecretText text_;
};

}  // namespace tally::core
