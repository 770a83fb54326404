#include "tools/tallyd/first_start.hpp"

#include <utility>

#include "core/crypto/password.hpp"
#include "core/identity/person_commands.hpp"
#include "http/commands/execute.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/people_queries.hpp"
#include "tools/base/operator_password.hpp"

namespace tally::tools {
namespace {

using core::Result;
using core::SecretText;

constexpr const char* kOperatorName = "operator";

Result<bool> is_current(const projections::PeopleQueries& people, const SecretText& password) {
  TALLY_TRY_ASSIGN(const auto person, people.find_by_username(kOperatorName));
  if (!person || person->deactivated_at || !person->is_operator()) return false;
  return core::crypto::password_matches(password.reveal(), person->password_verifier);
}

}  // namespace

core::CommandContext system_context(const http::Clock& clock, core::RandomSource& random) {
  core::CommandContext context;
  context.at = clock.now();
  random.fill(context.entropy);
  return context;
}

Result<GivenPassword> prepare_operator(const events::Store& store, projections::CommandService& commands,
                                       const std::optional<SecretText>& password, const ShowPassword& show,
                                       const http::Clock& clock, core::RandomSource& random) {
  const projections::PeopleQueries people{store};
  TALLY_TRY_ASSIGN(const bool somebody, people.anybody());
  if (somebody && !password) return GivenPassword::none;
  if (somebody) {
    TALLY_TRY_ASSIGN(const bool current, is_current(people, *password));
    return current ? GivenPassword::current : GivenPassword::not_used;
  }

  std::optional<SecretText> made_up;
  if (!password) {
    made_up = make_up_password(random);
    if (show) TALLY_TRY(show(*made_up));
  }
  const core::CommandContext context = system_context(clock, random);
  core::CreateUser create;
  create.id = core::draw_id<core::UserId>(random, context.at);
  create.username = kOperatorName;
  create.display_name = "Operator";
  create.is_operator = true;
  create.password_verifier = core::crypto::make_password_verifier((password ? *password : *made_up).reveal(), random);
  TALLY_TRY(http::execute_blocking(commands, context, std::move(create)));
  return password ? GivenPassword::used : GivenPassword::none;
}

}  // namespace tally::tools
