#include "projections/rows/signing_key_row.hpp"

#include <algorithm>

namespace tally::projections {

core::Result<void> encode_signing_key(const core::SigningKeyState& key, std::string& out) {
  return encode_row(key, out);
}

core::Result<core::SigningKeyState> decode_signing_key(std::string_view key_id, std::string_view value) {
  core::Result<core::SigningKeyState> key{core::SigningKeyState{}};
  key->key_id = key_id;
  TALLY_TRY(read_row("signing_key", value, *key));
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
