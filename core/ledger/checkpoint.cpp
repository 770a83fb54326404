#include "core/ledger/checkpoint.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/limits.hpp"
#include "core/crypto/base64.hpp"
#include "core/crypto/hash.hpp"

namespace tally::core {
namespace {

/// Of signed-note's kinds of keys: Ed25519.
constexpr std::uint8_t kEd25519Kind = 0x01;
constexpr std::string_view kSignatureLead = "\xE2\x80\x94 ";  // EM DASH and a blank
/// Others read sizes into signed 64 bits.
constexpr std::uint64_t kSizeMax = std::numeric_limits<std::int64_t>::max();

Error malformed(std::string detail) { return fail(Errc::malformed, std::move(detail)); }

/// The next line without its end, taken off the front; empty optional: no line ends any more.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

Result<std::uint64_t> parse_size(std::string_view line) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size);
  const bool has_needless_zero = line.size() > 1 && line.front() == '0';
  if (error != std::errc{} || end != line.data() + line.size() || has_needless_zero || size > kSizeMax) {
    return malformed("the second line is not the number of events");
  }
  return size;
}

Result<Digest> parse_root(std::string_view line) {
  const auto bytes = crypto::base64_decode(line);
  Digest root;
  if (bytes.has_error() || bytes->size() != root.bytes.size()) {
    return malformed("the third line is not a root of 32 bytes in base64");
  }
  std::ranges::copy(*bytes, root.bytes.begin());
  return root;
}

Result<NoteSignature> parse_signature(std::string_view line) {
  const auto refusal = [] { return malformed("a line below the blank one is not a signature"); };
  if (!line.starts_with(kSignatureLead)) return refusal();
  line.remove_prefix(kSignatureLead.size());
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return refusal();
  const auto name = LedgerOrigin::parse(line.substr(0, blank));
  const auto bytes = crypto::base64_decode(line.substr(blank + 1));
  NoteSignature signature;
  if (name.has_error() || bytes.has_error() || bytes->size() <= signature.key_id.size()) return refusal();
  signature.name = name->str();
  const auto key_id_end = bytes->begin() + static_cast<std::ptrdiff_t>(signature.key_id.size());
  std::copy(bytes->begin(), key_id_end, signature.key_id.begin());
  signature.signature.assign(key_id_end, bytes->end());
  return signature;
}

NoteKeyId key_id_of(const LedgerOrigin& name, const crypto::VerifyingKey& key) {
  const std::array<std::uint8_t, 2> between{'\n', kEd25519Kind};
  const Digest digest = crypto::sha256({as_bytes(name.str()), between, key.bytes()});
  NoteKeyId id;
  std::copy_n(digest.bytes.begin(), id.size(), id.begin());
  return id;
}

std::string base64_of(ByteView head, ByteView tail) {
  Bytes both{head.begin(), head.end()};
  both.insert(both.end(), tail.begin(), tail.end());
  return crypto::base64_encode(both);
}

}  // namespace

Result<LedgerOrigin> LedgerOrigin::parse(std::string_view text) {
  const bool is_visible =
      std::ranges::all_of(text, [](char letter) { return letter > ' ' && letter <= '~' && letter != '+'; });
  if (text.empty() || text.size() > limits::kLedgerOriginBytesMax || !is_visible) {
    return invalid("origin", "must be 1 to " + std::to_string(limits::kLedgerOriginBytesMax) +
                                 " visible ASCII characters without '+', as tally.example");
  }
  return LedgerOrigin{std::string{text}};
}

std::string checkpoint_text(const Checkpoint& checkpoint) {
  return checkpoint.origin.str() + "\n" + std::to_string(checkpoint.tree.size) + "\n" +
         crypto::base64_encode(checkpoint.tree.root.bytes) + "\n";
}

Result<SignedCheckpoint> parse_checkpoint(std::string_view note) {
  if (note.size() > limits::kCheckpointBytesMax) {
    return malformed("longer than " + std::to_string(limits::kCheckpointBytesMax) + " bytes");
  }
  std::string_view rest = note;
  std::array<std::string_view, 4> lines;
  for (std::string_view& line : lines) {
    const auto taken = take_line(rest);
    if (!taken) return malformed("ends within its first four lines");
    line = *taken;
  }
  const auto origin = LedgerOrigin::parse(lines[0]);
  if (origin.has_error()) return malformed("the first line is no origin");
  TALLY_TRY_ASSIGN(const std::uint64_t size, parse_size(lines[1]));
  TALLY_TRY_ASSIGN(const Digest root, parse_root(lines[2]));
  if (!lines[3].empty()) return malformed("the fourth line is not blank");
  SignedCheckpoint parsed{{*origin, {size, root}}, {}};
  while (!rest.empty()) {
    const auto line = take_line(rest);
    if (!line) return malformed("the last line has no end");
    if (parsed.signatures.size() == limits::kCheckpointSignaturesMax) {
      return malformed("more than " + std::to_string(limits::kCheckpointSignaturesMax) + " signatures");
    }
    TALLY_TRY_ASSIGN(NoteSignature signature, parse_signature(*line));
    parsed.signatures.push_back(std::move(signature));
  }
  if (parsed.signatures.empty()) return malformed("nobody has signed it");
  return parsed;
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key) {
  const NoteVerifier verifier{checkpoint.origin, key.public_key()};
  std::string note = checkpoint_text(checkpoint);
  const crypto::Signature signature = key.sign(as_bytes(note));
  note += "\n";
  note += kSignatureLead;
  note += checkpoint.origin.str() + " " + base64_of(verifier.key_id(), {signature.data(), signature.size()}) + "\n";
  return note;
}

NoteVerifier::NoteVerifier(LedgerOrigin name, crypto::VerifyingKey key)
    : name_(std::move(name)), key_(std::move(key)), key_id_(key_id_of(name_, key_)) {
  TALLY_CHECK(key_.algorithm() == crypto::SigningAlgorithm::eddsa, name_.str());
}

Result<NoteVerifier> NoteVerifier::parse(std::string_view text) {
  const auto refusal = [] { return malformed("not a verifier key: NAME+HASH+KEY with an Ed25519 key"); };
  // A name has no '+', and base64 may: the first two are the ones that count.
  const std::size_t name_end = text.find('+');
  const std::size_t hash_end = name_end == std::string_view::npos ? name_end : text.find('+', name_end + 1);
  if (hash_end == std::string_view::npos || text.size() > limits::kCheckpointBytesMax) return refusal();
  const auto name = LedgerOrigin::parse(text.substr(0, name_end));
  const auto bytes = crypto::base64_decode(text.substr(hash_end + 1));
  if (name.has_error() || bytes.has_error() || bytes->empty() || bytes->front() != kEd25519Kind) return refusal();
  auto key = crypto::VerifyingKey::from_bytes(ByteView{*bytes}.subspan(1));
  if (key.has_error()) return refusal();
  NoteVerifier verifier{*name, *std::move(key)};
  if (text.substr(name_end + 1, hash_end - name_end - 1) != to_hex(verifier.key_id_)) return refusal();
  return verifier;
}

std::string NoteVerifier::str() const {
  const std::array<std::uint8_t, 1> kind{kEd25519Kind};
  return name_.str() + "+" + to_hex(key_id_) + "+" + base64_of(kind, key_.bytes());
}

bool NoteVerifier::has_signed(const SignedCheckpoint& note) const {
  if (note.checkpoint.origin != name_) return false;
  // The one text that the parts have, because the parser takes no other.
  const std::string text = checkpoint_text(note.checkpoint);
  bool is_signed = false;
  for (const NoteSignature& signature : note.signatures) {
    if (signature.name != name_.str() || signature.key_id != key_id_) continue;
    if (!key_.verify(as_bytes(text), signature.signature)) return false;
    is_signed = true;
  }
  return is_signed;
}

Result<void> check_continues(const TreeHead& before, const TreeHead& now) {
  if (now.size < before.size) {
    return fail(Errc::corrupt, "a checkpoint of " + std::to_string(before.size) +
                                   " events was signed, but the ledger has " + std::to_string(now.size) + ": event " +
                                   std::to_string(now.size) + " is the first that is missing");
  }
  if (now.size == before.size && now.root != before.root) {
    return fail(Errc::corrupt, "the ledger's " + std::to_string(now.size) +
                                   " events are not those of the checkpoint that was signed of as many");
  }
  return {};
}

}  // namespace tally::core
