#include "events/log/tree_writer.hpp"

#include <span>
#include <utility>

#include "core/base/check.hpp"
#include "events/log/meta_rows.hpp"
#include "events/log/tile_rows.hpp"
#include "events/log/tiles.hpp"

namespace tally::events {
namespace {

constexpr std::size_t kWorkspacesKept = 1 << 14;  ///< About 500 bytes each.

}  // namespace

TreeWriter::TreeWriter(const Reader& store, std::uint64_t size, std::string_view prefix)
    : store_(store), prefix_(prefix), committed_size_(size), has_open_tile_(size % kTileWidth == 0) {}

core::Result<std::uint64_t> TreeWriter::size_of(const core::Uuid& workspace) {
  TALLY_TRY_ASSIGN(const Workspace* found, find(workspace));
  return found->tree.size();
}

core::Result<void> TreeWriter::append(CompactRange& tree, const core::Uuid& workspace, const core::Digest& leaf,
                                      Rows& rows) {
  if (!has_open_tile_) TALLY_TRY(read_open_tile());
  TALLY_TRY_ASSIGN(Workspace * found, find(workspace));
  if (found->change == kUnchanged) note_change(workspace, *found);
  leaves_.push_back(leaf);
  workspaces_of_leaves_.push_back(workspace);
  append_leaf(tree, leaf, rows);
  append_leaf(found->tree, workspace, leaf, rows);
  TALLY_CHECK(tree.size() == committed_size_ + workspaces_of_leaves_.size());
  if (tree.size() % kTileWidth == 0) {
    put_leaf_tile(tree.size() / kTileWidth - 1, std::span{leaves_}.last(kTileWidth), rows);
  }
  return {};
}

void TreeWriter::take_back(CompactRange& tree) {
  const std::size_t first = committed_leaves();
  leaves_.resize(first + marked_);
  workspaces_of_leaves_.resize(marked_);
  // Rarely: so nothing has to be copied when a work begins.
  for (std::size_t index = 0; index < changed_; ++index) {
    workspaces_.at(changes_[index].workspace).tree = changes_[index].before;
  }
  for (std::size_t index = 0; index < marked_; ++index) {
    tree.append(leaves_[first + index]);
    workspaces_.at(workspaces_of_leaves_[index]).tree.append(leaves_[first + index]);
  }
}

void TreeWriter::put_workspaces(Rows& rows) const {
  for (std::size_t index = 0; index < changed_; ++index) {
    const CompactRange& tree = workspaces_.at(changes_[index].workspace).tree;
    if (tree.size() == changes_[index].before.size()) continue;  // what it had got was taken back
    rows.put(Family::meta, workspace_row(prefix_, changes_[index].workspace), encode_range(tree));
  }
}

void TreeWriter::committed() {
  committed_size_ += workspaces_of_leaves_.size();
  workspaces_of_leaves_.clear();
  marked_ = 0;
  const std::size_t open = committed_size_ % kTileWidth;
  if (has_open_tile_) leaves_.erase(leaves_.begin(), leaves_.end() - static_cast<std::ptrdiff_t>(open));
  for (; changed_ > 0; --changed_) workspaces_.at(changes_[changed_ - 1].workspace).change = kUnchanged;
  if (workspaces_.size() > kWorkspacesKept) workspaces_.clear();
}

void TreeWriter::roll_back() {
  leaves_.resize(committed_leaves());
  workspaces_of_leaves_.clear();
  marked_ = 0;
  for (; changed_ > 0; --changed_) {
    Change& change = changes_[changed_ - 1];
    Workspace& found = workspaces_.at(change.workspace);
    found.change = kUnchanged;
    std::swap(found.tree, change.before);
  }
}

core::Result<TreeWriter::Workspace*> TreeWriter::find(const core::Uuid& workspace) {
  const auto found = workspaces_.find(workspace);
  if (found != workspaces_.end()) return &found->second;
  TALLY_TRY_ASSIGN(const auto row, store_.get(Family::meta, workspace_row(prefix_, workspace)));
  Workspace read;
  if (row) {
    TALLY_TRY_ASSIGN(read.tree, decode_range(*row));
  }
  return &workspaces_.emplace(workspace, std::move(read)).first->second;
}

core::Result<void> TreeWriter::read_open_tile() {
  const std::uint64_t from = committed_size_ - committed_size_ % kTileWidth;
  TALLY_TRY_ASSIGN(leaves_, leaves_of_log(store_, from, committed_size_));
  has_open_tile_ = true;
  return {};
}

void TreeWriter::note_change(const core::Uuid& workspace, Workspace& found) {
  if (changed_ == changes_.size()) changes_.emplace_back();
  changes_[changed_].workspace = workspace;
  changes_[changed_].before = found.tree;
  found.change = changed_++;
}

}  // namespace tally::events
