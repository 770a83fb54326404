#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/state/signing_key_state.hpp"
#include "events/store/store.hpp"

/// signing_key, by key id. Source: docs/formats.md.
namespace tally::projections {

core::Result<void> encode_signing_key(const core::SigningKeyState& key, std::string& out);
/// Errors: corrupt.
core::Result<core::SigningKeyState> decode_signing_key(std::string_view key_id, std::string_view value);

/// Every key that ever was, in the order in which they were added. Errors: corrupt, io_failed.
core::Result<std::vector<core::SigningKeyState>> load_signing_keys(const events::Reader& reader);

}  // namespace tally::projections
