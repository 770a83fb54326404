#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "tools/client/http_client.hpp"

namespace tally::tools {

/// What a server answers to a GET; no answer ends the test.
inline HttpReply must_get(const std::string& url, const std::string& target) {
  HttpClient client{*ServerUrl::parse(url), std::chrono::seconds{10}};
  auto reply = client.send({"GET", target});
  REQUIRE(reply.has_value());
  return *std::move(reply);
}

}  // namespace tally::tools
