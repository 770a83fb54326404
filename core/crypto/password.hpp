#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/random.hpp"
#include "core/base/secret.hpp"

namespace tally::core::crypto {

/// The texts of which a verifier can be that fits what somebody typed, the likelier first: its Normalization Form C,
/// and as it was typed where that is another, because verifiers of before Tally composed passwords are of that. One or
/// two; which of them depends on what was typed alone.
std::vector<SecretText> password_forms(std::string_view typed);

/// Argon2id, 19 MiB, 2 passes, 1 lane, in PHC form, of the password's Normalization Form C. Takes about 30 ms and 19
/// MiB: never on an I/O thread. Source: RFC 9106, OWASP.
std::string make_password_verifier(std::string_view password, RandomSource& random);

/// Whether the verifier is of one of the password's forms: a hash for each until one fits. False for a wrong password
/// and for an unreadable verifier. Same cost for both if `verifier` is empty (an unknown person).
bool password_matches(std::string_view password, std::string_view verifier);

/// Whether the text has the form and the cost of what make_password_verifier() makes.
bool is_password_verifier(std::string_view text);

}  // namespace tally::core::crypto
