#include "projections/rebuild/rebuild_compare.hpp"

namespace tally::projections {

namespace {

constexpr std::size_t kDifferencesKept = 20;

}  // namespace

void note_difference(RebuildReport& report, events::Family family, std::string_view key, Difference::Kind kind) {
  ++report.differences;
  if (report.first_differences.size() == kDifferencesKept) return;
  report.first_differences.push_back({family, core::to_hex(core::as_bytes(key)), kind});
}

std::string_view name_of(Difference::Kind kind) {
  switch (kind) {
    case Difference::Kind::missing:
      return "missing";
    case Difference::Kind::extra:
      return "extra";
    case Difference::Kind::changed:
      return "changed";
    case Difference::Kind::unreadable:
      return "unreadable";
  }
  return "";
}

core::Result<void> compare_family(const events::Reader& live, const events::Reader& rebuilt, events::Family family,
                                  RebuildReport& report) {
  events::ScanRange everything;
  everything.purpose = events::ScanRange::Purpose::replay;
  const auto left = live.scan(family, everything);
  const auto right = rebuilt.scan(family, everything);
  std::string last_read;
  while (left->valid() || right->valid()) {
    // Where live rows end and where they can not be read look alike.
    if (!left->valid() && left->status().has_error()) break;
    const int order = !left->valid() ? 1 : !right->valid() ? -1 : left->key().compare(right->key());
    if (order < 0) {
      note_difference(report, family, left->key(), Difference::Kind::extra);
    } else if (order > 0) {
      note_difference(report, family, right->key(), Difference::Kind::missing);
    } else if (left->value() != right->value()) {
      note_difference(report, family, left->key(), Difference::Kind::changed);
    }
    if (order >= 0) ++report.rows;
    if (order <= 0) {
      last_read.assign(left->key());
      left->next();
    }
    if (order >= 0) right->next();
  }
  if (const auto status = left->status(); status.has_error()) {
    note_difference(report, family, last_read, Difference::Kind::unreadable);
    if (report.unreadable.empty()) report.unreadable = status.error().detail;
    for (; right->valid(); right->next()) ++report.rows;
  }
  return right->status();
}

}  // namespace tally::projections
