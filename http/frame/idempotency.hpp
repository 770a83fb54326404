#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>

#include <boost/asio/awaitable.hpp>

#include "core/base/random.hpp"
#include "http/auth/caller.hpp"
#include "http/frame/answer_seal.hpp"
#include "http/frame/kept_answer.hpp"
#include "http/frame/refusal.hpp"
#include "projections/commands/idempotency.hpp"

namespace tally::http {

/// What is to be known of an answer beside its bytes.
struct Keeping {
  /// Then it can be had again for kIdempotentSecretLifetime only.
  enum class Secret : std::uint8_t { none, held } secret = Secret::none;
  /// The path, or the id, of what was made: told to whoever comes too late for the secret. Empty: the answer's
  /// Location.
  std::string made;
};

/// Idempotency-Key: whoever repeats a POST with the same key and the same credential (the session, or the access
/// token) gets the answer of the first, for kIdempotencyLifetime. To any other credential of the same
/// person the key is unused: what one was told may be more than another has. The answer is written by the command's own
/// write, so that neither a crash nor a lost connection makes a second token. What was refused, or made no event, did
/// nothing and is not kept: it may be tried again with the same key. Of an answer of more than
/// kIdempotentAnswerBytesMax (with a secret, kIdempotentSecretBytesMax) only the fact is kept: the repeat is decided
/// again, which every command with so long an answer allows. Costs a request without the field one look at its header.
/// Source: draft-ietf-httpapi-idempotency-key-header-07; docs/adr/0013. Threads: any.
class Idempotency {
 public:
  /// Lifetime: all of them outlive it.
  Idempotency(projections::CommandService& commands, const projections::IdempotencyQueries& answers,
              const AnswerSeal& seal, core::RandomSource& random)
      : commands_(commands), answers_(answers), seal_(seal), random_(random) {}

  /// One request's hold on its key, until it goes.
  class Hold {
   public:
    Hold(Hold&& other) noexcept;
    Hold& operator=(Hold&&) = delete;
    ~Hold();
    /// The response is written already: the earlier answer, or why there is none. Nothing must be done.
    [[nodiscard]] bool is_answered() const { return is_answered_; }
    /// The answer is to be kept.
    [[nodiscard]] bool is_claimed() const { return owner_ != nullptr && !is_repeat_; }

   private:
    friend class Idempotency;
    Hold() = default;
    const Idempotency* owner_ = nullptr;
    projections::KeptAnswerKey kept_under_;
    core::Digest request_hash_;
    bool is_answered_ = false;
    bool is_repeat_ = false;  ///< That it was done before is kept, and no answer.
  };

  /// Call once it is known who is calling and that the request is well-formed, before anything is done. Refusals that
  /// it writes: 400 (the field's form), 409 (still running, or the answer held a secret that is gone), 422 (the key was
  /// used for another request), 429 (too much is kept for the caller).
  [[nodiscard]] Hold begin(const Request& request, const Caller& caller, Response& response) const;

  /// Writes the answer of a command. It is copied, and may run on the writer thread: it owns what it uses, or the
  /// wiring does.
  template <class Command>
  using Write = std::function<core::Result<void>(const typename Command::Outcome& outcome,
                                                 std::optional<core::Sequence> sequence, Response& response)>;

  /// Runs the command and answers by `write(outcome, sequence, response)`, which is kept if the hold is claimed.
  /// Instantiated in idempotency_run.cpp for every command that is answered so.
  template <class Command>
  boost::asio::awaitable<void> run(const Request& request, Hold hold, core::CommandContext context, Command command,
                                   Write<Command> write, Keeping keeping, Response& response) const;

  /// Answers a request whose commands are done, by `write` as above; `sequence` is that of their last event, if they
  /// made any. A crash between the last of them and this lets the request be done again: for what can be repeated.
  boost::asio::awaitable<void> finish(const Request& request, Hold hold, core::CommandContext context,
                                      std::optional<core::Sequence> sequence, Write<projections::FinishRequest> write,
                                      Response& response) const;

 private:
  /// The keys of requests that run now; as many as there are connections, at most.
  class RunningKeys {
   public:
    bool enter(const std::string& key);
    void leave(const std::string& key);

   private:
    std::mutex mutex_;
    std::unordered_set<std::string> keys_;  // guarded by mutex_
  };

  /// What stands between the hold and being done: an earlier answer, or none.
  [[nodiscard]] core::Result<bool> answer_again(const Request& request, Hold& hold, Response& response) const;
  /// Whether one more answer can be kept for the caller; if not, it is noted for the answer's head. Errors:
  /// rate_limited.
  [[nodiscard]] core::Result<void> check_room(const Request& request, const Hold& hold) const;
  [[nodiscard]] core::Result<projections::KeptAnswer> keep(const projections::KeptAnswerKey& kept_under,
                                                           const core::Digest& request_hash, const Keeping& keeping,
                                                           Response& response) const;

  projections::CommandService& commands_;
  const projections::IdempotencyQueries& answers_;
  const AnswerSeal& seal_;
  core::RandomSource& random_;
  mutable RunningKeys running_;
};

}  // namespace tally::http
