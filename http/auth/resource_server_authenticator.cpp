#include "http/auth/resource_server_authenticator.hpp"

#include "core/base/secret.hpp"
#include "core/crypto/constant_time.hpp"
#include "core/crypto/hash.hpp"
#include "http/auth/basic_credentials.hpp"

namespace tally::http {
namespace {

core::Error unknown_caller() {
  return core::fail(core::Errc::unauthenticated, "unknown resource server or wrong secret");
}

}  // namespace

core::Result<ResourceServer> ResourceServerAuthenticator::authenticate(const Request& request) const {
  const auto authorization = request.header("Authorization");
  if (!authorization || request.header_count("Authorization") != 1) {
    return core::fail(core::Errc::unauthenticated, "a resource server names itself by HTTP Basic");
  }
  TALLY_TRY_ASSIGN(const BasicCredentials credentials, parse_basic(*authorization));
  const auto id = core::ResourceServerId::parse(credentials.id.reveal());
  const auto secret = core::OpaqueSecret::parse(core::SecretKind::resource_server, credentials.secret.reveal());
  if (id.has_error() || secret.has_error()) return unknown_caller();
  // Found by the hash of 256 random bits: how long the search takes tells nothing about any secret.
  TALLY_TRY_ASSIGN(const auto home, secrets_.find_secret(core::crypto::sha256(core::as_bytes(secret->reveal()))));
  if (!home || home->kind != core::SubjectKind::resource_server) return unknown_caller();
  if (!core::crypto::equal_in_constant_time(home->subject.bytes, id->uuid().bytes)) return unknown_caller();
  TALLY_TRY(limits_.admit_caller(request, id->uuid()));
  return ResourceServer{*id, home->workspace};
}

}  // namespace tally::http
