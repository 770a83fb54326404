#include "tools/tallyd/interim_server.hpp"

#include <utility>

#include "events/log/storage_marks.hpp"
#include "projections/fold/projections.hpp"

namespace tally::tools {

InterimServer::InterimServer(http::ServerOptions options) {
  notice_.add_to(router_);
  // The upgrade has the other processors.
  options.io_threads = 1;
  options.long_read_threads = 1;
  options.answer_instead = [this](const http::Request& request, const http::ErrorForm& form, http::Response& response) {
    notice_.answer(request, form, response);
  };
  server_ = std::make_unique<http::Server>(std::move(options), router_, clock_, random_);
}

core::Result<std::unique_ptr<InterimServer>> InterimServer::start_for_upgrade(const events::Reader& ledger,
                                                                              http::ServerOptions options, Log& log) {
  const projections::InlineProjections projections;
  TALLY_TRY_ASSIGN(const auto age, events::storage_age(ledger, projections.all()));
  if (!age.is_of_earlier_storage()) return std::unique_ptr<InterimServer>{};
  std::unique_ptr<InterimServer> interim{new InterimServer{std::move(options)}};
  TALLY_TRY(interim->server_->start());
  log.info("the storage is upgraded before anybody is served; everybody is told so",
           {{"version", static_cast<std::int64_t>(*age.storage_version)},
            {"port", static_cast<std::int64_t>(interim->server_->port())}});
  return interim;
}

}  // namespace tally::tools
