#pragma once

#include "core/base/bytes.hpp"

namespace tally::http {

/// The bytes in the ZLIB format, as small as it gets. Source: RFC 1950. Threads: any.
core::Bytes zlib_compress(core::ByteView bytes);

}  // namespace tally::http
