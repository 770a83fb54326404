#include "http/tokens/descendant_upkeep.hpp"

#include <utility>

#include "core/token/token_commands.hpp"

namespace tally::http {

core::Result<void> DescendantUpkeep::go_on(core::Timestamp now) {
  if (is_under_way_.exchange(true)) return {};
  auto ending = tokens_.ending_tokens();
  if (ending.has_error()) {
    is_under_way_ = false;
    return ending.error();
  }
  begin_next(now, std::make_shared<Roots>(*std::move(ending)));
  return {};
}

void DescendantUpkeep::begin_next(core::Timestamp now, const std::shared_ptr<Roots>& roots) {
  if (roots->empty()) {
    is_under_way_ = false;
    return;
  }
  const projections::EndingToken root = roots->back();
  roots->pop_back();
  step(now, {root.workspace, root.token, {}}, roots);
}

void DescendantUpkeep::step(core::Timestamp now, core::StopDescendants command, const std::shared_ptr<Roots>& roots) {
  core::CommandContext context;
  context.at = now;
  random_.fill(context.entropy);
  using Answer = projections::Answer<core::StopDescendants>;
  commands_.execute(std::move(context), command, [this, now, command, roots](const Answer& answer) {
    if (answer.has_value() && answer->outcome.next) {
      return step(now, {command.workspace, command.root, *answer->outcome.next}, roots);
    }
    // Done; or refused (too busy, no space, stopping, damage), and begun again when the timer comes.
    const bool is_closed = answer.has_error() && answer.error().code == core::Errc::stopping;
    if (is_closed) roots->clear();
    begin_next(now, roots);
  });
}

}  // namespace tally::http
