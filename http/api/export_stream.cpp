#include "http/api/export_stream.hpp"

#include <utility>

#include "core/ledger/ledger_commands.hpp"
#include "http/commands/execute.hpp"
#include "http/formats/views.hpp"

namespace tally::http {
namespace {

/// A piece is sent when it is at least this long; one event more may lie over it.
constexpr std::size_t kPieceBytes = std::size_t{128} << 10;

}  // namespace

ExportStream::ExportStream(Order order, std::unique_ptr<projections::AuditWalk> walk,
                           const projections::PeopleQueries& people, projections::CommandService& commands,
                           const Clock& clock)
    : order_(std::move(order)), walk_(std::move(walk)), names_(people), commands_(commands), clock_(clock) {}

core::Result<void> ExportStream::append(const core::Event& event, std::string& piece) {
  TALLY_TRY(learn_people(event.actor, names_));
  order_.format.append(piece, event, names_);
  return {};
}

core::Result<std::optional<std::string>> ExportStream::next() {
  TALLY_TRY_ASSIGN(const bool allowed, order_.still_allowed(clock_.now()));
  if (!allowed) return core::fail(core::Errc::forbidden, "whoever asked for the export may not see it any more");
  std::string piece;
  if (!std::exchange(has_begun_, true) && order_.format.begin != nullptr) order_.format.begin(piece);
  while (!is_exhausted_ && piece.size() < kPieceBytes) {
    TALLY_TRY_ASSIGN(const std::optional<core::Event> event, walk_->next());
    is_exhausted_ = !event.has_value();
    if (!event) break;
    TALLY_TRY(append(*event, piece));
    ++events_;
  }
  if (piece.empty()) {
    if (!is_completed_) TALLY_TRY(complete());
    is_completed_ = true;
    return std::optional<std::string>{};
  }
  hash_.update(core::as_bytes(piece));
  bytes_ += piece.size();
  return std::optional<std::string>{std::move(piece)};
}

core::Result<void> ExportStream::complete() {
  core::RecordExportCompleted command;
  command.workspace = order_.workspace;
  command.export_id = order_.id;
  command.events_exported = events_;
  command.events_filtered_out = walk_->filtered_out();
  command.bytes = bytes_;
  command.sha256 = hash_.finish();
  order_.context.at = clock_.now();
  TALLY_TRY(execute_blocking(commands_, order_.context, std::move(command)));
  return {};
}

}  // namespace tally::http
