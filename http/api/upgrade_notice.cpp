#include "http/api/upgrade_notice.hpp"

#include "http/oauth/oauth_error.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/problem.hpp"

namespace tally::http {
namespace {

constexpr unsigned kUnavailable = 503;
constexpr std::string_view kUpgrading = "upgrading";
constexpr RoutePolicy kWatchedWhileUpgrading{.audience = Audience::everyone, .address_limit = AddressLimit::never};
constexpr RoutePolicy kOAuthWhileUpgrading{.audience = Audience::client, .error_form = &kOAuthForm};

void write_alive(const Request&, Response& response) {
  response.start(200, kJson);
  response.set_no_store();
  JsonWriter json{response.body()};
  json.begin_object().member("status", std::string_view{"ok"}).end_object();
}

}  // namespace

void UpgradeNotice::tell(std::string_view making, std::uint64_t done, std::uint64_t total) {
  making_ = making.data();
  percent_ = total == 0 ? 0 : done * 100 / total;
}

std::string UpgradeNotice::words() const {
  return std::string{"the ledger is being brought to another storage version: "} + making_.load() + ", " +
         std::to_string(percent_.load()) + " %";
}

void UpgradeNotice::answer(const Request& request, const ErrorForm& form, Response& response) const {
  const std::string detail = words();
  form.write_refusal(request, {kUnavailable, kUpgrading, detail}, response);
}

void UpgradeNotice::add_to(Router& router) const {
  const auto refuse = [this](const Request& request, Response& response) { answer(request, kProblemForm, response); };
  router.add({Method::get, "/healthz", SyncHandler{write_alive}, kWatchedWhileUpgrading});
  router.add({Method::get, "/readyz", SyncHandler{refuse}, kWatchedWhileUpgrading});
  // Never run: it says in which form everything beside it refuses.
  router.add({Method::post, "/oauth2/token", SyncHandler{refuse}, kOAuthWhileUpgrading});
}

}  // namespace tally::http
