#include "http/server/router.hpp"

#include <algorithm>

#include "core/base/check.hpp"

namespace tally::http {
namespace {

/// Cuts the next piece off a path: '/' or ':' and what follows it up to the next of them.
std::string_view take_piece(std::string_view& path) {
  const std::size_t end = path.find_first_of("/:", 1);
  const std::string_view piece = path.substr(0, end);
  path.remove_prefix(piece.size());
  return piece;
}

bool is_parameter(std::string_view piece) { return piece.size() > 3 && piece.starts_with("/{") && piece.back() == '}'; }

/// Whether some path fits both patterns.
bool overlap(std::string_view left, std::string_view right) {
  while (!left.empty() && !right.empty()) {
    const std::string_view one = take_piece(left);
    const std::string_view other = take_piece(right);
    if (one == other || (is_parameter(one) && is_parameter(other))) continue;
    const bool one_fits = is_parameter(one) && other.front() == '/' && other.size() > 1;
    const bool other_fits = is_parameter(other) && one.front() == '/' && one.size() > 1;
    if (!one_fits && !other_fits) return false;
  }
  return left.empty() && right.empty();
}

/// The same but for the names of parameters: then the two routes must differ in the method.
bool same_shape(std::string_view left, std::string_view right) {
  while (!left.empty() && !right.empty()) {
    const std::string_view one = take_piece(left);
    const std::string_view other = take_piece(right);
    if (one != other && !(is_parameter(one) && is_parameter(other))) return false;
  }
  return left.empty() && right.empty();
}

constexpr std::size_t index_of(Method method) { return static_cast<std::size_t>(method); }

}  // namespace

const ResourceHints* Router::hints_of(const Route& route) const {
  const Audience audience = route.policy.audience;
  const bool is_protected = audience == Audience::session || audience == Audience::person;
  return is_protected ? around_.hints : nullptr;
}

const Prelude* Router::prelude_of(const Route& route, const Request& request) const {
  const RoutePolicy& policy = route.policy;
  if (policy.refresh_beside != RefreshBesideRequest::taken || around_.prelude == nullptr) return nullptr;
  if (!request.header(around_.prelude->field)) return nullptr;
  return policy.is_refresh_wanted == nullptr || policy.is_refresh_wanted(request) ? around_.prelude : nullptr;
}

const ErrorForm& Router::form_beside(std::string_view path) const {
  const std::string_view first = take_piece(path);
  for (const Route& route : routes_) {
    std::string_view pattern = route.pattern;
    if (take_piece(pattern) == first) return *route.policy.error_form;
  }
  return kProblemForm;
}

void Router::add(Route route) {
  TALLY_CHECK(route.pattern.starts_with('/'), route.pattern);
  // Where a cookie counts, no other origin may read.
  const Audience audience = route.policy.audience;
  const bool by_cookie = audience == Audience::session || audience == Audience::person;
  TALLY_CHECK(!by_cookie || route.policy.cross_origin == CrossOrigin::closed, route.pattern);
  // A body in pieces is taken before anybody could refresh, and can not be asked for twice.
  const bool is_fed = std::holds_alternative<StreamHandler>(route.handler);
  TALLY_CHECK(!is_fed || route.policy.refresh_beside == RefreshBesideRequest::ignored, route.pattern);
  for (const Route& known : routes_) {
    const bool same = same_shape(known.pattern, route.pattern);
    TALLY_CHECK(same || !overlap(known.pattern, route.pattern), known.pattern + " and " + route.pattern);
    TALLY_CHECK(!same || known.method != route.method, route.pattern + " twice");
  }
  std::size_t parameters = 0;
  std::uint32_t node = 0;
  std::string_view rest = route.pattern;
  while (!rest.empty()) {
    const std::string_view piece = take_piece(rest);
    if (is_parameter(piece)) {
      ++parameters;
      node = parameter_child(node);
    } else {
      TALLY_CHECK(piece.find_first_of("{}") == std::string_view::npos, route.pattern);
      node = literal_child(node, piece);
    }
  }
  TALLY_CHECK(parameters <= Request::kPathParametersMax, route.pattern);
  nodes_[node].routes[index_of(route.method)] = static_cast<std::uint32_t>(routes_.size()) + 1;
  routes_.push_back(std::move(route));
}

std::uint32_t Router::new_node() {
  nodes_.emplace_back();
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

std::uint32_t Router::literal_child(std::uint32_t parent, std::string_view piece) {
  for (const auto& [text, child] : nodes_[parent].literals) {
    if (text == piece) return child;
  }
  const std::uint32_t child = new_node();
  nodes_[parent].literals.emplace_back(std::string{piece}, child);
  return child;
}

std::uint32_t Router::parameter_child(std::uint32_t parent) {
  if (nodes_[parent].parameter == 0) {
    const std::uint32_t child = new_node();
    nodes_[parent].parameter = child;
  }
  return nodes_[parent].parameter;
}

// A literal goes before a parameter, and a dead end is left again: each node is entered once at most.
const Router::Node* Router::descend(std::uint32_t from, std::string_view rest, std::size_t depth, Match& match) const {
  const Node& node = nodes_[from];
  if (rest.empty()) return node.has_routes() ? &node : nullptr;
  const std::string_view piece = take_piece(rest);
  for (const auto& [text, child] : node.literals) {
    if (text != piece) continue;
    if (const Node* found = descend(child, rest, depth, match)) return found;
  }
  if (node.parameter == 0 || piece.front() != '/' || piece.size() == 1) return nullptr;
  match.parameters[depth] = piece.substr(1);
  return descend(node.parameter, rest, depth + 1, match);
}

Router::Match Router::find(Method method, std::string_view path) const {
  Match match;
  if (!path.starts_with('/')) return match;
  const Node* node = descend(0, path, 0, match);
  if (node == nullptr) return match;
  std::uint32_t route = node->routes[index_of(method)];
  if (route == 0 && method == Method::head) route = node->routes[index_of(Method::get)];
  if (route != 0) {
    match.route = &routes_[route - 1];
    return match;
  }
  for (const Method allowed :
       {Method::get, Method::head, Method::post, Method::put, Method::delete_, Method::options}) {
    const bool by_get = allowed == Method::head && node->routes[index_of(Method::get)] != 0;
    if (node->routes[index_of(allowed)] == 0 && !by_get) continue;
    if (match.beside == nullptr) match.beside = &routes_[node->routes[index_of(by_get ? Method::get : allowed)] - 1];
    if (!match.allowed_methods.empty()) match.allowed_methods += ", ";
    match.allowed_methods += name_of(allowed);
  }
  return match;
}

}  // namespace tally::http
