#include "tools/tallyd/settings.hpp"

#include <map>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "tests/tools/support/scratch_folder.hpp"
#include "tools/tallyd/settings_flags.hpp"
#include "tools/tallyd/settings_table.hpp"

namespace tally::tools {
namespace {

using Variables = std::map<std::string, std::string>;

SettingsReading read(const std::vector<std::string>& arguments, const Variables& variables = {}) {
  std::vector<std::string> names;
  for (const auto& [name, value] : variables) names.push_back(name);
  const auto value_of = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  return read_settings(arguments, value_of, names);
}

std::vector<std::string> told(const SettingsReading& reading) {
  std::vector<std::string> lines;
  for (const SettingsMistake& mistake : reading.mistakes) lines.push_back(mistake.str());
  return lines;
}

}  // namespace

TEST_CASE("settings: the data folder alone is enough, and the rest has its defaults", "[tools][settings]") {
  const auto reading = read({"--data-dir", "data"});
  REQUIRE(told(reading).empty());
  CHECK(reading.settings.data_dir == "data");
  CHECK(reading.settings.listen_address == "127.0.0.1");
  CHECK(reading.settings.listen_port == 8080);
  CHECK(reading.settings.issuer.empty());
  CHECK(reading.settings.log_level == LogLevel::info);
}

TEST_CASE("settings: a variable beats the file, and a flag beats both", "[tools][settings]") {
  const ScratchFolder folder;
  write_text(folder / "t.toml",
             "data_dir = 'from-file'\nlisten = '127.0.0.1:1'\nio_threads = 1\nbehind_proxy = true\nissuer = "
             "'https://a.example'\n");
  const std::vector<std::string> config{"--config", folder / "t.toml"};
  SECTION("file") {
    const auto reading = read(config);
    REQUIRE(told(reading).empty());
    CHECK(reading.settings.data_dir == "from-file");
    CHECK(reading.settings.listen_port == 1);
    CHECK(reading.settings.behind_proxy);
  }
  SECTION("file and variable, the file named by a variable") {
    const auto reading = read({}, {{"TALLY_CONFIG", folder / "t.toml"}, {"TALLY_LISTEN", "127.0.0.1:2"}});
    REQUIRE(told(reading).empty());
    CHECK(reading.settings.data_dir == "from-file");
    CHECK(reading.settings.listen_port == 2);
    CHECK(reading.settings.io_threads == 1);
  }
  SECTION("file, variable and flag") {
    const auto reading =
        read({"--config", folder / "t.toml", "--listen=127.0.0.1:3"}, {{"TALLY_LISTEN", "127.0.0.1:2"}});
    REQUIRE(told(reading).empty());
    CHECK(reading.settings.listen_port == 3);
  }
}

TEST_CASE("settings: all mistakes are told together, each with its name and where it came from", "[tools][settings]") {
  const ScratchFolder folder;
  write_text(folder / "t.toml", "io_threads = 0\n\ncolour = 'blue'\nlog_level = 1.5\n");
  const auto reading =
      read({"--config", folder / "t.toml", "--issuer", "ftp://x", "--fast"}, {{"TALLY_LISTEN", "here"}});
  CHECK(
      told(reading) ==
      std::vector<std::string>{
          "--fast: there is no such flag (from the command line)",
          "colour: there is no such setting (from " + folder / "t.toml" + ":3)",
          "io_threads: \"0\" is not a whole number from 1 to 256 (from " + folder / "t.toml" + ":1)",
          "log_level: must be a text (of several values, one text with commas), a whole number, or true or false "
          "(from " +
              folder / "t.toml" + ":4)",
          "listen: \"here\" is not ADDRESS:PORT, as 127.0.0.1:8080 or [::1]:8080 (from TALLY_LISTEN)",
          "issuer: \"ftp://x\" is not an http or https URL without user, query, fragment and trailing slash (RFC 8414) "
          "(from --issuer)",
          "data_dir: is required: give --data-dir DIR or TALLY_DATA_DIR"});
}

TEST_CASE("settings: each value that breaks its form is a mistake of its own", "[tools][settings]") {
  const auto [name, value] = GENERATE(table<std::string, std::string>({
      {"--listen", "127.0.0.1"},
      {"--listen", "127.0.0.1:65536"},
      {"--listen", "127.0.0.1:"},
      {"--listen", "::1:8080"},
      {"--listen", "[127.0.0.1]:8080"},
      {"--listen", "localhost:8080"},
      {"--issuer", "https://a.example/"},
      {"--issuer", "https://a.example?x=1"},
      {"--issuer", "https://u@a.example"},
      {"--issuer", "a.example"},
      {"--io-threads", "-1"},
      {"--io-threads", "two"},
      {"--io-threads", "257"},
      {"--connections-max", "0"},
      {"--connections-per-address-max", "-1"},
      {"--connections-per-address-max", "10001"},
      {"--tls-certificate", ""},
      {"--tls-key", ""},
      {"--tls-client-ca", ""},
      {"--proxy-header", "x-real-ip"},
      {"--trusted-proxies", ""},
      {"--trusted-proxies", "10.0.0.0/8,"},
      {"--trusted-proxies", "10.0.0.0/8, 10.0.0.1"},
      {"--trusted-proxies", "10.0.0.1/8"},
      {"--trusted-proxies", "proxy.example"},
      {"--cross-origin", ""},
      {"--cross-origin", "https://app.example/"},
      {"--cross-origin", "https://app.example,*"},
      {"--log-level", "loud"},
      {"--operator-password-file", ""},
      {"--data-dir", ""},
  }));
  CAPTURE(name, value);
  const auto reading = read({"--data-dir", "data", "--behind-proxy", "--issuer=https://a.example",
                             "--tls-certificate=c", "--tls-key=k", name + "=" + value});
  REQUIRE(reading.mistakes.size() == 1);
  CHECK(reading.mistakes.front().source == (value.empty() ? reading.mistakes.front().source : name));
}

TEST_CASE("settings: one address has no more connections than there are", "[tools][settings]") {
  CHECK(read({"--data-dir", "d"}).settings.connections_per_address_max == 0);
  const auto set = read({"--data-dir", "d", "--connections-max=100", "--connections-per-address-max=100"});
  REQUIRE(told(set).empty());
  CHECK(set.settings.connections_per_address_max == 100);
  CHECK(told(read({"--data-dir", "d", "--connections-max=100", "--connections-per-address-max=101"})) ==
        std::vector<std::string>{"connections_per_address_max: 101 is more than connections_max, which is 100 "
                                 "(from --connections-per-address-max)"});
}

TEST_CASE("settings: without TLS only a loopback address is served, unless a proxy stands in front",
          "[tools][settings]") {
  const auto [address, loopback] = GENERATE(table<std::string, bool>({{"127.0.0.1:0", true},
                                                                      {"127.8.9.1:1", true},
                                                                      {"[::1]:1", true},
                                                                      {"0.0.0.0:1", false},
                                                                      {"[::]:1", false},
                                                                      {"10.0.0.1:1", false}}));
  CAPTURE(address);
  CHECK(read({"--data-dir", "d", "--listen", address}).mistakes.empty() == loopback);
  CHECK(
      read({"--data-dir", "d", "--listen", address, "--behind-proxy", "--issuer=https://a.example"}).mistakes.empty());
  CHECK(read({"--data-dir", "d", "--listen", address, "--tls-certificate", "c", "--tls-key", "k"}).mistakes.empty());
}

TEST_CASE("settings: a variable that is nearly one is a mistake, a strange one a warning", "[tools][settings]") {
  struct Row {
    std::string name, meant;
    bool is_told;
  };
  const auto row = GENERATE(Row{"TALLY_LISTN", "TALLY_LISTEN", true}, Row{"TALLY_ISUER", "TALLY_ISSUER", true},
                            Row{"TALLY_DATADIR", "TALLY_DATA_DIR", true}, Row{"TALLY_CONFG", "TALLY_CONFIG", true},
                            Row{"TALLY_SOMETHING_ELSE", "", true}, Row{"TALLY_PORT", "", false},
                            Row{"TALLY_PORT_8080_TCP_ADDR", "", false}, Row{"TALLY_SERVICE_HOST", "", false},
                            Row{"TALLY_API_SERVICE_PORT_HTTP", "", false}, Row{"TALLY_URL", "", false},
                            Row{"TALLY_PASSWORD", "", false}, Row{"TALLY_OPERATOR_PASSWORD", "", false});
  CAPTURE(row.name);
  const auto reading = read({"--data-dir", "d"}, {{row.name, "x"}});
  const bool is_slip = row.is_told && !row.meant.empty();
  REQUIRE(reading.mistakes.size() == (is_slip ? 1 : 0));
  CHECK(reading.warnings.size() == (row.is_told && !is_slip ? 1 : 0));
  if (is_slip) {
    CHECK(reading.mistakes.front().str() ==
          row.name + ": means nothing; did you mean " + row.meant + "? (from " + row.name + ")");
  }
}

TEST_CASE("settings: the issuer has TLS, or nobody else can reach it", "[tools][settings]") {
  struct Row {
    std::vector<std::string> arguments;
    std::string mistake;
  };
  const auto row =
      GENERATE(Row{{"--issuer=http://localhost:8080"}, ""}, Row{{"--issuer=http://127.0.0.1"}, ""},
               Row{{"--issuer=http://[::1]:1/a"}, ""}, Row{{"--issuer=https://a.example", "--behind-proxy"}, ""},
               Row{{"--issuer=https://a.example"}, ""},
               Row{{"--issuer=http://a.example"},
                   "issuer: is http:// of an address that is not loopback; write https:// (from --issuer)"},
               Row{{"--issuer=http://10.0.0.1"},
                   "issuer: is http:// of an address that is not loopback; write https:// (from --issuer)"},
               Row{{"--issuer=http://localhost", "--behind-proxy"},
                   "issuer: is http:// with a TLS proxy in front; write https:// (from --issuer)"},
               Row{{"--issuer=http://localhost", "--tls-certificate=c", "--tls-key=k"},
                   "issuer: is http:// with TLS; write https:// (from --issuer)"},
               Row{{"--behind-proxy"},
                   "issuer: is required beside behind_proxy: what this server listens on is not what its clients see"});
  std::vector<std::string> all{"--data-dir", "d"};
  all.insert(all.end(), row.arguments.begin(), row.arguments.end());
  CHECK(told(read(all)) == (row.mistake.empty() ? std::vector<std::string>{} : std::vector<std::string>{row.mistake}));
}

TEST_CASE("settings: a flag can be taken back", "[tools][settings]") {
  CHECK(read({"--data-dir", "d", "--behind-proxy", "--issuer=https://a.example"}).settings.behind_proxy);
  const auto taken_back = read({"--data-dir", "d", "--behind-proxy=false"}, {{"TALLY_BEHIND_PROXY", "true"}});
  CHECK(told(taken_back).empty());
  CHECK_FALSE(taken_back.settings.behind_proxy);
}

TEST_CASE("settings: the anchor is synced with each batch only where that is asked for", "[tools][settings]") {
  CHECK(read({"--data-dir", "d"}).settings.anchor == events::AnchorSync::each_second);
  const auto reading = read({"--data-dir", "d", "--anchor", "batch"}, {{"TALLY_ANCHOR_FILE", "/mnt/other/anchor"}});
  CHECK(told(reading).empty());
  CHECK(reading.settings.anchor == events::AnchorSync::each_batch);
  CHECK(reading.settings.anchor_file == "/mnt/other/anchor");
  CHECK(told(read({"--data-dir", "d", "--anchor", "daily"})).front() ==
        "anchor: \"daily\" is not second or batch (from --anchor)");
}

TEST_CASE("settings: what is done once is a flag, and in no file", "[tools][settings]") {
  const auto reading =
      read({"--data-dir", "d", "--init", "--upgrade-storage", "--accept-issuer-change", "--core-dumps"});
  CHECK(told(reading).empty());
  CHECK(reading.settings.new_ledger == NewLedger::required);
  CHECK(reading.settings.upgrades_storage);
  CHECK_FALSE(read({"--data-dir", "d"}).settings.upgrades_storage);
  CHECK(reading.settings.accepts_issuer_change);
  CHECK(reading.settings.dumps_core);
  const ScratchFolder folder;
  write_text(folder / "t.toml", "data_dir = 'd'\ninit = true\n");
  CHECK(told(read({"--config", folder / "t.toml"})).front().starts_with("init: there is no such setting"));
  write_text(folder / "t.toml", "data_dir = 'd'\nupgrade_storage = true\n");
  CHECK(told(read({"--config", folder / "t.toml"})).front().starts_with("upgrade_storage: there is no such setting"));
}

TEST_CASE("settings: the file is a file, and not a large one", "[tools][settings]") {
  const ScratchFolder folder;
  const auto mistake_of = [&](const std::string& path) { return told(read({"--data-dir", "d", "--config", path})); };
  CHECK(mistake_of(folder.path()).front() == "config: is a folder; name the file in it (from " + folder.path() + ")");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(mistake_of(folder / "pipe").front() == "config: is not a file (from " + folder / "pipe" + ")");
  write_text(folder / "large", std::string((1 << 20) + 1, '#'));
  CHECK(mistake_of(folder / "large").front().starts_with("config: "));
  write_text(folder / "large", std::string(1 << 20, '#'));
  CHECK(mistake_of(folder / "large").empty());
  write_text(folder / "dashes", "data-dir = 'd'\n");
  CHECK(mistake_of(folder / "dashes").front() ==
        "data-dir: there is no such setting; write data_dir (from " + folder / "dashes" + ":1)");
}

TEST_CASE("settings: what says nothing alone is a mistake alone", "[tools][settings]") {
  const auto [arguments, mistake] = GENERATE(table<std::vector<std::string>, std::string>({
      {{"--tls-certificate=c"}, "tls_certificate: says nothing without tls_key (from --tls-certificate)"},
      {{"--tls-key=k"}, "tls_key: says nothing without tls_certificate (from --tls-key)"},
      {{"--tls-client-ca=a"}, "tls_client_ca: says nothing without tls_certificate (from --tls-client-ca)"},
      {{"--proxy-header=forwarded"}, "proxy_header: says nothing without behind_proxy (from --proxy-header)"},
      {{"--trusted-proxies=::1"}, "trusted_proxies: says nothing without behind_proxy (from --trusted-proxies)"},
      {{"--behind-proxy", "--issuer=https://a.example", "--tls-certificate=c", "--tls-key=k", "--tls-client-ca=a"},
       "tls_client_ca: behind a proxy, a client certificate would be the proxy's, and so would every token (from "
       "--tls-client-ca)"},
  }));
  std::vector<std::string> all{"--data-dir", "d"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  CHECK(told(read(all)) == std::vector<std::string>{mistake});
}

TEST_CASE("settings: the proxies in front, and the header that they write", "[tools][settings]") {
  const ScratchFolder folder;
  write_text(folder / "t.toml",
             "data_dir = 'd'\nbehind_proxy = true\nissuer = 'https://a.example'\nproxy_header = "
             "'forwarded'\ntrusted_proxies = '10.0.0.0/8,::1'\n");
  const auto reading = read({"--config", folder / "t.toml"});
  REQUIRE(told(reading).empty());
  CHECK(reading.settings.proxy_header == http::ForwardedField::forwarded);
  REQUIRE(reading.settings.trusted_proxies.size() == 2);
  CHECK(reading.settings.trusted_proxies.front().contains("10.1.2.3"));
  CHECK(reading.settings.trusted_proxies.back().contains("::1"));
  std::string many = "::1";
  for (int more = 0; more < 64; ++more) many += ",::1";
  CHECK(read({"--data-dir", "d", "--behind-proxy", "--issuer=https://a.example", "--trusted-proxies", many})
            .mistakes.size() == 1);
  many.resize(many.size() - 4);
  CHECK(read({"--data-dir", "d", "--behind-proxy", "--issuer=https://a.example", "--trusted-proxies", many})
            .mistakes.empty());
}

TEST_CASE("settings: whose pages may read what is open", "[tools][settings]") {
  const ScratchFolder folder;
  CHECK(read({"--data-dir", "d"}).settings.cross_origin.is_on());
  CHECK_FALSE(read({"--data-dir", "d", "--cross-origin=none"}).settings.cross_origin.is_on());
  write_text(folder / "t.toml", "data_dir = 'd'\ncross_origin = 'https://a.example,http://localhost:5173'\n");
  const auto reading = read({"--config", folder / "t.toml"});
  CHECK(told(reading).empty());
  CHECK(reading.settings.cross_origin.is_on());
}

TEST_CASE("settings: a file that is no TOML, or is not there, is told with its place", "[tools][settings]") {
  const ScratchFolder folder;
  write_text(folder / "bad.toml", "listen = 'a'\nlisten =\n");
  const auto bad = read({"--data-dir", "d", "--config", folder / "bad.toml"});
  REQUIRE(bad.mistakes.size() == 1);
  CHECK(bad.mistakes.front().source == folder / "bad.toml" + ":2");
  std::string name = "a";
  for (int parts = 0; parts < 50'000; ++parts) name += ".a";
  for (const std::string& text : {name + " = 1\n", "[" + name + "]\n", "# a comment\na = { " + name + " = 1 }\n"}) {
    write_text(folder / "deep.toml", text);
    const auto deep = read({"--data-dir", "d", "--config", folder / "deep.toml"});
    REQUIRE(deep.mistakes.size() == 1);
    CHECK(deep.mistakes.front().what == "a name has too many parts");
  }
  const auto absent = read({"--data-dir", "d", "--config", folder / "absent.toml"});
  REQUIRE(absent.mistakes.size() == 1);
  CHECK(absent.mistakes.front().source == folder / "absent.toml");
}

TEST_CASE("settings: help and version win over every mistake, and the help names every setting", "[tools][settings]") {
  CHECK(read({"--help", "--wrong"}).request == SettingsRequest::help);
  CHECK(read({"--version"}).request == SettingsRequest::version);
  const std::string help = settings_help();
  for (const SettingEntry& entry : settings_table()) {
    CHECK_THAT(help, Catch::Contains(flag_of(entry)));
    CHECK_THAT(help, Catch::Contains(variable_of(entry)));
  }
}

TEST_CASE("settings: the ledger's origin has the form that a note's name has", "[tools][settings]") {
  CHECK_FALSE(read({"--data-dir", "d"}).settings.ledger_origin.has_value());
  CHECK(read({"--data-dir", "d", "--ledger-origin", "tally.example/1"}).settings.ledger_origin->str() ==
        "tally.example/1");
  CHECK(read({"--data-dir", "d"}, {{"TALLY_LEDGER_ORIGIN", "x"}}).settings.ledger_origin->str() == "x");
  const ScratchFolder folder;
  write_text(folder / "t.toml", "data_dir = 'd'\nledger_origin = 'tally.example'\n");
  CHECK(read({"--config", folder / "t.toml"}).settings.ledger_origin->str() == "tally.example");
  const auto bad = GENERATE(as<std::string>{}, "a b", "a+b", "", "\xc3\xa9", std::string(256, 'x'));
  CAPTURE(bad);
  const auto lines = told(read({"--data-dir", "d"}, {{"TALLY_LEDGER_ORIGIN", bad}}));
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines.front(), Catch::StartsWith("ledger_origin: "));
}

TEST_CASE("settings: the algorithm and the lead of signing keys", "[tools][settings]") {
  const auto chosen = read({"--data-dir", "d", "--signing-algorithm", "ES256", "--signing-key-lead-seconds", "300"});
  REQUIRE(told(chosen).empty());
  CHECK(chosen.settings.signing_algorithm == core::crypto::SigningAlgorithm::es256);
  CHECK(chosen.settings.signing_key_lead_seconds == 300);
  CHECK_FALSE(read({"--data-dir", "d"}).settings.signing_algorithm.has_value());
  CHECK(told(read({"--data-dir", "d", "--signing-algorithm", "HS256"})).size() == 1);
  // Less than a key set is cached for.
  CHECK(told(read({"--data-dir", "d", "--signing-key-lead-seconds", "299"})).size() == 1);
}

TEST_CASE("settings: the master key is in a file or in a token, and a token needs all four", "[tools][settings]") {
  const std::vector<std::string> token{"--data-dir",   "d", "--pkcs11-module",   "m", "--pkcs11-token", "t",
                                       "--pkcs11-key", "k", "--pkcs11-pin-file", "p"};
  const auto chosen = read(token, {{"CREDENTIALS_DIRECTORY", "c"}});
  REQUIRE(told(chosen).empty());
  CHECK(chosen.settings.pkcs11_pin_file == "p");
  CHECK(chosen.settings.credentials_dir == "c");
  auto both = token;
  both.insert(both.end(), {"--master-key-file", "f"});
  CHECK_THAT(told(read(both)).at(0),
             Catch::StartsWith("master_key_file: ") && Catch::Contains("(from --master-key-file)"));
  const auto lacking = told(read({"--data-dir", "d", "--pkcs11-key", "k"}));
  REQUIRE(lacking.size() == 3);
  CHECK_THAT(lacking.front(), Catch::StartsWith("pkcs11_module: is required beside pkcs11_key"));
}

}  // namespace tally::tools
