#pragma once

#include <functional>

#include "core/base/result.hpp"
#include "http/frame/refusal.hpp"
#include "http/server/router.hpp"

namespace tally::http {

/// What anybody on the listen address may ask: is the process alive, does it take work, and what is the contract.
class ServiceRoutes {
 public:
  /// `readiness` says why the server takes no work now, or nothing: quick, from any thread.
  explicit ServiceRoutes(std::function<core::Result<void>()> readiness);
  void add_to(Router& router) const;

 private:
  Checked<void> ready(const Request& request, Response& response) const;

  const std::function<core::Result<void>()> readiness_;
};

}  // namespace tally::http
