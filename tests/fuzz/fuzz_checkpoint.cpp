#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.hpp"
#include "core/ledger/checkpoint.hpp"

/// A note and a verifier key from a stranger: refused, or read into parts whose one text is what stood there.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tally;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto verifier = core::NoteVerifier::parse(text); verifier.has_value()) {
    TALLY_CHECK(verifier->str() == text);
  }
  const auto note = core::parse_checkpoint(text);
  if (note.has_error()) {
    TALLY_CHECK(note.error().code == core::Errc::malformed, note.error().detail);
    return 0;
  }
  TALLY_CHECK(text.starts_with(core::checkpoint_text(note->checkpoint) + "\n"));
  TALLY_CHECK(!note->signatures.empty());
  static const auto key =
      core::NoteVerifier::parse("tally.example/ledger+996160f9+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea");
  TALLY_CHECK(key.has_value());
  // Of all the notes in the world, this key has signed the one in the corpus.
  if (key->has_signed(*note)) TALLY_CHECK(note->checkpoint.tree.size == 3);
  return 0;
}
