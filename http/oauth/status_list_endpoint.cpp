#include "http/oauth/status_list_endpoint.hpp"

#include <utility>

#include "core/crypto/base64.hpp"
#include "http/oauth/oauth_error.hpp"
#include "http/oauth/zlib_compress.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/limits.hpp"
#include "http/tokens/status_index.hpp"

namespace tally::http {
namespace {

using core::Errc;
using core::Result;

constexpr RoutePolicy kStatusListPolicy{.audience = Audience::everyone,
                                        .run_on = RunOn::short_reads,
                                        .error_form = &kOAuthForm,
                                        .cross_origin = CrossOrigin::open};

constexpr std::string_view kStatusListJwt = "application/statuslist+jwt";
/// A list is signed again when it is this old: a crowd that asks at once costs one scan.
constexpr std::int64_t kFreshSeconds = 1;

core::Error unknown_list() { return core::fail(Errc::not_found, "there is no such status list"); }

}  // namespace

void StatusListEndpoint::add_to(Router& router) {
  SyncHandler handler = [this](const Request& request, Response& response) { answer(request, response); };
  router.add({Method::get, "/oauth2/status/{list}", std::move(handler), kStatusListPolicy});
}

void StatusListEndpoint::answer(const Request& request, Response& response) {
  const Result<Signed> list = list_of(request);
  if (list.has_error() && list.error().code == Errc::not_found) {
    return kOAuthForm.write_refusal(request, {404, "not_found", list.error().detail}, response);
  }
  if (list.has_error()) return write_oauth_error(request, list.error(), response);
  response.start(200, kStatusListJwt);
  const std::int64_t age = core::seconds_of(request.received_at) - list->issued_at_seconds;
  response.set("Cache-Control", "public, max-age=" + std::to_string(limits::kStatusListLifetime.count() - age));
  response.body() = list->jwt;
}

Result<StatusListEndpoint::Signed> StatusListEndpoint::list_of(const Request& request) {
  const auto list = parse_status_list(request.path_parameters[0]);
  if (!list) return unknown_list();
  const std::int64_t now_seconds = core::seconds_of(request.received_at);
  {
    const std::lock_guard lock{mutex_};
    const auto found = kept_.find(*list);
    if (found != kept_.end() && now_seconds - found->second.issued_at_seconds < kFreshSeconds &&
        now_seconds >= found->second.issued_at_seconds) {
      return found->second;
    }
  }
  TALLY_TRY_ASSIGN(const std::uint64_t events, ledger_.size());
  if (*list > status_list_of(events)) return unknown_list();
  TALLY_TRY_ASSIGN(Signed made, make(*list, now_seconds));
  const std::lock_guard lock{mutex_};
  if (kept_.size() >= limits::kStatusListsKeptMax) kept_.clear();
  kept_[*list] = made;
  return made;
}

Result<StatusListEndpoint::Signed> StatusListEndpoint::make(std::uint64_t list, std::int64_t now_seconds) const {
  TALLY_TRY_ASSIGN(const core::Bytes bits, tokens_.revoked_bits(core::Sequence{list * limits::kTokensPerStatusList},
                                                                limits::kTokensPerStatusList));
  const std::int64_t lifetime = limits::kStatusListLifetime.count();
  std::string payload;
  JsonWriter writer{payload};
  writer.begin_object();
  writer.member("sub", std::string_view{status_list_uri(access_tokens_.issuer(), std::to_string(list))});
  writer.member("iss", std::string_view{access_tokens_.issuer()});
  // It ends with its ttl, so that no revocation shows later than that, whoever keeps it.
  writer.member("iat", now_seconds).member("exp", now_seconds + lifetime).member("ttl", lifetime);
  writer.key("status_list").begin_object().member("bits", std::int64_t{1});
  writer.member("lst", std::string_view{core::crypto::base64url_encode(zlib_compress(bits))}).end_object().end_object();
  return Signed{access_tokens_.sign_jwt("statuslist+jwt", payload, now_seconds), now_seconds};
}

}  // namespace tally::http
