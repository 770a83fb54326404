#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "http/server/exchange_notes.hpp"
#include "http/server/request.hpp"

namespace tally::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

inline bool is_same_name(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

/// A request without a socket; owns what a connection would own.
class FakeRequest final : public http::Request {
 public:
  FakeRequest(http::Method wanted_method, std::string target, Headers headers, std::string content, core::Timestamp now)
      : target_(std::move(target)), headers_(std::move(headers)), content_(std::move(content)) {
    const std::string_view whole{target_};
    const std::size_t mark = whole.find('?');
    method = wanted_method;
    path = whole.substr(0, mark);
    if (mark != std::string_view::npos) query = whole.substr(mark + 1);
    body = content_;
    remote_address = "192.0.2.7";
    request_id = "request-1";
    received_at = now;
    set_notes(&notes_);
  }
  FakeRequest(const FakeRequest&) = delete;
  FakeRequest& operator=(const FakeRequest&) = delete;

  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const override {
    for (const auto& [field, value] : headers_) {
      if (is_same_name(field, name)) return value;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::size_t header_count(std::string_view name) const override {
    return static_cast<std::size_t>(std::count_if(
        headers_.begin(), headers_.end(), [name](const auto& field) { return is_same_name(field.first, name); }));
  }

 private:
  std::string target_;
  Headers headers_;
  std::string content_;
  http::ExchangeNotes notes_;
};

}  // namespace tally::testing
