#include "tools/bench/dpop_conversation.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "core/crypto/base64.hpp"
#include "core/crypto/signing_key.hpp"
#include "core/crypto/system_random.hpp"

namespace tally::tools {
namespace {

constexpr std::string_view kTokenPath = "/oauth2/token";

std::string base64url(std::string_view text) { return core::crypto::base64url_encode(core::as_bytes(text)); }

std::int64_t now_seconds() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::seconds>(system_clock::now().time_since_epoch()).count();
}

/// The value of a field of an answer's head, in the spelling of this server; empty if it is not there.
std::string_view field_of(std::string_view head, std::string_view name) {
  const auto found = head.find("\r\n" + std::string{name} + ": ");
  if (found == std::string_view::npos) return {};
  const auto begin = found + name.size() + 4;
  return head.substr(begin, head.find('\r', begin) - begin);
}

class RefreshWithProof final : public Conversation {
 public:
  RefreshWithProof(const Stage& stage, std::string refresh_token, core::RandomSource& random)
      : key_(core::crypto::SigningKey::generate(random)),
        url_(stage.address.url() + std::string{kTokenPath}),
        form_("grant_type=refresh_token&client_id=" + stage.workspace_id + "&refresh_token="),
        refresh_token_(std::move(refresh_token)) {
    const std::string x = core::crypto::base64url_encode(key_.public_key().bytes());
    header_ = base64url(R"({"typ":"dpop+jwt","alg":"EdDSA","jwk":{"kty":"OKP","crv":"Ed25519","x":")" + x + R"("}})");
  }

  bool write_request(std::string& out) override {
    const std::string body = form_ + refresh_token_;
    out.append("POST ").append(kTokenPath).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\nDPoP: ").append(proof());
    out.append("\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ");
    out.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
    return true;
  }
  void on_head(std::string_view head) override {
    asked_for_nonce_ = nonce_.empty();
    if (const auto nonce = field_of(head, "DPoP-Nonce"); !nonce.empty()) nonce_ = nonce;
  }
  bool on_response(unsigned status, std::string_view body) override {
    if (asked_for_nonce_) return status == 400 && json_text(body, "error") == "use_dpop_nonce";
    const auto successor = json_text(body, "refresh_token");
    if (status != 200 || json_text(body, "token_type") != "DPoP" || successor.empty()) return false;
    refresh_token_ = successor;
    return true;
  }

 private:
  std::string proof() {
    std::string payload = R"({"jti":")" + std::to_string(++proofs_) + R"(","htm":"POST","htu":")" + url_;
    payload += R"(","iat":)" + std::to_string(now_seconds());
    if (!nonce_.empty()) payload += R"(,"nonce":")" + nonce_ + '"';
    std::string text = header_ + '.' + base64url(payload + '}');
    const core::crypto::Signature signature = key_.sign(core::as_bytes(text));
    text.push_back('.');
    core::crypto::append_base64url(text, signature);
    return text;
  }

  core::crypto::SigningKey key_;
  std::string url_, form_, header_, refresh_token_, nonce_;
  std::uint64_t proofs_ = 0;
  bool asked_for_nonce_ = false;
};

}  // namespace

Conversations dpop_refresh_conversations(const Stage& stage, std::vector<std::string> refresh_tokens) {
  core::crypto::SystemRandom random;
  Conversations conversations;
  for (auto& token : refresh_tokens) {
    conversations.push_back(std::make_unique<RefreshWithProof>(stage, std::move(token), random));
  }
  return conversations;
}

}  // namespace tally::tools
