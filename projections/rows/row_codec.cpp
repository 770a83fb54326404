#include "projections/rows/row_codec.hpp"

#include <utility>
#include <vector>

#include "core/base/limits.hpp"

namespace tally::projections {

// A workspace allows at most kScopesPerWorkspaceMax scopes of kScopeBytesMax bytes: a byte is enough for each number.
static_assert(core::limits::kScopesPerWorkspaceMax <= UINT8_MAX && core::limits::kScopeBytesMax <= UINT8_MAX);

void RowSize::scope(const core::ScopeSet& value) {
  fits_ = fits_ && value.scopes().size() <= UINT8_MAX;
  bytes_ += 1;
  for (const std::string& one : value.scopes()) {
    fits_ = fits_ && one.size() <= UINT8_MAX;
    bytes_ += 1 + one.size();
  }
}

void RowWriter::scope(const core::ScopeSet& value) {
  u8(static_cast<std::uint8_t>(value.scopes().size()));
  for (const std::string& one : value.scopes()) {
    u8(static_cast<std::uint8_t>(one.size()));
    raw(one);
  }
}

core::ScopeSet RowReader::scope() {
  const std::size_t count = u8();
  if (count == 0 || !has(count)) return {};  // each scope takes a byte at least: no allocation for a damaged count
  std::vector<std::string> scopes;
  scopes.reserve(count);
  for (std::size_t index = 0; index < count; ++index) {
    const std::size_t size = u8();
    if (!has(size)) return {};
    scopes.emplace_back(at_, size);
    at_ += size;
  }
  auto set = core::ScopeSet::from_sorted(std::move(scopes));
  if (!set) {
    ok_ = false;
    return {};
  }
  return std::move(*set);
}

}  // namespace tally::projections
