#include "http/auth/caller.hpp"

#include <algorithm>

#include "http/server/exchange_notes.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

/// What a stranger typed: cut to its bound, and with nothing in it but visible ASCII and spaces.
std::string tame(std::string_view text, std::size_t bytes_max) {
  std::string out{text.substr(0, bytes_max)};
  std::replace_if(out.begin(), out.end(), [](char character) { return character < 0x20 || character > 0x7e; }, '?');
  return out;
}

core::CommandContext context_at_the_edge(const Request& request, core::Actor actor, core::Via via,
                                         const core::Credential& credential, core::RandomSource& random) {
  core::CommandContext context;
  context.at = request.received_at;
  context.actor = actor;
  context.via = via;
  context.credential = credential;
  context.origin.request_id = tame(request.request_id, limits::kRequestIdBytesMax);
  context.origin.trace_id = request.trace_id;
  context.origin.source_ip = request.remote_address;
  context.origin.user_agent = tame(request.header("User-Agent").value_or(""), limits::kUserAgentBytesMax);
  random.fill(context.entropy);
  return context;
}

}  // namespace

core::Actor actor_of(const core::PersonState& person) {
  return {person.is_operator() ? core::ActorKind::operator_person : core::ActorKind::user, person.id.uuid()};
}

core::Credential bearer_credential(core::TokenId token, core::AccessTokenId access_token) {
  return {core::CredentialKind::access_token, token.uuid(), access_token.uuid()};
}

core::Credential credential_of(const Caller& caller) {
  if (caller.bearer) return bearer_credential(caller.bearer->access.token, caller.bearer->access.id);
  return {caller.session_hash ? core::CredentialKind::session : core::CredentialKind::none, {}, {}};
}

core::CommandContext context_of(const Request& request, const Caller& caller, core::RandomSource& random) {
  auto context = context_at_the_edge(request, actor_of(caller.person), caller.via, credential_of(caller), random);
  if (const auto& bearer = caller.bearer) {
    context.bearer = {bearer->access, bearer->scope};
  }
  return context;
}

core::CommandContext context_of_attempt(const Request& request, core::Actor actor, core::RandomSource& random) {
  return context_at_the_edge(request, actor, request.notes().attempt.via, request.notes().attempt.credential, random);
}

core::CommandContext context_of_client(const Request& request, core::Actor actor, const core::Credential& credential,
                                       core::RandomSource& random) {
  return context_at_the_edge(request, actor, core::Via::oauth, credential, random);
}

}  // namespace tally::http
