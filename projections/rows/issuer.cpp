#include "projections/rows/issuer.hpp"

#include <utility>

namespace tally::projections {
namespace {

using events::Family;

constexpr std::string_view kRow = "issuer";

}  // namespace

void apply_issuer(const core::Event& event, events::Rows& rows) {
  const auto* changed = std::get_if<core::IssuerChanged>(&event.payload);
  if (changed != nullptr) rows.put(Family::issuer, kRow, changed->issuer);
}

core::Result<std::string> load_issuer(const events::Reader& reader) {
  TALLY_TRY_ASSIGN(auto row, reader.get(Family::issuer, kRow));
  return std::move(row).value_or(std::string{});
}

}  // namespace tally::projections
