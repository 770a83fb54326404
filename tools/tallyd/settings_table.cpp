#include "tools/tallyd/settings_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>

#include "core/base/limits.hpp"
#include "http/server/limits.hpp"

namespace tally::tools {
namespace {

using core::Errc;
using core::fail;
using core::Result;

Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < least || number > most) {
    return fail(Errc::invalid_argument, "\"" + std::string{text} + "\" is not a whole number from " +
                                            std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

template <class Number>
Result<void> put_number(std::string_view text, std::uint64_t least, std::uint64_t most, Number& target) {
  TALLY_TRY_ASSIGN(const std::uint64_t number, parse_number(text, least, most));
  target = static_cast<Number>(number);
  return {};
}

Result<void> put_text(std::string_view text, std::string& target) {
  if (text.empty()) return fail(Errc::invalid_argument, "must not be empty");
  target = text;
  return {};
}

Result<void> parse_data_dir(std::string_view text, Settings& settings) { return put_text(text, settings.data_dir); }
Result<void> parse_new_ledger(std::string_view text, Settings& settings) {
  if (text != "allow" && text != "refuse") {
    return fail(Errc::invalid_argument, "\"" + std::string{text} + "\" is not allow or refuse");
  }
  settings.new_ledger = text == "allow" ? NewLedger::allow : NewLedger::refuse;
  return {};
}
Result<void> parse_expected_ledger_key(std::string_view text, Settings& settings) {
  if (const auto key = core::NoteVerifier::parse(text); key.has_error()) {
    return fail(Errc::invalid_argument, "is not a verifier key as tally ledger key prints it");
  }
  settings.expected_ledger_key = text;
  return {};
}
Result<void> parse_anchor(std::string_view text, Settings& settings) {
  if (text != "second" && text != "batch") {
    return fail(Errc::invalid_argument, "\"" + std::string{text} + "\" is not second or batch");
  }
  settings.anchor = text == "batch" ? events::AnchorSync::each_batch : events::AnchorSync::each_second;
  return {};
}
Result<void> parse_anchor_file(std::string_view text, Settings& settings) {
  return put_text(text, settings.anchor_file);
}
Result<void> parse_tls_certificate(std::string_view text, Settings& settings) {
  return put_text(text, settings.tls_certificate);
}
Result<void> parse_tls_key(std::string_view text, Settings& settings) { return put_text(text, settings.tls_key); }
Result<void> parse_tls_client_ca(std::string_view text, Settings& settings) {
  return put_text(text, settings.tls_client_ca);
}
Result<void> parse_password_file(std::string_view text, Settings& settings) {
  return put_text(text, settings.operator_password_file);
}

Result<void> parse_listen(std::string_view text, Settings& settings) {
  const auto refusal = [&] {
    return fail(Errc::invalid_argument,
                "\"" + std::string{text} + "\" is not ADDRESS:PORT, as 127.0.0.1:8080 or [::1]:8080");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refusal();
  std::string_view address = text.substr(0, colon);
  const bool bracketed = address.size() >= 2 && address.front() == '[' && address.back() == ']';
  if (bracketed) address = address.substr(1, address.size() - 2);
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(std::string{address}, error);
  const auto port = parse_number(text.substr(colon + 1), 0, 65'535);
  if (error || port.has_error() || parsed.is_v6() != bracketed) return refusal();
  settings.listen_address = parsed.to_string();
  settings.listen_port = static_cast<std::uint16_t>(*port);
  return {};
}

Result<void> parse_issuer(std::string_view text, Settings& settings) {
  const auto url = boost::urls::parse_uri(boost::urls::string_view{text.data(), text.size()});
  const bool good = url.has_value() && (url->scheme() == "https" || url->scheme() == "http") && !url->host().empty() &&
                    !url->has_query() && !url->has_fragment() && !url->has_userinfo();
  if (!good || text.ends_with('/')) {
    return fail(Errc::invalid_argument,
                "\"" + std::string{text} +
                    "\" is not an http or https URL without user, query, fragment and trailing slash (RFC 8414)");
  }
  settings.issuer = text;
  return {};
}

Result<void> parse_ledger_origin(std::string_view text, Settings& settings) {
  auto origin = core::LedgerOrigin::parse(text);
  if (origin.has_error()) return fail(Errc::invalid_argument, "\"" + std::string{text} + "\" " + origin.error().detail);
  settings.ledger_origin = *std::move(origin);
  return {};
}

Result<void> parse_io_threads(std::string_view text, Settings& settings) {
  return put_number(text, 1, 256, settings.io_threads);
}
Result<void> parse_long_read_threads(std::string_view text, Settings& settings) {
  return put_number(text, 1, 256, settings.long_read_threads);
}
Result<void> parse_password_threads(std::string_view text, Settings& settings) {
  return put_number(text, 1, 64, settings.password_threads);
}
Result<void> parse_connections(std::string_view text, Settings& settings) {
  return put_number(text, 1, http::limits::kConnectionsMax, settings.connections_max);
}
Result<void> parse_connections_per_address(std::string_view text, Settings& settings) {
  return put_number(text, 0, http::limits::kConnectionsMax, settings.connections_per_address_max);
}
Result<void> parse_block_cache(std::string_view text, Settings& settings) {
  return put_number(text, 1, 1 << 20, settings.block_cache_mebibytes);
}

Result<void> parse_scrub_days(std::string_view text, Settings& settings) {
  return put_number(text, 0, 365, settings.scrub_days);
}

constexpr std::uint64_t kRequestsPerMinuteMax = 100'000'000;

Result<void> parse_address_limit(std::string_view text, Settings& settings) {
  return put_number(text, 0, kRequestsPerMinuteMax, settings.request_limits.address_per_minute);
}
Result<void> parse_caller_limit(std::string_view text, Settings& settings) {
  return put_number(text, 0, kRequestsPerMinuteMax, settings.request_limits.caller_per_minute);
}
Result<void> parse_sign_in_limit(std::string_view text, Settings& settings) {
  return put_number(text, 0, 1'000'000, settings.request_limits.sign_in_failures_per_minute);
}

Result<void> parse_exchange_limit(std::string_view text, Settings& settings) {
  return put_number(text, 0, 1'000'000, settings.request_limits.exchanges_per_minute);
}

struct LevelName {
  std::string_view name;
  LogLevel level;
};
constexpr std::array kLevelNames{LevelName{"debug", LogLevel::debug}, LevelName{"info", LogLevel::info},
                                 LevelName{"warning", LogLevel::warning}, LevelName{"error", LogLevel::error},
                                 LevelName{"off", LogLevel::off}};

Result<void> parse_log_level(std::string_view text, Settings& settings) {
  const auto* found = std::ranges::find(kLevelNames, text, &LevelName::name);
  if (found == kLevelNames.end()) {
    return fail(Errc::invalid_argument, "\"" + std::string{text} + "\" is not debug, info, warning, error or off");
  }
  settings.log_level = found->level;
  return {};
}

Result<void> parse_behind_proxy(std::string_view text, Settings& settings) {
  if (text != "true" && text != "false") {
    return fail(Errc::invalid_argument, "\"" + std::string{text} + "\" is not true or false");
  }
  settings.behind_proxy = text == "true";
  return {};
}

Result<void> parse_signing_algorithm(std::string_view text, Settings& settings) {
  const auto algorithm = core::crypto::parse_signing_algorithm(text);
  if (algorithm.has_error()) {
    return fail(Errc::invalid_argument, "\"" + std::string{text} + "\" is not EdDSA, ES256 or RS256");
  }
  settings.signing_algorithm = *algorithm;
  return {};
}
Result<void> parse_signing_key_lead(std::string_view text, Settings& settings) {
  return put_number(text, core::limits::kSigningKeyLeadSecondsMin, core::limits::kSigningKeyLeadSecondsMax,
                    settings.signing_key_lead_seconds);
}
Result<void> parse_master_key_file(std::string_view text, Settings& settings) {
  return put_text(text, settings.master_key_file);
}
Result<void> parse_pkcs11_module(std::string_view text, Settings& settings) {
  return put_text(text, settings.pkcs11_module);
}
Result<void> parse_pkcs11_token(std::string_view text, Settings& settings) {
  return put_text(text, settings.pkcs11_token);
}
Result<void> parse_pkcs11_key(std::string_view text, Settings& settings) { return put_text(text, settings.pkcs11_key); }
Result<void> parse_pkcs11_pin_file(std::string_view text, Settings& settings) {
  return put_text(text, settings.pkcs11_pin_file);
}

Result<void> parse_proxy_header(std::string_view text, Settings& settings) {
  if (text != "x-forwarded-for" && text != "forwarded") {
    return fail(Errc::invalid_argument, "\"" + std::string{text} + "\" is not x-forwarded-for or forwarded");
  }
  settings.proxy_header = text == "forwarded" ? http::ForwardedField::forwarded : http::ForwardedField::x_forwarded_for;
  return {};
}

Result<void> parse_trusted_proxies(std::string_view text, Settings& settings) {
  std::vector<http::AddressRange> ranges;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    auto range = http::AddressRange::parse(text.substr(begin, end - begin));
    if (range.has_error()) return fail(Errc::invalid_argument, range.error().detail);
    ranges.push_back(*range);
    if (ranges.size() > http::limits::kTrustedProxiesMax) {
      return fail(Errc::invalid_argument,
                  "more than " + std::to_string(http::limits::kTrustedProxiesMax) + " ranges of addresses");
    }
    begin = end + 1;
  }
  settings.trusted_proxies = std::move(ranges);
  return {};
}

Result<void> parse_cross_origin(std::string_view text, Settings& settings) {
  TALLY_TRY_ASSIGN(settings.cross_origin, http::CrossOriginRule::parse(text));
  return {};
}

constexpr std::array kSettings{
    SettingEntry{"data_dir", "DIR", "the folder that holds the ledger and the keys; made if missing (required)",
                 parse_data_dir},
    SettingEntry{"new_ledger", "WORD",
                 "allow or refuse: whether a start that finds no ledger in the folder makes one (allow)",
                 parse_new_ledger},
    SettingEntry{"expect_ledger_key", "KEY", "start only with the ledger of this verifier key (tally ledger key)",
                 parse_expected_ledger_key},
    SettingEntry{"anchor", "WORD",
                 "second or batch: how often the note of how far the ledger went is forced to the disk (second)",
                 parse_anchor},
    SettingEntry{"anchor_file", "FILE", "where that note is kept, best on another disk (DIR/anchor)",
                 parse_anchor_file},
    SettingEntry{"listen", "ADDRESS:PORT", "where to serve; port 0 takes a free one (127.0.0.1:8080)", parse_listen},
    SettingEntry{"issuer", "URL", "the public base URL that tokens name (http://ADDRESS:PORT, or https:// with TLS)",
                 parse_issuer},
    SettingEntry{"ledger_origin", "NAME",
                 "what the ledger's checkpoints call it, for ever (the issuer without its scheme)",
                 parse_ledger_origin},
    SettingEntry{"tls_certificate", "FILE", "serve HTTPS with this PEM chain; read again at SIGHUP",
                 parse_tls_certificate},
    SettingEntry{"tls_key", "FILE", "its PEM private key, not encrypted; read again at SIGHUP", parse_tls_key},
    SettingEntry{"tls_client_ca", "FILE", "PEM authorities of client certificates, which bind tokens (RFC 8705)",
                 parse_tls_client_ca},
    SettingEntry{"behind_proxy", "",
                 "a TLS proxy stands in front: allow an address that is not loopback, and believe whom it speaks for",
                 parse_behind_proxy},
    SettingEntry{"proxy_header", "NAME", "where the proxy says so: x-forwarded-for or forwarded (x-forwarded-for)",
                 parse_proxy_header},
    SettingEntry{"trusted_proxies", "ADDRESSES", "the proxies, as 10.0.0.0/8,192.0.2.1 (whoever connects, alone)",
                 parse_trusted_proxies},
    SettingEntry{"cross_origin", "ORIGINS",
                 "whose pages may refresh, revoke and read keys and metadata: *, none, or https://app.example,… (*)",
                 parse_cross_origin},
    SettingEntry{"operator_password_file", "FILE",
                 "the first operator's password, for an empty data folder; compared at later starts",
                 parse_password_file},
    SettingEntry{"signing_algorithm", "NAME",
                 "EdDSA, ES256 or RS256, of new signing keys (the newest key's; EdDSA at first)",
                 parse_signing_algorithm},
    SettingEntry{"signing_key_lead_seconds", "N", "how long a new key is published before it signs (600)",
                 parse_signing_key_lead},
    SettingEntry{"master_key_file", "FILE",
                 "what wraps the private keys: 32 bytes in base64, for the owner only (DIR/keys/master.key)",
                 parse_master_key_file},
    SettingEntry{"pkcs11_module", "FILE", "a PKCS#11 module whose token holds the master key instead",
                 parse_pkcs11_module},
    SettingEntry{"pkcs11_token", "LABEL", "the token's label", parse_pkcs11_token},
    SettingEntry{"pkcs11_key", "LABEL", "the label of its AES key", parse_pkcs11_key},
    SettingEntry{"pkcs11_pin_file", "FILE", "the user's PIN, for the owner only", parse_pkcs11_pin_file},
    SettingEntry{"io_threads", "N", "threads that serve connections (2)", parse_io_threads},
    SettingEntry{"long_read_threads", "N", "threads for lists and exports (2)", parse_long_read_threads},
    SettingEntry{"password_threads", "N", "threads that check passwords (1)", parse_password_threads},
    SettingEntry{"connections_max", "N", "connections served at the same time (10000)", parse_connections},
    SettingEntry{"connections_per_address_max", "N",
                 "of them, those of one address, or one /64 of IPv6; 0 is a quarter (0)",
                 parse_connections_per_address},
    SettingEntry{"block_cache_mebibytes", "N", "memory for rows that were read before (64)", parse_block_cache},
    SettingEntry{"scrub_days", "N", "how often the whole ledger is verified while it is served; 0 is never (7)",
                 parse_scrub_days},
    SettingEntry{"address_requests_per_minute", "N", "requests of one address; 0 is no limit (600000)",
                 parse_address_limit},
    SettingEntry{"caller_requests_per_minute", "N", "requests of one caller; 0 is no limit (300000)",
                 parse_caller_limit},
    SettingEntry{"sign_in_failures_per_minute", "N",
                 "wrong passwords for one name from one address; 0 is no limit (10)", parse_sign_in_limit},
    SettingEntry{"exchanges_per_minute", "N", "exchanges of one token's access tokens; 0 is no limit (60)",
                 parse_exchange_limit},
    SettingEntry{"log_level", "LEVEL", "debug, info, warning, error or off (info); info has one line per request",
                 parse_log_level},
};

}  // namespace

std::span<const SettingEntry> settings_table() { return kSettings; }

std::string flag_of(const SettingEntry& entry) {
  std::string flag = "--" + std::string{entry.name};
  std::ranges::replace(flag, '_', '-');
  return flag;
}

std::string variable_of(const SettingEntry& entry) {
  std::string variable = "TALLY_";
  for (const char letter : std::string_view{entry.name}) {
    variable += letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  }
  return variable;
}

bool names_loopback(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(boost::urls::string_view{url.data(), url.size()});
  if (!parsed) return false;
  if (parsed->host_type() == boost::urls::host_type::ipv6) return is_loopback(parsed->host_ipv6_address().to_string());
  const std::string host = parsed->host_name().empty() ? std::string{parsed->host()} : std::string{parsed->host_name()};
  return host == "localhost" || host.ends_with(".localhost") || is_loopback(host);
}

bool is_loopback(const std::string& address) {
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(address, error);
  return !error && parsed.is_loopback();
}

}  // namespace tally::tools
