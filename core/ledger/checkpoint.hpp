#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/crypto/signing_key.hpp"

/// The ledger's signed state: how many events, and the root of their tree, under a name and a key. Source: C2SP
/// tlog-checkpoint, C2SP signed-note, RFC 6962 §2.1; docs/formats.md, docs/adr/0028.
namespace tally::core {

/// What a ledger is called: the first line of its checkpoints, and the name of its key. ASCII only, though signed-note
/// allows all of UTF-8: no two names then look alike.
class LedgerOrigin {
 public:
  /// 1 to kLedgerOriginBytesMax visible ASCII characters but '+', which ends a name in a verifier key. Errors:
  /// invalid_argument(field "origin").
  static Result<LedgerOrigin> parse(std::string_view text);

  [[nodiscard]] const std::string& str() const { return text_; }
  bool operator==(const LedgerOrigin&) const = default;

 private:
  explicit LedgerOrigin(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// A tree of `size` leaves.
struct TreeHead {
  std::uint64_t size = 0;
  Digest root;
  bool operator==(const TreeHead&) const = default;
};

struct Checkpoint {
  LedgerOrigin origin;
  TreeHead tree;
  bool operator==(const Checkpoint&) const = default;
};

/// What is signed: `origin LF size LF base64(root) LF`.
std::string checkpoint_text(const Checkpoint& checkpoint);

/// Tells the keys of one name apart; says nothing of who signed.
using NoteKeyId = std::array<std::uint8_t, 4>;

struct NoteSignature {
  std::string name;
  NoteKeyId key_id{};
  Bytes signature;  ///< As long as the key's kind wants: 64 bytes for Ed25519.
};

/// A note that was read. Nothing is proved yet: ask NoteVerifier.
struct SignedCheckpoint {
  Checkpoint checkpoint;
  std::vector<NoteSignature> signatures;  ///< In the note's order: the ledger's, and witnesses'.
};

/// Strict: lines end in LF, the size has no needless zero and is below 2^63, the root is 32 bytes in the one base64
/// that they have, no extension lines, 1 to kCheckpointSignaturesMax signatures, nothing after them,
/// kCheckpointBytesMax in all. Errors: malformed.
Result<SignedCheckpoint> parse_checkpoint(std::string_view note);

/// The whole note, with one signature. `key` is of Ed25519 (checked); its name is the origin.
std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key);

/// The public half of a key that signs notes, with its name.
class NoteVerifier {
 public:
  /// `key` is of Ed25519 (checked).
  NoteVerifier(LedgerOrigin name, crypto::VerifyingKey key);
  /// `NAME+HASH+KEY` as str() gives it. Errors: malformed (also: another kind of key, a hash that is not the key's).
  static Result<NoteVerifier> parse(std::string_view text);

  /// `name+` 8 hexadecimal digits of the key's id `+base64(0x01 || public key)`.
  [[nodiscard]] std::string str() const;
  [[nodiscard]] const LedgerOrigin& name() const { return name_; }
  [[nodiscard]] const NoteKeyId& key_id() const { return key_id_; }
  /// True if the note is of this name's ledger, bears a signature of this name and key id, and each of those is good.
  [[nodiscard]] bool has_signed(const SignedCheckpoint& note) const;

 private:
  LedgerOrigin name_;
  crypto::VerifyingKey key_;
  NoteKeyId key_id_;
};

/// Whether a ledger that stands at `now` may be the one that was at `before` when that was signed: it has all of those
/// events or more, and with as many the same root. That a longer one begins with the same events is not told from these
/// two. Errors: corrupt; the detail names the first event that is missing.
Result<void> check_continues(const TreeHead& before, const TreeHead& now);

}  // namespace tally::core
