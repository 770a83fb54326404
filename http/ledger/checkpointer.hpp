#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/crypto/signing_key.hpp"
#include "core/ledger/checkpoint.hpp"
#include "http/ledger/checkpoint_store.hpp"
#include "http/ledger/served_checkpoint.hpp"
#include "http/server/clock.hpp"
#include "projections/queries/audit_queries.hpp"

namespace tally::http {

/// What was kept by an earlier process, verified by the name that stands in it, for the origin may have changed since;
/// the key may not. Empty: nothing was kept. Errors: corrupt (no note, or one that `key` has not signed), io_failed.
core::Result<std::optional<ServedCheckpoint>> load_checkpoint(const CheckpointStore& store,
                                                              const core::crypto::VerifyingKey& key);

/// Signs the ledger's state when it is asked for, at most once in kCheckpointPause, or follows it; and only what has
/// grown. No checkpoint is told before it is durable outside the database, and none that contradicts one which was
/// told. Source: C2SP tlog-checkpoint, docs/adr/0028, docs/adr/0037.
class Checkpointer {
 public:
  /// Lifetime: all of them outlive it.
  struct Parts {
    const projections::AuditQueries& ledger;
    CheckpointStore& store;
    const core::crypto::SigningKey& key;
    const Clock& clock;
    /// May be empty. On the asking thread; again only when the code is another, or after a success.
    std::function<void(const core::Error&)> on_failure = {};
  };
  /// `last`: as load_checkpoint() gave it.
  Checkpointer(Parts parts, core::LedgerOrigin origin, std::optional<ServedCheckpoint> last);

  /// The newest checkpoint, at most kCheckpointPause behind the ledger. One caller signs and writes (one small file and
  /// two fsyncs), the others get the one before meanwhile; only while there is none yet they wait, at most
  /// kCheckpointWait. After a failure everybody gets its error until the pause is over. Errors: io_failed and no_space
  /// (not read, or not durable: nothing new is told), corrupt (the ledger contradicts the last checkpoint), overloaded
  /// (waited too long). Threads: any but an I/O thread.
  core::Result<std::shared_ptr<const ServedCheckpoint>> latest();

  /// Signs what has grown since the last checkpoint, however new that is, unless somebody is signing already. Errors
  /// and threads: as latest().
  core::Result<void> follow();

  [[nodiscard]] const core::NoteVerifier& verifier() const { return verifier_; }

 private:
  class Renewal;
  using Latest = std::shared_ptr<const ServedCheckpoint>;

  [[nodiscard]] bool is_fresh(core::Timestamp now) const;  ///< With mutex_ held.
  /// renew(), with everybody told of it. `lock`: of mutex_, with nobody renewing.
  core::Result<Latest> renew_alone(std::unique_lock<std::mutex> lock, core::Timestamp now);
  /// The last one if the ledger has not grown, else a new one that is durable.
  core::Result<Latest> renew(const Latest& last, core::Timestamp now);

  const Parts parts_;
  const core::LedgerOrigin origin_;
  const core::NoteVerifier verifier_;
  std::mutex mutex_;
  std::condition_variable renewed_;
  Latest last_;                              // guarded by mutex_
  std::optional<core::Error> failure_;       // guarded by mutex_: of the last try
  std::optional<core::Timestamp> tried_at_;  // guarded by mutex_
  std::optional<core::Errc> told_;           // guarded by mutex_: the failure that on_failure was told last
  bool is_renewing_ = false;                 // guarded by mutex_
};

}  // namespace tally::http
