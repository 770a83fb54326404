#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"

namespace tally::projections {

/// Something in a ledger that is not as it was written.
struct Finding {
  enum class Kind : std::uint8_t {
    file,          ///< A file of the store.
    unreadable,    ///< Events that the store can not give.
    missing,       ///< Events that are not there.
    misplaced,     ///< An event in the place of another.
    undecodable,   ///< Bytes that are no event.
    unknown_type,  ///< An event of a type that this release does not know.
    time,          ///< Time that goes back.
    workspace,     ///< A number in a workspace that is missing, or there twice.
    root,          ///< Other events than somebody has committed to.
    shortened,     ///< Fewer events than somebody has committed to.
    head,          ///< What the ledger says of its own end.
    checkpoint,    ///< The signed note beside the ledger.
    rows,          ///< Rows that the log does not give.
    tile,          ///< Rows of a tree that are not those of the log.
  };
  static constexpr std::size_t kKinds = static_cast<std::size_t>(Kind::tile) + 1;
  Kind kind = Kind::file;
  std::optional<core::Sequence> sequence;  ///< Of the first event that it is about; empty: of none.
  std::string sentence;                    ///< For people, in the words of the log.
};

/// `undecodable`, for programs.
std::string_view name_of(Finding::Kind kind);

/// All findings counted, the first ones kept.
class Findings {
 public:
  static constexpr std::size_t kKeptMax = 20;

  void add(Finding::Kind kind, std::optional<core::Sequence> sequence, std::string sentence);
  /// More that are only counted.
  void add_untold(Finding::Kind kind, std::uint64_t count);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t count_of(Finding::Kind kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] const std::vector<Finding>& first() const { return first_; }
  /// There is something, and nothing but what a later release may have written.
  [[nodiscard]] bool are_of_a_later_release() const {
    return count_ > 0 && count_ == count_of(Finding::Kind::unknown_type);
  }

 private:
  std::vector<Finding> first_;
  std::uint64_t count_ = 0;
  std::array<std::uint64_t, Finding::kKinds> counts_{};
};

}  // namespace tally::projections
