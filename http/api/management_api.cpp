#include "http/api/management_api.hpp"

namespace tally::http {

ManagementApi::ManagementApi(const Parts& parts)
    : gate_(parts.authenticator, parts.workspaces),
      idempotency_(parts.commands, parts.kept_answers, parts.answer_seal, parts.random),
      door_(parts.passwords, parts.limits, parts.commands, parts.random),
      session_(gate_, parts.authenticator, parts.people, parts.workspaces, parts.commands, door_, parts.random,
               idempotency_, parts.access_tokens.issuer(), parts.watch),
      users_(gate_, parts.people, door_, parts.random, idempotency_, parts.offboarding),
      workspaces_(gate_, parts.workspaces, parts.commands, parts.access_tokens, parts.random, idempotency_),
      members_(gate_, parts.workspaces, parts.people, parts.commands, parts.random, parts.offboarding),
      resource_servers_(gate_, parts.workspaces, parts.commands, parts.random, idempotency_,
                        parts.access_tokens.issuer()),
      token_generation_(gate_, parts.workspaces, parts.people, parts.access_tokens, parts.random, idempotency_),
      token_reading_(gate_, parts.tokens, parts.people),
      token_stopping_(gate_, parts.tokens, parts.people, parts.commands, parts.random, idempotency_),
      legacy_tokens_(gate_, parts.commands, parts.random),
      audit_(gate_, parts.audit, parts.tokens, parts.people, parts.commands, parts.random),
      audit_views_(gate_, {parts.audit, parts.people, parts.commands, parts.clock, parts.random, streams_}),
      exports_(gate_, parts.audit, parts.people, parts.commands, parts.clock, parts.random, streams_),
      service_(parts.readiness),
      keys_(gate_, parts.keys, parts.key_rotation, parts.random),
      ledger_(parts.checkpointer) {}

void ManagementApi::add_to(Router& router) const {
  session_.add_to(router);
  users_.add_to(router);
  workspaces_.add_to(router);
  members_.add_to(router);
  resource_servers_.add_to(router);
  token_generation_.add_to(router);
  token_reading_.add_to(router);
  token_stopping_.add_to(router);
  legacy_tokens_.add_to(router);
  audit_.add_to(router);
  audit_views_.add_to(router);
  exports_.add_to(router);
  service_.add_to(router);
  keys_.add_to(router);
  ledger_.add_to(router);
}

}  // namespace tally::http
