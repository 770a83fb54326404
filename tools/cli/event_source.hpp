#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tools/client/outcome.hpp"

namespace tally::tools {

/// One server-sent event.
struct SentEvent {
  std::string data;
};

/// Takes a stream of server-sent events apart, wherever its pieces were cut. Fields that it does not know, comments
/// among them, are passed over. Threads: one. Source: WHATWG HTML §9.2.6.
class EventSource {
 public:
  /// The events that end in `piece`, in order. Errors: damaged (a line or an event beyond kBytesMax: no server of
  /// ours), and those of `take`.
  Attempt<void> feed(std::string_view piece, const std::function<Attempt<void>(const SentEvent&)>& take);

  /// The stream has broken off: what is half told is forgotten, and told again after last_id().
  void break_off();

  /// What the server is to be told as Last-Event-ID; empty: nothing was said.
  [[nodiscard]] const std::string& last_id() const { return last_id_; }

  static constexpr std::size_t kBytesMax = 1 << 20;

 private:
  void end_line();
  Attempt<void> end_event(const std::function<Attempt<void>(const SentEvent&)>& take);

  std::string line_;
  std::string data_;
  std::string id_;
  std::string last_id_;
  bool after_carriage_return_ = false;
};

}  // namespace tally::tools
