#include "tools/bench/stage.hpp"

#include <charconv>
#include <chrono>
#include <thread>

#include "tools/client/http_client.hpp"

namespace tally::tools {
namespace {

constexpr std::string_view kOperatorPassword = "benchmark-operator-password";
constexpr std::string_view kMemberPassword = "benchmark-member-password";
constexpr std::string_view kListening = "tallyd: listening on ";

HttpClient client_of(const BenchAddress& address) {
  return HttpClient{*ServerUrl::parse(address.url()), std::chrono::seconds{30}, address.ca_file};
}

/// One person's way to the server. Every answer must be a success.
class Visitor {
 public:
  explicit Visitor(const BenchAddress& address) : client_(client_of(address)) {}

  core::Result<void> sign_in(std::string_view username, std::string_view password) {
    HttpRequest request{
        "POST",
        "/v1/session",
        {{"Content-Type", "application/json"}},
        "{\"username\":\"" + std::string{username} + "\",\"password\":\"" + std::string{password} + "\"}"};
    TALLY_TRY_ASSIGN(const auto reply, send(request));
    const auto cookie = reply.header("Set-Cookie");
    if (!cookie) return core::fail(core::Errc::internal, "the sign-in set no cookie");
    cookie_ = cookie->substr(0, cookie->find(';'));
    user_ = json_text(reply.body, "id");
    return {};
  }

  core::Result<std::string> ask(std::string method, std::string target, std::string body) {
    HttpRequest request{std::move(method),
                        std::move(target),
                        {{"Cookie", cookie_}, {"Content-Type", "application/json"}},
                        std::move(body)};
    TALLY_TRY_ASSIGN(auto reply, send(request));
    return std::move(reply.body);
  }

  [[nodiscard]] const std::string& cookie() const { return cookie_; }
  [[nodiscard]] const std::string& user() const { return user_; }

 private:
  core::Result<HttpReply> send(const HttpRequest& request) {
    auto reply = client_.send(request);
    if (reply.has_error()) return core::fail(core::Errc::unreachable, reply.error().message);
    if (reply->status >= 300) {
      return core::fail(core::Errc::internal, request.method + " " + request.target + ": " +
                                                  std::to_string(reply->status) + " " + reply->body);
    }
    return std::move(*reply);
  }

  HttpClient client_;
  std::string cookie_;
  std::string user_;
};

core::Result<void> put_member(Visitor& by, const std::string& workspace, const std::string& user,
                              const std::string& role) {
  TALLY_TRY(by.ask("PUT", "/v1/workspaces/" + workspace + "/members/" + user, "{\"role\":\"" + role + "\"}"));
  return {};
}

std::string credentials_of(const std::string& username) {
  return "{\"username\":\"" + username + "\",\"password\":\"" + std::string{kMemberPassword} + "\"}";
}

core::Result<Visitor> create_member(Visitor& by, const BenchAddress& address, const std::string& workspace,
                                    const std::string& username) {
  TALLY_TRY_ASSIGN(const auto user, by.ask("POST", "/v1/users",
                                           "{\"username\":\"" + username + "\",\"display_name\":\"" + username +
                                               "\",\"password\":\"" + std::string{kMemberPassword} + "\"}"));
  TALLY_TRY(put_member(by, workspace, std::string{json_text(user, "id")}, "member"));
  Visitor member{address};
  TALLY_TRY(member.sign_in(username, kMemberPassword));
  return member;
}

std::string generous_policy(std::string_view access_token_format) {
  return R"({"max_lifetime_days":365,"who_may_generate":"members","max_active_tokens_per_user":100000,)"
         R"("access_token_seconds":3600,"refresh_retry_seconds":60,"allowed_scopes":["orders.read"],)"
         R"("access_token_format":")" +
         std::string{access_token_format} + R"("})";
}

std::string basic_authorization(std::string_view id, std::string_view secret) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto plain = std::string{id} + ":" + std::string{secret};
  std::string encoded = "Basic ";
  std::uint32_t bits = 0;
  int count = 0;
  for (const char character : plain) {
    bits = (bits << 8) | static_cast<std::uint8_t>(character);
    for (count += 8; count >= 6; count -= 6) encoded += kAlphabet[(bits >> (count - 6)) & 63];
  }
  if (count > 0) encoded += kAlphabet[(bits << (6 - count)) & 63];
  while ((encoded.size() - 6) % 4 != 0) encoded += '=';
  return encoded;
}

}  // namespace

core::Result<BenchServer> BenchServer::start(const BenchServerFiles& files) {
  std::vector<std::string> arguments{files.program, "--data-dir",  files.data_folder, "--listen",
                                     "127.0.0.1:0", "--log-level", "warning"};
  // Everybody comes from one address.
  if (files.limits == BenchServerFiles::Limits::none) {
    arguments.insert(arguments.end(), {"--address-requests-per-minute", "0", "--caller-requests-per-minute", "0",
                                       "--connections-per-address-max", "10000"});
  }
  if (!files.tls_certificate.empty()) {
    arguments.insert(arguments.end(), {"--tls-certificate", files.tls_certificate, "--tls-key", files.tls_key});
  }
  TALLY_TRY_ASSIGN(
      auto process,
      ChildProcess::start(arguments, {"TALLY_OPERATOR_PASSWORD=" + std::string{kOperatorPassword}}, files.log_file));
  for (;;) {
    auto line = process.read_line();
    if (line.has_error()) return core::fail(core::Errc::unreachable, files.program + ": " + line.error().detail);
    if (!line->starts_with(kListening)) continue;
    BenchAddress address{0, files.tls_certificate};
    std::from_chars(line->data() + line->rfind(':') + 1, line->data() + line->size(), address.port);
    return BenchServer{std::move(process), std::move(address)};
  }
}

void BenchServer::wait_until_quiet() const {
  constexpr std::chrono::milliseconds kLook{200};
  constexpr std::chrono::milliseconds kQuiet{20};
  constexpr int kLooksMax = 50;
  const auto used = [this] { return process_.use().value_or(ProcessUse{}).processor; };
  auto before = used();
  for (int look = 0; look < kLooksMax; ++look) {
    std::this_thread::sleep_for(kLook);
    const auto now = used();
    if (now - before < kQuiet) return;
    before = now;
  }
}

core::Result<Stage> furnish_stage(const BenchAddress& address, std::size_t members, const std::string& name) {
  Visitor visitor{address};
  TALLY_TRY(visitor.sign_in("operator", kOperatorPassword));
  Stage stage;
  stage.address = address;
  stage.admin_cookie = visitor.cookie();
  TALLY_TRY_ASSIGN(const auto workspace, visitor.ask("POST", "/v1/workspaces", "{\"name\":\"" + name + "\"}"));
  stage.workspace_id = json_text(workspace, "id");
  const auto path = "/v1/workspaces/" + stage.workspace_id;
  TALLY_TRY(put_member(visitor, stage.workspace_id, visitor.user(), "admin"));
  TALLY_TRY(visitor.ask("PUT", path + "/policy", generous_policy("jwt")));
  for (std::size_t number = 0; number < members; ++number) {
    const std::string username = name + "-" + std::to_string(number);
    TALLY_TRY_ASSIGN(const auto member, create_member(visitor, address, stage.workspace_id, username));
    stage.cookies.push_back(member.cookie());
    if (number > 0) continue;
    stage.first_member_id = member.user();
    stage.first_credentials = credentials_of(username);
  }
  TALLY_TRY_ASSIGN(const auto resource_server,
                   visitor.ask("POST", path + "/resource-servers", R"({"name":"Orders API"})"));
  stage.resource_server_authorization =
      basic_authorization(json_text(resource_server, "id"), json_text(resource_server, "secret"));
  return stage;
}

core::Result<Stage> enter_stage(const BenchAddress& address, const std::string& workspace_id) {
  Visitor visitor{address};
  TALLY_TRY(visitor.sign_in("operator", kOperatorPassword));
  TALLY_TRY(put_member(visitor, workspace_id, visitor.user(), "admin"));
  return Stage{address, workspace_id, {visitor.cookie()}, visitor.cookie(), {}, visitor.user(), {}};
}

core::Result<void> give_opaque_tokens(const Stage& stage) {
  Visitor visitor{stage.address};
  TALLY_TRY(visitor.sign_in("operator", kOperatorPassword));
  TALLY_TRY(visitor.ask("PUT", "/v1/workspaces/" + stage.workspace_id + "/policy", generous_policy("opaque")));
  return {};
}

core::Result<FreshTokens> generate_tokens(const Stage& stage, std::size_t count) {
  FreshTokens tokens;
  HttpClient client = client_of(stage.address);
  for (std::size_t index = 0; index < count; ++index) {
    HttpRequest request{"POST",
                        "/v1/workspaces/" + stage.workspace_id + "/tokens",
                        {{"Cookie", stage.cookies[index % stage.cookies.size()]}, {"Content-Type", "application/json"}},
                        R"({"name":"for the benchmark","lifetime_days":30})"};
    const auto reply = client.send(request);
    if (reply.has_error()) return core::fail(core::Errc::unreachable, reply.error().message);
    if (reply->status != 201)
      return core::fail(core::Errc::internal, "generate: " + std::to_string(reply->status) + " " + reply->body);
    tokens.access.emplace_back(json_text(reply->body, "access_token"));
    tokens.refresh.emplace_back(json_text(reply->body, "refresh_token"));
  }
  return tokens;
}

}  // namespace tally::tools
