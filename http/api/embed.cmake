# cmake -DINPUT=file -DOUTPUT=file.cpp -P embed.cmake: a file's bytes as a C++ function. Bytes and not a string literal,
# whose length the standard bounds at 65,536.
file(READ "${INPUT}" BYTES HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," BYTES "${BYTES}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" BYTES "${BYTES}")
file(WRITE "${OUTPUT}" "#include \"http/api/openapi_document.hpp\"

namespace tally::http::api {
namespace {
const unsigned char kBytes[] = {
${BYTES}
};
}  // namespace

std::string_view openapi_document() { return {reinterpret_cast<const char*>(kBytes), sizeof kBytes}; }

}  // namespace tally::http::api
")
