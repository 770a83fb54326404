#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/ledger/ledger_commands.hpp"
#include "core/state/context.hpp"
#include "http/tokens/access_tokens.hpp"
#include "http/tokens/signing_key_store.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/key_queries.hpp"

namespace tally::http {

/// What an operator chooses about signing keys.
struct KeyRotationOptions {
  /// Of new keys. Absent: as the newest key; EdDSA in a new ledger.
  std::optional<core::crypto::SigningAlgorithm> algorithm;
  /// How long a new key is published before it signs. Not less than a key set is cached.
  std::chrono::seconds lead{600};
};

/// The life of the signing keys: adds, retires, and keeps AccessTokens, the ledger and the stored private keys in step.
/// A private key is durable before the ledger names it, and is discarded after the ledger has retired it: a crash in
/// between leaves a key that nobody uses. Threads: any; never an I/O thread or the writer's, because it waits for both
/// disk and writer. Source: docs/adr/0021.
class KeyRotation {
 public:
  /// Lifetime: all of them outlive it.
  KeyRotation(const projections::KeyQueries& queries, SigningKeyStore& store, projections::CommandService& commands,
              KeyRotationOptions options);

  /// At the start: makes the first key of a ledger that has none; adds one, if the options ask for another algorithm
  /// than the newest key's, and none waits; discards what a crash has left of retired keys. Gives every key that is
  /// published. `contexts` makes the system's context for one command. Errors: as SigningKeyStore and CommandService.
  core::Result<std::vector<AccessTokenKey>> prepare(const std::function<core::CommandContext()>& contexts);
  /// From now on changes are installed there. Lifetime: it outlives this.
  void serve(AccessTokens& access_tokens);

  /// Whether a new key waits until everybody knows it.
  enum class Activation : std::uint8_t { after_lead, now };
  struct Change {
    std::string key_id;
    std::optional<core::Sequence> sequence;
  };
  /// Errors: as the decider, SigningKeyStore and CommandService.
  core::Result<Change> rotate(core::CommandContext context, Activation activation);
  core::Result<Change> retire(core::CommandContext context, const std::string& key_id, core::Force force);
  /// Retires the keys of which nothing is alive at the contexts' time. Answers their ids. Errors: as retire().
  core::Result<std::vector<std::string>> retire_expired(const std::function<core::CommandContext()>& contexts);

 private:
  using SigningKeyPtr = std::shared_ptr<const core::crypto::SigningKey>;

  core::Result<Change> add(core::CommandContext context, core::crypto::SigningKey key, std::chrono::seconds lead);
  [[nodiscard]] core::crypto::SigningAlgorithm algorithm_for(const std::vector<core::SigningKeyState>& keys) const;
  core::Result<std::vector<AccessTokenKey>> published(core::Timestamp now);
  core::Result<void> install(core::Timestamp now, AccessTokens::Found found);

  const projections::KeyQueries& queries_;
  SigningKeyStore& store_;
  projections::CommandService& commands_;
  const KeyRotationOptions options_;
  std::mutex mutex_;                             ///< One change at a time.
  AccessTokens* access_tokens_ = nullptr;        // guarded by mutex_
  std::map<std::string, SigningKeyPtr> loaded_;  // guarded by mutex_; private keys, by id
};

}  // namespace tally::http
