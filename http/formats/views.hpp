#pragma once

#include <optional>
#include <string>

#include "core/state/person.hpp"
#include "core/state/workspace.hpp"
#include "http/formats/people_names.hpp"
#include "http/server/json_writer.hpp"
#include "http/tokens/access_tokens.hpp"
#include "projections/queries/token_queries.hpp"

/// How things look in JSON. Every function writes one value; absent fields are left out. The schemas of openapi.json
/// say the same.
namespace tally::http {

/// Never the password verifier.
void write_user(JsonWriter& json, const core::PersonState& person);
void write_policy(JsonWriter& json, const core::Policy& policy);
/// `role`: the caller's, if they are a member.
void write_workspace(JsonWriter& json, const core::WorkspaceState& workspace, std::optional<core::Role> role,
                     const AccessTokens& access_tokens);
void write_member(JsonWriter& json, const core::MemberState& member, const core::PersonState& person);
/// Without its secret: whoever creates it adds that one member.
void write_resource_server_fields(JsonWriter& json, const core::ResourceServerState& resource_server);

/// Learns the names of those whom a token, or an actor, names. Errors: of the look-up.
core::Result<void> learn_people(const core::Actor& actor, PeopleNames& names);
core::Result<void> learn_people(const core::TokenState& token, PeopleNames& names);
/// With the names that were learnt.
void write_token(JsonWriter& json, const projections::TokenRecord& token, const PeopleNames& names);
/// `{kind, id, username}` of whoever acted.
void write_actor(JsonWriter& json, const core::Actor& actor, const PeopleNames& names);

/// The actor's id with the prefix of its kind; empty for the system.
std::string id_of(const core::Actor& actor);

}  // namespace tally::http
