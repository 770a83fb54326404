#include "projections/fold/signing_key_projection.hpp"

#include <array>
#include <optional>
#include <utility>

#include "core/ledger/signing_key_decider.hpp"
#include "projections/rows/issuer.hpp"
#include "projections/rows/signing_key_row.hpp"

namespace tally::projections {

using events::Family;

namespace {

constexpr std::array kSigningKeyFamilies{Family::signing_key, Family::issuer};

const std::string* key_id_of(const core::EventPayload& payload) {
  if (const auto* added = std::get_if<core::SigningKeyAdded>(&payload)) return &added->key_id;
  if (const auto* retired = std::get_if<core::SigningKeyRetired>(&payload)) return &retired->key_id;
  return nullptr;
}

}  // namespace

std::span<const Family> SigningKeyProjection::families() const { return kSigningKeyFamilies; }

core::Result<void> SigningKeyProjection::apply(const core::Event& event, events::Rows& rows) {
  apply_issuer(event, rows);
  const std::string* key_id = key_id_of(event.payload);
  if (key_id == nullptr) return {};
  std::optional<core::SigningKeyState> before;
  TALLY_TRY_ASSIGN(const auto row, rows.get(Family::signing_key, *key_id));
  if (row) {
    TALLY_TRY_ASSIGN(before, decode_signing_key(*key_id, *row));
  }
  TALLY_TRY_ASSIGN(const core::SigningKeyState key, core::evolve(std::move(before), event));
  TALLY_TRY(encode_signing_key(key, row_));
  rows.put(Family::signing_key, *key_id, row_);
  return {};
}

}  // namespace tally::projections
