#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "events/store/family.hpp"

/// What families are called on the disk: those of projections `name@generation`, and the row `generation` of meta says
/// which are live. Part of the adapter: included by events/rocks_* only. Source: docs/formats.md.
namespace tally::events {

inline constexpr std::uint32_t kFirstGeneration = 1;

/// By family; 0 where there are none.
using Generations = std::array<std::uint32_t, kFamilyCount>;

inline std::size_t index_of(Family family) { return static_cast<std::size_t>(family); }

std::string disk_name(Family family, std::uint32_t generation);

/// The family of a name on disk; empty for `default` and for names of a later release.
std::optional<Family> family_of_disk_name(std::string_view name);

std::string encode_generations(const Generations& generations);
/// `row` empty: all are the first. Errors: corrupt.
core::Result<Generations> decode_generations(const std::optional<std::string>& row);

}  // namespace tally::events
