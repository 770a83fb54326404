#include "tools/bench/attack_benchmark.hpp"

#include <array>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "tools/bench/flood.hpp"
#include "tools/bench/scenarios.hpp"
#include "tools/bench/stage.hpp"

namespace tally::tools {
namespace {

constexpr std::chrono::milliseconds kPreparing{500};
constexpr std::size_t kOwnTokens = 1'000;
constexpr std::size_t kEventsBesides = 16;  // connections that make some events, for whoever reads them

struct Attack {
  const char* name;
  FloodPlan plan;
};

std::string request_of(const Stage& stage, std::string_view method, const std::string& target, std::string_view cookie,
                       std::string_view type, const std::string& body) {
  std::string out{method};
  out.append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: ").append(stage.address.url());
  if (!cookie.empty()) out.append("\r\nCookie: ").append(cookie);
  if (method == "POST") {
    out.append("\r\nContent-Type: ").append(type).append("\r\nContent-Length: ").append(std::to_string(body.size()));
  }
  return out.append("\r\n\r\n").append(body);
}

/// The same request again and again, or so many times.
class Asking final : public Conversation {
 public:
  Asking(std::string request, std::uint64_t times) : request_(std::move(request)), left_(times) {}
  bool write_request(std::string& out) override {
    out = request_;
    return left_-- > 0;
  }
  bool on_response(unsigned status, std::string_view) override { return status == 200; }

 private:
  std::string request_;
  std::uint64_t left_;
};

Conversations asking(std::string request, std::uint64_t times = UINT64_MAX) {
  Conversations one;
  one.push_back(std::make_unique<Asking>(std::move(request), times));
  return one;
}

/// The attacker's house: another workspace, with a member, their tokens and some history.
class AttackerSide {
 public:
  static core::Result<AttackerSide> make(const BenchAddress& address) {
    AttackerSide side;
    TALLY_TRY_ASSIGN(side.stage_, furnish_stage(address, 1, "Attackers"));
    TALLY_TRY_ASSIGN(auto tokens, generate_tokens(side.stage_, 2));
    side.access_token_ = tokens.access[0];
    side.spent_ = tokens.refresh[1];
    // Spends it, and its answer is lost.
    TALLY_TRY(run_load(address.port, asking(side.form(side.refresh()), 1), kPreparing));
    TokenPool pool;
    TALLY_TRY(run_load(address.port, generate_conversations(side.stage_, kEventsBesides, pool), kPreparing));
    if (pool.size() > kOwnTokens) pool.resize(kOwnTokens);
    for (const std::string& id : pool) side.ids_ += (side.ids_.empty() ? "\"" : ",\"") + id + "\"";
    return side;
  }

  [[nodiscard]] std::vector<Attack> attacks() const {
    const std::string base = "/v1/workspaces/" + stage_.workspace_id;
    return {
        {"nobody", {}},
        {"batches of 1,000 own tokens, 40 c.",
         plan({json("POST", base + "/tokens:batchDisable", R"({"ids":[)" + ids_ + "]}")}, 40)},
        {"exchange by one access token, 16 c.", plan({form(exchange())}, 16)},
        {"one lost answer again, 16 c.", plan({form(refresh())}, 16)},
        {"own password guessed, 80 c.", plan({json("POST", "/v1/users/" + stage_.first_member_id + ":setPassword",
                                                   R"({"password":"another long password","current_password":"no"})")},
                                             80)},
        {"sign-ins from 40 addresses, 120 c.", sign_ins()},
        {"events:count, 20 c.", plan({read(base + "/events:count?since=2026-01-01T00:00:00Z&days=60")}, 20)},
        {"tokens sorted by name, 20 c.", plan({read(base + "/tokens?owner=all&sort=name&limit=1&q=zz")}, 20)},
        {"exports, 20 c.", plan({read(base + "/events:export")}, 20)},
        {"pages of 1,000 events, 20 c.", plan({read(base + "/events?limit=1000")}, 20)},
        {"idle connections, 2,000", plan({}, 2'000)},
    };
  }

 private:
  [[nodiscard]] FloodPlan plan(std::vector<std::string> requests, std::size_t connections) const {
    return {stage_.address.port, std::move(requests), connections, 1};
  }
  [[nodiscard]] std::string json(std::string_view method, const std::string& target, const std::string& body) const {
    return request_of(stage_, method, target, stage_.cookies.front(), "application/json", body);
  }
  [[nodiscard]] std::string read(const std::string& target) const {
    return request_of(stage_, "GET", target, stage_.admin_cookie, {}, {});
  }
  [[nodiscard]] std::string form(const std::string& body) const {
    return request_of(stage_, "POST", "/oauth2/token", {}, "application/x-www-form-urlencoded", body);
  }
  [[nodiscard]] std::string refresh() const {
    return "grant_type=refresh_token&client_id=" + stage_.workspace_id + "&refresh_token=" + spent_;
  }
  [[nodiscard]] std::string exchange() const {
    return "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&client_id=" + stage_.workspace_id +
           "&subject_token=" + access_token_ + "&subject_token_type=urn:ietf:params:oauth:token-type:access_token";
  }
  /// Of names that nobody has.
  [[nodiscard]] FloodPlan sign_ins() const {
    FloodPlan out = plan({}, 120);
    out.addresses = 40;
    for (int number = 0; number < 2'000; ++number) {
      out.requests.push_back(
          request_of(stage_, "POST", "/v1/session", {}, "application/json",
                     R"({"username":"nobody-)" + std::to_string(number) + R"(","password":"a wrong password"})"));
    }
    return out;
  }

  Stage stage_;
  std::string access_token_;
  std::string spent_;
  std::string ids_;
};

/// Who is honest, each on a connection and a thread of their own. Any status but 200 is counted.
class HonestSide {
 public:
  explicit HonestSide(Stage stage) : stage_(std::move(stage)) {}

  core::Result<std::vector<std::pair<const char*, LoadResult>>> measure(std::chrono::milliseconds duration) {
    TALLY_TRY_ASSIGN(auto tokens, generate_tokens(stage_, 1));
    const std::array<std::pair<const char*, Conversations>, 4> callers{{
        {"who am I", asking(request_of(stage_, "GET", "/v1/session", stage_.cookies.front(), {}, {}))},
        {"refresh", refresh_conversations(stage_, std::move(tokens.refresh))},
        {"introspect", introspect_conversations(stage_, tokens.access)},
        {"sign in",
         asking(request_of(stage_, "POST", "/v1/session", {}, "application/json", stage_.first_credentials))},
    }};
    std::vector<std::future<core::Result<LoadResult>>> running;
    for (const auto& caller : callers) {
      running.push_back(std::async(std::launch::async, [this, duration, &conversations = caller.second] {
        return run_load(stage_.address.port, conversations, duration);
      }));
    }
    std::vector<std::pair<const char*, LoadResult>> results;
    std::optional<core::Error> failure;
    for (std::size_t index = 0; index < callers.size(); ++index) {
      auto result = running[index].get();
      if (result.has_error()) failure = result.error();
      if (result.has_value()) results.emplace_back(callers[index].first, *std::move(result));
    }
    if (failure) return *failure;
    return results;
  }

 private:
  Stage stage_;
};

}  // namespace

core::Result<void> benchmark_attacks(const BenchmarkOptions& options, const std::string& folder,
                                     const std::function<void(const std::string&)>& tell, Report& report) {
  TALLY_TRY_ASSIGN(auto server, BenchServer::start({options.server_program,
                                                    folder + "/attacks",
                                                    folder + "/attacks.log",
                                                    {},
                                                    {},
                                                    BenchServerFiles::Limits::usual}));
  TALLY_TRY_ASSIGN(Stage house, furnish_stage(server.address(), 1, "Honest"));
  HonestSide honest{std::move(house)};
  TALLY_TRY_ASSIGN(const AttackerSide attackers, AttackerSide::make(server.address()));
  server.wait_until_quiet();
  for (const Attack& attack : attackers.attacks()) {
    tell(std::string{"attack: "} + attack.name);
    std::optional<Flood> flood;
    if (attack.plan.port != 0) flood.emplace(attack.plan);
    TALLY_TRY_ASSIGN(const auto measured, honest.measure(options.each));
    for (const auto& [victim, result] : measured) {
      report.attacks.push_back({attack.name, victim, result.answers, result.unexpected, result.percentile_micros(0.5),
                                result.percentile_micros(0.95), result.percentile_micros(1),
                                flood ? flood->answers() : 0, flood ? flood->refusals() : 0});
    }
  }
  server.stop();
  return {};
}

}  // namespace tally::tools
