#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/server/rate_buckets.hpp"

namespace tally::http {

/// What the limits said about one request, on its way to the answer's head. Room for one limit of the address, one of
/// the caller and three of what is asked.
class RateNotes {
 public:
  void add(const RatePolicy& policy, const RateVerdict& verdict);
  void clear() { count_ = 0; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// The longest wait that a limit asks for; 1 if none does, because not every bound is one of requests in a time.
  [[nodiscard]] std::uint32_t retry_after_seconds() const;
  /// The field lines RateLimit-Policy and RateLimit. Source: draft-ietf-httpapi-ratelimit-headers-10.
  void append_lines(std::string& out) const;

 private:
  struct Note {
    RatePolicy policy;
    RateVerdict verdict;
  };
  /// Those before count_ are there. Empty places, because the whole is made for every request.
  std::array<std::optional<Note>, 5> notes_;
  std::size_t count_ = 0;
};

}  // namespace tally::http
