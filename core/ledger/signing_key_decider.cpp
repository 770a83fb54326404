#include "core/ledger/signing_key_decider.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/limits.hpp"
#include "core/crypto/signing_key.hpp"

namespace tally::core {
namespace {

NewEvent event_of(EventPayload payload) { return {std::nullopt, Subject{}, 0, std::move(payload)}; }

Result<void> check_authority(const CallerRights& caller, const CommandContext& context) {
  if (context.actor.kind == ActorKind::system) return {};
  if (caller.is_operator && caller.is_active) return {};
  return fail(Errc::forbidden, "only the operator may do this");
}

const SigningKeyState* find(std::span<const SigningKeyState> keys, const std::string& key_id) {
  const auto found = std::ranges::find(keys, key_id, &SigningKeyState::key_id);
  return found == keys.end() ? nullptr : &*found;
}

Result<void> check_key(const AddSigningKey& command) {
  TALLY_TRY_ASSIGN(const auto key, crypto::VerifyingKey::from_bytes(command.algorithm, command.public_key));
  if (key.thumbprint() != command.key_id) return fail(Errc::malformed, "the key's id is not its thumbprint");
  return {};
}

}  // namespace

Decision decide(const SigningKeySituation& situation, const CommandContext& context, const AddSigningKey& command) {
  const std::span keys = situation.keys;
  if (auto allowed = check_authority(situation.caller, context); allowed.has_error()) {
    return Decision::refuse(allowed.error());
  }
  if (auto good = check_key(command); good.has_error()) return Decision::refuse(good.error());
  if (find(keys, command.key_id) != nullptr) {
    return Decision::refuse(fail(Errc::already_exists, "the key is known already"));
  }
  Decision decision;
  const auto is_in_use = [&](const SigningKeyState& key) { return !key.retired_at && key.activates_at <= context.at; };
  const auto in_use = static_cast<std::size_t>(std::ranges::count_if(keys, is_in_use));
  for (const SigningKeyState& key : keys) {
    if (key.retired_at || is_in_use(key)) continue;
    if (command.lead > std::chrono::seconds::zero() && in_use > 0) {
      return Decision::refuse(fail(Errc::conflict, "the key " + key.key_id + " is published and signs from " +
                                                       to_rfc3339(key.activates_at) + " on: one at a time"));
    } else {
      decision.events.push_back(event_of(SigningKeyRetired{key.key_id, KeyRetirement::unused}));
    }
  }
  if (in_use >= limits::kSigningKeysMax) {
    return Decision::refuse(fail(Errc::limit_exceeded, "at most " + std::to_string(limits::kSigningKeysMax) +
                                                           " keys are published at the same time"));
  }
  const Timestamp activates_at = in_use == 0 ? context.at : context.at + command.lead;
  decision.events.push_back(
      event_of(SigningKeyAdded{command.key_id, crypto::name_of(command.algorithm), command.public_key, activates_at}));
  return decision;
}

std::vector<NewEvent> keys_taken_back(std::span<const SigningKeyState> keys, Sequence first_ahead, Sequence accepted,
                                      Timestamp now) {
  std::vector<NewEvent> events;
  if (signing_key_at(keys, now) == nullptr) return events;
  for (const SigningKeyState& key : keys) {
    const bool is_of_meanwhile = key.added >= first_ahead && key.added < accepted;
    if (!is_of_meanwhile || key.retired_at || key.activates_at <= now) continue;
    events.push_back(event_of(SigningKeyRetired{key.key_id, KeyRetirement::unused}));
  }
  return events;
}

Decision decide(const SigningKeySituation& situation, const CommandContext& context, const RetireSigningKey& command) {
  const std::span keys = situation.keys;
  if (auto allowed = check_authority(situation.caller, context); allowed.has_error()) {
    return Decision::refuse(allowed.error());
  }
  const SigningKeyState* key = find(keys, command.key_id);
  if (key == nullptr) return Decision::refuse(fail(Errc::not_found, "no such key"));
  const auto retire = [key](KeyRetirement retirement) {
    return Decision{{event_of(SigningKeyRetired{key->key_id, retirement})}, std::nullopt};
  };
  switch (status_of(keys, *key, context.at)) {
    case SigningKeyStatus::retired:
      return {};
    case SigningKeyStatus::pending:
      return retire(KeyRetirement::unused);
    case SigningKeyStatus::active:
      return Decision::refuse(fail(Errc::conflict, "the key signs now: rotate first"));
    case SigningKeyStatus::retiring:
      break;
  }
  const std::optional<Timestamp> end = tokens_end_at(keys, *key);
  TALLY_CHECK(end.has_value(), key->key_id);
  if (context.at >= *end) return retire(KeyRetirement::expired);
  if (command.force == Force::yes) return retire(KeyRetirement::forced);
  return Decision::refuse(fail(Errc::conflict, "access tokens of this key may be alive until " + to_rfc3339(*end) +
                                                   ": wait, or force it, which ends them here at once"));
}

Result<SigningKeyState> evolve(std::optional<SigningKeyState> before, const Event& event) {
  if (const auto* added = std::get_if<SigningKeyAdded>(&event.payload)) {
    if (before) return fail(Errc::corrupt, "a signing key is added twice");
    const auto algorithm = crypto::parse_signing_algorithm(added->algorithm);
    if (algorithm.has_error()) return fail(Errc::corrupt, "a signing key of an unknown algorithm");
    SigningKeyState key;
    key.key_id = added->key_id;
    key.algorithm = *algorithm;
    key.public_key = added->public_key;
    key.added = event.sequence;
    key.added_at = event.recorded_at;
    key.activates_at = added->activates_at;
    return key;
  }
  const auto* retired = std::get_if<SigningKeyRetired>(&event.payload);
  TALLY_CHECK(retired != nullptr);
  if (!before || before->retired_at) return fail(Errc::corrupt, "a signing key is retired that is not there");
  before->retired_at = event.recorded_at;
  before->retirement = retired->retirement;
  return *std::move(before);
}

}  // namespace tally::core
