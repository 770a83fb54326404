#include "projections/rows/ending_row.hpp"

#include "projections/rows/row_codec.hpp"

namespace tally::projections {
namespace {

constexpr std::size_t kPartBytes = 16 + 1 + 8 + 8 + 8;

}  // namespace

void encode_ending(const core::Ending& ending, std::string& out) {
  write_fixed_row(out, [&](auto& row) {
    row.u8(kRowVersion);
    for (const core::Ending::Part& part : ending.parts) {
      row.uuid(part.workspace.uuid());
      row.u8(static_cast<std::uint8_t>(part.access));
      row.u64(part.since.value);
      row.u64(part.tokens_disabled);
      row.u64(part.access_revoked);
    }
  });
}

core::Result<core::Ending> decode_ending(std::string_view value) {
  RowReader row{value};
  core::Ending ending;
  row.version();
  const std::size_t bytes = value.size() - (value.empty() ? 0 : 1);
  row.require(bytes > 0 && bytes % kPartBytes == 0);
  for (std::size_t count = bytes / kPartBytes; count > 0; --count) {
    core::Ending::Part part;
    part.workspace = core::WorkspaceId{row.uuid()};
    part.access = row.enumerator(core::AccessFate::revoke);
    part.since = core::Sequence{row.u64()};
    part.tokens_disabled = row.u64();
    part.access_revoked = row.u64();
    row.require(ending.part_of(part.workspace) == nullptr);
    ending.parts.push_back(part);
  }
  if (!row.complete()) return corrupt_row("ending");
  return ending;
}

}  // namespace tally::projections
