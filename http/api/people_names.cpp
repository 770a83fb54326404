#include "http/api/people_names.hpp"

namespace tally::http::api {

core::Result<const PeopleNames::Name*> PeopleNames::find(core::UserId user) {
  auto known = known_.find(user);
  if (known == known_.end()) {
    TALLY_TRY_ASSIGN(const std::optional<core::PersonState> person, people_.find(user));
    if (known_.size() == kRememberedMax) known_.clear();
    std::optional<Name> name;
    if (person) name = Name{person->username, person->display_name};
    known = known_.emplace(user, std::move(name)).first;
  }
  return known->second ? &*known->second : nullptr;
}

}  // namespace tally::http::api
