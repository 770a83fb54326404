#include "http/server/cross_origin.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "http/server/limits.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"
#include "http/server/web_origin.hpp"

namespace tally::http {
namespace {

constexpr std::string_view kFieldsTaken =
    "Accept, Authorization, Content-Type, DPoP, If-None-Match, traceparent, tracestate, X-Request-Id";
constexpr std::string_view kFieldsShown =
    "DPoP-Nonce, ETag, RateLimit, RateLimit-Policy, Retry-After, Tally-Sequence, WWW-Authenticate, X-Request-Id";
/// Two hours, the most that browsers take.
constexpr std::string_view kSecondsKept = "7200";

/// In the one form in which browsers send it.
bool is_origin(std::string_view text) {
  const bool is_web = text.starts_with("https://") || text.starts_with("http://");
  const std::size_t host = text.find("://");
  const auto is_printable = [](char character) { return character > ' ' && character <= '~'; };
  // No browser sends a star: it would stand for nothing, and look as if it stood for much.
  return is_web && text.size() > host + 3 && text.find('*') == std::string_view::npos && origin_of(text) == text &&
         std::ranges::all_of(text, is_printable);
}

}  // namespace

core::Result<CrossOriginRule> CrossOriginRule::parse(std::string_view text) {
  CrossOriginRule chosen;
  if (text == "*") return chosen;
  chosen.is_any_ = false;
  if (text == "none") return chosen;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view origin = core::ascii::trimmed(text.substr(begin, end - begin));
    if (origin == "*" || origin == "none") {
      return core::fail(core::Errc::invalid_argument, "* and none stand alone");
    }
    if (!is_origin(origin)) {
      return core::fail(core::Errc::invalid_argument,
                        "\"" + std::string{origin} +
                            "\" is neither * nor none nor an origin as a browser sends it, as " +
                            "https://app.example: small letters, no path, no default port");
    }
    chosen.origins_.emplace_back(origin);
    if (chosen.origins_.size() > limits::kCrossOriginsMax) {
      return core::fail(core::Errc::invalid_argument,
                        "more than " + std::to_string(limits::kCrossOriginsMax) + " origins");
    }
    begin = end + 1;
  }
  return chosen;
}

void CrossOriginRule::add_to(const Request& request, Response& response) const {
  if (!is_on()) return;
  if (is_any_) {
    response.set("Access-Control-Allow-Origin", "*");
  } else {
    // Said without the field too: a cache must not show one origin's answer to another.
    response.set("Vary", "Origin");
    const auto origin = request.header("Origin");
    const bool is_known = origin && std::ranges::find(origins_, *origin) != origins_.end();
    if (!is_known) return;
    response.set("Access-Control-Allow-Origin", *origin);
  }
  response.set("Access-Control-Expose-Headers", kFieldsShown);
}

bool CrossOriginRule::is_preflight(const Request& request) {
  return request.method == Method::options && request.header("Origin") &&
         request.header("Access-Control-Request-Method");
}

void CrossOriginRule::write_preflight(std::string_view methods, Response& response) {
  response.empty(204);
  response.set("Access-Control-Allow-Methods", methods);
  response.set("Access-Control-Allow-Headers", kFieldsTaken);
  response.set("Access-Control-Max-Age", kSecondsKept);
}

}  // namespace tally::http
