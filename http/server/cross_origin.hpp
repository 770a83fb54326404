#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace tally::http {

class Request;
class Response;

/// Which web pages of other origins a browser lets read the answers of routes that are open to pages: what every public
/// client needs, and nothing that a cookie opens. Never with credentials of the browser's own: a page must hold what it
/// sends. Source: Fetch §3.2, ADR 48. Threads: any.
class CrossOriginRule {
 public:
  /// Any page.
  CrossOriginRule() = default;
  /// `*` (any page), `none`, or origins joined by commas, as https://app.example. Errors: invalid_argument.
  static core::Result<CrossOriginRule> parse(std::string_view text);

  /// True if pages of some origin may read answers at all.
  [[nodiscard]] bool is_on() const { return is_any_ || !origins_.empty(); }

  /// What an answer of an open route says beside, whatever its status, so that a page sees errors too.
  void add_to(const Request& request, Response& response) const;

  /// Whether a browser asks what it may send, before it sends it. Source: Fetch §3.2.2.
  static bool is_preflight(const Request& request);
  /// The answer to such a question: 204. `methods`: what the path takes, as in Allow. add_to() is still to come.
  static void write_preflight(std::string_view methods, Response& response);

 private:
  bool is_any_ = true;
  std::vector<std::string> origins_;
};

}  // namespace tally::http
