#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tally::http {

/// The whole number that a JSON number stands for, exactly and whatever its form: `90`, `90.0`, `9e1` and `900e-1` are
/// one. What lies beyond 64 bits is the largest or the smallest there is. Empty: it has a fraction. `number` has the
/// form of RFC 8259 §6 (not checked). Source: JSON Schema 2020-12 Core §4.2.3, Validation §6.1.1.
std::optional<std::int64_t> whole_number_of(std::string_view number);

}  // namespace tally::http
