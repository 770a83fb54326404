#include "http/auth/descendant_upkeep.hpp"

#include <utility>

namespace tally::http {

core::Result<void> DescendantUpkeep::go_on(core::Timestamp now) {
  TALLY_TRY_ASSIGN(const auto ending, tokens_.ending_tokens());
  for (const projections::EndingToken& root : ending) {
    {
      const std::lock_guard lock{mutex_};
      if (!under_way_.insert(root.token).second) continue;
    }
    step(now, {root.workspace, root.token, {}});
  }
  return {};
}

void DescendantUpkeep::step(core::Timestamp now, core::StopDescendants command) {
  core::CommandContext context;
  context.at = now;
  random_.fill(context.entropy);
  using Answer = projections::Answer<core::StopDescendants>;
  commands_.execute(std::move(context), command, [this, now, command](const Answer& answer) {
    if (answer.has_value() && answer->outcome.next) {
      return step(now, {command.workspace, command.root, *answer->outcome.next});
    }
    // Done; or refused (too busy, no space, stopping), and begun again when the timer comes.
    const std::lock_guard lock{mutex_};
    under_way_.erase(command.root);
  });
}

}  // namespace tally::http
