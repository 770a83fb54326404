#include "http/server/rate_notes.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/check.hpp"

namespace tally::http {
namespace {

void append(std::string& out, std::string_view before, std::int64_t number) {
  std::array<char, 24> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  TALLY_CHECK(error == std::errc{});
  out += before;
  out.append(digits.data(), end);
}

}  // namespace

void RateNotes::add(const RatePolicy& policy, const RateVerdict& verdict) {
  if (count_ == notes_.size()) return;  // a header less is no harm
  notes_[count_++] = Note{policy, verdict};
}

std::uint32_t RateNotes::retry_after_seconds() const {
  std::uint32_t seconds = 1;
  for (std::size_t index = 0; index < count_; ++index) {
    seconds = std::max(seconds, notes_[index]->verdict.retry_after_seconds);
  }
  return seconds;
}

void RateNotes::append_lines(std::string& out) const {
  if (empty()) return;
  out += "RateLimit-Policy: ";
  for (std::size_t index = 0; index < count_; ++index) {
    const RatePolicy& policy = notes_[index]->policy;
    out += index == 0 ? "\"" : ", \"";
    out += policy.name;
    append(out, "\";q=", policy.requests);
    append(out, ";w=", policy.window.count());
  }
  out += "\r\nRateLimit: ";
  for (std::size_t index = 0; index < count_; ++index) {
    const Note& note = *notes_[index];
    out += index == 0 ? "\"" : ", \"";
    out += note.policy.name;
    append(out, "\";r=", note.verdict.remaining);
    append(out, ";t=", note.verdict.reset_seconds);
  }
  out += "\r\n";
}

}  // namespace tally::http
