#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <rocksdb/db.h>

#include "core/base/check.hpp"
#include "events/rocks/rocks_store.hpp"
#include "events/store/family.hpp"

/// The files in which a ledger's rows lie, to damage them.
namespace tally::testing {

/// Opens and closes the ledger, which leaves every row in a file of its family.
inline void settle_into_files(const std::string& ledger) {
  events::RocksOptions options;
  options.folder = ledger;
  TALLY_CHECK(events::open_rocks_store(options).has_value());
}

/// Of a ledger that nobody has open.
inline std::vector<std::string> files_of(const std::string& ledger, events::Family family) {
  rocksdb::DBOptions options;
  options.track_and_verify_wals_in_manifest = true;  // as the ledger is written, or the library aborts
  std::vector<std::string> names;
  TALLY_CHECK(rocksdb::DB::ListColumnFamilies(options, ledger, &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions{});
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  TALLY_CHECK(rocksdb::DB::OpenForReadOnly(options, ledger, descriptors, &handles, &opened).ok());
  const std::unique_ptr<rocksdb::DB> database{opened};
  std::vector<rocksdb::LiveFileMetaData> files;
  database->GetLiveFilesMetaData(&files);
  for (rocksdb::ColumnFamilyHandle* handle : handles) database->DestroyColumnFamilyHandle(handle);
  std::vector<std::string> paths;
  for (const rocksdb::LiveFileMetaData& file : files) {
    const std::string name = file.column_family_name.substr(0, file.column_family_name.find('@'));
    if (name == events::name_of(family)) paths.push_back(ledger + file.name);
  }
  return paths;
}

/// Flips a bit of the byte at `offset`.
inline void flip_bit(const std::string& path, std::streamoff offset) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekg(offset);
  const int byte = file.get();
  TALLY_CHECK(byte != std::fstream::traits_type::eof());
  file.seekp(offset);
  file.put(static_cast<char>(byte ^ 4));
  TALLY_CHECK(file.flush().good());
}

}  // namespace tally::testing
