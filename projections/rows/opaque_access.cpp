#include "projections/rows/opaque_access.hpp"

#include <optional>

#include "core/base/limits.hpp"
#include "projections/rows/access_rows.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/row_codec.hpp"

namespace tally::projections {

using core::Result;
using events::Family;
using events::Rows;

namespace {

constexpr core::Duration kLifeMax = std::chrono::seconds{core::limits::kAccessTokenSecondsMax};

struct Issued {
  const core::Digest* hash = nullptr;
  core::Timestamp expires_at;
};

template <class Payload>
Issued issued_by(const Payload& payload) {
  return {payload.access_token_hash ? &*payload.access_token_hash : nullptr, payload.access_expires_at};
}

Issued issued_in(const core::EventPayload& payload) {
  if (const auto* refreshed = std::get_if<core::TokenRefreshed>(&payload)) return issued_by(*refreshed);
  if (const auto* retried = std::get_if<core::TokenRefreshRetried>(&payload)) return issued_by(*retried);
  if (const auto* generated = std::get_if<core::TokenGenerated>(&payload)) return issued_by(*generated);
  if (const auto* exchanged = std::get_if<core::AccessExchanged>(&payload)) return issued_by(*exchanged);
  return {};
}

Result<AccessSecretRow> require_row(const Rows& rows, const core::Digest& hash) {
  TALLY_TRY_ASSIGN(const auto row, load_access_secret(rows, hash));
  if (!row) return corrupt_row("access_queue");
  return *row;
}

void put_access_secret(const core::Digest& hash, const AccessSecretRow& row, Rows& rows, std::string& buffer) {
  encode_access_secret(row, buffer);
  rows.put(Family::access_secret, key_of_digest(hash), buffer);
}

}  // namespace

Result<void> enter_opaque_access(const core::Event& event, Rows& rows, std::string& buffer) {
  const Issued issued = issued_in(event.payload);
  if (issued.hash == nullptr) return {};
  const core::TokenId token{event.subject.id};
  TALLY_TRY_ASSIGN(const auto taken, load_access_secret(rows, *issued.hash));
  if (taken || !event.workspace) return corrupt_row("access_secret");
  put_access_secret(*issued.hash, {*event.workspace, token, event.sequence, issued.expires_at, {}}, rows, buffer);

  TALLY_TRY_ASSIGN(const auto before, load_access_queue(rows, token));
  AccessQueueRow queue{before ? before->oldest : *issued.hash, *issued.hash};
  if (before) {
    TALLY_TRY_ASSIGN(AccessSecretRow newest, require_row(rows, before->newest));
    newest.next = *issued.hash;
    put_access_secret(before->newest, newest, rows, buffer);
  }
  // Two go for each that comes, so that the queue never stays behind.
  for (int dropped = 0; dropped < 2 && queue.oldest != queue.newest; ++dropped) {
    TALLY_TRY_ASSIGN(const AccessSecretRow oldest, require_row(rows, queue.oldest));
    // One whose end was counted from a clock that was ahead is dead as well, and would keep all after it.
    if (core::is_within_life(oldest.expires_at, kLifeMax, event.reading())) break;
    rows.erase(Family::access_secret, key_of_digest(queue.oldest));
    queue.oldest = oldest.next;
  }
  encode_access_queue(queue, buffer);
  rows.put(Family::access_queue, key_of(token), buffer);
  return {};
}

}  // namespace tally::projections
