#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"

namespace tally::tools {

/// Files that hold secrets: mode 0600, in a folder of mode 0700.

/// Makes the folder, if it is missing, with mode 0700; its parent must be there. Errors: io_failed, no_space.
core::Result<void> make_private_folder(const std::string& path);

/// The same with every folder on the way. Errors: io_failed, no_space.
core::Result<void> make_private_folders(const std::string& path);

/// Writes the file whole or not at all: a temporary file beside it, synced, renamed, and the folder synced. Replaces
/// what was there. Errors: io_failed, no_space.
core::Result<void> write_private_file(const std::string& path, std::string_view content);

/// Gives a folder its place, durably; nothing but an empty folder may be there. Errors: io_failed, no_space.
core::Result<void> move_private_folder(const std::string& from, const std::string& to);

/// Removes the file durably; not being there is success. Errors: io_failed.
core::Result<void> remove_private_file(const std::string& path);

/// Who may be able to read a file that is read.
enum class Readers : std::uint8_t {
  any,
  owner_and_group,
  owner,
  folder_owner,  ///< The owner, who is its folder's too; and it is a file, not a link to one.
};

/// The whole file, at most `bytes_max`. Empty optional: there is none. Errors: io_failed, too_large, forbidden (others
/// can read or change it too).
core::Result<std::optional<core::SecretText>> read_private_file(const std::string& path, std::size_t bytes_max,
                                                                Readers readers = Readers::any);

}  // namespace tally::tools
