#include "tools/cli/command_line.hpp"

#include <algorithm>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/tools/support/house.hpp"
#include "tools/cli/table.hpp"

namespace tally::tools {
namespace {

std::string generate(Person& person, const std::string& name) {
  return person.must({"token", "generate", name, "--days", "30", "--json"});
}

}  // namespace

TEST_CASE("tally: usage mistakes exit 2 and point at the help", "[tools][cli]") {
  Person person{"http://127.0.0.1:1"};
  const auto arguments = GENERATE(
      as<std::vector<std::string>>{}, std::vector<std::string>{}, std::vector<std::string>{"fly"},
      std::vector<std::string>{"token"}, std::vector<std::string>{"token", "generate", "x"},
      std::vector<std::string>{"token", "generate", "x", "--days", "366"},
      std::vector<std::string>{"token", "list", "--status", "deleted"},
      std::vector<std::string>{"token", "list", "--all", "--limit", "5"}, std::vector<std::string>{"whoami", "--wrong"},
      std::vector<std::string>{"workspace", "members", "set", "ada", "owner"});
  const Run run = person.run(arguments);
  CHECK(run.exit == Exit::usage);
  CHECK(run.out.empty());
  CHECK_THAT(run.err, Catch::StartsWith("tally: ") && Catch::Contains("tally: see tally"));
}

TEST_CASE("tally: every command has help with examples", "[tools][cli]") {
  Person person{"http://127.0.0.1:1"};
  const auto command =
      GENERATE(as<std::string>{}, "login", "logout", "whoami", "workspace create", "workspace list", "workspace show",
               "workspace policy", "workspace members list", "workspace members set", "workspace members remove",
               "user create", "user list", "user deactivate", "user set-password", "resource-server create",
               "resource-server list", "resource-server remove", "token generate", "token list", "token show",
               "token refresh", "token disable", "token delete", "audit", "export", "import-legacy", "keys list",
               "keys rotate", "keys retire", "keys rewrap", "replay", "verify");
  std::vector<std::string> arguments;
  std::istringstream words{command};
  for (std::string word; words >> word;) arguments.push_back(word);
  arguments.emplace_back("--help");
  const std::string help = person.must(arguments);
  CHECK_THAT(help, Catch::Contains("Usage: tally " + command));
  CHECK_THAT(help, Catch::Contains("Examples:\n  tally " + command));
}

TEST_CASE("tally: the help names what is there, and nothing that is not", "[tools][cli]") {
  Person person{"http://127.0.0.1:1"};
  const std::string help = person.must({"--help"});
  CHECK_THAT(help, Catch::Contains("token") && Catch::Contains("replay") && Catch::Contains("Exit status: 0 done"));
  CHECK_THAT(help, !Catch::Contains("backup") && !Catch::Contains("restore"));
  CHECK_THAT(person.must({"--version"}), Catch::StartsWith("tally "));
}

TEST_CASE("tally: nobody there exits 3", "[tools][cli]") {
  std::string url;
  {
    const House house;
    url = house.url();
  }
  Person person{url};
  CHECK(person.run({"whoami"}).exit == Exit::unreachable);
}

TEST_CASE("tally login: a session is kept for its owner only, and goes with the logout", "[tools][cli]") {
  const House house;
  Person person{house.url()};
  person.environment["TALLY_PASSWORD"] = "not the password";
  const Run wrong = person.run({"login", "operator"});
  CHECK(wrong.exit == Exit::not_allowed);
  CHECK_THAT(wrong.err, Catch::Contains("wrong username or password"));

  person.environment.erase("TALLY_PASSWORD");
  CHECK_THAT(person.must({"login", "operator", "--password-stdin"}, std::string{kOperatorPassword} + "\n"),
             Catch::Contains("Signed in to " + house.url() + " as operator"));
  const std::string profile = person.folder / "tally/profile.toml";
  CHECK(mode_of(profile) == 0600);
  CHECK_THAT(read_text(profile), !Catch::Contains(kOperatorPassword));
  CHECK_THAT(person.must({"whoami"}), Catch::Contains("operator"));

  person.must({"logout"});
  CHECK_THAT(read_text(profile), !Catch::Contains("session ="));
  const Run after = person.run({"whoami"});
  CHECK(after.exit == Exit::not_allowed);
  CHECK_THAT(after.err, Catch::Contains("tally login"));
}

TEST_CASE("tally login: on a terminal the password is asked for, and without one it must be given", "[tools][cli]") {
  const House house;
  Person person{house.url()};
  const Run nowhere = person.run({"login", "operator"});
  CHECK(nowhere.exit == Exit::usage);
  person.at_terminal = true;
  person.typed_secrets = {kOperatorPassword};
  person.must({"login", "operator"});
}

TEST_CASE("tally: a session is never sent to another server than the one that gave it", "[tools][cli]") {
  const House house;
  const House other;
  Person person{house.url()};
  person.environment["TALLY_PASSWORD"] = kOperatorPassword;
  person.must({"login", "operator"});
  const Run elsewhere = person.run({"whoami", "--url", other.url()});
  CHECK(elsewhere.exit == Exit::not_allowed);
  CHECK_THAT(elsewhere.err, Catch::Contains("you are not signed in"));
}

TEST_CASE("tally token: generate, refresh, disable and delete, as a person does it", "[tools][cli]") {
  Scene scene;
  const std::string generated = generate(scene.ada, "build robot");
  const std::string token = member_of(generated, "token.id");
  const std::string refresh_token = member_of(generated, "refresh_token");
  REQUIRE_THAT(token, Catch::StartsWith("tok_"));
  REQUIRE_THAT(refresh_token, Catch::StartsWith("tlr_"));

  const std::string list = scene.ada.must({"token", "list"});
  CHECK_THAT(list, Catch::StartsWith("TOKEN") && Catch::Contains(token) && Catch::Contains("build robot"));
  CHECK_THAT(list, Catch::Contains("active") && Catch::Contains("in 30 days") && Catch::Contains("just now"));

  const std::string refreshed = scene.ada.must({"token", "refresh", "--json"}, refresh_token + "\n");
  CHECK(member_of(refreshed, "refresh_token") != refresh_token);

  const Run refused = scene.ada.run({"token", "refresh"}, "tlr_nonsense\n");
  CHECK(refused.exit == Exit::refused);
  CHECK_THAT(refused.err, Catch::Contains("invalid_grant"));

  CHECK_THAT(scene.ada.must({"token", "disable", token, "--reason", "lost laptop", "--revoke-access"}),
             Catch::Contains(token + "  disabled"));
  CHECK_THAT(scene.ada.must({"token", "disable", token}), Catch::Contains("already disabled"));
  const std::string shown = scene.ada.must({"token", "show", token});
  CHECK_THAT(shown, Catch::Contains("disabled") && Catch::Contains("lost laptop") && Catch::Contains("by ada"));
  CHECK_THAT(scene.ada.must({"token", "delete", token}), Catch::Contains(token + "  deleted"));
  CHECK(scene.ada.run({"token", "show", token}).exit == Exit::refused);
  CHECK(scene.ada.must({"token", "list"}) == "No tokens.\n");
}

TEST_CASE("tally token: several ids at once tell each outcome, and exit by the worst", "[tools][cli]") {
  Scene scene;
  const std::string one = member_of(generate(scene.ada, "one"), "token.id");
  const std::string two = member_of(generate(scene.ada, "two"), "token.id");
  const std::string nobodys = "tok_01kb0000000000000000000000";
  const Run run = scene.ada.run({"token", "disable", one, nobodys, two});
  CHECK(run.exit == Exit::refused);
  CHECK_THAT(run.out, Catch::Contains(one + "  disabled") && Catch::Contains(two + "  disabled") &&
                          Catch::Contains(nobodys + "  not found"));
  CHECK_THAT(run.err, Catch::Contains("1 of 3 not done"));
}

TEST_CASE("tally token disable --issued-before: the cut-off tells how many it stopped", "[tools][cli]") {
  Scene scene;
  generate(scene.ada, "one");
  generate(scene.ada, "two");
  CHECK_THAT(scene.ada.must({"token", "disable", "--issued-before", "0s", "--revoke-access"}),
             Catch::StartsWith("2 tokens created before "));
  CHECK(scene.ada.must({"token", "list", "--status", "active"}) == "No tokens.\n");
  CHECK(scene.ada.run({"token", "disable"}).exit == Exit::usage);
  CHECK(scene.ada.run({"token", "disable", "--issued-before", "soon"}).exit == Exit::usage);
}

TEST_CASE("tally token: secrets are on the output of the command that made them, and nowhere else", "[tools][cli]") {
  Scene scene;
  const Run run = scene.ada.run({"token", "generate", "robot", "--days", "1"});
  CHECK_THAT(run.out, Catch::Contains("tlr_") && Catch::Contains("shown only now"));
  CHECK(run.err.empty());
  CHECK_THAT(scene.ada.must({"token", "list", "--json"}), !Catch::Contains("tlr_"));
  CHECK_THAT(scene.ada.must({"audit", "--json"}), !Catch::Contains("tlr_"));
}

TEST_CASE("tally token list: on a terminal no line is wider than it", "[tools][cli]") {
  Scene scene;
  generate(scene.ada, "a rather long name of a token that nobody would want to read in full every time it is listed");
  scene.ada.at_terminal = true;
  const auto columns = GENERATE(std::size_t{100}, std::size_t{120}, std::size_t{200});
  scene.ada.columns = columns;
  std::istringstream lines{scene.ada.must({"token", "list"})};
  for (std::string line; std::getline(lines, line);) CHECK(display_width(line) <= columns);
}

TEST_CASE("tally workspace: by id, by name, or the only one of the person", "[tools][cli]") {
  Scene scene;
  CHECK(member_of(scene.ada.must({"workspace", "show", "--json"}), "id") == scene.workspace);
  CHECK(member_of(scene.ada.must({"workspace", "show", "Orders", "--json"}), "id") == scene.workspace);
  CHECK(member_of(scene.ada.must({"workspace", "show", scene.workspace, "--json"}), "name") == "Orders");
  CHECK(scene.ada.run({"workspace", "show", "Invoices"}).exit == Exit::refused);
  // The operator is a member of none: must say which.
  CHECK(scene.root.run({"token", "list"}).exit == Exit::usage);
  scene.root.must({"workspace", "create", "Orders"});
  const Run ambiguous = scene.root.run({"workspace", "show", "Orders"});
  CHECK(ambiguous.exit == Exit::usage);
  CHECK_THAT(ambiguous.err, Catch::Contains("several"));
}

TEST_CASE("tally workspace policy: what is not given stays", "[tools][cli]") {
  Scene scene;
  scene.ada.must({"workspace", "policy", "--max-lifetime-days", "90", "--allowed-scopes", "orders:read orders:write"});
  const std::string policy = scene.ada.must({"workspace", "policy", "--who-may-generate", "admins", "--json"});
  CHECK(member_of(policy, "max_lifetime_days") == "90");
  CHECK(member_of(policy, "who_may_generate") == "admins");
  CHECK(member_of(policy, "access_token_seconds") == "3600");
  CHECK_THAT(scene.ada.must({"workspace", "policy"}), Catch::Contains("orders:read orders:write"));
  CHECK(scene.ada.run({"workspace", "policy", "--access-token-seconds", "5"}).exit == Exit::refused);
}

TEST_CASE("tally: what one may not do exits 4", "[tools][cli]") {
  Scene scene;
  CHECK(scene.ada.run({"workspace", "create", "Mine"}).exit == Exit::not_allowed);
  CHECK(scene.ada.run({"user", "list"}).exit == Exit::not_allowed);
  const Run by_name = scene.ada.run({"workspace", "members", "set", "bob", "member"});
  CHECK(by_name.exit == Exit::not_allowed);
  CHECK_THAT(by_name.err, Catch::Contains("give the id"));
}

TEST_CASE("tally user: passwords change, and a deactivated person is out", "[tools][cli]") {
  Scene scene;
  scene.ada.must({"user", "set-password", "--password-stdin"},
                 std::string{kAdaPassword} + "\nanother password of ada\n");
  CHECK(scene.ada.run({"whoami"}).exit == Exit::not_allowed);
  scene.ada.environment["TALLY_PASSWORD"] = "another password of ada";
  scene.ada.must({"login", "ada"});
  CHECK(scene.root.run({"user", "deactivate", "ada", "--access", "revoked"}).exit == Exit::usage);
  const std::string kept = scene.root.must({"user", "deactivate", "ada", "--access", "keep", "--reason", "left"});
  CHECK_THAT(kept, Catch::Contains("ada is deactivated.") && Catch::Contains("Tokens disabled") &&
                       Catch::Contains(
                           "Without an admin now; appoint one with tally workspace members set NAME admin -w ws_"));
  const std::string again = scene.root.must({"user", "deactivate", "ada", "--json"});
  CHECK_THAT(again, Catch::Contains("\"dead_everywhere_by\""));
  CHECK_THAT(scene.root.must({"user", "list"}), Catch::Contains("deactivated"));
  CHECK(scene.ada.run({"whoami"}).exit == Exit::not_allowed);
}

TEST_CASE("tally resource-server: the secret is shown once, and the removed one is gone", "[tools][cli]") {
  Scene scene;
  const std::string made = scene.ada.must({"resource-server", "create", "Orders API", "--json"});
  CHECK_THAT(member_of(made, "secret"), Catch::StartsWith("tls_"));
  const std::string list = scene.ada.must({"resource-server", "list"});
  CHECK_THAT(list, Catch::Contains("Orders API") && !Catch::Contains("tls_"));
  scene.ada.must({"resource-server", "remove", member_of(made, "id")});
  CHECK(scene.ada.must({"resource-server", "list"}) == "No resource servers.\n");
}

TEST_CASE("tally audit: what was done is told in order, filtered, and followed", "[tools][cli]") {
  Scene scene;
  const std::string token = member_of(generate(scene.ada, "robot"), "token.id");
  scene.ada.must({"token", "disable", token});
  const std::string told = scene.ada.must({"audit", "--token", token});
  CHECK(told.find("TokenGenerated") < told.find("TokenDisabled"));
  CHECK_THAT(told, Catch::StartsWith("SEQUENCE") && Catch::Contains("ada") && Catch::Contains("cli"));
  const std::string one_type = scene.ada.must({"audit", "--type", "TokenDisabled"});
  CHECK_THAT(one_type, Catch::Contains("TokenDisabled") && !Catch::Contains("TokenGenerated"));
  CHECK(scene.ada.must({"audit", "--until", "1h"}) == "No events.\n");

  scene.ada.lines_read_max = 1;
  const std::string followed = scene.ada.run({"audit", "--follow", "--type", "TokenDisabled", "--json"}).out;
  CHECK(std::count(followed.begin(), followed.end(), '\n') == 1);
  CHECK(member_of(followed, "subject.id") == token);
}

TEST_CASE("tally audit: to follow is one event, with what was asked for", "[tools][cli]") {
  Scene scene;
  scene.ada.lines_read_max = 1;
  const std::string first = scene.ada.run({"audit", "--follow", "--type", "AuditRead", "--since", "1h", "--json"}).out;
  CHECK_THAT(member_of(first, "data.filter"), Catch::StartsWith("live&type=AuditRead&since="));
  scene.ada.lines_read_max = 0;
  const std::string read = scene.ada.must({"audit", "--type", "AuditRead"});
  CHECK(std::count(read.begin(), read.end(), '\n') == 2);  // the headings, and that one
}

TEST_CASE("tally audit: whoever may not read on, or finds no server, is told", "[tools][cli]") {
  Scene scene;
  CHECK(scene.root.run({"audit", "--follow", "-w", "Orders"}).exit == Exit::not_allowed);
  scene.house.stop();
  scene.ada.waits = 100;
  const Run away = scene.ada.run({"audit", "--follow", "-w", scene.workspace});
  CHECK(away.exit == Exit::unreachable);
  CHECK(scene.ada.waits == 100 - 12);
  CHECK_THAT(away.err, Catch::Contains("trying again in 1 second.") && Catch::Contains("trying again in 30 seconds."));
}

TEST_CASE("tally audit: the newest first, and what changed in a policy", "[tools][cli]") {
  Scene scene;
  scene.ada.must({"workspace", "policy", "--max-lifetime-days", "30"});
  const std::string newest = scene.ada.must({"audit", "--order", "newest", "--type", "PolicyChanged,WorkspaceCreated"});
  CHECK(newest.find("PolicyChanged") < newest.find("WorkspaceCreated"));
  CHECK_THAT(newest, Catch::Contains("policy.max_lifetime_days=30"));
  const Run first = scene.ada.run({"audit", "--order", "newest", "--limit", "1", "--json"});
  const std::string before = member_of(first.out, "next_before");
  CHECK_THAT(scene.ada.must({"audit", "--order", "newest", "--before", before}), Catch::Contains("PolicyChanged"));
  CHECK(scene.ada.run({"audit", "--before", before}).exit == Exit::usage);
  CHECK(scene.ada.run({"audit", "--follow", "--order", "newest"}).exit == Exit::usage);
}

TEST_CASE("tally: a command that is not known is named, with the one that may have been meant", "[tools][cli]") {
  Person nobody{"http://127.0.0.1:1"};
  const auto [arguments, told] = GENERATE(table<std::vector<std::string>, std::string>({
      {{"token", "lst"}, "there is no command \"lst\": did you mean \"list\"?"},
      {{"tokens"}, "there is no command \"tokens\": did you mean \"token\"?"},
      {{"-w", "Orders", "tokn", "list"}, "there is no command \"tokn\": did you mean \"token\"?"},
      {{"xyzzyxyzzy"}, "there is no command \"xyzzyxyzzy\"\n"},
      {{"token"}, "A subcommand is required"},
  }));
  CAPTURE(arguments);
  const Run run = nobody.run(arguments);
  CHECK(run.exit == Exit::usage);
  CHECK_THAT(run.err, Catch::Contains(told));
}

}  // namespace tally::tools
