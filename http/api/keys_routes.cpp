#include "http/api/keys_routes.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "core/state/signing_key_state.hpp"
#include "http/frame/json_reader.hpp"
#include "http/frame/query_reader.hpp"
#include "http/frame/route_policies.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

using core::SigningKeyState;
using core::SigningKeyStatus;

void write_key(JsonWriter& json, const std::vector<SigningKeyState>& keys, const SigningKeyState& key,
               core::Timestamp now) {
  const SigningKeyStatus status = core::status_of(keys, key, now);
  json.begin_object().member("id", key.key_id).member("algorithm", core::crypto::name_of(key.algorithm));
  json.member("status", core::name_of(status)).member("added_at", key.added_at);
  json.member("activates_at", key.activates_at);
  if (status == SigningKeyStatus::retiring) json.member_if("tokens_end_at", core::tokens_end_at(keys, key));
  if (key.retired_at) {
    json.member("retired_at", *key.retired_at).member("retirement", core::name_of(key.retirement));
  }
  json.end_object();
}

core::Force force_of(JsonReader& reader) {
  const std::string access = reader.text("access", Presence::optional);
  if (!reader.has("access") || access == "keep") return core::Force::no;
  if (access != "revoke") reader.invalid("access", "must be keep or revoke");
  return core::Force::yes;
}

KeyRotation::Activation activation_of(JsonReader& reader) {
  const std::string activate = reader.text("activate", Presence::optional);
  if (!reader.has("activate") || activate == "after_lead") return KeyRotation::Activation::after_lead;
  if (activate != "now") reader.invalid("activate", "must be after_lead or now");
  return KeyRotation::Activation::now;
}

}  // namespace

KeysRoutes::KeysRoutes(const Gate& gate, const projections::KeyQueries& keys, KeyRotation& rotation,
                       core::RandomSource& random)
    : gate_(gate), keys_(keys), rotation_(rotation), random_(random) {}

void KeysRoutes::add_to(Router& router) const {
  router.add(
      {Method::get, "/v1/keys", SyncHandler{answering(this, &KeysRoutes::list)}, on(RunOn::short_reads, kBySession)});
  router.add({Method::post, "/v1/keys:rotate", SyncHandler{answering(this, &KeysRoutes::rotate)},
              on(RunOn::long_reads, kBySession)});
  router.add({Method::post, "/v1/keys/{key}:retire", SyncHandler{answering(this, &KeysRoutes::retire)},
              on(RunOn::long_reads, kBySession)});
}

Checked<void> KeysRoutes::list(const Request& request, Response& response) const {
  TALLY_TRY(gate_.operator_caller(request));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(const std::vector<SigningKeyState> keys, keys_.list());
  response.start(200, kJson);
  response.set_no_store();
  JsonWriter json{response.body()};
  json.begin_object().key("items").begin_array();
  std::size_t retired_shown = 0;
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    if (key->retired_at && retired_shown++ >= limits::kRetiredKeysShownMax) continue;
    write_key(json, keys, *key, request.received_at);
  }
  json.end_array().end_object();
  return {};
}

Checked<void> KeysRoutes::rotate(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Caller caller, gate_.operator_caller(request));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
  const KeyRotation::Activation activation = activation_of(reader);
  TALLY_TRY(reader.finish());
  TALLY_TRY_ASSIGN(const auto change, rotation_.rotate(context_of(request, caller, random_), activation));
  return write_change(request, change, 201, response);
}

Checked<void> KeysRoutes::retire(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Caller caller, gate_.operator_caller(request));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
  const core::Force force = force_of(reader);
  TALLY_TRY(reader.finish());
  const std::string key_id{request.path_parameters[0]};
  TALLY_TRY_ASSIGN(const auto change, rotation_.retire(context_of(request, caller, random_), key_id, force));
  return write_change(request, change, 200, response);
}

Checked<void> KeysRoutes::write_change(const Request& request, const KeyRotation::Change& change, unsigned status,
                                       Response& response) const {
  TALLY_TRY_ASSIGN(const std::vector<SigningKeyState> keys, keys_.list());
  const auto key = std::ranges::find(keys, change.key_id, &SigningKeyState::key_id);
  if (key == keys.end()) return core::fail(core::Errc::not_found, "no such key");
  response.start(status, kJson);
  response.set_no_store();
  response.set_sequence(change.sequence);
  JsonWriter json{response.body()};
  write_key(json, keys, *key, request.received_at);
  return {};
}

}  // namespace tally::http
