#include "core/state/scope.hpp"

#include <algorithm>
#include <iterator>

#include "core/base/limits.hpp"

namespace tally::core {
namespace {

bool is_scope_character(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte == 0x21 || (byte >= 0x23 && byte <= 0x5b) || (byte >= 0x5d && byte <= 0x7e);
}

}  // namespace

Result<ScopeSet> ScopeSet::parse(std::string_view text, std::size_t count_max) {
  ScopeSet set;
  if (text.empty()) return set;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string_view scope = text.substr(begin, end - begin);
    if (scope.empty()) return invalid("scope", "scopes are separated by single spaces");
    if (scope.size() > limits::kScopeBytesMax) {
      return invalid("scope", "a scope has at most " + std::to_string(limits::kScopeBytesMax) + " characters");
    }
    if (!std::all_of(scope.begin(), scope.end(), is_scope_character)) {
      return invalid("scope", "a scope has printable ASCII characters without space, \" and \\");
    }
    // Counted before repeats are dropped, so that the work is bounded too.
    if (set.scopes_.size() == count_max) return invalid("scope", "at most " + std::to_string(count_max) + " scopes");
    set.scopes_.emplace_back(scope);
    begin = end + 1;
  }
  std::sort(set.scopes_.begin(), set.scopes_.end());
  set.scopes_.erase(std::unique(set.scopes_.begin(), set.scopes_.end()), set.scopes_.end());
  return set;
}

bool ScopeSet::contains(std::string_view scope) const {
  return std::binary_search(scopes_.begin(), scopes_.end(), scope);
}

bool ScopeSet::is_subset_of(const ScopeSet& other) const {
  return std::includes(other.scopes_.begin(), other.scopes_.end(), scopes_.begin(), scopes_.end());
}

ScopeSet ScopeSet::without_tally_scopes() const {
  ScopeSet set;
  std::copy_if(scopes_.begin(), scopes_.end(), std::back_inserter(set.scopes_),
               [](const std::string& scope) { return !is_tally_scope(scope); });
  return set;
}

std::string ScopeSet::str() const {
  std::string out;
  for (const std::string& scope : scopes_) {
    if (!out.empty()) out.push_back(' ');
    out.append(scope);
  }
  return out;
}

bool is_tally_scope(std::string_view scope) { return scope.starts_with("tally:"); }

bool is_known_tally_scope(std::string_view scope) {
  return scope == kScopeTokensRead || scope == kScopeTokensWrite || scope == kScopeAuditRead;
}

}  // namespace tally::core
