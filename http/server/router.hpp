#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "http/server/body_sink.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace tally::http {

/// Reads and answers without waiting. Runs on the I/O thread, or on the long-read pool if the route says so.
using SyncHandler = std::function<void(const Request&, Response&)>;
/// Waits for a command or a pool. A named coroutine function, bound to the object that the wiring owns.
using AsyncHandler = std::function<boost::asio::awaitable<void>(const Request&, Response&)>;

/// What comes before the handler of a request that carries a certain field: it may answer in the handler's place, or
/// give the request something (Request::fresh_access).
enum class PreludeOutcome : std::uint8_t { go_on, answered };
struct Prelude {
  std::string_view field;  ///< Lifetime: a literal.
  std::function<boost::asio::awaitable<PreludeOutcome>(Request&, Response&)> run;
};

/// Where a synchronous handler runs.
enum class RunOn : std::uint8_t { io_thread, long_read_pool };

/// What a refusal tells of the resource behind a route. Source: RFC 9728 §5.1, RFC 9449 §7.1.
struct ResourceHints {
  std::string metadata_url;      ///< Of its RFC 9728 document.
  std::string proof_algorithms;  ///< That its DPoP proofs may have, by single spaces.
};

/// Writes the answer to a request that failed by a fault of ours.
using WriteFailure = void (*)(const Request&, const core::Error&, Response&);

struct Route {
  Method method;
  std::string pattern;  ///< `/v1/workspaces/{workspace}/tokens/{token}:disable`; a `{name}` matches one segment up to
                        ///< '/' or ':'.
  std::variant<SyncHandler, AsyncHandler, StreamHandler> handler;
  RunOn run_on = RunOn::io_thread;
  std::size_t body_bytes_max = 1 << 20;
  WriteFailure write_failure = nullptr;  ///< Null: a problem (problem.hpp).
  const ResourceHints* hints = nullptr;  ///< Null: none. Lifetime: they outlive the router's use.
  const Prelude* prelude = nullptr;      ///< Set by Router::set_prelude.
};

/// Finds the handler of a request: a tree over the pieces of a path, cut before every '/' and ':'. Cost of a hit: the
/// path's pieces times the few children of a node. Constant after the wiring. Threads: any.
class Router {
 public:
  /// Patterns of which one path fits both are a bug (checked), but for one pattern with several methods. A route of
  /// Method::other serves every method that has no name here (PATCH, PROPFIND …).
  void add(Route route);

  /// Changes each route whose pattern begins so; its method and pattern must stay. During the wiring only.
  template <class Change>
  void change_below(std::string_view prefix, Change change) {
    for (Route& route : routes_) {
      if (route.pattern.starts_with(prefix)) change(route);
    }
  }

  /// Puts `prelude` before every route added so far that `applies`. Once, after the last add(). Lifetime: the prelude
  /// outlives the router's use.
  void set_prelude(const Prelude& prelude, const std::function<bool(const Route&)>& applies);

  struct Match {
    const Route* route = nullptr;  ///< Null: none.
    std::array<std::string_view, Request::kPathParametersMax> parameters{};
    std::string allowed_methods;  ///< Of the path, if only the method does not fit: 405 with Allow.
  };
  /// HEAD is served by GET's route. No allocation on a hit.
  [[nodiscard]] Match find(Method method, std::string_view path) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  static constexpr std::size_t kMethods = static_cast<std::size_t>(Method::other) + 1;
  struct Node {
    std::vector<std::pair<std::string, std::uint32_t>> literals;  ///< Piece with its '/' or ':', and child.
    std::uint32_t parameter = 0;                                  ///< Child, or 0: none (the root is no child).
    std::array<std::uint32_t, kMethods> routes{};                 ///< Index into routes_ plus 1, or 0: none.
    [[nodiscard]] bool has_routes() const {
      return std::any_of(routes.begin(), routes.end(), [](std::uint32_t route) { return route != 0; });
    }
  };
  std::uint32_t new_node();
  std::uint32_t literal_child(std::uint32_t parent, std::string_view piece);
  std::uint32_t parameter_child(std::uint32_t parent);
  const Node* descend(std::uint32_t from, std::string_view rest, std::size_t depth, Match& match) const;

  std::vector<Route> routes_;
  std::vector<Node> nodes_ = std::vector<Node>(1);
};

}  // namespace tally::http
