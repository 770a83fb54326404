#pragma once

#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/state/person.hpp"
#include "projections/queries/page.hpp"

namespace tally::events {
class Store;
}

/// What can be asked of people and their sessions. Every function reads one moment (a snapshot, one row) unless it says
/// otherwise. Absent is an empty optional; Errors: corrupt, io_failed; others are named. Threads: any.
namespace tally::projections {

/// A session that is still good: not expired, its person active, no password change since.
struct SessionRecord {
  core::PersonState person;
  core::Timestamp expires_at;
};

class PeopleQueries {
 public:
  explicit PeopleQueries(const events::Store& store) : store_(store) {}
  core::Result<std::optional<core::PersonState>> find(core::UserId user) const;
  core::Result<std::optional<core::PersonState>> find_by_username(const std::string& username) const;
  core::Result<Page<core::PersonState>> list(int limit, const std::string& after) const;
  core::Result<bool> anybody() const;
  /// No snapshot: the person is read after their session, and a newer one can only end it.
  core::Result<std::optional<SessionRecord>> find_session(const core::Digest& session_hash, core::Timestamp now) const;

 private:
  const events::Store& store_;
};

}  // namespace tally::projections
