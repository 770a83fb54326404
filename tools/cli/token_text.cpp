#include "tools/cli/token_text.hpp"

#include "tools/cli/json_text.hpp"
#include "tools/cli/times.hpp"

namespace tally::tools {
namespace {

/// The username of a person, or what else there is.
std::string who(const boost::json::value& json, std::string_view member) {
  for (const std::string_view name : {"username", "id", "kind"}) {
    if (std::string text = text_at(json, {member, name}); !text.empty()) return text;
  }
  return {};
}

std::string times_text(const std::string& count) {
  if (count == "0") return "never";
  return count == "1" ? "once" : count + " times";
}

std::string relative_text(const boost::json::value& token, std::string_view member, core::Timestamp now) {
  const auto time = core::parse_rfc3339(text_at(token, {member}));
  return time.has_error() ? "-" : relative_to(*time, now);
}

}  // namespace

std::string token_text(const boost::json::value& token, core::Timestamp now) {
  const std::string scope = text_at(token, {"scope"});
  std::string disabled = shown_time(text_at(token, {"disabled_at"}), now);
  if (const std::string by = who(token, "disabled_by"); !disabled.empty() && !by.empty()) disabled += " by " + by;
  FactSheet facts;
  facts.fact("Token", text_at(token, {"name"}))
      .fact("Id", text_at(token, {"id"}))
      .fact("Status", text_at(token, {"status"}))
      .fact("Owner", who(token, "owner"))
      .fact("Workspace", text_at(token, {"workspace_id"}))
      .fact("Scope", scope.empty() ? "none" : scope)
      .fact("Created", shown_time(text_at(token, {"created_at"}), now))
      .fact("Expires", shown_time(text_at(token, {"expires_at"}), now))
      .fact("Refreshed", times_text(number_at(token, {"refresh_count"})))
      .fact("Last refreshed", shown_time(text_at(token, {"last_refreshed_at"}), now))
      .fact("Last used", shown_time(text_at(token, {"last_used_at"}), now))
      .fact("Disabled", disabled)
      .fact("Cause", text_at(token, {"disabled_cause"}))
      .fact("Reason", text_at(token, {"disabled_reason"}));
  return facts.render();
}

Table token_table(const boost::json::array& tokens, core::Timestamp now) {
  Table table;
  table.column("TOKEN").column("STATUS").column("OWNER", Fit::cut).column("CREATED").column("EXPIRES");
  table.column("LAST USED").column("NAME", Fit::cut);
  for (const boost::json::value& token : tokens) {
    table.row({text_at(token, {"id"}), text_at(token, {"status"}), who(token, "owner"),
               relative_text(token, "created_at", now), relative_text(token, "expires_at", now),
               relative_text(token, "last_used_at", now), text_at(token, {"name"})});
  }
  return table;
}

}  // namespace tally::tools
