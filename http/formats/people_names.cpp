#include "http/formats/people_names.hpp"

namespace tally::http {

core::Result<void> PeopleNames::learn(core::UserId user) {
  if (known_.contains(user)) return {};
  TALLY_TRY_ASSIGN(const std::optional<core::PersonState> person, people_.find(user));
  if (known_.size() == kRememberedMax) known_.clear();
  std::optional<Name> name;
  if (person) name = Name{person->username, person->display_name};
  known_.emplace(user, std::move(name));
  return {};
}

void PeopleNames::know(const core::PersonState& person) {
  known_.insert_or_assign(person.id, Name{person.username, person.display_name});
}

const PeopleNames::Name* PeopleNames::of(core::UserId user) const {
  const auto known = known_.find(user);
  return known != known_.end() && known->second ? &*known->second : nullptr;
}

}  // namespace tally::http
