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
#include "http/server/route_policy.hpp"

namespace tally::http {

/// Reads and answers without waiting. Runs on the I/O thread, or on one of the pools if the route says so.
using SyncHandler = std::function<void(const Request&, Response&)>;
/// Waits for a command or a pool. A named coroutine function, bound to the object that the wiring owns.
using AsyncHandler = std::function<boost::asio::awaitable<void>(const Request&, Response&)>;

/// What comes before the handler of a request that carries a certain field: it may answer in the handler's place, or
/// note something for it (ExchangeNotes::fresh_access).
enum class PreludeOutcome : std::uint8_t { go_on, answered };
struct Prelude {
  std::string_view field;  ///< Lifetime: a literal.
  std::function<boost::asio::awaitable<PreludeOutcome>(const Request&, Response&)> run;
};

/// What a refusal tells of the resource behind a route. Source: RFC 9728 §5.1, RFC 9449 §7.1.
struct ResourceHints {
  std::string metadata_url;      ///< Of its RFC 9728 document.
  std::string proof_algorithms;  ///< That its DPoP proofs may have, by single spaces.
};

/// Tells whoever came with a DPoP proof the nonce of the next one.
using NonceOffer = std::function<void(const Request&, Response&)>;

struct Route {
  Method method;
  std::string pattern;  ///< `/v1/workspaces/{workspace}/tokens/{token}:disable`; a `{name}` matches one segment up to
                        ///< '/' or ':'.
  std::variant<SyncHandler, AsyncHandler, StreamHandler> handler;
  RoutePolicy policy;
};

/// What the wiring puts around the handlers of those routes whose policy asks for it. Lifetime: what is pointed at
/// outlives the router's use.
struct AroundRoutes {
  const Prelude* prelude = nullptr;      ///< Of RefreshBesideRequest::taken. Null: none.
  NonceOffer offer_nonce;                ///< Of ProofNonce::offered. May be empty.
  const ResourceHints* hints = nullptr;  ///< Of those that a person or an access token opens. Null: none.
};

/// Finds the handler of a request: a tree over the pieces of a path, cut before every '/' and ':'. Cost of a hit: the
/// path's pieces times the few children of a node. Constant after the wiring. Threads: any.
class Router {
 public:
  /// Bugs (checked): patterns of which one path fits both, but for one pattern with several methods; a route that a
  /// cookie opens and pages of other origins may read; a StreamHandler with a refresh token beside. A route of
  /// Method::other serves every method that has no name here (PATCH, PROPFIND …).
  void add(Route route);
  /// During the wiring only.
  void set_around(AroundRoutes around) { around_ = std::move(around); }

  struct Match {
    const Route* route = nullptr;  ///< Null: none.
    std::array<std::string_view, Request::kPathParametersMax> parameters{};
    std::string allowed_methods;    ///< Of the path, if only the method does not fit: 405 with Allow.
    const Route* beside = nullptr;  ///< Of a path that has routes for other methods: one of them.

    /// Whether pages of other origins may read what is answered there, a refusal too.
    [[nodiscard]] bool is_open_to_pages() const {
      const Route* const stated = route != nullptr ? route : beside;
      return stated != nullptr && stated->policy.cross_origin == CrossOrigin::open;
    }
  };
  /// HEAD is served by GET's route. No allocation on a hit.
  [[nodiscard]] Match find(Method method, std::string_view path) const;
  /// The form in which to refuse a path that has no route: that of the paths which begin with the same segment.
  [[nodiscard]] const ErrorForm& form_beside(std::string_view path) const;
  /// What goes before the handler of `route` for this request. Null: nothing.
  [[nodiscard]] const Prelude* prelude_of(const Route& route, const Request& request) const;
  /// Null: none.
  [[nodiscard]] const ResourceHints* hints_of(const Route& route) const;
  void offer_nonce(const Route& route, const Request& request, Response& response) const {
    if (route.policy.proof_nonce == ProofNonce::offered && around_.offer_nonce) around_.offer_nonce(request, response);
  }
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
  AroundRoutes around_;
  std::vector<Node> nodes_ = std::vector<Node>(1);
};

}  // namespace tally::http
