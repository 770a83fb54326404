#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "http/server/rate_notes.hpp"
#include "http/server/response.hpp"

namespace tally::http {

/// The reason phrase of a status. Source: RFC 9110 §15.
std::string_view reason_phrase(unsigned status);

/// "Sun, 06 Nov 1994 08:49:37 GMT". Source: RFC 9110 §5.6.7.
void append_http_date(std::string& out, core::Timestamp time);

/// The `Date` field line, made anew only when the second changes. Threads: one.
class DateLine {
 public:
  /// "Date: Sun, 06 Nov 1994 08:49:37 GMT" with its CRLF. Source: RFC 9110 §5.6.7.
  std::string_view at(core::Timestamp time);

 private:
  std::int64_t second_ = -1;
  std::string line_;
};

/// How the end of a body is found. Source: RFC 9112 §6.
enum class Framing : std::uint8_t { none, length, chunked, until_close };
/// What is said about the connection; by_version says nothing.
enum class Persistence : std::uint8_t { by_version, close, keep_alive };

struct HeadFacts {
  std::string_view date_line;
  std::string_view request_id;
  const RateNotes* rate_notes = nullptr;  ///< Null: none.
  std::string_view transport_line;        ///< What the transport adds to every answer: empty, or a whole field line.
  Framing framing = Framing::length;
  std::uint64_t body_bytes = 0;
  /// Goes before the path of a Location, which handlers write as if this server had its host for itself.
  std::string_view base_path;
  Persistence persistence = Persistence::by_version;
};

/// Appends the status line and every field line up to the empty one.
void append_head(const Response& response, const HeadFacts& facts, std::string& out);

/// Appends the line before a chunk's bytes. Source: RFC 9112 §7.1.
void append_chunk_size(std::uint64_t bytes, std::string& out);

}  // namespace tally::http
