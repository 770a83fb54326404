#include "tools/bench/scenarios.hpp"

namespace tally::tools {
namespace {

void append_request(std::string& out, std::string_view method, std::string_view target, std::string_view headers,
                    std::string_view body) {
  out.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n").append(headers);
  if (!body.empty()) out.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  out.append("\r\n").append(body);
}

std::string session_headers(const Stage& stage, const std::string& cookie) {
  return "Cookie: " + cookie + "\r\nOrigin: " + stage.address.url() + "\r\nContent-Type: application/json\r\n";
}

constexpr std::string_view kFormHeaders = "Content-Type: application/x-www-form-urlencoded\r\n";

/// The same request again and again.
class Repeated final : public Conversation {
 public:
  Repeated(std::string request, std::string expected_part)
      : request_(std::move(request)), expected_part_(std::move(expected_part)) {}
  bool write_request(std::string& out) override {
    out = request_;
    return true;
  }
  bool on_response(unsigned status, std::string_view body) override {
    return status == 200 && body.find(expected_part_) != std::string_view::npos;
  }

 private:
  std::string request_;
  std::string expected_part_;
};

class Generate final : public Conversation {
 public:
  Generate(const Stage& stage, const std::string& cookie, std::size_t connection, TokenPool& pool)
      : target_("/v1/workspaces/" + stage.workspace_id + "/tokens"),
        headers_(session_headers(stage, cookie)),
        connection_(connection),
        pool_(pool) {}
  bool write_request(std::string& out) override {
    body_ = "{\"name\":\"bench " + std::to_string(connection_) + "-" + std::to_string(++count_) +
            "\",\"lifetime_days\":30}";
    append_request(out, "POST", target_, headers_, body_);
    return true;
  }
  bool on_response(unsigned status, std::string_view body) override {
    const auto id = json_text(body, "id");
    if (status != 201 || !id.starts_with("tok_")) return false;
    pool_.emplace_back(id);
    return true;
  }

 private:
  std::string target_, headers_, body_;
  std::size_t connection_;
  std::uint64_t count_ = 0;
  TokenPool& pool_;
};

class Refresh final : public Conversation {
 public:
  Refresh(const Stage& stage, std::string refresh_token)
      : workspace_id_(stage.workspace_id), refresh_token_(std::move(refresh_token)) {}
  bool write_request(std::string& out) override {
    body_ = "grant_type=refresh_token&client_id=" + workspace_id_ + "&refresh_token=" + refresh_token_;
    append_request(out, "POST", "/oauth2/token", kFormHeaders, body_);
    return true;
  }
  bool on_response(unsigned status, std::string_view body) override {
    const auto successor = json_text(body, "refresh_token");
    if (status != 200 || successor.empty() || successor == refresh_token_) return false;
    refresh_token_ = successor;
    return true;
  }

 private:
  std::string workspace_id_, refresh_token_, body_;
};

std::unique_ptr<Conversation> list_conversation(const Stage& stage, const std::string& cookie, std::string_view owner) {
  std::string request;
  append_request(request, "GET",
                 "/v1/workspaces/" + stage.workspace_id + "/tokens?limit=20&owner=" + std::string{owner},
                 session_headers(stage, cookie), {});
  return std::make_unique<Repeated>(request, "\"items\":[{");
}

class Disable final : public Conversation {
 public:
  Disable(const Stage& stage, TokenPool& pool)
      : prefix_("/v1/workspaces/" + stage.workspace_id + "/tokens/"),
        headers_(session_headers(stage, stage.admin_cookie)),
        pool_(pool) {}
  bool write_request(std::string& out) override {
    if (pool_.empty()) return false;
    append_request(out, "POST", prefix_ + pool_.front() + ":disable", headers_, "{}");
    pool_.pop_front();
    return true;
  }
  bool on_response(unsigned status, std::string_view body) override {
    return status == 200 && json_text(body, "status") == "disabled";
  }

 private:
  std::string prefix_, headers_;
  TokenPool& pool_;
};

}  // namespace

std::string_view json_text(std::string_view json, std::string_view member) {
  const auto pattern = "\"" + std::string{member} + "\":\"";
  const auto found = json.find(pattern);
  if (found == std::string_view::npos) return {};
  const auto begin = found + pattern.size();
  const auto end = json.find('"', begin);
  return end == std::string_view::npos ? std::string_view{} : json.substr(begin, end - begin);
}

Conversations fixed_conversations(std::size_t connections) {
  Conversations conversations;
  std::string request;
  append_request(request, "GET", "/", {}, {});
  for (std::size_t index = 0; index < connections; ++index)
    conversations.push_back(std::make_unique<Repeated>(request, ""));
  return conversations;
}

Conversations generate_conversations(const Stage& stage, std::size_t connections, TokenPool& pool) {
  Conversations conversations;
  for (std::size_t index = 0; index < connections; ++index) {
    conversations.push_back(
        std::make_unique<Generate>(stage, stage.cookies[index % stage.cookies.size()], index, pool));
  }
  return conversations;
}

Conversations refresh_conversations(const Stage& stage, std::vector<std::string> refresh_tokens) {
  Conversations conversations;
  for (auto& token : refresh_tokens) conversations.push_back(std::make_unique<Refresh>(stage, std::move(token)));
  return conversations;
}

Conversations introspect_conversations(const Stage& stage, const std::vector<std::string>& access_tokens) {
  Conversations conversations;
  for (const auto& token : access_tokens) {
    std::string request;
    append_request(request, "POST", "/oauth2/introspect",
                   std::string{kFormHeaders} + "Authorization: " + stage.resource_server_authorization + "\r\n",
                   "token=" + token);
    conversations.push_back(std::make_unique<Repeated>(request, "\"active\":true"));
  }
  return conversations;
}

Conversations list_conversations(const Stage& stage, std::size_t connections) {
  Conversations conversations;
  for (std::size_t index = 0; index < connections; ++index) {
    conversations.push_back(list_conversation(stage, stage.cookies[index % stage.cookies.size()], "me"));
  }
  return conversations;
}

Conversations list_everyone_conversations(const Stage& stage, std::size_t connections) {
  Conversations conversations;
  for (std::size_t index = 0; index < connections; ++index) {
    conversations.push_back(list_conversation(stage, stage.admin_cookie, "all"));
  }
  return conversations;
}

Conversations disable_conversations(const Stage& stage, std::size_t connections, TokenPool& pool) {
  Conversations conversations;
  for (std::size_t index = 0; index < connections; ++index)
    conversations.push_back(std::make_unique<Disable>(stage, pool));
  return conversations;
}

}  // namespace tally::tools
