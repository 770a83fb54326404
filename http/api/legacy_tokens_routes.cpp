#include "http/api/legacy_tokens_routes.hpp"

#include <utility>

#include "core/base/ascii.hpp"
#include "http/api/legacy_import.hpp"
#include "http/frame/query_reader.hpp"
#include "http/frame/route_policies.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

/// The two names that newline-delimited JSON goes by.
bool is_ndjson(std::string_view content_type) {
  std::string type = core::ascii::small_letters(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  return type == "application/x-ndjson" || type == "application/ndjson";
}

constexpr RoutePolicy kPolicy{.audience = Audience::session,
                              .body_bytes_max = limits::kImportBodyBytesMax,
                              .run_on = RunOn::long_reads,
                              .proof_nonce = ProofNonce::offered};

Checked<void> check_form(const Request& request) {
  TALLY_TRY(expect_no_query(request));
  if (!is_ndjson(request.header("Content-Type").value_or(""))) {
    return Refusal{415, "unsupported_media_type", "the body must be application/x-ndjson"};
  }
  return {};
}

}  // namespace

void LegacyTokensRoutes::add_to(Router& router) const {
  StreamHandler handler = [this](const Request& request, Response& response) { return begin(request, response); };
  router.add({Method::post, "/v1/workspaces/{workspace}/legacy-tokens:import", std::move(handler), kPolicy});
}

std::unique_ptr<BodySink> LegacyTokensRoutes::begin(const Request& request, Response& response) const {
  auto access = gate_.admin(request, Need::session_only);
  if (access.has_error()) {
    write_refusal(request, access.error(), response);
    return nullptr;
  }
  if (const auto good = check_form(request); good.has_error()) {
    write_refusal(request, good.error(), response);
    return nullptr;
  }
  return std::make_unique<LegacyImport>(request, *std::move(access), commands_, random_);
}

}  // namespace tally::http
