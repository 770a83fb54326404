#include "http/pages/pages_routes.hpp"

#include <array>
#include <optional>
#include <string>

#include <catch2/catch.hpp>

#include "tests/support/fake_request.hpp"

using namespace tally;
using namespace tally::http;
using testing::FakeRequest;

namespace {

constexpr std::string_view kScriptPath = "/assets/app-00ff.js";
constexpr std::array<Asset, 2> kAssets{{
    {kDocumentPath, {"text/html; charset=utf-8", "d0c", "<!doctype html>", "GZ", "BR"}},
    {kScriptPath, {"text/javascript; charset=utf-8", "00ff", "script", "gz", ""}},
}};

struct Answer {
  unsigned status = 0;
  std::string headers;
  std::string body;

  [[nodiscard]] std::string header(const std::string& name) const {
    const std::string line = name + ": ";
    const std::size_t begin = headers.find(line);
    if (begin == std::string::npos) return "absent";
    return headers.substr(begin + line.size(), headers.find("\r\n", begin) - begin - line.size());
  }
};

/// The pages, routed.
class PagesFixture {
 public:
  PagesFixture() { pages_.add_to(router); }

  std::optional<Answer> get(const std::string& path, testing::Headers headers = {}) {
    const http::Router::Match match = router.find(http::Method::get, path);
    if (match.route == nullptr) return std::nullopt;
    const FakeRequest request{http::Method::get, path, std::move(headers), {}, core::Timestamp{}};
    http::Response response;
    std::get<http::SyncHandler>(match.route->handler)(request, response);
    return Answer{response.status(), response.headers(), response.body()};
  }

  http::Router router;

 private:
  PagesRoutes pages_{kAssets};
};

}  // namespace

TEST_CASE_METHOD(PagesFixture, "pages: the root leads to the document, and every path below it shows it",
                 "[http][pages]") {
  CHECK(get("/")->status == 302);
  CHECK(get("/")->header("Location") == "/app");
  for (const char* path : {"/app", "/app/people", "/app/ws_1/tokens", "/app/ws_1/tokens/tok_1", "/app/a/b/c/d"}) {
    INFO(path);
    const auto answer = get(path);
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body == "<!doctype html>");
    CHECK(answer->header("Content-Type") == "text/html; charset=utf-8");
    CHECK(answer->header("Cache-Control") == "no-cache");
  }
  CHECK_FALSE(get("/app/a/b/c/d/e"));
  CHECK_FALSE(get("/application"));
  CHECK_FALSE(get("/assets/app-0000.js"));
  CHECK(router.find(http::Method::post, "/app").allowed_methods == "GET, HEAD");
}

TEST_CASE_METHOD(PagesFixture, "pages: the document runs nothing but these files and stands in no frame",
                 "[http][pages]") {
  const auto answer = get("/app");
  const std::string policy = answer->header("Content-Security-Policy");
  CHECK(policy == kContentSecurityPolicy);
  CHECK(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
  CHECK(answer->header("X-Frame-Options") == "DENY");
  CHECK(answer->header("Referrer-Policy") == "no-referrer");
  CHECK(answer->header("Cross-Origin-Opener-Policy") == "same-origin");
  CHECK(get(std::string{kScriptPath})->header("Content-Security-Policy") == "absent");
}

TEST_CASE_METHOD(PagesFixture, "pages: a file with its hash in the name is kept for ever", "[http][pages]") {
  const auto answer = get(std::string{kScriptPath});
  CHECK(answer->header("Cache-Control") == "public, max-age=31536000, immutable");
  CHECK(answer->header("ETag") == "\"00ff\"");
  CHECK(answer->header("Vary") == "Accept-Encoding");
  CHECK(answer->body == "script");
}

TEST_CASE_METHOD(PagesFixture, "pages: each coding has its own bytes and its own entity tag", "[http][pages]") {
  const auto [accepted, body, coding, tag] = GENERATE(table<std::string, std::string, std::string, std::string>({
      {"br, gzip", "BR", "br", "\"d0c-br\""},
      {"gzip", "GZ", "gzip", "\"d0c-gzip\""},
      {"identity", "<!doctype html>", "absent", "\"d0c\""},
  }));
  const auto answer = get("/app", {{"Accept-Encoding", accepted}});
  CHECK(answer->body == body);
  CHECK(answer->header("Content-Encoding") == coding);
  CHECK(answer->header("ETag") == tag);
  CHECK(get(std::string{kScriptPath}, {{"Accept-Encoding", "br"}})->header("Content-Encoding") == "absent");
}

TEST_CASE_METHOD(PagesFixture, "pages: who has them already is told so", "[http][pages]") {
  const auto known = get("/app", {{"If-None-Match", "\"d0c\""}});
  CHECK(known->status == 304);
  CHECK(known->body.empty());
  CHECK(known->header("ETag") == "\"d0c\"");
  CHECK(known->header("Cache-Control") == "no-cache");
  CHECK(known->header("Content-Type") == "absent");
  CHECK(get("/app", {{"If-None-Match", "\"d0c-br\""}})->status == 200);
  CHECK(get("/app", {{"If-None-Match", "\"d0c-br\""}, {"Accept-Encoding", "br"}})->status == 304);
}

TEST_CASE("pages: a server without them serves none", "[http][pages]") {
  http::Router router;
  const PagesRoutes none{{}};
  none.add_to(router);
  CHECK(router.routes().empty());
}

TEST_CASE("pages: what is built in is one document and what it loads", "[http][pages]") {
  const auto assets = embedded_assets();
  if (assets.empty()) return;  // built with TALLY_PAGES=OFF
  std::string document;
  std::size_t compressed = 0;
  for (const Asset& asset : assets) {
    if (asset.path == kDocumentPath) document = asset.file.identity;
    CHECK_FALSE(asset.file.identity.empty());
    CHECK(asset.file.gzip.size() < asset.file.identity.size());
    CHECK(asset.file.brotli.size() < asset.file.identity.size());
    compressed += asset.file.gzip.empty() ? asset.file.identity.size() : asset.file.gzip.size();
  }
  CHECK(compressed < 100 * 1024);
  CHECK(document.find("<script>") == std::string::npos);
  CHECK(document.find("style=") == std::string::npos);
  for (const Asset& asset : assets) {
    if (asset.path == kDocumentPath) continue;
    INFO(asset.path);
    CHECK(document.find(asset.path) != std::string::npos);
    CHECK(asset.path.find(asset.file.hash) != std::string_view::npos);
  }
  http::Router router;
  const PagesRoutes pages{assets};
  pages.add_to(router);
  CHECK(router.routes().size() == assets.size() + 5);
}
