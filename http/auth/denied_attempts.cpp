#include "http/auth/denied_attempts.hpp"

#include <utility>

#include "core/ledger/ledger_commands.hpp"
#include "http/auth/caller.hpp"
#include "http/server/exchange_notes.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

using core::Errc;

enum class Meaning : std::uint8_t { denied, unknown_credentials, no_denial };

/// What a refusal says of whoever got it. An error of form, of state or of ours is no denial; a reused secret has an
/// event of its own.
Meaning meaning_of(Errc code) {
  switch (code) {
    case Errc::forbidden:
    case Errc::limit_exceeded:
    case Errc::token_expired:
    case Errc::token_disabled:
    case Errc::token_deleted:
    case Errc::wrong_workspace:
    case Errc::scope_exceeded:
    case Errc::binding_failed:
    case Errc::resource_refused:
    case Errc::invalid_proof:
      return Meaning::denied;
    case Errc::unauthenticated:
    case Errc::secret_unknown:
    case Errc::unknown_client:
      return Meaning::unknown_credentials;
    case Errc::invalid_argument:
    case Errc::malformed:
    case Errc::not_found:
    case Errc::already_exists:
    case Errc::conflict:
    case Errc::secret_reused:
    case Errc::nonce_required:
    case Errc::too_large:
    case Errc::precondition_failed:
    case Errc::idempotency_mismatch:
    case Errc::last_break_glass:
    case Errc::overloaded:
    case Errc::outcome_unknown:
    case Errc::stopping:
    case Errc::no_space:
    case Errc::clock_in_doubt:
    case Errc::locked:
    case Errc::bad_configuration:
    case Errc::unreachable:
    case Errc::rate_limited:
    case Errc::corrupt:
    case Errc::io_failed:
    case Errc::unknown_event:
    case Errc::internal:
      return Meaning::no_denial;
  }
  core::check_failed("a known Errc", __FILE__, __LINE__, std::to_string(static_cast<int>(code)));
}

}  // namespace

std::size_t DeniedAttempts::KeyHash::operator()(const Key& key) const noexcept {
  const std::hash<core::Uuid> hash;
  return hash(key.actor.id) ^ hash(key.credential.access_token) * 7 ^ hash(key.workspace.uuid()) * 31 ^
         static_cast<std::size_t>(key.reason);
}

DeniedAttempts::DeniedAttempts(projections::CommandService& commands, core::RandomSource& random,
                               std::size_t callers_max)
    : commands_(commands), random_(random), callers_max_(callers_max) {}

DeniedAttempts::Denial DeniedAttempts::denial_of(const Request& request, const Key& key) const {
  Denial denial{context_of_attempt(request, key.actor, random_), {}};
  if (!key.workspace.is_nil()) denial.command.workspace = key.workspace;
  denial.command.command = std::string{name_of(request.method)} + " " + std::string{request.route};
  denial.command.reason = core::name_of(key.reason);
  denial.command.token = request.notes().attempt.token;
  denial.command.count = 1;
  denial.command.first_at = request.received_at;
  return denial;
}

void DeniedAttempts::answered(const Request& request) {
  const AttemptNote& note = request.notes().attempt;
  if (!note.refusal) return;
  const Meaning meaning = meaning_of(*note.refusal);
  if (meaning == Meaning::unknown_credentials || (meaning == Meaning::denied && !note.actor)) {
    unknown_credentials_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (meaning == Meaning::no_denial) return;

  const Key key{*note.actor, note.credential, note.workspace.value_or(core::WorkspaceId{}), *note.refusal};
  Denials due;
  {
    const std::lock_guard lock{mutex_};
    auto found = windows_.find(key);
    if (found != windows_.end() && request.received_at >= found->second.ends_at) {
      if (found->second.repeats.command.count > 0) due.push_back(std::move(found->second.repeats));
      windows_.erase(found);
      found = windows_.end();
    }
    if (found == windows_.end() && windows_.size() >= callers_max_) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
    } else if (found == windows_.end()) {
      due.push_back(denial_of(request, key));
      windows_.emplace(key, Window{request.received_at + limits::kDenialWindow, {}});
    } else if (Denial& repeats = found->second.repeats; repeats.command.count == 0) {
      repeats = denial_of(request, key);
    } else {
      ++repeats.command.count;
    }
  }
  record(std::move(due));
}

void DeniedAttempts::flush(core::Timestamp now) {
  Denials due;
  {
    const std::lock_guard lock{mutex_};
    for (auto window = windows_.begin(); window != windows_.end();) {
      if (now < window->second.ends_at) {
        ++window;
        continue;
      }
      if (window->second.repeats.command.count > 0) due.push_back(std::move(window->second.repeats));
      window = windows_.erase(window);
    }
  }
  record(std::move(due));
}

void DeniedAttempts::flush_all() { flush(core::Timestamp::max()); }

// Nobody waits for it: the answer must not tell by its time that the attempt was recorded.
void DeniedAttempts::record(Denials denials) {
  for (Denial& denial : denials) {
    commands_.execute(std::move(denial.context), std::move(denial.command),
                      [this](const projections::Answer<core::RecordDenied>& answer) {
                        if (answer.has_error()) dropped_.fetch_add(1, std::memory_order_relaxed);
                      });
  }
}

DeniedAttempts::Counts DeniedAttempts::counts() const {
  return {unknown_credentials_.load(std::memory_order_relaxed), dropped_.load(std::memory_order_relaxed)};
}

}  // namespace tally::http
