#include "projections/rows/signing_key_row.hpp"

#include <algorithm>

#include "projections/rows/row_codec.hpp"

namespace tally::projections {
namespace {

constexpr std::uint8_t kIsRetired = 1;

}  // namespace

core::Result<void> encode_signing_key(const core::SigningKeyState& key, std::string& out) {
  const std::string_view public_key = core::as_text(key.public_key);
  return write_row(out, [&](auto& row) {
    row.u8(kRowVersion);
    row.u8(static_cast<std::uint8_t>(key.algorithm));
    row.u8(key.retired_at ? kIsRetired : 0);
    row.u64(key.added.value);
    row.time(key.added_at);
    row.time(key.activates_at);
    if (key.retired_at) {
      row.time(*key.retired_at);
      row.u8(static_cast<std::uint8_t>(key.retirement));
    }
    row.text(public_key);
  });
}

core::Result<core::SigningKeyState> decode_signing_key(std::string_view key_id, std::string_view value) {
  RowReader row{value};
  core::SigningKeyState key;
  key.key_id = key_id;
  row.version();
  key.algorithm = row.enumerator(core::crypto::SigningAlgorithm::rs256);
  const std::uint8_t flags = row.flags(kIsRetired);
  key.added = core::Sequence{row.u64()};
  key.added_at = row.time();
  key.activates_at = row.time();
  if (flags & kIsRetired) {
    key.retired_at = row.time();
    key.retirement = row.enumerator(core::KeyRetirement::forced);
  }
  const core::ByteView public_key = core::as_bytes(row.text());
  key.public_key.assign(public_key.begin(), public_key.end());
  if (!row.complete()) return corrupt_row("signing_key");
  return key;
}

core::Result<std::vector<core::SigningKeyState>> load_signing_keys(const events::Reader& reader) {
  std::vector<core::SigningKeyState> keys;
  const auto cursor = reader.scan(events::Family::signing_key, {});
  for (; cursor->valid(); cursor->next()) {
    TALLY_TRY_ASSIGN(core::SigningKeyState key, decode_signing_key(cursor->key(), cursor->value()));
    keys.push_back(std::move(key));
  }
  TALLY_TRY(cursor->status());
  std::ranges::sort(keys, {}, &core::SigningKeyState::added);
  return keys;
}

}  // namespace tally::projections
