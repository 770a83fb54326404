#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tally::http {

/// A content coding. Source: RFC 9110 §8.4.1; brotli: RFC 7932.
enum class Coding : std::uint8_t { identity, gzip, brotli };

/// Which codings there are beside identity.
struct Offered {
  bool gzip = false;
  bool brotli = false;
};

/// The coding to send: the one that the client likes best, and of equals the smallest. identity if it names none of
/// them, also if it refuses identity: an answer that perhaps can not be read is better than none. An element that has
/// not the form of the standard is passed over. Threads: any. Source: RFC 9110 §12.5.3, §12.4.2.
Coding choose_coding(std::optional<std::string_view> accept_encoding, Offered offered);

/// Whether `If-None-Match` names the entity tag (quoted, strong), by weak comparison. What comes after a breach of the
/// form counts for nothing. Source: RFC 9110 §13.1.2, §8.8.3.
bool matches_entity_tag(std::string_view if_none_match, std::string_view entity_tag);

}  // namespace tally::http
