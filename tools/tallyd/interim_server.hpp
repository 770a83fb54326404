#pragma once

#include <memory>

#include "core/base/result.hpp"
#include "core/crypto/system_random.hpp"
#include "events/store/store.hpp"
#include "http/api/upgrade_notice.hpp"
#include "http/server/clock.hpp"
#include "http/server/listener.hpp"
#include "http/server/random_pool.hpp"
#include "http/server/router.hpp"
#include "http/server/server.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "tools/tallyd/log.hpp"

namespace tally::tools {

/// Listens in the server's place while the ledger is upgraded, which the server needs whole; then the server goes on
/// with the socket, so that nobody is refused in between.
class InterimServer {
 public:
  /// Serves if `ledger` is of an earlier storage version; else null. `options`: those of the server, without what asks
  /// for its parts. Errors: as http::Server::start, and events::storage_age.
  static core::Result<std::unique_ptr<InterimServer>> start_for_upgrade(const events::Reader& ledger,
                                                                        http::ServerOptions options, Log& log);
  InterimServer(const InterimServer&) = delete;
  InterimServer& operator=(const InterimServer&) = delete;

  /// How far the upgrade has come. Threads: any.
  void tell(const projections::RebuildProgress& progress) {
    notice_.tell(progress.making, progress.events_done, progress.events_total);
  }
  /// Answers whoever is here, and ends.
  http::Listener hand_over() { return server_->drain_and_keep_listening(); }

 private:
  explicit InterimServer(http::ServerOptions options);

  http::SystemClock clock_;
  core::crypto::SystemRandom system_random_;
  http::RandomPool random_{system_random_};
  http::UpgradeNotice notice_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace tally::tools
