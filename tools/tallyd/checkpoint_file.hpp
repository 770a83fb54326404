#pragma once

#include <string>
#include <utility>

#include "http/ledger/checkpoint_store.hpp"

namespace tally::tools {

/// The last checkpoint of a data folder: `checkpoint`, the signed note as it is, beside the database and not in it.
/// When it was kept is when the file was changed. Threads: one at a time.
class CheckpointFile final : public http::CheckpointStore {
 public:
  explicit CheckpointFile(const std::string& data_dir) : path_(data_dir + "/checkpoint") {}

  [[nodiscard]] core::Result<std::optional<http::KeptNote>> load() const override;
  core::Result<void> keep(const std::string& note) override;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace tally::tools
