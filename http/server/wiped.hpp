#pragma once

#include <string>

#include "core/base/secret.hpp"

namespace tally::http {

/// Empties a buffer that requests and answers pass through, and overwrites what it held: any of them may hold a
/// password, a token or a cookie, and its memory is kept or handed back, not given to whoever asked. Costs what it
/// held.
inline void wipe_text(std::string& text) {
  core::wipe(text.data(), text.size());
  text.clear();
}

}  // namespace tally::http
