#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "events/log/merkle.hpp"

namespace tally::events {

/// A batch as a write-ahead log holds it. Lifetime: the views are the batch's.
struct WriteAheadRecord {
  struct Event {
    std::uint64_t sequence = 0;
    core::ByteView bytes;
  };
  std::string_view file;    ///< The path of the file that it stands in.
  std::uint64_t first = 0;  ///< The database's number of its first row; rows are numbered one by one, for ever.
  std::uint64_t rows = 0;
  /// The number of the last logged row, if rows that no log holds have taken numbers since.
  std::optional<std::uint64_t> unlogged_since;
  std::vector<Event> events;
  std::optional<std::string_view> head;  ///< The ledger's head after it.
};

/// Follows the records of all write-ahead logs in order, and finds where one is not the one that was written after the
/// one before. Every row and every event has the next number, and the head is that of the events: nothing that was lost
/// or put in between leaves all of it right. Pure; keeps nothing of the records but what the next one is held against.
/// Source: docs/adr/0036.
class WriteAheadChain {
 public:
  struct Break {
    enum class Kind : std::uint8_t {
      jump,     ///< Numbers are left out.
      back,     ///< Numbers come again.
      foreign,  ///< The numbers fit, the events do not.
    };
    Kind kind = Kind::jump;
    std::string ends;                         ///< The file of the last record that is right.
    std::string goes_on;                      ///< The file of the first that is not.
    std::optional<std::uint64_t> event_next;  ///< The event that was expected; absent: none was met before.
    std::optional<std::uint64_t> event_met;   ///< The first event after the break; absent: there is none.
  };

  /// False: what follows need not be read.
  bool follow(const WriteAheadRecord& record);

  /// Absent: all records follow each other.
  [[nodiscard]] const std::optional<Break>& found() const { return break_; }
  [[nodiscard]] std::optional<std::uint64_t> first_event() const { return first_event_; }
  /// The number after that of the last event that is right; absent: none was met.
  [[nodiscard]] std::optional<std::uint64_t> next_event() const { return next_event_; }
  /// The number of the last row that is right; absent: there is none.
  [[nodiscard]] std::optional<std::uint64_t> last_row() const {
    return next_row_ ? std::optional{*next_row_ - 1} : std::nullopt;
  }
  /// The file of the last record that is right; empty: there is none.
  [[nodiscard]] const std::string& last_file() const { return file_; }
  /// The tree after the last record that is right; absent: no head was met.
  [[nodiscard]] const std::optional<CompactRange>& tree() const { return tree_; }
  /// The file of the first event.
  [[nodiscard]] const std::string& first_file() const { return first_file_; }

 private:
  std::optional<Break::Kind> judge(const WriteAheadRecord& record);
  bool agrees_with_head(const WriteAheadRecord& record);

  std::optional<Break> break_;
  std::optional<std::uint64_t> next_row_;
  std::optional<std::uint64_t> first_event_;
  std::optional<std::uint64_t> next_event_;
  std::optional<CompactRange> tree_;  ///< From the first head on.
  std::string file_;                  ///< Of the record before.
  std::string first_file_;
};

}  // namespace tally::events
