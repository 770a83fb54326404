#include "projections/queries/people_queries.hpp"

#include <utility>

#include "core/base/limits.hpp"
#include "events/store/store.hpp"
#include "projections/queries/key_page.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/person_row.hpp"
#include "projections/rows/row_codec.hpp"
#include "projections/rows/small_rows.hpp"

namespace tally::projections {

using core::PersonState;
using core::Result;
using core::UserId;
using events::Family;

Result<std::optional<PersonState>> PeopleQueries::find(UserId user) const { return load_person(store_, user); }

Result<std::optional<PersonState>> PeopleQueries::find_by_username(const std::string& username) const {
  const auto snapshot = store_.snapshot();
  TALLY_TRY_ASSIGN(const auto user, load_username(*snapshot, username));
  if (!user) return std::optional<PersonState>{};
  TALLY_TRY_ASSIGN(auto person, load_person(*snapshot, *user));
  if (!person) return corrupt_row("username");
  return std::optional{std::move(*person)};
}

Result<Page<PersonState>> PeopleQueries::list(int limit, const std::string& after) const {
  const auto snapshot = store_.snapshot();
  return list_by_key<PersonState>(
      *snapshot, Family::person, ListKind::people, {}, 16, limit, after,
      [](std::string_view key, std::string_view row) { return decode_person(UserId{uuid_at(key, 0)}, row); });
}

Result<bool> PeopleQueries::anybody() const { return has_rows(store_, Family::person); }

Result<std::optional<SessionRecord>> PeopleQueries::find_session(const core::Digest& session_hash,
                                                                 core::Timestamp now) const {
  // The person after their session: one who is newer than it can only end it.
  TALLY_TRY_ASSIGN(const auto row, store_.get(Family::session, key_of_digest(session_hash)));
  if (!row) return std::optional<SessionRecord>{};
  TALLY_TRY_ASSIGN(const SessionRow session, decode_session(*row));
  if (!core::is_within_life(session.expires_at, core::limits::kSessionLifetime, now)) {
    return std::optional<SessionRecord>{};
  }
  TALLY_TRY_ASSIGN(auto person, load_person(store_, session.user));
  if (!person) return corrupt_row("session");
  const bool is_good = !person->deactivated_at && person->credentials_version == session.credentials_version;
  if (!is_good) return std::optional<SessionRecord>{};
  return std::optional{SessionRecord{*std::move(person), session.expires_at}};
}

}  // namespace tally::projections
