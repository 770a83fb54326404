#include <algorithm>
#include <charconv>
#include <chrono>
#include <functional>
#include <optional>
#include <ostream>
#include <utility>

#include <boost/json/parse.hpp>

#include "events/store/family.hpp"
#include "http/server/json_writer.hpp"
#include "projections/fold/projections.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/data_folder.hpp"
#include "tools/cli/json_text.hpp"
#include "tools/cli/ledger_view.hpp"
#include "tools/cli/replay_into.hpp"
#include "tools/cli/replay_progress.hpp"
#include "tools/cli/signed_state.hpp"
#include "tools/cli/times.hpp"
#include "tools/cli/token_text.hpp"

namespace tally::tools {
namespace {

struct ReplayOptions {
  FolderChoice folder;
  std::string until;
  std::string into;
  bool check = false;
};

Attempt<projections::Until> parse_until(const std::string& typed, core::Timestamp now) {
  projections::Until until;
  std::uint64_t sequence = 0;
  const auto [end, error] = std::from_chars(typed.data(), typed.data() + typed.size(), sequence);
  if (error == std::errc{} && end == typed.data() + typed.size()) {
    until.sequence = core::Sequence{sequence};
    return until;
  }
  TALLY_TRY_ASSIGN(until.time, parse_moment(typed, now));
  return until;
}

void print_state(Context& context, const boost::json::value& state) {
  const auto as_of = core::parse_rfc3339(text_at(state, {"as_of"}));
  const core::Timestamp now = as_of.has_error() ? context.now() : *as_of;
  context.print("State after " + number_at(state, {"events"}) + " events, as of " + local_second(now) + "\n\n");
  Table people;
  people.column("PERSON").column("USERNAME").column("STATUS").column("NAME", Fit::cut);
  for (const boost::json::value& person : items_at(state, {"users"})) {
    const bool is_active = text_at(person, {"deactivated_at"}).empty();
    people.row({text_at(person, {"id"}), text_at(person, {"username"}), is_active ? "active" : "deactivated",
                text_at(person, {"display_name"})});
  }
  context.print(people, "Nobody.");
  for (const boost::json::value& workspace : items_at(state, {"workspaces"})) {
    context.print("\nWorkspace " + printable(text_at(workspace, {"name"})) + "  " + text_at(workspace, {"id"}) + "\n");
    Table members;
    members.column("  MEMBER").column("ROLE").column("USERNAME");
    for (const boost::json::value& member : items_at(workspace, {"members"})) {
      members.row(
          {"  " + text_at(member, {"user", "id"}), text_at(member, {"role"}), text_at(member, {"user", "username"})});
    }
    context.print(members, "  No members.");
    context.print("\n");
    context.print(token_table(items_at(workspace, {"tokens"}), now), "  No tokens.");
  }
}

Attempt<void> run_until(Context& context, const ReplayOptions& options) {
  TALLY_TRY_ASSIGN(const projections::Until until, parse_until(options.until, context.now()));
  TALLY_TRY_ASSIGN(const auto store, open_ledger(options.folder));
  TALLY_TRY_ASSIGN(const std::string state, view_ledger_as_of(*store, until));
  if (context.json()) {
    context.print(state + "\n");
    return {};
  }
  boost::system::error_code error;
  print_state(context, boost::json::parse(state, error));
  return {};
}

/// What a rebuild found, and how many events were signed.
struct Replayed {
  projections::RebuildReport report;
  double seconds = 0;
  std::optional<std::uint64_t> signed_events;  ///< Absent: not asked for, or nothing is signed.
};

std::string json_of(const Replayed& replayed) {
  const projections::RebuildReport& report = replayed.report;
  std::string text;
  http::JsonWriter json{text};
  json.begin_object().member("events", report.events).member("rows", report.rows);
  json.member("milliseconds", static_cast<std::int64_t>(replayed.seconds * 1'000));
  json.member("promoted", report.promoted);
  if (replayed.signed_events) json.member("signed_events", *replayed.signed_events);
  json.member("differences", report.differences).key("first_differences").begin_array();
  for (const projections::Difference& difference : report.first_differences) {
    json.begin_object().member("family", events::name_of(difference.family)).member("key", difference.key_hex);
    json.member("kind", projections::name_of(difference.kind)).end_object();
  }
  json.end_array();
  if (!report.unreadable.empty()) json.member("unreadable", report.unreadable);
  json.end_object();
  return text + "\n";
}

/// Whether rows differ that no rebuild replaces.
bool has_kept(const projections::RebuildReport& report) {
  return std::ranges::any_of(report.first_differences, [](const projections::Difference& difference) {
    return events::kind_of(difference.family) != events::FamilyKind::projection;
  });
}

std::string text_of(const Replayed& replayed) {
  const projections::RebuildReport& report = replayed.report;
  std::string text = "Replayed " + std::to_string(report.events) + " events into " + std::to_string(report.rows) +
                     " rows in " + std::to_string(static_cast<int>(replayed.seconds * 1'000)) + " ms.\n";
  if (replayed.signed_events) {
    text += "The first " + std::to_string(*replayed.signed_events) + " are those that the checkpoint names.\n";
  }
  if (report.differences == 0) {
    text += "The live rows are the same, byte by byte.\n";
  } else {
    text += std::to_string(report.differences) + " rows differ from the live ones:\n";
    Table table;
    table.column("FAMILY").column("LIVE ROW").column("KEY");
    for (const projections::Difference& difference : report.first_differences) {
      table.row({std::string{events::name_of(difference.family)}, std::string{projections::name_of(difference.kind)},
                 difference.key_hex});
    }
    text += table.render(0);
    if (!report.unreadable.empty()) text += "Live rows can not be read: " + printable(report.unreadable) + "\n";
  }
  if (report.promoted) text += "The rebuilt rows are the live ones now.\n";
  if (report.promoted && has_kept(report)) text += "Rows of tile and meta are only compared, and stay as they were.\n";
  return text;
}

void print_upgrade(Context& context, const projections::UpgradeReport& report, double seconds) {
  const int milliseconds = static_cast<int>(seconds * 1'000);
  if (!context.json()) {
    context.print("Replayed " + std::to_string(report.events) + " events in " + std::to_string(milliseconds) +
                  " ms.\nThe rows were another release's; those made anew are the live ones now.\n");
    return;
  }
  std::string text;
  http::JsonWriter json{text};
  json.begin_object().member("events", report.events).member("milliseconds", std::int64_t{milliseconds});
  json.member("promoted", true).key("upgraded").begin_array();
  for (const std::string_view name : report.names()) json.value(name);
  json.end_array().end_object();
  context.print(text + "\n");
}

/// True: the rows were another release's, and are made anew.
Attempt<bool> run_upgrade(Context& context, events::Store& store) {
  const projections::InlineProjections projections;
  double seconds = 0;
  const auto report = [&] {
    ReplayProgress progress{context};
    auto upgraded = projections::bring_up_to_date(store, projections.all(), std::ref(progress));
    seconds = progress.seconds();
    return upgraded;
  }();
  if (report.has_error()) return failure_of(report.error());
  if (report->names().empty()) return false;
  print_upgrade(context, *report, seconds);
  return true;
}

Attempt<void> run_rebuild(Context& context, const ReplayOptions& options) {
  const LedgerUse use = options.check ? LedgerUse::as_it_is : LedgerUse::upgrade;
  TALLY_TRY_ASSIGN(const auto store, open_ledger(options.folder, use));
  if (use == LedgerUse::upgrade) {
    TALLY_TRY_ASSIGN(const bool is_upgraded, run_upgrade(context, *store));
    if (is_upgraded) return {};
  }
  const auto mode = options.check ? projections::RebuildMode::check : projections::RebuildMode::promote;
  Replayed replayed;
  if (options.check) {
    TALLY_TRY_ASSIGN(replayed.signed_events, check_signed_state(*store, options.folder.data_dir));
  }
  auto report = [&] {
    ReplayProgress progress{context};
    auto rebuilt = projections::rebuild(*store, mode, std::ref(progress));
    replayed.seconds = progress.seconds();
    return rebuilt;
  }();
  if (report.has_error()) return failure_of(report.error());
  replayed.report = std::move(*report);
  context.print(context.json() ? json_of(replayed) : text_of(replayed));
  if (options.check && replayed.report.differences > 0) {
    return Failure{Exit::damaged,
                   "the live rows are not what the log says: tally replay without --check puts them right"};
  }
  return {};
}

Attempt<void> run_replay(Context& context, const ReplayOptions& options) {
  if (!options.into.empty()) return replay_into_folder(context, options.folder, options.into);
  return options.until.empty() ? run_rebuild(context, options) : run_until(context, options);
}

}  // namespace

void add_replay_command(CommandSpec& root) {
  auto replay = add_command<ReplayOptions>(
      root, "replay", "rebuild every state from the log of a stopped server",
      "  tally replay --check --data-dir /var/lib/tally\n"
      "  tally replay --data-dir /var/lib/tally\n"
      "  tally replay --until 1204 --data-dir /var/lib/tally\n"
      "  tally replay --until \"2026-11-01 09:00\" --data-dir /var/lib/tally --json\n"
      "  tally replay --into /var/lib/tally.new --data-dir /var/lib/tally\n"
      "\nWithout --check the rebuilt rows take the place of the live ones, in one step and after all are written.\n"
      "Rows of another release are made anew so, without a comparison; --check and --until refuse them. Another\n"
      "storage version is upgraded by tallyd --upgrade-storage only.\n"
      "With --until nothing is changed: the state as it stood then is printed.\n"
      "With --into nothing is changed either: a new data folder is made from what can still be read; the log is "
      "enough.\n",
      run_replay);
  add_folder_options(replay.spec, replay.options.folder);
  replay.option("--check", replay.options.check,
                "hold the log against the checkpoint and the live rows against the log, byte by byte, and "
                "change nothing; exit 5 if they differ");
  replay.option("--until", replay.options.until, "print the state after this event, or at this time")
      .placeholder("SEQUENCE|TIME")
      .rule(NotEmpty{})
      .excludes({"--check"});
  replay.option("--into", replay.options.into, "make this new data folder from the log, when rows are damaged or gone")
      .placeholder("NEW_DIR")
      .rule(NotEmpty{})
      .excludes({"--check", "--until"});
}

}  // namespace tally::tools
