#pragma once

#include <atomic>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/base/time.hpp"
#include "http/server/clock.hpp"
#include "tools/tallyd/log.hpp"

namespace tally::tools {

/// Warns of a certificate that ends within 14 days: when it is read, and once a day. Lifetime: clock and log outlive
/// it, and so does the executor.
class CertificateWatch {
 public:
  CertificateWatch(const boost::asio::any_io_executor& executor, const http::Clock& clock, Log& log);

  /// The certificate that is used from now on. Threads: any.
  void use(core::Timestamp ends_at);
  /// Begins the daily look. Threads: once, any.
  void start();

 private:
  void look() const;

  boost::asio::steady_timer timer_;
  const http::Clock& clock_;
  Log& log_;
  std::atomic<core::Timestamp> ends_at_{};
};

}  // namespace tally::tools
