#include "tools/tallyd/wiring.hpp"

#include <chrono>
#include <utility>

namespace tally::tools {

Keys::Keys(Secrets& secrets, Backend& backend, const Settings& settings)
    : signing_keys(secrets.ring, *secrets.random),
      rotation(backend.keys, signing_keys, backend.commands,
               {settings.signing_algorithm, std::chrono::seconds{settings.signing_key_lead_seconds}}) {}

Edge::Edge(Backend& backend, Keys& keys, Start start, const Settings& settings)
    : access_tokens(start.issuer, std::move(start.access_token_keys), &backend.tokens),
      usage(backend.commands),
      limits(settings.request_limits, backend.random),
      proofs(start.issuer, backend.random),
      authenticator(access_tokens, backend.tokens, backend.people, start.issuer, usage, proofs, limits),
      denied(backend.commands, backend.random),
      descendants(backend.commands, backend.tokens, backend.random),
      passwords(backend.random, settings.password_threads),
      answer_seal(std::move(start.answers_secret)),
      offboarding({backend.commands, backend.offboarding, backend.clock, backend.random}),
      management(http::ManagementApi::Parts{authenticator, access_tokens, backend.tokens, backend.workspaces,
                                            backend.people, backend.audit, backend.commands, passwords, limits,
                                            answer_seal, backend.kept_answers, backend.clock, backend.random,
                                            std::move(start.readiness), backend.keys, keys.rotation, start.checkpointer,
                                            offboarding, std::move(start.watch)}),
      legacy_tokens(backend.tokens, usage),
      refresher(backend.commands, backend.tokens, backend.workspaces, access_tokens, proofs, backend.random, limits),
      exchange(backend.commands, backend.tokens, backend.workspaces, access_tokens, proofs, backend.random, limits),
      token_endpoint(refresher, exchange, backend.workspaces, access_tokens),
      revocation(backend.commands, backend.tokens, backend.workspaces, access_tokens, backend.random),
      introspection(backend.tokens, backend.people, access_tokens, backend.workspaces, usage, limits, legacy_tokens),
      status_lists(backend.tokens, backend.audit, access_tokens),
      metadata(access_tokens,
               settings.tls_client_ca.empty() ? http::ClientCertificates::not_asked : http::ClientCertificates::asked),
      forward_auth(authenticator, legacy_tokens),
      refresh_beside(refresher, access_tokens),
      pages(http::embedded_assets()) {
  keys.rotation.serve(access_tokens);
}

void Edge::add_to(http::Router& router) {
  management.add_to(router);
  token_endpoint.add_to(router);
  revocation.add_to(router);
  introspection.add_to(router);
  status_lists.add_to(router);
  metadata.add_to(router);
  forward_auth.add_to(router);
  pages.add_to(router);
  router.set_around(
      {&refresh_beside.prelude(),
       [this](const http::Request& request, http::Response& response) { proofs.offer_nonce(request, response); },
       &metadata.management_hints()});
}

}  // namespace tally::tools
