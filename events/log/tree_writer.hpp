#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "events/log/merkle.hpp"
#include "events/log/meta_rows.hpp"
#include "events/store/store.hpp"

namespace tally::events {

/// What whoever appends knows of the trees that it appends to, the ledger's and the workspaces': enough to write what a
/// leaf completes in that leaf's batch, and to take leaves back. In memory are the leaf hashes behind the last full
/// tile, at most 255 and those of the batch, and the compact ranges of workspaces that were appended to lately. Events
/// of no workspace belong to the nil one. Threads: one.
class TreeWriter {
 public:
  /// `size`: of the ledger in `store`. `prefix`: of the rows of meta that hold the workspaces' trees. Reads nothing
  /// until the first leaf. Lifetime: the store outlives it.
  TreeWriter(const Reader& store, std::uint64_t size, std::string_view prefix = kWorkspaceSizePrefix);

  /// How many leaves the workspace's tree has. Errors: corrupt, io_failed.
  core::Result<std::uint64_t> size_of(const core::Uuid& workspace);

  /// Appends a leaf to `tree`, which is the ledger's, and to the workspace's, and writes the tiles that it completes
  /// into `rows`. Errors: corrupt, io_failed; nothing is appended then.
  core::Result<void> append(CompactRange& tree, const core::Uuid& workspace, const core::Digest& leaf, Rows& rows);

  /// What follows can be taken back.
  void mark() { marked_ = workspaces_of_leaves_.size(); }
  /// As it was at the mark. `tree`: as it was committed; gets the leaves from then to the mark.
  void take_back(CompactRange& tree);

  /// Writes the row of each workspace that has grown since the last commit.
  void put_workspaces(Rows& rows) const;
  /// What was appended is durable.
  void committed();
  /// As it was at the last commit.
  void roll_back();

 private:
  static constexpr std::size_t kUnchanged = SIZE_MAX;
  struct Workspace {
    CompactRange tree;
    std::size_t change = kUnchanged;  ///< Which of changes_ is its.
  };
  /// A workspace that was appended to since the last commit. Used again, with the memory of its range.
  struct Change {
    core::Uuid workspace;
    CompactRange before;
  };

  core::Result<Workspace*> find(const core::Uuid& workspace);
  /// Reads the leaf hashes behind the last full tile. Errors: corrupt, io_failed.
  core::Result<void> read_open_tile();
  void note_change(const core::Uuid& workspace, Workspace& found);
  [[nodiscard]] std::size_t committed_leaves() const { return leaves_.size() - workspaces_of_leaves_.size(); }

  const Reader& store_;
  const std::string prefix_;
  std::uint64_t committed_size_;
  bool has_open_tile_;                            ///< leaves_ is what it should be.
  std::vector<core::Digest> leaves_;              ///< From the last full tile that is committed on.
  std::vector<core::Uuid> workspaces_of_leaves_;  ///< Of the leaves since the last commit.
  std::size_t marked_ = 0;                        ///< How many leaves since the last commit there were at the mark.
  std::unordered_map<core::Uuid, Workspace> workspaces_;  ///< Bounded after each commit.
  std::vector<Change> changes_;
  std::size_t changed_ = 0;  ///< How many of changes_ count.
};

}  // namespace tally::events
