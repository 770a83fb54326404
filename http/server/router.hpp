#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace tally::http {

/// Reads and answers without waiting. Runs on the I/O thread, or on the long-read pool if the route says so.
using SyncHandler = std::function<void(const Request&, Response&)>;
/// Waits for a command or a pool. A named coroutine function, bound to the object that the wiring owns.
using AsyncHandler = std::function<boost::asio::awaitable<void>(const Request&, Response&)>;

/// Where a synchronous handler runs.
enum class RunOn : std::uint8_t { io_thread, long_read_pool };

struct Route {
  Method method;
  std::string pattern;  ///< `/v1/workspaces/{workspace}/tokens/{token}:disable`; a `{name}` matches one segment up to
                        ///< '/' or ':'.
  std::variant<SyncHandler, AsyncHandler> handler;
  RunOn run_on = RunOn::io_thread;
  std::size_t body_bytes_max = 1 << 20;
};

/// Finds the handler of a request. Constant after the wiring. Threads: any.
class Router {
 public:
  /// Patterns that could both match are a bug (checked).
  void add(Route route);

  struct Match {
    const Route* route = nullptr;  ///< Null: none.
    std::array<std::string_view, Request::kPathParametersMax> parameters{};
    std::string allowed_methods;  ///< Of the path, if only the method does not fit: 405 with Allow.
  };
  /// HEAD is served by GET's route. No allocation on a hit.
  [[nodiscard]] Match find(Method method, std::string_view path) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace tally::http
