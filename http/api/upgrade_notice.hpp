#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/server/error_form.hpp"
#include "http/server/router.hpp"

namespace tally::http {

/// What is answered while the ledger is brought to this release's storage version and nobody can be served: 200 at
/// `/healthz`, and 503 with the code `upgrading` at `/readyz` and everywhere else, in the form of each path, with how
/// far it has come.
class UpgradeNotice {
 public:
  /// How far it has come with `making`, a literal. Threads: any.
  void tell(std::string_view making, std::uint64_t done, std::uint64_t total);

  /// The two routes of whoever watches over the server. Lifetime: outlives the router's use.
  void add_to(Router& router) const;
  /// For ServerOptions::answer_instead. Threads: any.
  void answer(const Request& request, const ErrorForm& form, Response& response) const;

 private:
  [[nodiscard]] std::string words() const;

  // Each is right by itself; together they may be of two moments.
  std::atomic<const char*> making_{""};
  std::atomic<std::uint64_t> percent_{0};
};

}  // namespace tally::http
