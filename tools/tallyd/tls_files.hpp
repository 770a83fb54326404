#pragma once

#include <memory>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "http/server/tls_context.hpp"
#include "tools/tallyd/settings.hpp"

namespace tally::tools {

/// What the three TLS files of the settings say at `now`; null if there is none to serve with. Errors:
/// bad_configuration; the detail is "tls_key: FILE: what is wrong", with the setting's name.
core::Result<std::shared_ptr<const http::TlsContext>> load_tls(const Settings& settings, core::Timestamp now);

/// Whether a certificate that ends then should have been replaced by now: 14 days are left, or fewer.
bool ends_soon(core::Timestamp ends_at, core::Timestamp now);

}  // namespace tally::tools
