#pragma once

#include <initializer_list>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"

namespace tally::http {

/// Seals what the server keeps of its own answers for a while, under a key that lies beside the ledger and not in it: a
/// stolen database opens nothing. Threads: any.
class AnswerSeal {
 public:
  static constexpr std::size_t kKeyBytes = 32;

  /// `key`: kKeyBytes random bytes (checked), the same after a restart.
  explicit AnswerSeal(core::SecretText key);

  /// `context`: what the sealed bytes are bound to.
  [[nodiscard]] core::Bytes seal(core::ByteView context, std::string_view answer, core::RandomSource& random) const;
  /// Errors: corrupt (another key or context, or changed bytes).
  [[nodiscard]] core::Result<core::SecretText> unseal(core::ByteView context, core::ByteView sealed) const;
  /// A digest that nobody can compute, or guess the parts of, without the key: requests hold passwords.
  [[nodiscard]] core::Digest digest(std::initializer_list<core::ByteView> parts) const;

 private:
  core::SecretText key_;  // constant after construction
};

}  // namespace tally::http
