#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "tools/cli/command_spec.hpp"
#include "tools/cli/context.hpp"

namespace tally::tools {

/// How much of a list is asked for.
struct PageOptions {
  int limit = 100;
  bool all = false;
};
void add_page_options(CommandSpec& command, PageOptions& options);

/// The items of a list: one page as the server sent it, or, for --all, every page's items in one object of the same
/// form.
Attempt<ApiAnswer> get_items(Context& context, const std::string& target,
                             std::initializer_list<std::pair<std::string_view, std::string>> parameters,
                             const PageOptions& options);

/// A line on standard error if the list goes on.
void tell_of_more(Context& context, const ApiAnswer& answer);

}  // namespace tally::tools
