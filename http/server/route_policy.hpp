#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/server/error_form.hpp"
#include "http/server/limits.hpp"

namespace tally::http {

/// Whom a route serves. Whoever authenticates holds it to that; a test holds both against /openapi.json.
enum class Audience : std::uint8_t {
  everyone,         ///< Nobody is asked who they are.
  client,           ///< An OAuth client; what it presents proves it, if anything does.
  resource_server,  ///< By HTTP Basic.
  session,          ///< A person who is signed in.
  person,           ///< A person who is signed in, or an access token of theirs with the scope that the route needs.
  bearer,           ///< An access token.
};

/// When the limit of the caller's address is asked. That of the caller is asked by whoever finds out who it is.
enum class AddressLimit : std::uint8_t {
  first,          ///< Before anything is done for the request, its body read included.
  of_the_living,  ///< By whoever knows that the credential is alive: a dead one is told so whatever the limits say.
  never,          ///< What watches over the server.
};

/// Where a synchronous handler runs. Those who read are served in turn: see TurnPool.
enum class RunOn : std::uint8_t {
  io_thread,    ///< Costs as much as a few look-ups.
  short_reads,  ///< Reads one page of rows that lie beside each other.
  long_reads,   ///< Walks, or writes and waits for it.
};

/// Whether pages of any origin may read the answer. Source: WHATWG Fetch §3.2 (the CORS protocol).
enum class CrossOrigin : std::uint8_t { closed, open };

/// Whether a refresh token beside the request is taken (see Prelude).
enum class RefreshBesideRequest : std::uint8_t { ignored, taken };

/// Whether whoever came with a DPoP proof is given the nonce of the next one. Source: RFC 9449 §8, §9.
enum class ProofNonce : std::uint8_t { none, offered };

/// What holds for a route before its handler runs and after: stated where the route is added, and all but the audience
/// obeyed where all requests pass, in Exchange, so that no handler has to remember it.
struct RoutePolicy {
  Audience audience;
  AddressLimit address_limit = AddressLimit::first;
  std::size_t body_bytes_max = limits::kSmallBodyBytesMax;
  RunOn run_on = RunOn::io_thread;
  /// Of requests whose query decides; null: `run_on` for all.
  RunOn (*run_on_for)(std::string_view query) = nullptr;
  const ErrorForm* error_form = &kProblemForm;
  CrossOrigin cross_origin = CrossOrigin::closed;
  RefreshBesideRequest refresh_beside = RefreshBesideRequest::ignored;
  /// Of RefreshBesideRequest::taken, whether it is for this request; null: for each.
  bool (*is_refresh_wanted)(const Request&) = nullptr;
  ProofNonce proof_nonce = ProofNonce::none;

  [[nodiscard]] RunOn run_on_of(std::string_view query) const {
    return run_on_for == nullptr ? run_on : run_on_for(query);
  }
};

}  // namespace tally::http
