#include "http/server/challenge.hpp"

#include <string>

#include "http/server/authorization.hpp"
#include "http/server/router.hpp"

namespace tally::http {
namespace {

using core::Errc;

/// What was wrong with the token or proof that came; empty: nothing came.
std::string_view error_of(Errc code, bool is_token_there) {
  if (code == Errc::invalid_proof) return "invalid_dpop_proof";
  if (code == Errc::nonce_required) return "use_dpop_nonce";
  if (code == Errc::forbidden) return "insufficient_scope";
  return is_token_there || code != Errc::unauthenticated ? "invalid_token" : "";
}

void add_challenge(std::string_view scheme, std::string_view error, const ResourceHints* hints, Response& response) {
  std::string challenge{scheme};
  challenge.append(R"( realm="tally")");
  if (!error.empty()) challenge.append(R"(, error=")").append(error).append(R"(")");
  if (hints != nullptr) {
    if (scheme == "DPoP") challenge.append(R"(, algs=")").append(hints->proof_algorithms).append(R"(")");
    challenge.append(R"(, resource_metadata=")").append(hints->metadata_url).append(R"(")");
  }
  response.set("WWW-Authenticate", challenge);
}

}  // namespace

void write_challenges(const Request& request, Errc code, Response& response) {
  const ResourceHints* hints = request.resource_hints;
  const std::string_view authorization = request.header("Authorization").value_or("");
  const bool is_dpop =
      is_of_scheme(authorization, "DPoP") || code == Errc::invalid_proof || code == Errc::nonce_required;
  const std::string_view error = error_of(code, is_dpop || is_of_scheme(authorization, "Bearer"));
  if (is_dpop) add_challenge("DPoP", error, hints, response);
  add_challenge("Bearer", is_dpop ? "" : error, hints, response);
  if (!is_dpop && hints != nullptr) add_challenge("DPoP", "", hints, response);
}

}  // namespace tally::http
