#include "http/server/web_origin.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace tally::http;

TEST_CASE("web origin: capital letters and the scheme's own port name no other place", "[http][origin]") {
  const auto [url, normal] = GENERATE(table<std::string, std::string>({
      {"https://x.example", "https://x.example"},
      {"https://X.Example:443", "https://x.example"},
      {"HTTPS://x.example/Path/A", "https://x.example/Path/A"},
      {"http://x.example:80/a:80", "http://x.example/a:80"},
      {"https://x.example:443/a:443", "https://x.example/a:443"},
      {"https://x.example:80", "https://x.example:80"},
      {"http://x.example:443/", "http://x.example:443/"},
      {"https://x.example:4430", "https://x.example:4430"},
      {"https://[2001:DB8::1]:443/", "https://[2001:db8::1]/"},
      {"https://[2001:db8::443]", "https://[2001:db8::443]"},
      {"https://x.example?A", "https://x.example?A"},
      {"https://x.example#A", "https://x.example#A"},
      {"null", "null"},
      {"", ""},
  }));
  CHECK(with_normal_origin(url) == normal);
  CHECK(with_normal_origin(normal) == normal);
}

TEST_CASE("web origin: a URL is cut where its path begins", "[http][origin]") {
  CHECK(origin_of("https://X.example:443/a/b") == "https://x.example");
  CHECK(path_of_url("https://X.example:443/a/b") == "/a/b");
  CHECK(path_of_url("https://x.example").empty());
}
