#pragma once

#include <span>
#include <string>

#include "http/pages/asset.hpp"
#include "http/server/router.hpp"

namespace tally::http {

/// Serves the web pages: the document at /app and at every path below it, so that a page can be reloaded and shared;
/// what it loads under a name that contains its hash, to be kept for ever; and `/`, which leads to /app. The document
/// comes with a Content-Security-Policy that runs nothing but these files, and is asked for anew each time.
class PagesRoutes {
 public:
  /// Exactly one of `assets` is the document (checked), unless there is none at all: then nothing is served.
  /// Lifetime: the assets outlive the routes, and the routes the router's use.
  explicit PagesRoutes(std::span<const Asset> assets);
  void add_to(Router& router) const;

 private:
  std::span<const Asset> assets_;
};

/// What the document may do in a browser. Source: W3C CSP Level 3, Trusted Types.
extern const std::string_view kContentSecurityPolicy;

/// Answers a request with an asset, in the coding that it prefers, or with 304.
void send_asset(const Asset& asset, const Request& request, Response& response);

}  // namespace tally::http
