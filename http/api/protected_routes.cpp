#include "http/api/protected_routes.hpp"

#include <memory>
#include <utility>

namespace tally::http::api {
namespace {

boost::asio::awaitable<void> serve_and_offer(std::shared_ptr<const AsyncHandler> serve, DPoPVerifier* proofs,
                                             const Request* request, Response* response) {
  co_await (*serve)(*request, *response);
  proofs->offer_nonce(*request, *response);
}

SyncHandler offering(SyncHandler serve, DPoPVerifier& proofs) {
  return [serve = std::move(serve), &proofs](const Request& request, Response& response) {
    serve(request, response);
    proofs.offer_nonce(request, response);
  };
}

AsyncHandler offering(AsyncHandler serve, DPoPVerifier& proofs) {
  auto kept = std::make_shared<const AsyncHandler>(std::move(serve));
  return [kept = std::move(kept), &proofs](const Request& request, Response& response) {
    if (!DPoPVerifier::has_proof(request)) return (*kept)(request, response);
    return serve_and_offer(kept, &proofs, &request, &response);
  };
}

// Without this one a StreamHandler would pass for a SyncHandler that forgets its sink.
StreamHandler offering(StreamHandler serve, DPoPVerifier& proofs) {
  return [serve = std::move(serve), &proofs](const Request& request, Response& response) {
    auto sink = serve(request, response);
    proofs.offer_nonce(request, response);
    return sink;
  };
}

}  // namespace

void protect_routes(Router& router, const ResourceHints& hints, DPoPVerifier& proofs) {
  router.change_below("/v1/", [&](Route& route) {
    route.hints = &hints;
    std::visit([&](auto& handler) { route.handler = offering(std::move(handler), proofs); }, route.handler);
  });
}

}  // namespace tally::http::api
