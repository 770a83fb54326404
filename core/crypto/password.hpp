#pragma once

#include <string>
#include <string_view>

#include "core/random.hpp"

namespace tally::core::crypto {

/// Argon2id, 19 MiB, 2 passes, 1 lane, in PHC form. Takes about 30 ms and 19 MiB: never on an I/O thread. Source: RFC
/// 9106, OWASP.
std::string make_password_verifier(std::string_view password, RandomSource& random);

/// False for a wrong password and for an unreadable verifier. Same cost for both if `verifier` is empty (an unknown
/// person).
bool password_matches(std::string_view password, std::string_view verifier);

/// Whether the text has the form and the cost of what make_password_verifier() makes.
bool is_password_verifier(std::string_view text);

}  // namespace tally::core::crypto
