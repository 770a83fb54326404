"""The document as C++: the bytes that are sent, as they are and compressed."""

import hashlib
import json
import zlib

GZIP = 16 + zlib.MAX_WBITS  # RFC 1952, without a time: the same document is the same bytes
BYTES_PER_LINE = 64


def compact(document):
    """The document as JSON without a blank that means nothing."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def gzip(content):
    compressor = zlib.compressobj(9, zlib.DEFLATED, GZIP, 9)
    return compressor.compress(content) + compressor.flush()


def cpp(document):
    """A source for http/api/openapi_document.hpp. Bytes and not a string literal, whose length the standard bounds at 65,536."""
    identity = compact(document)
    digest = hashlib.sha256(identity).hexdigest()[:16]
    return f"""#include "http/api/openapi_document.hpp"

namespace tally::http {{
namespace {{
{array("kIdentity", identity)}
{array("kGzip", gzip(identity))}
template <std::size_t size>
std::string_view view_of(const unsigned char (&bytes)[size]) {{
  return {{reinterpret_cast<const char*>(bytes), size}};
}}
}}  // namespace

const EmbeddedFile& openapi_file() {{
  static const EmbeddedFile kFile{{"application/json", "{digest}", view_of(kIdentity), view_of(kGzip), {{}}}};
  return kFile;
}}

}}  // namespace tally::http
"""


def array(name, content):
    lines = [",".join(str(byte) for byte in content[at:at + BYTES_PER_LINE]) + "," for at in range(0, len(content), BYTES_PER_LINE)]
    return f"const unsigned char {name}[] = {{\n" + "\n".join(lines) + "\n};"
