#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/state/confirmation.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/request.hpp"

/// How a token's binding to a key looks in JSON. Source: RFC 7800 §3.1, RFC 9449 §6.1, RFC 8705 §3.1.
namespace tally::http {

/// The member `cnf`: `{"jkt": …}` or `{"x5t#S256": …}`; nothing if there is none.
void write_confirmation(JsonWriter& writer, const std::optional<core::Confirmation>& confirmation);

/// The `token_type` of an access token: `DPoP` if it needs a proof with every use. A token that is bound to a
/// certificate is used as any other: the connection proves. Source: RFC 9449 §5, RFC 8705 §3.
std::string_view token_type_of(const std::optional<core::Confirmation>& confirmation);

/// The certificate that the request's connection proved, as what a token is bound to. Source: RFC 8705 §3.
std::optional<core::Confirmation> certificate_of(const Request& request);

/// Whether the token is bound to a certificate.
bool is_bound_to_certificate(const std::optional<core::Confirmation>& confirmation);

}  // namespace tally::http
