#include "tools/cli/event_source.hpp"

#include <utility>

namespace tally::tools {

Attempt<void> EventSource::feed(std::string_view piece, const std::function<Attempt<void>(const SentEvent&)>& take) {
  for (const char character : piece) {
    // CRLF is one line end.
    if (std::exchange(after_carriage_return_, character == '\r') && character == '\n') continue;
    if (character != '\r' && character != '\n') {
      if (line_.size() + data_.size() == kBytesMax) return Failure{Exit::damaged, "an event of more than 1 MiB"};
      line_ += character;
    } else if (line_.empty()) {
      TALLY_TRY(end_event(take));
    } else {
      end_line();
    }
  }
  return {};
}

void EventSource::end_line() {
  const std::string line = std::exchange(line_, {});
  const std::size_t colon = line.find(':');
  const std::string_view name = std::string_view{line}.substr(0, colon);
  std::string_view value = colon == std::string::npos ? std::string_view{} : std::string_view{line}.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") data_.append(value).push_back('\n');
  if (name == "id" && value.find('\0') == std::string_view::npos) id_ = value;
}

Attempt<void> EventSource::end_event(const std::function<Attempt<void>(const SentEvent&)>& take) {
  last_id_ = id_;
  if (data_.empty()) return {};
  SentEvent event{std::exchange(data_, {})};
  event.data.pop_back();
  return take(event);
}

void EventSource::break_off() {
  line_.clear();
  data_.clear();
  id_ = last_id_;
  after_carriage_return_ = false;
}

}  // namespace tally::tools
