#include "http/api/service_routes.hpp"

#include <utility>

#include "http/api/openapi_document.hpp"
#include "http/frame/query_reader.hpp"
#include "http/frame/route_policies.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/problem.hpp"

namespace tally::http {
namespace {

void write_status(std::string_view status, Response& response) {
  response.start(200, kJson);
  response.set_no_store();
  JsonWriter json{response.body()};
  json.begin_object().member("status", status).end_object();
}

Checked<void> alive(const Request&, Response& response) {
  write_status("ok", response);
  return {};
}

Checked<void> contract(const Request& request, Response& response) {
  send_embedded(openapi_file(), request, response);
  // Kept, but asked about each time: another release may be another contract.
  response.set("Cache-Control", "no-cache");
  return {};
}

/// Whoever watches over the server is never told to come later.
constexpr RoutePolicy kWatch{.audience = Audience::everyone, .address_limit = AddressLimit::never};
constexpr RoutePolicy kContract{.audience = Audience::everyone, .cross_origin = CrossOrigin::open};

}  // namespace

ServiceRoutes::ServiceRoutes(Readiness readiness) : readiness_(std::move(readiness)) {}

void ServiceRoutes::add_to(Router& router) const {
  router.add({Method::get, "/healthz", SyncHandler{answering(alive)}, kWatch});
  router.add({Method::get, "/readyz", SyncHandler{answering(this, &ServiceRoutes::ready)}, kWatch});
  router.add({Method::get, "/openapi.json", SyncHandler{answering(contract)}, kContract});
}

Checked<void> ServiceRoutes::ready(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(QueryReader query, QueryReader::parse(request, {"for"}));
  const auto purpose = query.word<ReadyFor>("for", {{"read", ReadyFor::reading}});
  TALLY_TRY(query.finish());
  const auto readiness = readiness_(purpose.value_or(ReadyFor::all));
  // A fault of the server's, and its answer is no fault.
  if (readiness.has_error() && status_of(readiness.error().code) == 500) {
    const bool is_damage = readiness.error().code == core::Errc::corrupt;
    write_http_problem(request, 503, is_damage ? "ledger_damaged" : "not_ready",
                       is_damage ? "the ledger is damaged; the log says where" : "something fails; the log says what",
                       response);
    return {};
  }
  TALLY_TRY(readiness);
  write_status("ready", response);
  return {};
}

}  // namespace tally::http
