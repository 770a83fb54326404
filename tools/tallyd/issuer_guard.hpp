#pragma once

#include <string>

#include "core/base/result.hpp"
#include "events/store/store.hpp"

namespace tally::tools {

struct Backend;
struct Settings;

/// Whether the issuer that this start was given may be used with the ledger: access tokens name it, and those that live
/// die with another. Asked before anything is written. Empty: none was given at any start. Errors: bad_configuration
/// (another was given before, and --accept-issuer-change is missing), corrupt, io_failed.
core::Result<std::string> check_issuer(const events::Reader& ledger, const Settings& settings);

/// Writes down the issuer that was given, if it is another than `before`. Errors: as CommandService::execute.
core::Result<void> keep_issuer(Backend& backend, const Settings& settings, const std::string& before);

}  // namespace tally::tools
