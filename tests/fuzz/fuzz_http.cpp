#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/parse.hpp>

#include "core/base/check.hpp"
#include "core/base/unicode.hpp"
#include "http/frame/json_reader.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/request_identity.hpp"
#include "http/server/request_reader.hpp"
#include "http/server/router.hpp"

namespace {

using namespace tally;
using http::RequestReader;
using Progress = RequestReader::Progress;

constexpr std::size_t kBodyBytesMax = 4'000;

http::Router make_router() {
  http::Router router;
  const auto nothing = [](const http::Request&, http::Response&) {};
  for (const char* pattern : {"/", "/v1/users/{user}", "/v1/users/{user}:erase", "/v1/w/{w}/tokens",
                              "/v1/w/{w}/tokens:batchDisable", "/v1/w/{w}/tokens/{token}:disable"}) {
    router.add({http::Method::post, pattern, http::SyncHandler{nothing}, {http::Audience::everyone}});
  }
  return router;
}

void check_route(const http::Request& request) {
  static const http::Router kRouter = make_router();
  const auto match = kRouter.find(request.method, request.path);
  for (const std::string_view parameter : match.parameters) {
    TALLY_CHECK(match.route == nullptr || parameter.find_first_of("/:") == std::string_view::npos);
  }
}

void check_parameters(std::string_view text) {
  const auto parsed = http::Parameters::parse(text);
  if (parsed.has_error()) return;
  const auto token = parsed->one("token");
  if (token.has_value() && token->has_value())
    TALLY_CHECK(core::unicode::is_utf8(**token) && (*token)->size() <= text.size());
  static_cast<void>(parsed->unknown_name({"token"}));
}

/// What is written is JSON, and says what came in.
void check_json(const http::Request& request) {
  auto reader = http::JsonReader::parse(request);
  if (reader.has_error()) return;
  const std::string name = reader->text("name");
  std::string written;
  http::JsonWriter{written}.value(std::string_view{name});
  boost::json::error_code error;
  const boost::json::value read = boost::json::parse(written, error);
  TALLY_CHECK(!error && read.as_string() == name);
  static_cast<void>(reader->whole_number("lifetime_days", 1, 365));
  static_cast<void>(reader->texts("scope"));
  static_cast<void>(reader->time_if("time"));
  static_cast<void>(reader->finish());
}

std::string summary_of(RequestReader& reader) {
  const http::ParsedRequest& request = reader.request();
  TALLY_CHECK(request.path.starts_with('/') || request.path == "*");
  TALLY_CHECK(request.body.size() <= kBodyBytesMax);
  check_route(request);
  check_parameters(request.query);
  check_parameters(request.body);
  check_json(request);
  if (const auto trace = request.header("traceparent")) static_cast<void>(http::trace_id_of(*trace));
  std::string summary{reader.method_text()};
  summary.append(" ").append(request.path).append("?").append(request.query).append("\n").append(request.body);
  return summary += reader.keep_alive() ? "k" : "c";
}

/// The requests that a connection would serve, if the bytes come in pieces of `piece_bytes`.
std::vector<std::string> requests_in(std::string_view bytes, std::size_t piece_bytes) {
  RequestReader reader;
  std::vector<std::string> seen;
  bool in_body = false;
  for (;;) {
    Progress progress = in_body ? reader.read_body() : reader.read_head();
    if (progress == Progress::done && !in_body) {
      in_body = true;
      progress = reader.set_body_bytes_max(kBodyBytesMax);
      if (progress == Progress::done) continue;
    }
    if (progress == Progress::failed) {
      TALLY_CHECK(reader.failure().status >= 400 && reader.failure().status < 600);
      return seen;
    }
    if (progress == Progress::done) {
      seen.push_back(summary_of(reader));
      if (!reader.keep_alive()) return seen;
      reader.next();
      in_body = false;
      continue;
    }
    if (bytes.empty()) return seen;
    const std::span<char> room = reader.room();
    TALLY_CHECK(!room.empty());
    const std::size_t count = std::min({room.size(), piece_bytes, bytes.size()});
    std::memcpy(room.data(), bytes.data(), count);
    reader.received(count);
    bytes.remove_prefix(count);
  }
}

}  // namespace

/// The same requests are seen however the network cuts them; two readings would be a way to smuggle one in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece_bytes = data[0] % 32 + 1UL;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  TALLY_CHECK(requests_in(bytes, piece_bytes) == requests_in(bytes, bytes.size()));
  return 0;
}
