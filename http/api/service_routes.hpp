#pragma once

#include <cstdint>
#include <functional>

#include "core/base/result.hpp"
#include "http/frame/refusal.hpp"
#include "http/server/router.hpp"

namespace tally::http {

/// What somebody wants of the server who asks whether it is ready.
enum class ReadyFor : std::uint8_t {
  all,
  reading,  ///< Introspection and all else that writes nothing: one that can do no more is still of use.
};

/// Whether the server takes work, and why not. A ledger that is damaged, is corrupt. Quick, from any thread.
using Readiness = std::function<core::Result<void>(ReadyFor)>;

/// What anybody on the listen address may ask: is the process alive, does it take work, and what is the contract.
class ServiceRoutes {
 public:
  explicit ServiceRoutes(Readiness readiness);
  void add_to(Router& router) const;

 private:
  Checked<void> ready(const Request& request, Response& response) const;

  const Readiness readiness_;
};

}  // namespace tally::http
