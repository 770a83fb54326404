#include "tools/tallyd/certificate_watch.hpp"

#include <chrono>
#include <string>

#include "tools/tallyd/tls_files.hpp"

namespace tally::tools {
namespace {

constexpr std::chrono::hours kCertificateInterval{24};

}  // namespace

CertificateWatch::CertificateWatch(const boost::asio::any_io_executor& executor, const http::Clock& clock, Log& log)
    : timer_(executor), clock_(clock), log_(log) {}

void CertificateWatch::use(core::Timestamp ends_at) {
  ends_at_ = ends_at;
  look();
}

void CertificateWatch::start() {
  timer_.expires_after(kCertificateInterval);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    start();
    look();
  });
}

void CertificateWatch::look() const {
  const core::Timestamp ends_at = ends_at_;
  if (ends_soon(ends_at, clock_.now())) {
    log_.warning("the certificate ends soon: put a new one in its place and send SIGHUP",
                 {{"expires_at", core::to_rfc3339(ends_at)}});
  }
}

}  // namespace tally::tools
