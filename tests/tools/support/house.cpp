#include "tests/tools/support/house.hpp"

#include <algorithm>
#include <sstream>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "events/log/log.hpp"
#include "events/rocks/rocks_store.hpp"
#include "tools/cli/command_line.hpp"
#include "tools/cli/json_text.hpp"

namespace tally::tools {

namespace {

/// Keeps what is written, and fails when it is flushed with so many lines.
class LimitedText : public std::stringbuf {
 public:
  explicit LimitedText(int lines_max) : std::stringbuf(std::ios::out), lines_max_(lines_max) {}

 protected:
  int sync() override {
    const std::string so_far = str();
    return lines_max_ != 0 && std::count(so_far.begin(), so_far.end(), '\n') >= lines_max_ ? -1 : 0;
  }

 private:
  int lines_max_;
};

}  // namespace

Person::Person(const std::string& url) {
  environment["XDG_CONFIG_HOME"] = folder.path();
  environment["TALLY_URL"] = url;
}

Run Person::run(const std::vector<std::string>& arguments, const std::string& standard_input) {
  LimitedText text{lines_read_max};
  std::ostream out{&text};
  std::ostringstream err;
  std::istringstream in{standard_input};
  if (out_is_broken) out.setstate(std::ios::badbit);
  Surroundings surroundings{out, err, in,
                            [this](const std::string& name) -> std::optional<std::string> {
                              const auto found = environment.find(name);
                              if (found == environment.end()) return std::nullopt;
                              return found->second;
                            },
                            [] { return std::chrono::floor<core::Duration>(std::chrono::system_clock::now()); }};
  surroundings.in_is_terminal = at_terminal;
  surroundings.out_is_terminal = at_terminal;
  surroundings.columns = columns;
  std::size_t asked = 0;
  surroundings.ask_secret = [&](const std::string&) { return core::SecretText{typed_secrets.at(asked++)}; };
  surroundings.wait = [this](std::chrono::seconds) { return waits-- > 0; };
  Run run;
  run.exit = run_command_line(arguments, surroundings);
  run.out = text.str();
  run.err = err.str();
  return run;
}

std::string Person::must(const std::vector<std::string>& arguments, const std::string& standard_input) {
  const Run done = run(arguments, standard_input);
  INFO(done.err);
  REQUIRE(done.exit == Exit::done);
  return done.out;
}

std::vector<std::string> events_in(const std::string& data_dir) {
  events::RocksOptions options;
  options.folder = data_dir + "/ledger";
  options.now = [] { return core::Timestamp{}; };
  const auto store = events::open_rocks_store(options);
  REQUIRE(store.has_value());
  std::vector<std::string> names;
  events::LogCursor log{**store, core::Sequence{0}};
  for (;;) {
    const auto event = log.next();
    REQUIRE(event.has_value());
    if (!event->has_value()) return names;
    names.emplace_back(core::name_of(core::type_of((*event)->payload)));
  }
}

Settings quiet_settings(const std::string& data_dir) {
  Settings settings;
  settings.data_dir = data_dir;
  settings.listen_port = 0;
  settings.log_level = LogLevel::off;
  return settings;
}

House::House() { start(); }

void House::start() {
  auto started =
      Application::start(quiet_settings(data / "folder"), {core::SecretText{std::string{kOperatorPassword}}, {}});
  INFO((started.has_error() ? started.error().detail : ""));
  REQUIRE(started.has_value());
  application = std::move(*started);
}

std::string member_of(const std::string& json, const std::string& path) {
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse(json, error);
  if (error) return {};
  const boost::json::value* here = &parsed;
  std::istringstream names{path};
  for (std::string name; here != nullptr && std::getline(names, name, '.');) here = find_at(*here, {name});
  if (here == nullptr) return {};
  return here->is_number() ? number_at(*here, {}) : text_at(*here, {});
}

Scene::Scene() : root(house.url()), ada(house.url()) {
  root.environment["TALLY_PASSWORD"] = kOperatorPassword;
  root.must({"login", "operator"});
  workspace = member_of(root.must({"workspace", "create", "Orders", "--json"}), "id");
  root.must({"user", "create", "ada", "--name", "Ada Lovelace", "--password-stdin"}, std::string{kAdaPassword} + "\n");
  root.must({"workspace", "members", "set", "ada", "admin", "-w", "Orders"});
  ada.environment["TALLY_PASSWORD"] = kAdaPassword;
  ada.must({"login", "ada"});
}

}  // namespace tally::tools
