#include "tools/cli/audit_follow.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <ostream>
#include <utility>

#include <boost/json/parse.hpp>

#include "tools/cli/event_source.hpp"

namespace tally::tools {
namespace {

constexpr std::chrono::seconds kPauseMin{1};
constexpr std::chrono::seconds kPauseMax{30};
constexpr int kTriesMax = 12;  // With these pauses, some four minutes.

/// What a sink says when it wants no more: no failure of anybody.
const Failure kNobodyReads{Exit::done, {}};

/// One stream after the other, and where they stand.
class Follower {
 public:
  Follower(Context& context, const Followed& followed, const TakeEvents& take)
      : context_(context), followed_(followed), take_(take) {}

  /// Until the stream ends: why, unless in good order.
  Attempt<void> read_one() {
    TALLY_TRY_ASSIGN(Api * server, context_.api());
    const std::string& after = source_.last_id().empty() ? followed_.after : source_.last_id();
    was_answered_ = false;
    const auto ended =
        server->stream(followed_.target, after, [this](std::string_view piece) { return take_piece(piece); });
    source_.break_off();
    return ended.has_error() ? Attempt<void>{ended.error()} : Attempt<void>{};
  }
  [[nodiscard]] bool was_answered() const { return was_answered_; }

  /// False: it is not to be tried again.
  bool wait(const std::optional<Failure>& why, std::chrono::seconds pause) {
    if (why) {
      context_.around().err << why->message << "; trying again in " << pause.count()
                            << (pause.count() == 1 ? " second.\n" : " seconds.\n") << std::flush;
      is_told_ = true;
    }
    return context_.around().wait(pause);
  }

 private:
  Attempt<void> take_piece(std::string_view piece) {
    if (!std::exchange(was_answered_, true) && std::exchange(is_told_, false)) {
      context_.around().err << "The server is back.\n" << std::flush;
    }
    boost::json::array events;
    TALLY_TRY(source_.feed(piece, [&events](const SentEvent& sent) -> Attempt<void> {
      boost::system::error_code error;
      events.push_back(boost::json::parse(sent.data, error));
      if (error) return Failure{Exit::damaged, "the stream holds something that is no event"};
      return {};
    }));
    if (!take_(events)) return kNobodyReads;
    return {};
  }

  Context& context_;
  const Followed& followed_;
  const TakeEvents& take_;
  EventSource source_;
  bool was_answered_ = false;  ///< By the stream of now.
  bool is_told_ = false;       ///< That the server is away.
};

}  // namespace

Attempt<void> follow_events(Context& context, const Followed& followed, const TakeEvents& take) {
  Follower follower{context, followed, take};
  std::chrono::seconds pause = kPauseMin;
  int tries = 0;
  for (;;) {
    const auto ended = follower.read_one();
    std::optional<Failure> failure;
    if (ended.has_error()) failure = ended.error();
    if (failure && failure->exit == Exit::done) return {};
    if (failure && failure->exit != Exit::unreachable) return *failure;
    if (follower.was_answered()) {
      tries = 0;
      pause = kPauseMin;
    }
    if (failure && ++tries > kTriesMax) return *failure;
    // A server ends each stream after a while, and that is no news.
    if (!follower.wait(failure, pause)) return {};
    pause = std::min(pause * 2, kPauseMax);
  }
}

}  // namespace tally::tools
