#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "core/base/result.hpp"
#include "http/tokens/access_tokens.hpp"

namespace tally::http {

/// How an access token is written and read, without its signature. Reading is strict: only what this server would have
/// written. The JSON must be compact, which makes a repeated member malformed too. Source: RFC 7515 §3, RFC 9068 §2,
/// RFC 8725 §3.
class AccessTokenText {
 public:
  explicit AccessTokenText(std::string issuer);

  /// The protected header, encoded.
  static std::string encode_header(core::crypto::SigningAlgorithm algorithm, std::string_view key_id,
                                   std::string_view type = "at+jwt");
  /// What a header says of the key. The algorithm is only a claim: it must be the key's.
  struct Header {
    std::string algorithm;
    std::string key_id;
  };
  /// Errors: malformed, unauthenticated (another type, a member that this server does not write, such as crit or jwk).
  static core::Result<Header> decode_header(std::string_view encoded);

  /// Appends the encoded payload. What is empty or absent is left out: scope, cnf and tally_parent.
  void append_payload(std::string& out, const AccessClaims& claims) const;
  /// Errors: malformed, unauthenticated (another issuer or audience).
  [[nodiscard]] core::Result<AccessClaims> decode_payload(std::string_view encoded) const;

  [[nodiscard]] const std::string& issuer() const { return issuer_; }
  [[nodiscard]] std::string audience_of(core::WorkspaceId workspace) const;

 private:
  /// The resource that `audience` names; empty: the workspace's own. Errors: unauthenticated.
  [[nodiscard]] core::Result<std::string> resource_in(std::string_view audience, core::WorkspaceId workspace) const;

  [[nodiscard]] core::Result<std::uint64_t> status_index_in(const boost::json::object& payload) const;

  // Constant after construction.
  std::string issuer_;
  std::string quoted_issuer_;      ///< As a JSON string, with its quotation marks.
  std::string quoted_audience_;    ///< As a JSON string up to the workspace's id: the closing mark is missing.
  std::string quoted_status_uri_;  ///< The same up to a status list's number.
};

}  // namespace tally::http
