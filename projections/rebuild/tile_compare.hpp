#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "events/log/log.hpp"
#include "events/log/tree_writer.hpp"
#include "events/store/store.hpp"
#include "projections/rebuild/event_stream.hpp"
#include "projections/rebuild/rebuild.hpp"

namespace tally::projections {

/// Holds a ledger's tiles and its workspaces' trees against its log, event by event, and notes every difference in
/// `report`, as rebuild() promises. Memory: a row for each workspace. Lifetime: all outlive it.
class TileComparison {
 public:
  /// `mended`: gets each row that differs as the log gives it; null: nothing does.
  TileComparison(const events::Reader& live, RebuildReport& report, events::Rows* mended = nullptr)
      : made_(live, report, mended), trees_(made_, 0) {}

  /// The next event, with its leaf. Errors: io_failed.
  core::Result<void> add(const LoggedEvent& logged);
  /// After the last one. Errors: corrupt (the log is not what `head` commits to), io_failed.
  core::Result<void> finish(const events::LedgerHead& head);

 private:
  /// Takes what the log makes: compares tiles with the live ones at once, keeps the workspaces' trees until the end.
  class Made final : public events::Rows {
   public:
    Made(const events::Reader& live, RebuildReport& report, events::Rows* mended)
        : live_(live), report_(report), mended_(mended) {}
    core::Result<std::optional<std::string>> get(events::Family family, std::string_view key) const override;
    std::unique_ptr<events::Cursor> scan(events::Family family, const events::ScanRange& range) const override;
    void put(events::Family family, std::string_view key, std::string_view value) override;
    void erase(events::Family family, std::string_view key) override;
    /// Errors: io_failed.
    core::Result<void> compare_workspaces();
    /// Live tiles that the log does not make. Errors: io_failed.
    core::Result<void> find_extra(std::uint64_t size);

   private:
    void compare(events::Family family, std::string_view key, std::string_view value);
    void note(events::Family family, std::string_view key, Difference::Kind kind,
              std::optional<std::string_view> value);
    [[nodiscard]] bool is_made(std::string_view tile_key, std::uint64_t size) const;

    const events::Reader& live_;
    RebuildReport& report_;
    events::Rows* const mended_;
    std::map<std::string, std::string, std::less<>> workspaces_;  ///< Rows of meta by their names.
    core::Result<void> outcome_;                                  ///< Of the reads that put() makes.
  };

  core::Result<void> settle();

  Made made_;
  events::TreeWriter trees_;
  events::CompactRange tree_;
};

}  // namespace tally::projections
