#include "tools/tallyd/answer_key.hpp"

#include <utility>

#include "core/bytes.hpp"
#include "core/crypto/base64.hpp"
#include "http/api/answer_seal.hpp"
#include "tools/private_file.hpp"

namespace tally::tools {
namespace {

constexpr std::size_t kKeyBytes = http::api::AnswerSeal::kKeyBytes;
constexpr std::size_t kFileBytesMax = 128;

core::Result<core::SecretText> parse_key(const std::string& path, std::string_view content) {
  if (content.ends_with('\n')) content.remove_suffix(1);
  auto bytes = core::crypto::base64url_decode(content);
  if (bytes.has_error() || bytes->size() != kKeyBytes) {
    return core::fail(core::Errc::malformed, path + " does not hold a key of " + std::to_string(kKeyBytes) +
                                                 " bytes; remove it to have a new one made");
  }
  core::SecretText key{std::string{core::as_text(*bytes)}};
  core::wipe(bytes->data(), bytes->size());
  return key;
}

}  // namespace

core::Result<core::SecretText> load_answer_key(const std::string& data_dir, core::RandomSource& random) {
  const std::string path = data_dir + "/keys/answers.key";
  TALLY_TRY_ASSIGN(const auto content, read_private_file(path, kFileBytesMax));
  if (content) return parse_key(path, content->reveal());
  std::string key(kKeyBytes, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(key.data()), key.size()});
  core::SecretText drawn{std::move(key)};
  const core::SecretText encoded{core::crypto::base64url_encode(core::as_bytes(drawn.reveal())) + "\n"};
  TALLY_TRY(write_private_file(path, encoded.reveal()));
  return drawn;
}

}  // namespace tally::tools
