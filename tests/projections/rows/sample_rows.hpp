#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/state/person.hpp"
#include "core/state/signing_key_state.hpp"
#include "core/state/token.hpp"
#include "core/state/workspace.hpp"

/// A row of every kind that projections and commands write, in each form that it can have.
namespace tally::testing {

core::Timestamp row_time(std::int64_t micros);
core::Uuid row_uuid(std::uint8_t fill);

/// States of which every member has a value that is not its default.
core::TokenState full_token();
core::WorkspaceState full_workspace();
core::PersonState full_person();
core::SigningKeyState full_signing_key();

/// Decodes and encodes again; empty if the bytes were refused as corrupt, the only refusal that there may be.
using RecodeRow = std::function<std::optional<std::string>(std::string_view)>;

struct SampleRow {
  std::string name;  ///< Of the family, and behind a comma what is special; unique, and stored with the golden bytes.
  std::string row;
  RecodeRow recode;
  /// The row can be cut to this and still be one, as what follows is sealed or repeated; else more than it has.
  std::size_t own_bytes = SIZE_MAX;
};
std::vector<SampleRow> sample_rows();

}  // namespace tally::testing
