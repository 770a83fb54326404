#include "http/tokens/key_rotation.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "http/commands/execute.hpp"

namespace tally::http {

using core::Result;
using core::SigningKeyState;
using core::SigningKeyStatus;
using core::crypto::SigningKey;

namespace {

/// What refuses a command for a while, and no reader.
bool passes(core::Errc code) { return code == core::Errc::clock_in_doubt || code == core::Errc::no_space; }

}  // namespace

KeyRotation::KeyRotation(const projections::KeyQueries& queries, SigningKeyStore& store,
                         projections::CommandService& commands, KeyRotationOptions options)
    : queries_(queries), store_(store), commands_(commands), options_(options) {}

core::crypto::SigningAlgorithm KeyRotation::algorithm_for(const std::vector<SigningKeyState>& keys) const {
  if (options_.algorithm) return *options_.algorithm;
  return keys.empty() ? core::crypto::SigningAlgorithm::eddsa : keys.back().algorithm;
}

Result<std::vector<AccessTokenKey>> KeyRotation::prepare(const std::function<core::CommandContext()>& contexts) {
  const std::lock_guard lock{mutex_};
  TALLY_TRY_ASSIGN(const auto keys, queries_.list());
  if (keys.empty()) {
    TALLY_TRY_ASSIGN(SigningKey first, store_.first(algorithm_for(keys)));
    TALLY_TRY(add(contexts(), std::move(first), std::chrono::seconds::zero()));
  } else {
    // The keys that are there must open before anything is added to them.
    const core::CommandContext context = contexts();
    TALLY_TRY(published(context.at));
    const auto newest = std::ranges::find_if(keys.rbegin(), keys.rend(),
                                             [](const SigningKeyState& key) { return !key.retired_at.has_value(); });
    const bool is_settled =
        newest != keys.rend() && (newest->algorithm == algorithm_for(keys) || newest->activates_at > context.at);
    if (!is_settled) {
      TALLY_TRY_ASSIGN(SigningKey key, store_.make(algorithm_for(keys)));
      const auto added = add(contexts(), std::move(key), options_.lead);
      // A clock in doubt or a full disk keeps nobody from reading, and those keys are good: a later start adds the
      // other.
      if (added.has_error() && !passes(added.error().code)) return added.error();
    }
  }
  for (const SigningKeyState& key : keys) {
    if (key.retired_at) TALLY_TRY(store_.discard(key.key_id));
  }
  return published(contexts().at);
}

void KeyRotation::serve(AccessTokens& access_tokens) {
  const std::lock_guard lock{mutex_};
  access_tokens_ = &access_tokens;
}

Result<KeyRotation::Change> KeyRotation::add(core::CommandContext context, SigningKey key, std::chrono::seconds lead) {
  core::AddSigningKey command;
  command.key_id = key.public_key().thumbprint();
  command.algorithm = key.algorithm();
  command.public_key = key.public_key().bytes();
  command.lead = lead;
  Change change{command.key_id, std::nullopt};
  const auto added = execute_blocking(commands_, std::move(context), std::move(command));
  if (added.has_error()) {
    // Not if it may be in the ledger after all.
    if (added.error().code != core::Errc::outcome_unknown) TALLY_TRY(store_.discard(change.key_id));
    return added.error();
  }
  change.sequence = added->sequence;
  loaded_[change.key_id] = std::make_shared<const SigningKey>(std::move(key));
  return change;
}

Result<std::vector<AccessTokenKey>> KeyRotation::published(core::Timestamp now) {
  TALLY_TRY_ASSIGN(const auto keys, queries_.list());
  std::vector<AccessTokenKey> out;
  std::map<std::string, SigningKeyPtr> in_use;
  for (const SigningKeyState& key : keys) {
    const SigningKeyStatus status = core::status_of(keys, key, now);
    if (status == SigningKeyStatus::retired) continue;
    auto public_key = core::crypto::VerifyingKey::from_bytes(key.algorithm, key.public_key);
    if (public_key.has_error()) return core::fail(core::Errc::corrupt, "the ledger's key " + key.key_id + " is none");
    SigningKeyPtr private_key = loaded_[key.key_id];
    // One that only verifies needs its private half no more, and is not asked for it.
    if (private_key == nullptr && status != SigningKeyStatus::retiring) {
      TALLY_TRY_ASSIGN(SigningKey opened, store_.load(key.key_id));
      private_key = std::make_shared<const SigningKey>(std::move(opened));
    }
    if (private_key != nullptr) in_use[key.key_id] = private_key;
    out.push_back({std::move(*public_key), std::move(private_key), key.activates_at});
  }
  loaded_ = std::move(in_use);
  return out;
}

Result<void> KeyRotation::install(core::Timestamp now, AccessTokens::Found found) {
  if (access_tokens_ == nullptr) return {};
  TALLY_TRY_ASSIGN(auto keys, published(now));
  access_tokens_->install(std::move(keys), found);
  return {};
}

Result<KeyRotation::Change> KeyRotation::rotate(core::CommandContext context, Activation activation) {
  const std::lock_guard lock{mutex_};
  TALLY_TRY_ASSIGN(const auto keys, queries_.list());
  const core::Timestamp now = context.at;
  TALLY_TRY_ASSIGN(SigningKey key, store_.make(algorithm_for(keys)));
  const auto lead = activation == Activation::now ? std::chrono::seconds::zero() : options_.lead;
  TALLY_TRY_ASSIGN(Change change, add(std::move(context), std::move(key), lead));
  TALLY_TRY(install(now, AccessTokens::Found::keep));
  // The one that waited was retired in the same append, if this was an emergency.
  for (const SigningKeyState& before : keys) {
    const bool is_gone = activation == Activation::now && !before.retired_at && before.activates_at > now;
    if (is_gone) TALLY_TRY(store_.discard(before.key_id));
  }
  return change;
}

Result<KeyRotation::Change> KeyRotation::retire(core::CommandContext context, const std::string& key_id,
                                                core::Force force) {
  const std::lock_guard lock{mutex_};
  const core::Timestamp now = context.at;
  TALLY_TRY_ASSIGN(const auto done,
                   execute_blocking(commands_, std::move(context), core::RetireSigningKey{key_id, force}));
  TALLY_TRY(install(now, force == core::Force::yes ? AccessTokens::Found::forget : AccessTokens::Found::keep));
  TALLY_TRY(store_.discard(key_id));
  return Change{key_id, done.sequence};
}

Result<std::vector<std::string>> KeyRotation::retire_expired(const std::function<core::CommandContext()>& contexts) {
  TALLY_TRY_ASSIGN(const auto keys, queries_.list());
  std::vector<std::string> retired;
  for (const SigningKeyState& key : keys) {
    core::CommandContext context = contexts();
    const std::optional<core::Timestamp> end = core::tokens_end_at(keys, key);
    if (key.retired_at || !end || context.at < *end) continue;
    TALLY_TRY(retire(std::move(context), key.key_id, core::Force::no));
    retired.push_back(key.key_id);
  }
  return retired;
}

}  // namespace tally::http
