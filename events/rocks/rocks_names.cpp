#include "events/rocks/rocks_names.hpp"

#include "events/log/keys.hpp"

namespace tally::events {

std::string disk_name(Family family, std::uint32_t generation) {
  std::string name{name_of(family)};
  if (kind_of(family) == FamilyKind::projection) name += '@' + std::to_string(generation);
  return name;
}

std::optional<Family> family_of_disk_name(std::string_view name) {
  const std::string_view plain = name.substr(0, name.find('@'));
  for (const Family family : all_families()) {
    if (name_of(family) == plain) return family;
  }
  return std::nullopt;
}

std::string encode_generations(const Generations& generations) {
  std::string row;
  for (const Family family : all_families()) {
    if (kind_of(family) != FamilyKind::projection) continue;
    row.push_back(static_cast<char>(family));
    append_be32(row, generations[index_of(family)]);
  }
  return row;
}

core::Result<Generations> decode_generations(const std::optional<std::string>& row) {
  Generations generations{};
  for (const Family family : all_families()) {
    if (kind_of(family) == FamilyKind::projection) generations[index_of(family)] = kFirstGeneration;
  }
  std::string_view rest = row ? std::string_view{*row} : std::string_view{};
  while (!rest.empty()) {
    const auto family = static_cast<std::uint8_t>(rest.front());
    const auto generation = read_be32(rest.substr(1));
    if (!generation || family >= kFamilyCount) {
      return core::fail(core::Errc::corrupt, "the row of generations does not parse");
    }
    generations[family] = *generation;
    rest.remove_prefix(5);
  }
  return generations;
}

}  // namespace tally::events
