#include "tools/tallyd/application.hpp"

#include <atomic>
#include <chrono>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "http/server/server.hpp"
#include "http/server/web_origin.hpp"
#include "tools/base/private_file.hpp"
#include "tools/base/reset_file.hpp"
#include "tools/tallyd/anchor_upkeep.hpp"
#include "tools/tallyd/certificate_watch.hpp"
#include "tools/tallyd/checkpoint_upkeep.hpp"
#include "tools/tallyd/data_folder.hpp"
#include "tools/tallyd/descriptors.hpp"
#include "tools/tallyd/flush_timer.hpp"
#include "tools/tallyd/interim_server.hpp"
#include "tools/tallyd/issuer_guard.hpp"
#include "tools/tallyd/key_upkeep.hpp"
#include "tools/tallyd/log.hpp"
#include "tools/tallyd/memory_upkeep.hpp"
#include "tools/tallyd/offboarding_upkeep.hpp"
#include "tools/tallyd/recovery.hpp"
#include "tools/tallyd/room_watch.hpp"
#include "tools/tallyd/scrub_upkeep.hpp"
#include "tools/tallyd/thread_priority.hpp"
#include "tools/tallyd/tls_files.hpp"
#include "tools/tallyd/wiring.hpp"

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;

/// `127.0.0.1` or `[::1]`, as a URL wants it.
std::string host_of(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

}  // namespace

/// In the order of their dependencies; stop() ends the threads, and the destructor goes in reverse.
struct Application::State {
  State(const Settings& chosen, StartOptions given)
      : settings(chosen), log(chosen.log_level), options(std::move(given)) {}

  void on_fatal(const core::Error& error);
  [[nodiscard]] Result<void> readiness(http::ReadyFor purpose) const;
  /// The store, which holds the folder, then the secrets, then what was signed, then the ledger: each needs the one
  /// before. Errors: as Application::start.
  Result<void> open_ledger(const std::shared_ptr<const http::TlsContext>& tls);
  /// Makes or closes what the settings allow. Errors: io_failed, no_space.
  Result<void> prepare_folder();
  /// Errors: corrupt (the ledger's key is not the one that was expected).
  Result<void> check_ledger_key() const;
  /// Errors: bad_configuration (too few descriptors), io_failed.
  Result<void> share_descriptors();
  /// Gives the account back that the reset file is about, and removes the file; it counts once, wherever a start ends.
  Result<void> apply_reset(const ResetFile& file);
  Result<void> open_operator();
  /// Signs what this start has added, so that there always is a checkpoint. Errors: as Checkpointer::latest.
  Result<void> open_checkpointer(const std::string& issuer);
  /// The threads beside the server's, once it serves.
  void start_upkeep();
  /// Without what asks the edge.
  [[nodiscard]] http::ServerOptions listening_options(std::shared_ptr<const http::TlsContext> tls);
  [[nodiscard]] http::ServerOptions server_options(std::shared_ptr<const http::TlsContext> tls);

  const Settings settings;
  Log log;
  const http::SystemClock system_clock;
  ExpiryClock expiry{system_clock};
  DescriptorPlan descriptors;
  StartOptions options;
  std::atomic<bool> failed{false};    ///< A write failed: nothing in memory can be trusted.
  std::atomic<bool> stopping{false};  ///< stop() has begun.
  LedgerHealth health;
  std::string url;
  GivenPassword given_password = GivenPassword::none;
  http::Router router;
  std::unique_ptr<Secrets> secrets;
  std::optional<SignedLedger> signed_ledger;
  std::shared_ptr<events::AnchorFile> anchor;
  std::unique_ptr<Backend> backend;
  std::optional<RoomWatch> room;
  std::unique_ptr<Keys> keys;
  std::unique_ptr<http::Checkpointer> checkpointer;
  std::unique_ptr<Edge> edge;
  std::optional<http::Listener> listener;  ///< Of an interim server, for the one that follows.
  std::unique_ptr<http::Server> server;
  std::unique_ptr<FlushTimer> flush_timer;
  std::optional<MemoryUpkeep> memory_upkeep;
  std::unique_ptr<CertificateWatch> certificate_watch;
  std::unique_ptr<KeyUpkeep> key_upkeep;
  std::unique_ptr<OffboardingUpkeep> offboarding_upkeep;
  std::unique_ptr<CheckpointUpkeep> checkpoint_upkeep;
  std::unique_ptr<AnchorUpkeep> anchor_upkeep;
  std::unique_ptr<ScrubUpkeep> scrub_upkeep;  ///< Null: nobody wants it.
};

void Application::State::on_fatal(const core::Error& error) {
  failed = true;
  log.error("a write failed and its outcome is unknown: the process stops", {{"detail", error.detail}});
  if (options.on_fatal) options.on_fatal(error);
}

Result<void> Application::State::prepare_folder() {
  TALLY_TRY_ASSIGN(const LedgerPlan plan, plan_ledger(settings));
  TALLY_TRY(make_private_folder(settings.data_dir));
  TALLY_TRY_ASSIGN(const std::uint64_t loose, tighten_modes(settings.data_dir, LooseModes::mend));
  if (loose > 0) {
    log.warning("files and folders of the data folder were open to others: they are for the owner only now",
                {{"count", static_cast<std::int64_t>(loose)}});
  }
  if (plan == LedgerPlan::make && settings.new_ledger == NewLedger::allow) {
    log.warning("there was no ledger in the data folder: a new one is made", {{"data_dir", settings.data_dir}});
  }
  return {};
}

Result<void> Application::State::check_ledger_key() const {
  if (settings.expected_ledger_key.empty() || signed_ledger->has_key(settings.expected_ledger_key)) return {};
  return core::fail(Errc::corrupt, "expect_ledger_key: the ledger in " + settings.data_dir + " has another key");
}

Result<void> Application::State::share_descriptors() {
  TALLY_TRY_ASSIGN(const std::size_t limit, raise_descriptor_limit());
  TALLY_TRY_ASSIGN(descriptors, plan_descriptors(limit, settings.connections_max));
  if (descriptors.connections_max < settings.connections_max) {
    log.warning("fewer connections than connections_max are served: the process may not have more files open",
                {{"connections_max", static_cast<std::int64_t>(descriptors.connections_max)},
                 {"files_open_max", static_cast<std::int64_t>(limit)}});
  }
  return {};
}

Result<void> Application::State::open_ledger(const std::shared_ptr<const http::TlsContext>& tls) {
  anchor = make_anchor(settings, log);
  TALLY_TRY_ASSIGN(auto store, open_store(settings, anchor, descriptors.tables_open_max, expiry, log));
  TALLY_TRY_ASSIGN(const auto reset, find_reset_file(settings.data_dir));
  TALLY_TRY_ASSIGN(secrets, Secrets::open(settings));
  TALLY_TRY_ASSIGN(signed_ledger, SignedLedger::open(settings.data_dir, secrets->ring, *secrets->random));
  TALLY_TRY(check_ledger_key());
  events::SequencerOptions writer;
  writer.submitters = settings.io_threads;
  writer.on_fatal = [this](const core::Error& error) { on_fatal(error); };
  writer.on_start = [this] {
    if (!prefer_this_thread()) log.debug("the system does not let the writer run before the other threads");
  };
  std::string issuer_before;
  const auto admit = [&](const Backend::Unstarted& ledger) -> Result<void> {
    const bool is_new = ledger.head.tree.size() == 0;
    expiry.begin(is_new ? system_clock.now() : ledger.head.last_recorded_at);
    TALLY_TRY_ASSIGN(issuer_before, check_issuer(ledger.store, settings));
    if (!reset) return {};
    const auto rehearsed = rehearse(ledger, reset->command());
    if (rehearsed.has_value()) return {};
    return core::fail(Errc::bad_configuration, reset_file_path(settings.data_dir) + " is for \"" + reset->username +
                                                   "\": " + rehearsed.error().detail + "; nothing was changed");
  };
  TALLY_TRY_ASSIGN(const auto interim, InterimServer::start_for_upgrade(*store, listening_options(tls), log));
  Onlooker onlooker{{}, options.is_to_end};
  if (interim != nullptr) onlooker.tell = [&interim](const auto& progress) { interim->tell(progress); };
  TALLY_TRY_ASSIGN(backend, Backend::open(std::move(store), *signed_ledger, std::move(writer), log, admit, onlooker));
  if (interim != nullptr) listener.emplace(interim->hand_over());
  TALLY_TRY(keep_issuer(*backend, settings, issuer_before));
  if (settings.issuer.empty() && !issuer_before.empty()) {
    log.warning("the issuer that this ledger was given before is not used: none is given now",
                {{"before", issuer_before}});
  }
  return reset ? apply_reset(*reset) : Result<void>{};
}

Result<void> Application::State::apply_reset(const ResetFile& file) {
  const auto recovered = recover(*backend, file.command());
  if (recovered.has_error() && recovered.error().code == Errc::clock_in_doubt) {
    log.error("a reset file is left for a start with a good clock", {{"user", file.username}});
    return {};
  }
  TALLY_TRY_ASSIGN(const auto outcome, recovered);
  TALLY_TRY(remove_private_file(reset_file_path(settings.data_dir)));
  log.warning(outcome.was_done_before ? "a reset file that was used before is removed"
                                      : "an operator's account was given back by a reset file",
              {{"user", outcome.person.id.str()}});
  return {};
}

Result<void> Application::State::open_operator() {
  TALLY_TRY_ASSIGN(given_password, prepare_operator(*backend->store, backend->commands, options.operator_password,
                                                    options.show_password, backend->clock, backend->random));
  options.operator_password.reset();
  if (given_password == GivenPassword::current) log.info("the operator's password is the one that was given");
  if (given_password == GivenPassword::not_used) {
    log.warning("the operator's password that was given is not used: this ledger has operators");
  }
  return {};
}

Result<void> Application::State::open_checkpointer(const std::string& issuer) {
  TALLY_TRY_ASSIGN(const auto head, events::load_head(*backend->store->snapshot()));
  TALLY_TRY_ASSIGN(auto origin, choose_ledger_origin(settings, issuer, head.forks));
  const auto tell = [this](const core::Error& error) {
    log.error("no new checkpoint could be made", {{"code", core::name_of(error.code)}, {"detail", error.detail}});
  };
  checkpointer = std::make_unique<http::Checkpointer>(
      http::Checkpointer::Parts{backend->audit, signed_ledger->file(), signed_ledger->key(), backend->clock, tell},
      std::move(origin), signed_ledger->last());
  TALLY_TRY(signed_ledger->keep_key(secrets->ring));
  TALLY_TRY(checkpointer->latest());
  return {};
}

Result<void> Application::State::readiness(http::ReadyFor purpose) const {
  if (failed) return core::fail(Errc::outcome_unknown, "a write has failed");
  if (stopping) return core::fail(Errc::stopping, "the server is stopping");
  if (purpose == http::ReadyFor::reading) return {};
  TALLY_TRY(health.check());
  TALLY_TRY(backend->clock_watch.check());
  TALLY_TRY(anchor->state());
  return room->readiness();
}

void Application::State::start_upkeep() {
  key_upkeep = std::make_unique<KeyUpkeep>(keys->rotation, backend->clock, backend->random, log);
  offboarding_upkeep = std::make_unique<OffboardingUpkeep>(edge->offboarding, backend->clock, backend->random, log);
  checkpoint_upkeep = std::make_unique<CheckpointUpkeep>(*checkpointer, log);
  anchor_upkeep = std::make_unique<AnchorUpkeep>(*anchor, log);
  if (settings.scrub_days == 0) return;
  scrub_upkeep = std::make_unique<ScrubUpkeep>(*backend, *checkpointer, health, settings.scrub_days, log);
}

http::ServerOptions Application::State::listening_options(std::shared_ptr<const http::TlsContext> tls) {
  http::ServerOptions chosen;
  chosen.tls = std::move(tls);
  if (settings.behind_proxy) chosen.proxies = http::ProxyTrust{settings.proxy_header, settings.trusted_proxies};
  chosen.address = settings.listen_address;
  chosen.base_path = http::path_of_url(settings.issuer);
  chosen.cross_origin = settings.cross_origin;
  chosen.port = settings.listen_port;
  chosen.connections_max = descriptors.connections_max;
  chosen.connections_per_address_max = settings.connections_per_address_max;
  if (log.logs_requests()) {
    chosen.on_request = [this](const http::AccessRecord& record) { log.request(record); };
  }
  chosen.on_fault = [this](std::string_view request_id, std::string_view what) {
    log.error("a request failed by a fault of ours", {{"request_id", request_id}, {"what", what}});
  };
  chosen.on_obstacle = [this](std::string_view request_id, std::string_view what) {
    log.warning("a request could not be served", {{"request_id", request_id}, {"what", what}});
  };
  chosen.on_accept_failure = [this](std::string_view why, std::uint64_t count) {
    log.warning("no connection can be accepted at the moment",
                {{"why", why}, {"count", static_cast<std::int64_t>(count)}});
  };
  if (log.logs_details()) {
    chosen.on_handshake_failure = [this](std::string_view remote_address, std::string_view why) {
      log.debug("a TLS handshake failed", {{"remote_address", remote_address}, {"why", why}});
    };
  }
  return chosen;
}

http::ServerOptions Application::State::server_options(std::shared_ptr<const http::TlsContext> tls) {
  http::ServerOptions chosen = listening_options(std::move(tls));
  chosen.io_threads = settings.io_threads;
  chosen.long_read_threads = settings.long_read_threads;
  if (settings.request_limits.address_per_minute > 0) {
    // The edge is there before anybody is served.
    chosen.admit = [this](const http::Request& request) { return edge->limits.admit_address(request); };
  }
  chosen.turn_of = [this](const http::Request& request) { return edge->authenticator.turn_of(request); };
  chosen.on_long_read_thread = [this] {
    if (!yield_to_others()) log.debug("the system does not let long reads run behind the other threads");
  };
  chosen.on_answer = [this](const http::Request& request) { edge->denied.answered(request); };
  chosen.on_turn = [&sequencer = backend->sequencer](bool has_work) {
    has_work ? sequencer.submitter_is_busy() : sequencer.submitter_rests();
  };
  return chosen;
}

Application::Application(std::unique_ptr<State> state) : state_(std::move(state)) {}

Application::~Application() { stop(); }

Result<std::unique_ptr<Application>> Application::start(const Settings& settings, StartOptions options) {
  auto made = std::make_unique<State>(settings, std::move(options));
  State& state = *made;
  TALLY_TRY(state.share_descriptors());
  TALLY_TRY_ASSIGN(auto tls, load_tls(settings, http::SystemClock{}.now()));
  for (const SettingsMistake& warning : state.options.warnings) {
    state.log.warning("a setting is strange", {{"detail", warning.str()}});
  }
  TALLY_TRY(state.prepare_folder());
  std::optional<core::Timestamp> certificate_ends_at;
  if (tls != nullptr) certificate_ends_at = tls->expires_at();
  TALLY_TRY(state.open_ledger(tls));
  Backend& backend = *state.backend;
  state.room.emplace(*backend.store, state.log);
  state.room->look();
  state.keys = std::make_unique<Keys>(*state.secrets, backend, settings);
  TALLY_TRY_ASSIGN(auto access_token_keys,
                   state.keys->rotation.prepare([&backend] { return system_context(backend.clock, backend.random); }));
  TALLY_TRY_ASSIGN(core::SecretText answers_secret, state.secrets->ring.server_key("answers"));

  // The port is taken before anything is promised: a free one is only known now, and the issuer names it.
  state.server =
      std::make_unique<http::Server>(state.server_options(std::move(tls)), state.router, backend.clock, backend.random);
  TALLY_TRY(state.listener ? state.server->take_over(std::move(*state.listener)) : state.server->bind());
  state.url = (settings.serves_tls() ? "https://" : "http://") + host_of(settings.listen_address) + ":" +
              std::to_string(state.server->port());
  const std::string issuer = settings.issuer.empty() ? state.url : settings.issuer;
  TALLY_TRY(state.open_checkpointer(issuer));
  state.certificate_watch = std::make_unique<CertificateWatch>(state.server->executor(), backend.clock, state.log);
  if (certificate_ends_at) state.certificate_watch->use(*certificate_ends_at);
  // Last of what can be refused: a password that was made up is told once.
  TALLY_TRY(state.open_operator());
  state.edge = std::make_unique<Edge>(
      backend, *state.keys,
      Edge::Start{issuer, std::move(access_token_keys), std::move(answers_secret), *state.checkpointer,
                  [&state](http::ReadyFor purpose) { return state.readiness(purpose); },
                  [&state](core::UserId user, std::string_view request_id) {
                    state.log.warning("a break-glass account has signed in",
                                      {{"user", user.str()}, {"request_id", request_id}});
                  }},
      settings);
  state.edge->add_to(state.router);
  state.flush_timer = std::make_unique<FlushTimer>(state.server->executor(), *state.edge, *state.room, backend.clock,
                                                   backend.clock_watch, state.log);
  TALLY_TRY(state.server->start());
  state.flush_timer->start();
  state.memory_upkeep.emplace(*state.server, state.options.give_memory_back).start();
  if (certificate_ends_at) state.certificate_watch->start();
  state.start_upkeep();
  state.log.info("serving", {{"url", state.url},
                             {"issuer", issuer},
                             {"events", static_cast<std::int64_t>(backend.sequencer.durable_size())}});
  return std::unique_ptr<Application>{new Application{std::move(made)}};
}

std::uint16_t Application::port() const { return state_->server->port(); }
std::string Application::url() const { return state_->url; }
const std::string& Application::issuer() const { return state_->edge->access_tokens.issuer(); }

std::string Application::ledger_key() const { return state_->checkpointer->verifier().str(); }
GivenPassword Application::given_password() const { return state_->given_password; }

Result<void> Application::reload() {
  const auto tls = load_tls(state_->settings, state_->backend->clock.now());
  if (tls.has_error()) {
    state_->log.error("the TLS files are not good: the old ones stay", {{"detail", tls.error().detail}});
    return tls.error();
  }
  if (*tls == nullptr) {
    state_->log.info("asked to read the TLS files again, but there are none");
    return {};
  }
  state_->server->replace_tls(*tls);
  state_->certificate_watch->use((*tls)->expires_at());
  state_->log.info("new connections use the TLS files as they are now",
                   {{"expires_at", core::to_rfc3339((*tls)->expires_at())}});
  return {};
}

void Application::stop() {
  if (state_->stopping.exchange(true)) return;
  state_->log.info("stopping");
  state_->server->drain();
  state_->key_upkeep->stop();
  state_->offboarding_upkeep->stop();
  if (state_->scrub_upkeep) state_->scrub_upkeep->stop();
  // No thread of the server runs any more: the timer will not fire, and this is the last use of both.
  state_->edge->usage.flush(state_->backend->clock.now());
  state_->edge->denied.flush_all();
  if (state_->options.on_last_writes && !state_->failed) state_->options.on_last_writes();
  state_->backend->sequencer.stop();
  // Last of all, so that nothing which was acknowledged is missing from it.
  state_->anchor_upkeep->stop();
  state_->checkpoint_upkeep->stop();
  if (!state_->failed) state_->checkpoint_upkeep->sign();
  const std::uint64_t internal_errors = state_->server->counters().internal_errors.load();
  const std::uint64_t accept_failures = state_->server->counters().accept_failures.load();
  const http::DeniedAttempts::Counts denied = state_->edge->denied.counts();
  state_->log.info("stopped", {{"unknown_credentials", static_cast<std::int64_t>(denied.unknown_credentials)},
                               {"denials_dropped", static_cast<std::int64_t>(denied.dropped)},
                               {"internal_errors", static_cast<std::int64_t>(internal_errors)},
                               {"accept_failures", static_cast<std::int64_t>(accept_failures)},
                               {"damaged", static_cast<std::int64_t>(state_->health.damaged())},
                               {"events", static_cast<std::int64_t>(state_->backend->sequencer.durable_size())}});
  // Whoever asked for the end may not let the destructors come to it.
  state_->log.flush();
}

}  // namespace tally::tools
