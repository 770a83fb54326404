#include "http/oauth/zlib_compress.hpp"

#include <zlib.h>

#include "core/base/check.hpp"

namespace tally::http {

core::Bytes zlib_compress(core::ByteView bytes) {
  uLongf size = ::compressBound(static_cast<uLong>(bytes.size()));
  core::Bytes out(size);
  const int outcome =
      ::compress2(out.data(), &size, bytes.data(), static_cast<uLong>(bytes.size()), Z_BEST_COMPRESSION);
  // There is room for anything: what is left is a lack of memory.
  TALLY_CHECK(outcome == Z_OK);
  out.resize(size);
  return out;
}

}  // namespace tally::http
