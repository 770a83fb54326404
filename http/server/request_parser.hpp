#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/beast/http/basic_parser.hpp>

namespace tally::http {

/// The head of a request as spans, each relative to its first byte, so that the bytes may still move.
struct RequestLines {
  struct Span {
    std::uint32_t offset = 0, bytes = 0;
  };
  struct Field {
    Span name, value;
  };
  Span method, target;
  boost::beast::http::verb verb = boost::beast::http::verb::unknown;
  int version = 11;  ///< 10 or 11.
  std::vector<Field> fields;
  // Fields that decide how the body is read; how often each is there.
  unsigned hosts = 0, content_lengths = 0, transfer_encodings = 0, content_encodings = 0;

  void clear();
};

/// Beast's parser of requests, writing spans and body bytes into what its owner keeps: it allocates nothing itself.
/// One per request. Trailers are read and dropped. Folded field values are for the owner to refuse: where a line of one
/// is empty, Beast does not tell.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  /// Lifetime: both outlive the parser.
  RequestParser(RequestLines& lines, std::string& body);

  /// Where the request's first byte is now. Call before each put() until the head is done.
  void set_origin(std::string_view head) { head_ = head; }
  /// Bytes of the body are dropped from now on. Before the first of them.
  void ignore_body() { ignores_body_ = true; }
  /// No more of the body than this is kept at the same time: its owner takes it in pieces. Before its first byte.
  void set_kept_bytes_max(std::size_t bytes_max) { kept_bytes_max_ = bytes_max; }
  /// Where the first trailer field begins, in what the put() that ended the body was given; null: there is none.
  [[nodiscard]] const char* trailer() const { return trailer_; }

 private:
  using Verb = boost::beast::http::verb;
  using Name = boost::beast::http::field;
  using Text = boost::beast::string_view;
  using Error = boost::beast::error_code;

  void on_request_impl(Verb verb, Text method, Text target, int version, Error& error) override;
  void on_response_impl(int, Text, int, Error&) override {}
  void on_field_impl(Name name, Text name_text, Text value, Error& error) override;
  void on_header_impl(Error&) override { head_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& content_length, Error&) override;
  std::size_t on_body_impl(Text bytes, Error&) override;
  void on_chunk_header_impl(std::uint64_t, Text extensions, Error& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remaining, Text bytes, Error&) override;
  void on_finish_impl(Error&) override {}

  [[nodiscard]] bool find_span(Text text, RequestLines::Span& span) const;

  RequestLines& lines_;
  std::string& body_;
  std::string_view head_;
  std::size_t extension_bytes_ = 0;
  std::size_t kept_bytes_max_ = 0;
  const char* trailer_ = nullptr;
  bool ignores_body_ = false;
  bool head_done_ = false;
};

}  // namespace tally::http
