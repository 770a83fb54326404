#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.hpp"
#include "http/frame/entity_tag.hpp"
#include "tests/support/fake_request.hpp"

/// If-Match and If-None-Match of a stranger: a condition or a refusal that names the field; and an answer, or 304
/// without a body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tally;
  const std::string value{reinterpret_cast<const char*>(data), size};
  const testing::FakeRequest request{
      http::Method::get, "/x", {{"If-Match", value}, {"If-None-Match", value}}, {}, core::Timestamp{}};
  const auto condition = http::read_if_match(request);
  if (condition.has_error()) {
    TALLY_CHECK(condition.error().errors.size() == 1 && condition.error().errors.front().field == "If-Match");
  } else {
    TALLY_CHECK(condition->is_set());
  }
  http::Response response;
  response.start(200, http::kJson);
  response.body() = "{}";
  http::tag_answer(request, 7, response);
  TALLY_CHECK(response.status() == 200 || (response.status() == 304 && response.body().empty()));
  return 0;
}
