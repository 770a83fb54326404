#include "http/auth/confirmation.hpp"

#include "core/crypto/base64.hpp"

namespace tally::http {

void write_confirmation(JsonWriter& writer, const std::optional<core::Confirmation>& confirmation) {
  if (!confirmation) return;
  const std::string thumbprint = core::crypto::base64url_encode(confirmation->thumbprint.bytes);
  writer.key("cnf").begin_object();
  writer.member(core::name_of(confirmation->method), std::string_view{thumbprint}).end_object();
}

std::string_view token_type_of(const std::optional<core::Confirmation>& confirmation) {
  const bool needs_proof = confirmation && confirmation->method == core::ConfirmationMethod::jkt;
  return needs_proof ? "DPoP" : "Bearer";
}

std::optional<core::Confirmation> certificate_of(const Request& request) {
  if (!request.client_certificate) return std::nullopt;
  return core::Confirmation{core::ConfirmationMethod::x5t_s256, *request.client_certificate};
}

bool is_bound_to_certificate(const std::optional<core::Confirmation>& confirmation) {
  return confirmation && confirmation->method == core::ConfirmationMethod::x5t_s256;
}

}  // namespace tally::http
