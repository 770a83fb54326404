#include "http/server/authorization.hpp"

#include <string>

#include <catch2/catch.hpp>

using tally::http::credentials_of;

TEST_CASE("authorization: one blank or more stand between scheme and credentials", "[http][authorization]") {
  for (const std::string field : {"Bearer abc", "bEARER abc", "Bearer  abc", "Bearer     abc"}) {
    INFO(field);
    CHECK(credentials_of(field, "Bearer") == "abc");
  }
  CHECK(credentials_of("Bearer a b", "Bearer") == "a b");
}

TEST_CASE("authorization: another scheme, none, or nothing after it", "[http][authorization]") {
  for (const std::string field : {"", "Bearer", "Bearer ", "Bearer   ", "Bearer\tabc", "Bearerabc", "Bearers abc",
                                  "Beare abc", " Bearer abc", "DPoP abc"}) {
    INFO(field);
    CHECK_FALSE(credentials_of(field, "Bearer").has_value());
  }
}
