#include "projections/verify/findings.hpp"

#include <utility>

namespace tally::projections {

std::string_view name_of(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::file:
      return "file";
    case Finding::Kind::unreadable:
      return "unreadable";
    case Finding::Kind::missing:
      return "missing";
    case Finding::Kind::misplaced:
      return "misplaced";
    case Finding::Kind::undecodable:
      return "undecodable";
    case Finding::Kind::unknown_type:
      return "unknown_type";
    case Finding::Kind::time:
      return "time";
    case Finding::Kind::workspace:
      return "workspace";
    case Finding::Kind::root:
      return "root";
    case Finding::Kind::shortened:
      return "shortened";
    case Finding::Kind::head:
      return "head";
    case Finding::Kind::checkpoint:
      return "checkpoint";
    case Finding::Kind::rows:
      return "rows";
    case Finding::Kind::tile:
      return "tile";
  }
  return "";
}

void Findings::add(Finding::Kind kind, std::optional<core::Sequence> sequence, std::string sentence) {
  add_untold(kind, 1);
  if (first_.size() < kKeptMax) first_.push_back({kind, sequence, std::move(sentence)});
}

void Findings::add_untold(Finding::Kind kind, std::uint64_t count) {
  count_ += count;
  counts_[static_cast<std::size_t>(kind)] += count;
}

}  // namespace tally::projections
