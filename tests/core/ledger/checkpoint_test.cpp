#include "core/ledger/checkpoint.hpp"

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "core/crypto/base64.hpp"
#include "tests/support/seeded_random.hpp"

namespace tally::core {
namespace {

// Made by Node.js's crypto from RFC 8032's first secret key (§7.1, TEST 1), and again by Python's hashlib with
// `openssl pkeyutl -sign -rawin`: the note of a ledger of three leaves "a", "b" and "c".
constexpr const char* kPem =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";
const std::string kRoot = "NmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=";
const std::string kText = "tally.example/ledger\n3\n" + kRoot + "\n";
const std::string kLine =
    "— tally.example/ledger "
    "mWFg+TTwfiXCHIymjw6oTOrkc3D014LyefYDLRH2U1nEx8odAlNiWrc7RULTJTbGHnM0TmsOgzLzPE+zyWDDy9mIxwI=\n";
const std::string kNote = kText + "\n" + kLine;
const std::string kVerifier = "tally.example/ledger+996160f9+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

LedgerOrigin origin_of(std::string_view text) { return LedgerOrigin::parse(text).value(); }

TreeHead head_of(std::uint64_t size, std::uint8_t mark = 0) {
  TreeHead head{size, {}};
  head.root.bytes.fill(mark);
  return head;
}

Errc code_of(std::string_view note) {
  const auto parsed = parse_checkpoint(note);
  return parsed.has_error() ? parsed.error().code : Errc{};
}

}  // namespace

TEST_CASE("checkpoint: a note that others made is read, verified, and made again byte by byte", "[core][checkpoint]") {
  const auto parsed = parse_checkpoint(kNote);
  REQUIRE(parsed.has_value());
  CHECK(parsed->checkpoint.origin.str() == "tally.example/ledger");
  CHECK(parsed->checkpoint.tree.size == 3);
  CHECK(to_hex(parsed->checkpoint.tree.root.bytes) ==
        "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1");
  CHECK(checkpoint_text(parsed->checkpoint) == kText);
  const auto verifier = NoteVerifier::parse(kVerifier);
  REQUIRE(verifier.has_value());
  CHECK(verifier->str() == kVerifier);
  CHECK(verifier->has_signed(*parsed));
  const auto key = crypto::SigningKey::from_pem(kPem);
  REQUIRE(key.has_value());
  CHECK(sign_checkpoint(parsed->checkpoint, *key) == kNote);
  CHECK(NoteVerifier{origin_of("tally.example/ledger"), key->public_key()}.str() == kVerifier);
}

TEST_CASE("checkpoint: whatever was signed is read back, and no other key has signed it", "[core][checkpoint]") {
  tally::testing::SeededRandom random{60};
  const auto key = crypto::SigningKey::generate(random);
  const auto other = crypto::SigningKey::generate(random);
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{4'096}, (std::uint64_t{1} << 63) - 1}) {
    Checkpoint checkpoint{origin_of("127.0.0.1:8080"), {size, {}}};
    random.fill(checkpoint.tree.root.bytes);
    const auto parsed = parse_checkpoint(sign_checkpoint(checkpoint, key));
    REQUIRE(parsed.has_value());
    CHECK(parsed->checkpoint == checkpoint);
    CHECK(NoteVerifier{checkpoint.origin, key.public_key()}.has_signed(*parsed));
    CHECK_FALSE(NoteVerifier{checkpoint.origin, other.public_key()}.has_signed(*parsed));
    CHECK_FALSE(NoteVerifier{origin_of("elsewhere"), key.public_key()}.has_signed(*parsed));
  }
}

TEST_CASE("checkpoint: every byte of a note counts", "[core][checkpoint]") {
  const auto verifier = NoteVerifier::parse(kVerifier);
  REQUIRE(verifier.has_value());
  for (std::size_t position = 0; position < kNote.size(); ++position) {
    for (const int change : {1, 0x20, 0x80}) {
      std::string changed = kNote;
      changed[position] = static_cast<char>(changed[position] ^ change);
      const auto parsed = parse_checkpoint(changed);
      CAPTURE(position, change);
      CHECK((parsed.has_error() || !verifier->has_signed(*parsed)));
    }
    CHECK(code_of(kNote.substr(0, position)) == Errc::malformed);
  }
}

TEST_CASE("checkpoint: what is not in the one form is malformed", "[core][checkpoint]") {
  const auto note = GENERATE_COPY(
      values<std::string>({"",
                           "\n",
                           kText,
                           kText + "\n",
                           kNote + "\n",
                           kNote + "x",
                           kNote.substr(0, kNote.size() - 1),
                           "\n3\n" + kRoot + "\n\n" + kLine,
                           "two words\n3\n" + kRoot + "\n\n" + kLine,
                           "o\n03\n" + kRoot + "\n\n" + kLine,
                           "o\n-3\n" + kRoot + "\n\n" + kLine,
                           "o\n+3\n" + kRoot + "\n\n" + kLine,
                           "o\n\n" + kRoot + "\n\n" + kLine,
                           "o\n9223372036854775808\n" + kRoot + "\n\n" + kLine,
                           "o\n99999999999999999999999\n" + kRoot + "\n\n" + kLine,
                           "o\n3\nNmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsF=\n\n" + kLine,  // unused bits
                           "o\n3\nAAAA\n\n" + kLine,
                           "o\n3\n\n\n" + kLine,
                           kText + "an extension\n\n" + kLine,
                           kText + "\n- o AAAAAAA=\n",
                           kText + "\n— o\n",
                           kText + "\n— o AAAAAA==\n",  // no more than a key's id
                           kText + "\n— o AAAAAAAA= \n",
                           kText + "\n— a+b AAAAAAAA\n",
                           kText + "\r\n" + kLine}));
  CAPTURE(note);
  CHECK(code_of(note) == Errc::malformed);
}

TEST_CASE("checkpoint: others may sign beside the ledger, up to a bound", "[core][checkpoint]") {
  const auto verifier = NoteVerifier::parse(kVerifier);
  REQUIRE(verifier.has_value());
  const std::string witness = "— witness.example AAAAAAAA\n";
  std::string note = kNote;
  for (std::size_t signatures = 1; signatures < limits::kCheckpointSignaturesMax; ++signatures) note += witness;
  const auto parsed = parse_checkpoint(note);
  REQUIRE(parsed.has_value());
  CHECK(verifier->has_signed(*parsed));
  CHECK(code_of(note + witness) == Errc::malformed);
  CHECK(code_of(kText + "\n— a " + std::string(limits::kCheckpointBytesMax, 'A') + "\n") == Errc::malformed);
  // A second signature of the same key must be as good as the first.
  std::string bad = kLine;
  bad[bad.size() - 9] = bad[bad.size() - 9] == 'A' ? 'B' : 'A';
  const auto doubled = parse_checkpoint(kNote + bad);
  REQUIRE(doubled.has_value());
  CHECK_FALSE(verifier->has_signed(*doubled));
}

TEST_CASE("checkpoint: an origin is visible ASCII without a plus", "[core][checkpoint]") {
  CHECK(LedgerOrigin::parse("tally.example").has_value());
  CHECK(LedgerOrigin::parse(std::string(limits::kLedgerOriginBytesMax, 'x')).has_value());
  const auto text = GENERATE(as<std::string>{}, "", " ", "a b", "a+b", "a\n", "\ta", "a\x7f", "\xc3\xa9",
                             std::string(limits::kLedgerOriginBytesMax + 1, 'x'));
  CAPTURE(text);
  REQUIRE(LedgerOrigin::parse(text).has_error());
  CHECK(LedgerOrigin::parse(text).error().code == Errc::invalid_argument);
}

TEST_CASE("checkpoint: a verifier key is whole or malformed", "[core][checkpoint]") {
  const auto text = GENERATE(as<std::string>{}, "", "+", "++", "name", "name+996160f9",
                             "other+996160f9+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
                             "tally.example/ledger+996160F9+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
                             "tally.example/ledger+996160f+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
                             "tally.example/ledger+996160f9+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
                             "tally.example/ledger+996160f9+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\n",
                             "tally.example/ledger+996160f9+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1E=");
  CAPTURE(text);
  REQUIRE(NoteVerifier::parse(text).has_error());
  CHECK(NoteVerifier::parse(text).error().code == Errc::malformed);
}

TEST_CASE("checkpoint: a ledger goes on from one if it has grown or stayed the same", "[core][checkpoint]") {
  CHECK(check_continues(head_of(0), head_of(0)).has_value());
  CHECK(check_continues(head_of(7, 1), head_of(7, 1)).has_value());
  CHECK(check_continues(head_of(7, 1), head_of(8, 2)).has_value());
  const auto shorter = check_continues(head_of(7, 1), head_of(5, 2));
  REQUIRE(shorter.has_error());
  CHECK(shorter.error().code == Errc::corrupt);
  CHECK_THAT(shorter.error().detail, Catch::Contains("event 5 is the first that is missing"));
  const auto other = check_continues(head_of(7, 1), head_of(7, 2));
  REQUIRE(other.has_error());
  CHECK(other.error().code == Errc::corrupt);
}

}  // namespace tally::core
