#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "core/random.hpp"
#include "http/api/answer_seal.hpp"
#include "http/api/execute.hpp"
#include "http/api/kept_answer.hpp"
#include "http/api/refusal.hpp"
#include "http/auth/caller.hpp"
#include "projections/idempotency.hpp"

namespace tally::http::api {

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
/// Source: draft-ietf-httpapi-idempotency-key-header-07; docs/adr/0020. Threads: any.
class Idempotency {
 public:
  /// Lifetime: all of them outlive it.
  Idempotency(projections::CommandService& commands, const projections::IdempotencyQueries& answers,
              const AnswerSeal& seal, core::RandomSource& random)
      : commands_(commands), answers_(answers), seal_(seal), random_(random) {}

  /// One request's hold on its key, until it goes.
  class Turn {
   public:
    Turn(Turn&& other) noexcept;
    Turn& operator=(Turn&&) = delete;
    ~Turn();
    /// The response is written already: the earlier answer, or why there is none. Nothing must be done.
    [[nodiscard]] bool is_answered() const { return is_answered_; }
    /// The answer is to be kept.
    [[nodiscard]] bool is_claimed() const { return owner_ != nullptr && !is_repeat_; }

   private:
    friend class Idempotency;
    Turn() = default;
    const Idempotency* owner_ = nullptr;
    projections::IdempotencyPlace place_;
    core::Digest request_hash_;
    bool is_answered_ = false;
    bool is_repeat_ = false;  ///< That it was done before is kept, and no answer.
  };

  /// Call once it is known who is calling and that the request is well-formed, before anything is done. Refusals that
  /// it writes: 400 (the field's form), 409 (still running, or the answer held a secret that is gone), 422 (the key was
  /// used for another request), 429 (too much is kept for the caller).
  [[nodiscard]] Turn begin(const Request& request, const Caller& caller, Response& response) const;

  /// Runs the command and answers by `write(outcome, sequence, response)`, which is kept if the turn is claimed.
  /// `write` is copied, and may run on the writer thread: it owns what it uses, or the wiring does.
  template <class Command, class Write>
  boost::asio::awaitable<void> run(const Request& request, Turn turn, core::CommandContext context, Command command,
                                   Write write, Keeping keeping, Response& response) const;

  /// Answers a request whose commands are done, by `write` as above; `sequence` is that of their last event, if they
  /// made any. A crash between the last of them and this lets the request be done again: for what can be repeated.
  template <class Write>
  boost::asio::awaitable<void> finish(const Request& request, Turn turn, core::CommandContext context,
                                      std::optional<core::Sequence> sequence, Write write, Response& response) const;

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

  /// What stands between the turn and being done: an earlier answer, or none.
  [[nodiscard]] core::Result<bool> answer_again(const Request& request, Turn& turn, Response& response) const;
  [[nodiscard]] core::Result<void> check_room(const Request& request, const Turn& turn) const;
  static void note_no_room(const Request& request, core::Duration pause);
  [[nodiscard]] core::Result<projections::KeptAnswer> keep(const projections::IdempotencyPlace& place,
                                                           const core::Digest& request_hash, const Keeping& keeping,
                                                           Response& response) const;

  projections::CommandService& commands_;
  const projections::IdempotencyQueries& answers_;
  const AnswerSeal& seal_;
  core::RandomSource& random_;
  mutable RunningKeys running_;
};

template <class Command, class Write>
boost::asio::awaitable<void> Idempotency::run(const Request& request, Turn turn, core::CommandContext context,
                                              Command command, Write write, Keeping keeping, Response& response) const {
  if (!turn.is_claimed()) {
    // What it expected was so when it was done.
    if constexpr (requires { command.expected; }) {
      if (turn.is_repeat_) command.expected = {};
    }
    const auto done = co_await execute(commands_, std::move(context), std::move(command));
    if (done.has_error()) {
      write_refusal(request, done.error(), response);
      co_return;
    }
    const core::Result<void> written = write(done->outcome, done->sequence, response);
    if (written.has_error()) write_refusal(request, written.error(), response);
    co_return;
  }
  using Outcome = typename Command::Outcome;
  // Written on the writer thread; a connection that is cut off meanwhile must not take it away.
  auto answer = std::make_shared<Response>();
  auto keep_answer = [this, answer, write = std::move(write), keeping = std::move(keeping), place = turn.place_,
                      request_hash = turn.request_hash_](const Outcome& outcome, std::optional<core::Sequence> sequence)
      -> core::Result<std::optional<projections::KeptAnswer>> {
    TALLY_TRY(write(outcome, sequence, *answer));
    if (!sequence) return std::optional<projections::KeptAnswer>{};
    TALLY_TRY_ASSIGN(auto kept, keep(place, request_hash, keeping, *answer));
    return std::optional{std::move(kept)};
  };
  projections::Remembered<Command> remembered{std::move(command), turn.place_, turn.request_hash_,
                                              std::move(keep_answer)};
  const auto done = co_await execute(commands_, std::move(context), std::move(remembered));
  if (done.has_error()) {
    // Others of the caller's have used it up meanwhile.
    if (done.error().code == core::Errc::rate_limited) note_no_room(request, std::chrono::seconds{1});
    write_refusal(request, done.error(), response);
    co_return;
  }
  response = std::move(*answer);
}

template <class Write>
boost::asio::awaitable<void> Idempotency::finish(const Request& request, Turn turn, core::CommandContext context,
                                                 std::optional<core::Sequence> sequence, Write write,
                                                 Response& response) const {
  if (turn.is_claimed() && sequence) {
    co_await run(request, std::move(turn), std::move(context), projections::FinishRequest{*sequence}, std::move(write),
                 Keeping{}, response);
    co_return;
  }
  const core::Result<void> written =
      write(projections::FinishRequest::Outcome{}, std::optional<core::Sequence>{}, response);
  if (written.has_error()) write_refusal(request, written.error(), response);
}

}  // namespace tally::http::api
