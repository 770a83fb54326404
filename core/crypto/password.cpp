#include "core/crypto/password.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <botan/argon2.h>

#include "core/base/limits.hpp"
#include "core/base/unicode.hpp"
#include "core/crypto/random_adaptor.hpp"

namespace tally::core::crypto {
namespace {

constexpr std::size_t kLanes = 1;
constexpr std::size_t kMemoryKibibytes = 19 * 1024;
constexpr std::size_t kPasses = 2;

/// Of no password at all; of the same cost as a real one, so that time does not tell which people exist.
constexpr const char* kVerifierOfNobody =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

}  // namespace

std::vector<SecretText> password_forms(std::string_view typed) {
  std::vector<SecretText> forms;
  // Nobody has set a longer one, and composing takes long where it is long.
  if (typed.size() <= limits::kTypedPasswordBytesMax) {
    if (auto composed = unicode::to_nfc(typed); composed.has_value()) forms.emplace_back(std::move(*composed));
  }
  if (forms.empty() || forms.front().reveal() != typed) forms.emplace_back(std::string{typed});
  return forms;
}

std::string make_password_verifier(std::string_view password, RandomSource& random) {
  RandomAdaptor adaptor{random};
  const std::vector<SecretText> forms = password_forms(password);
  const std::string_view form = forms.front().reveal();
  return Botan::argon2_generate_pwhash(form.data(), form.size(), adaptor, kLanes, kMemoryKibibytes, kPasses);
}

bool is_password_verifier(std::string_view text) {
  const std::string_view model{kVerifierOfNobody};
  const std::size_t salt = model.find('A');
  if (text.size() != model.size() || text.substr(0, salt) != model.substr(0, salt)) return false;
  const std::size_t hash = model.rfind('$');
  for (std::size_t at = salt; at < text.size(); ++at) {
    const char character = text[at];
    const bool is_base64 = (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
                           (character >= '0' && character <= '9') || character == '+' || character == '/';
    if (at == hash ? character != '$' : !is_base64) return false;
  }
  return true;
}

bool password_matches(std::string_view password, std::string_view verifier) {
  const bool is_known = !verifier.empty();
  try {
    const std::string text{is_known ? verifier : std::string_view{kVerifierOfNobody}};
    const auto matches = [&text](const SecretText& form) {
      return Botan::argon2_check_pwhash(form.reveal().data(), form.reveal().size(), text);
    };
    return std::ranges::any_of(password_forms(password), matches) && is_known;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace tally::core::crypto
