#include "http/ledger/checkpointer.hpp"

#include <utility>

#include "http/server/limits.hpp"

namespace tally::http {

using core::Errc;
using core::Result;

Result<std::optional<ServedCheckpoint>> load_checkpoint(const CheckpointStore& store,
                                                        const core::crypto::VerifyingKey& key) {
  TALLY_TRY_ASSIGN(auto kept, store.load());
  if (!kept) return std::optional<ServedCheckpoint>{};
  const auto parsed = core::parse_checkpoint(kept->note);
  if (parsed.has_error()) {
    return core::fail(Errc::corrupt, "the kept checkpoint can not be read: " + parsed.error().detail);
  }
  const core::NoteVerifier verifier{parsed->checkpoint.origin, key};
  if (!verifier.has_signed(*parsed)) {
    return core::fail(Errc::corrupt, "the kept checkpoint is not signed by the ledger's key " + verifier.str());
  }
  return std::optional{ServedCheckpoint{parsed->checkpoint.tree, std::move(kept->note), kept->kept_at}};
}

/// Ends however the work in it ends, also by an exception: the next caller may try.
class Checkpointer::Renewal {
 public:
  explicit Renewal(Checkpointer& checkpointer) : checkpointer_(checkpointer) {}
  Renewal(const Renewal&) = delete;
  Renewal& operator=(const Renewal&) = delete;
  ~Renewal() {
    {
      const std::lock_guard lock{checkpointer_.mutex_};
      checkpointer_.is_renewing_ = false;
    }
    checkpointer_.renewed_.notify_all();
  }

 private:
  Checkpointer& checkpointer_;
};

Checkpointer::Checkpointer(Parts parts, core::LedgerOrigin origin, std::optional<ServedCheckpoint> last)
    : parts_(std::move(parts)), origin_(std::move(origin)), verifier_(origin_, parts_.key.public_key()) {
  if (last) last_ = std::make_shared<const ServedCheckpoint>(*std::move(last));
}

bool Checkpointer::is_fresh(core::Timestamp now) const {
  // A clock that was set back must not stop the signing until it has caught up.
  return tried_at_ && now >= *tried_at_ && now - *tried_at_ < limits::kCheckpointPause;
}

Result<Checkpointer::Latest> Checkpointer::latest() {
  std::unique_lock lock{mutex_};
  if (is_renewing_ && last_ == nullptr &&
      !renewed_.wait_for(lock, limits::kCheckpointWait, [this] { return !is_renewing_; })) {
    return core::fail(Errc::overloaded, "the first checkpoint is still being made");
  }
  if (is_renewing_) return last_;
  const core::Timestamp now = parts_.clock.now();
  if (is_fresh(now)) {
    if (failure_) return *failure_;
    return last_;
  }
  return renew_alone(std::move(lock), now);
}

Result<void> Checkpointer::follow() {
  std::unique_lock lock{mutex_};
  if (is_renewing_) return {};
  const core::Timestamp now = parts_.clock.now();
  TALLY_TRY(renew_alone(std::move(lock), now));
  return {};
}

Result<Checkpointer::Latest> Checkpointer::renew_alone(std::unique_lock<std::mutex> lock, core::Timestamp now) {
  is_renewing_ = true;
  tried_at_ = now;
  failure_.reset();
  const Latest before = last_;
  lock.unlock();
  const Renewal renewal{*this};
  auto renewed = renew(before, now);
  bool is_news = false;
  {
    const std::lock_guard settled{mutex_};
    if (renewed.has_error()) {
      failure_ = renewed.error();
      is_news = told_ != renewed.error().code;
      told_ = renewed.error().code;
    } else {
      last_ = *renewed;
      told_.reset();
    }
  }
  if (is_news && parts_.on_failure) parts_.on_failure(renewed.error());
  return renewed;
}

Result<Checkpointer::Latest> Checkpointer::renew(const Latest& last, core::Timestamp now) {
  TALLY_TRY_ASSIGN(const core::TreeHead tree, parts_.ledger.tree_head());
  if (last != nullptr) {
    TALLY_TRY(core::check_continues(last->tree, tree));
    if (tree.size == last->tree.size) return last;
  }
  std::string note = core::sign_checkpoint({origin_, tree}, parts_.key);
  TALLY_TRY(parts_.store.keep(note));
  return Latest{std::make_shared<const ServedCheckpoint>(ServedCheckpoint{tree, std::move(note), now})};
}

}  // namespace tally::http
