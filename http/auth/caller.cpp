#include "http/auth/caller.hpp"

#include <algorithm>

#include "core/limits.hpp"

namespace tally::http {
namespace {

/// What a stranger typed: cut to its bound, and with nothing in it but visible ASCII and spaces.
std::string tame(std::string_view text, std::size_t bytes_max) {
  std::string out{text.substr(0, bytes_max)};
  std::replace_if(out.begin(), out.end(), [](char character) { return character < 0x20 || character > 0x7e; }, '?');
  return out;
}

core::CommandContext context_at_the_edge(const Request& request, core::Actor actor, core::Via via,
                                         core::RandomSource& random) {
  core::CommandContext context;
  context.at = request.received_at;
  context.actor = actor;
  context.via = via;
  context.origin.request_id = tame(request.request_id, core::limits::kRequestIdBytesMax);
  context.origin.trace_id = request.trace_id;
  context.origin.source_ip = request.remote_address;
  context.origin.user_agent = tame(request.header("User-Agent").value_or(""), core::limits::kUserAgentBytesMax);
  random.fill(context.entropy);
  return context;
}

}  // namespace

core::Actor actor_of(const core::PersonState& person) {
  return {person.is_operator() ? core::ActorKind::operator_person : core::ActorKind::user, person.id.uuid()};
}

core::CommandContext context_of(const Request& request, const Caller& caller, core::RandomSource& random) {
  return context_at_the_edge(request, actor_of(caller.person), caller.via, random);
}

core::CommandContext context_of_attempt(const Request& request, core::Actor actor, core::Via via,
                                        core::RandomSource& random) {
  return context_at_the_edge(request, actor, via, random);
}

core::CommandContext context_of_client(const Request& request, core::Actor actor, core::RandomSource& random) {
  return context_at_the_edge(request, actor, core::Via::oauth, random);
}

}  // namespace tally::http
