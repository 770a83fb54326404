#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "tools/bench/load_generator.hpp"

/// What the connections of a run ask the server. Every conversation checks its answers, so that a fast wrong answer is
/// no speed.
namespace tally::tools {

/// A server on the loopback address.
struct BenchAddress {
  std::uint16_t port = 0;
  std::string ca_file = {};  ///< Empty: without TLS.
  /// Its origin, as a browser says it.
  [[nodiscard]] std::string url() const {
    return (ca_file.empty() ? "http://127.0.0.1:" : "https://127.0.0.1:") + std::to_string(port);
  }
};

/// Where the requests go and with what authority: made once, before anything is measured.
struct Stage {
  BenchAddress address;
  std::string workspace_id;
  std::vector<std::string> cookies;  ///< Sessions of several people, shared out among the connections.
  std::string admin_cookie;
  std::string resource_server_authorization;  ///< Value of Authorization: Basic.
  std::string first_member_id;                ///< Of the person of the first cookie,
  std::string first_credentials;              ///< and what they sign in with.
};

/// Ids of tokens that the generate scenario made and the disable scenario uses up. One thread.
using TokenPool = std::deque<std::string>;

using Conversations = std::vector<std::unique_ptr<Conversation>>;

/// GET / on any server that answers 200.
Conversations fixed_conversations(std::size_t connections);
/// POST …/tokens; the new ids go to `pool`.
Conversations generate_conversations(const Stage& stage, std::size_t connections, TokenPool& pool);
/// POST /oauth2/token: each connection has a token of its own and always spends the newest refresh token.
Conversations refresh_conversations(const Stage& stage, std::vector<std::string> refresh_tokens);
/// POST /oauth2/introspect of one live access token per connection.
Conversations introspect_conversations(const Stage& stage, const std::vector<std::string>& access_tokens);
/// GET …/tokens?owner=me&limit=20.
Conversations list_conversations(const Stage& stage, std::size_t connections);
/// GET …/tokens?owner=all&limit=20 as an admin.
Conversations list_everyone_conversations(const Stage& stage, std::size_t connections);
/// POST …/tokens/{id}:disable as an admin, until the pool is empty.
Conversations disable_conversations(const Stage& stage, std::size_t connections, TokenPool& pool);

/// The text of a string member of a JSON answer of ours; empty if it is not there. Ours are compact and need no
/// unescaping for ids and tokens.
std::string_view json_text(std::string_view json, std::string_view member);

}  // namespace tally::tools
