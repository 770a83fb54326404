#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "core/crypto/hash.hpp"
#include "events/log/keys.hpp"
#include "events/log/schema_hash.hpp"

namespace tally {
namespace {

TEST_CASE("schema: the hash in every event is of the schema's text", "[events][codec]") {
  std::ifstream file{TALLY_EVENT_SCHEMA, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  REQUIRE_FALSE(text.empty());
  const core::Digest digest = core::crypto::sha256(core::as_bytes(text));
  INFO("kSchemaHash must begin " << core::to_hex(core::ByteView{digest.bytes}.first(8)));
  CHECK(events::read_be64(core::as_text(digest.bytes)) == events::kSchemaHash);
}

}  // namespace
}  // namespace tally
