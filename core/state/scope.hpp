#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

namespace tally::core {

/// Tally's own scopes, granted only when asked for by name.
inline constexpr std::string_view kScopeTokensRead = "tally:tokens.read";
inline constexpr std::string_view kScopeTokensWrite = "tally:tokens.write";
inline constexpr std::string_view kScopeAuditRead = "tally:audit.read";

/// A set of OAuth scopes in byte order without repeats. Source: RFC 6749 §3.3.
class ScopeSet {
 public:
  ScopeSet() = default;

  /// Space-delimited text; empty text is the empty set. Errors: invalid_argument(field "scope") for a character outside
  /// %x21 / %x23-5B / %x5D-7E, a scope over kScopeBytesMax, or more than `count_max` scopes.
  static Result<ScopeSet> parse(std::string_view text, std::size_t count_max);

  /// A set that was stored by its scopes(); empty if they are not in strict byte order. The form of each is not checked
  /// again.
  static std::optional<ScopeSet> from_sorted(std::vector<std::string> scopes) {
    for (std::size_t at = 1; at < scopes.size(); ++at) {
      if (!(scopes[at - 1] < scopes[at])) return std::nullopt;
    }
    ScopeSet set;
    set.scopes_ = std::move(scopes);
    return set;
  }

  [[nodiscard]] bool contains(std::string_view scope) const;
  [[nodiscard]] bool is_subset_of(const ScopeSet& other) const;
  /// The set without Tally's own scopes.
  [[nodiscard]] ScopeSet without_tally_scopes() const;
  [[nodiscard]] bool empty() const { return scopes_.empty(); }
  [[nodiscard]] const std::vector<std::string>& scopes() const { return scopes_; }
  /// Joined by single spaces.
  [[nodiscard]] std::string str() const;
  bool operator==(const ScopeSet&) const = default;

 private:
  std::vector<std::string> scopes_;
};

/// True for the names that are Tally's own (prefix `tally:`), whether they mean something today or not.
bool is_tally_scope(std::string_view scope);

/// True for the scopes that Tally itself grants power by: the constants above.
bool is_known_tally_scope(std::string_view scope);

}  // namespace tally::core
