#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.hpp"
#include "http/server/content_negotiation.hpp"

namespace {

using namespace tally::http;

/// Whatever the client says, it gets what there is; and what it says after its own words weighs less than nothing.
void check_coding(std::string_view accepted) {
  for (const Offered offered : {Offered{}, Offered{true, false}, Offered{false, true}, Offered{true, true}}) {
    const Coding coding = choose_coding(accepted, offered);
    TALLY_CHECK(coding != Coding::gzip || offered.gzip);
    TALLY_CHECK(coding != Coding::brotli || offered.brotli);
  }
  // A comma ends an element, whatever it was.
  const std::string refused = std::string{accepted} + ",br;q=0,gzip;q=0,identity;q=1";
  TALLY_CHECK(choose_coding(refused, {true, true}) == Coding::identity);
}

void check_entity_tag(std::string_view given) {
  const std::string tag = "\"0123456789abcdef-br\"";
  const bool matches = matches_entity_tag(given, tag);
  const bool may_match = given.find(tag) != std::string_view::npos || given.find('*') != std::string_view::npos;
  TALLY_CHECK(!matches || may_match);
  TALLY_CHECK(matches_entity_tag(tag + "," + std::string{given}, tag));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  check_coding(text);
  check_entity_tag(text);
  return 0;
}
