#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace tally::http {

/// Takes a request's body while it arrives, piece by piece, so that it may be larger than memory would bear. Everything
/// is called on the long-read pool, one call at a time; the next piece is read from the connection only after the one
/// before was taken.
class BodySink {
 public:
  enum class Appetite : std::uint8_t { more, enough };

  virtual ~BodySink() = default;
  /// `enough`: the response is written; the rest of the body is not wanted, and the connection ends after the answer.
  virtual Appetite take(std::string_view piece, Response& response) = 0;
  /// The body has ended: writes the response.
  virtual void finish(Response& response) = 0;
};

/// Begins a request, on the long-read pool, when the first piece of its body is there, or all of it. Null: the response
/// is written. The request outlives the sink.
using StreamHandler = std::function<std::unique_ptr<BodySink>(const Request&, Response&)>;

}  // namespace tally::http
