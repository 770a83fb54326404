#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/system/result.hpp>

#include "core/base/result.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace tally::http {

/// Why a request is not served: one error, several invalid fields at once, or a problem of HTTP itself (then
/// `http_status` is set). Made from a core::Error without a word, so that TALLY_TRY passes both on.
struct Refusal {
  Refusal() = default;  ///< What boost's result makes of a value; never sent.
  Refusal(core::Error error) { errors.push_back(std::move(error)); }  // NOLINT: implicit, see above
  explicit Refusal(std::vector<core::Error> invalid_fields) : errors(std::move(invalid_fields)) {}
  Refusal(unsigned status, std::string code, std::string what)
      : http_status(status), http_code(std::move(code)), detail(std::move(what)) {}

  std::vector<core::Error> errors;
  unsigned http_status = 0;
  std::string http_code;
  std::string detail;
};

[[noreturn]] void throw_exception_from_error(const Refusal& refusal, const boost::source_location& where);

/// A value or a Refusal. Never ignored.
template <class T>
class [[nodiscard]] Checked : public boost::system::result<T, Refusal> {
 public:
  using boost::system::result<T, Refusal>::result;
};
template <>
class [[nodiscard]] Checked<void> : public boost::system::result<void, Refusal> {
 public:
  using boost::system::result<void, Refusal>::result;
  Checked() = default;
};

/// The answer of a request that is not served. What the handler had already written into `response` is gone.
void write_refusal(const Request& request, const Refusal& refusal, Response& response);

/// A synchronous handler from a function that says what it has checked: answers its refusal, if it has one. What serves
/// one route, and needs no more than its class hands to it, is such a function beside the routes, and in no header.
template <class Serve>
  requires std::is_invocable_r_v<Checked<void>, const Serve&, const Request&, Response&>
auto answering(Serve serve) {
  return [serve = std::move(serve)](const Request& request, Response& response) {
    const Checked<void> served = serve(request, response);
    if (served.has_error()) write_refusal(request, served.error(), response);
  };
}

/// The same from a member function. Lifetime: the routes outlive the router's use.
template <class Routes>
auto answering(const Routes* routes, Checked<void> (Routes::*serve)(const Request&, Response&) const) {
  return answering(
      [routes, serve](const Request& request, Response& response) { return (routes->*serve)(request, response); });
}

/// An asynchronous handler from a member coroutine. Lifetime: the routes outlive the router's use.
template <class Routes, class Coroutine>
auto awaiting(const Routes* routes, Coroutine Routes::* serve) {
  return [routes, serve](const Request& request, Response& response) { return (routes->*serve)(request, response); };
}

}  // namespace tally::http
