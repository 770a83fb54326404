#include "core/crypto/signing_algorithm.hpp"

#include "core/base/check.hpp"

namespace tally::core::crypto {

const char* name_of(SigningAlgorithm algorithm) {
  switch (algorithm) {
    case SigningAlgorithm::eddsa:
      return "EdDSA";
    case SigningAlgorithm::es256:
      return "ES256";
    case SigningAlgorithm::rs256:
      return "RS256";
  }
  check_failed("a known SigningAlgorithm", __FILE__, __LINE__, std::to_string(static_cast<int>(algorithm)));
}

Result<SigningAlgorithm> parse_signing_algorithm(std::string_view name) {
  for (const auto algorithm : {SigningAlgorithm::eddsa, SigningAlgorithm::es256, SigningAlgorithm::rs256}) {
    if (name == name_of(algorithm)) return algorithm;
  }
  return invalid("algorithm", "an algorithm is EdDSA, ES256 or RS256");
}

}  // namespace tally::core::crypto
