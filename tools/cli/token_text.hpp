#pragma once

#include <string>

#include <boost/json/value.hpp>

#include "core/base/time.hpp"
#include "tools/cli/context.hpp"

namespace tally::tools {

/// One token, for people.
std::string token_text(const boost::json::value& token, core::Timestamp now);

/// A list of tokens, for people.
Table token_table(const boost::json::array& tokens, core::Timestamp now);

}  // namespace tally::tools
