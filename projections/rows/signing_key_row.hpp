#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/state/signing_key_state.hpp"
#include "events/store/store.hpp"
#include "projections/rows/row_fields.hpp"

/// signing_key, by key id. Source: docs/formats.md.
namespace tally::projections {

void describe(RowOf<core::SigningKeyState> auto& key, auto& fields) {
  fields.version();
  fields.enumerator("algorithm", key.algorithm, core::crypto::SigningAlgorithm::rs256);
  fields.flags();
  fields.field("added by event", key.added);
  fields.field("added", key.added_at);
  fields.field("signs from", key.activates_at);
  fields.group(1, "", key.retired_at, [&](auto& retired_at) {
    fields.field("retired", retired_at);
    fields.enumerator("why", key.retirement, core::KeyRetirement::forced);
  });
  fields.field("public key", key.public_key);
}
/// Replaces `out`.
core::Result<void> encode_signing_key(const core::SigningKeyState& key, std::string& out);
/// Errors: corrupt.
core::Result<core::SigningKeyState> decode_signing_key(std::string_view key_id, std::string_view value);

/// Every key that ever was, in the order in which they were added. Errors: corrupt, io_failed.
core::Result<std::vector<core::SigningKeyState>> load_signing_keys(const events::Reader& reader);

}  // namespace tally::projections
