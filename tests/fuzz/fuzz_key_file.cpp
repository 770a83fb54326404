#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/base/check.hpp"
#include "tests/support/seeded_random.hpp"
#include "tools/keyring/file_master_key.hpp"
#include "tools/keyring/key_file.hpp"

namespace {

using namespace tally;

tools::FileMasterKey& master_key() {
  static testing::SeededRandom random{1};
  static const std::unique_ptr<tools::FileMasterKey> key =
      *tools::FileMasterKey::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "master_key_file", random);
  return *key;
}

/// Nobody without the master key makes a file that opens: the good one of the corpus holds "secret".
void open_file(core::ByteView file) {
  const auto opened = tools::open_key_file(master_key(), "signing-a", file);
  if (opened.has_value()) {
    TALLY_CHECK(opened->reveal() == "secret");
    return;
  }
  TALLY_CHECK(opened.error().code == core::Errc::malformed || opened.error().code == core::Errc::bad_configuration);
}

/// A line that is a key wraps what it unwraps.
void parse_line(std::string_view line) {
  testing::SeededRandom random{2};
  const auto key = tools::FileMasterKey::parse(line, "master_key_file", random);
  if (key.has_error()) {
    TALLY_CHECK(key.error().code == core::Errc::malformed);
    return;
  }
  const auto file = tools::make_key_file(**key, "signing-a", "secret");
  TALLY_CHECK(file.has_value());
  const auto opened = tools::open_key_file(**key, "signing-a", core::as_bytes(*file));
  TALLY_CHECK(opened.has_value() && opened->reveal() == "secret");
}

}  // namespace

/// The first byte says which form the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const core::ByteView rest{data + 1, size - 1};
  if (data[0] == 'l') {
    parse_line(core::as_text(rest));
  } else {
    open_file(rest);
  }
  return 0;
}
