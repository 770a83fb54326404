#include "http/pages/pages_routes.hpp"

#include <algorithm>

#include "core/base/check.hpp"

namespace tally::http {

const std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

namespace {

constexpr RoutePolicy kPolicy{.audience = Audience::everyone};

/// A name with the hash in it never means other bytes.
constexpr std::string_view kForEver = "public, max-age=31536000, immutable";
/// Kept, but never shown without asking whether it is still the one: a new release is seen at once.
constexpr std::string_view kAskFirst = "no-cache";

bool is_document(const Asset& asset) { return asset.path == kDocumentPath; }

void set_document_headers(Response& response) {
  response.set("Content-Security-Policy", kContentSecurityPolicy);
  response.set("Referrer-Policy", "no-referrer");
  response.set("Cross-Origin-Opener-Policy", "same-origin");
  response.set("X-Frame-Options", "DENY");
  response.set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
}

void lead_to_document(const Request&, Response& response) {
  response.empty(302);
  response.set("Location", kDocumentPath);
}

}  // namespace

void send_asset(const Asset& asset, const Request& request, Response& response) {
  send_embedded(asset.file, request, response);
  response.set("Cross-Origin-Resource-Policy", "same-origin");
  response.set("Cache-Control", is_document(asset) ? kAskFirst : kForEver);
  if (is_document(asset)) set_document_headers(response);
}

PagesRoutes::PagesRoutes(std::span<const Asset> assets) : assets_(assets) {
  const auto documents = std::count_if(assets_.begin(), assets_.end(), is_document);
  TALLY_CHECK(assets_.empty() || documents == 1, std::to_string(documents));
}

void PagesRoutes::add_to(Router& router) const {
  if (assets_.empty()) return;
  router.add({Method::get, "/", SyncHandler{lead_to_document}, kPolicy});
  for (const Asset& asset : assets_) {
    const Asset* served = &asset;
    const SyncHandler send = [served](const Request& request, Response& response) {
      send_asset(*served, request, response);
    };
    router.add({Method::get, std::string{asset.path}, send, kPolicy});
    if (!is_document(asset)) continue;
    // The script knows which of these paths it has a page for.
    std::string below{kDocumentPath};
    for (const char* segment : {"/{one}", "/{two}", "/{three}", "/{four}"}) {
      below += segment;
      router.add({Method::get, below, send, kPolicy});
    }
  }
}

}  // namespace tally::http
