#include "http/watch/request_limits.hpp"

#include <cstring>

#include "core/base/ascii.hpp"
#include "core/crypto/hash.hpp"
#include "http/server/client_network.hpp"
#include "http/server/exchange_notes.hpp"
#include "http/server/limits.hpp"
#include "http/server/table_seed.hpp"

namespace tally::http {
namespace {

constexpr std::size_t kSignInBuckets = limits::kRateBuckets / 8;
constexpr std::size_t kExchangeBuckets = limits::kRateBuckets / 8;
/// Several people may sit behind one address, and mistype.
constexpr std::uint32_t kSignInNamesPerAddress = 10;

std::uint64_t hashed(std::uint64_t salt, std::string_view text) {
  const core::Digest digest =
      core::crypto::sha256({{reinterpret_cast<const std::uint8_t*>(&salt), sizeof salt}, core::as_bytes(text)});
  std::uint64_t key;
  std::memcpy(&key, digest.bytes.data(), sizeof key);
  return key;
}

}  // namespace

RequestLimits::RequestLimits(const RequestLimitSettings& settings, core::RandomSource& random)
    : seed_(draw_table_seed(random)),
      addresses_({"address", settings.address_per_minute}, limits::kRateBuckets),
      callers_({"caller", settings.caller_per_minute}, limits::kRateBuckets),
      exchanges_({"exchange", settings.exchanges_per_minute}, kExchangeBuckets),
      sign_in_names_({"sign-in", settings.sign_in_failures_per_minute}, kSignInBuckets),
      sign_in_addresses_({"sign-in-address", settings.sign_in_failures_per_minute * kSignInNamesPerAddress},
                         kSignInBuckets),
      signed_in_(limits::kSignInsRemembered) {}

core::Result<void> RequestLimits::take(RateBuckets& buckets, std::uint64_t key, const Request& request) {
  if (!buckets.is_on()) return {};
  const RateVerdict verdict = buckets.take(key, request.received_at);
  request.notes().rates.add(buckets.policy(), verdict);
  if (verdict.is_admitted) return {};
  return core::fail(core::Errc::rate_limited, "the limit \"" + std::string{buckets.policy().name} +
                                                  "\" is used up: try again in " +
                                                  std::to_string(verdict.retry_after_seconds) + " s");
}

std::uint64_t RequestLimits::key_of_address(std::string_view text) const {
  return ClientNetworkHash{seed_}(ClientNetwork::of(text));
}

// Mixed, and not only combined: ids that meet by their plain hash would meet whatever the seed is.
std::uint64_t RequestLimits::key_of(const core::Uuid& id) const { return mixed(std::hash<core::Uuid>{}(id) ^ seed_); }

core::Uuid RequestLimits::stand_in_for(std::string_view address) const {
  const std::uint64_t key = key_of_address(address);
  core::Uuid stand_in;
  std::memcpy(stand_in.bytes.data(), &key, sizeof key);
  return stand_in;
}

// The name is a stranger's: only a real hash keeps them from finding another that shares its bucket.
SignInAttempt RequestLimits::attempt_of(const Request& request, std::string_view username) const {
  const std::string lower = core::ascii::small_letters(username);
  SignInAttempt attempt;
  attempt.address = key_of_address(request.remote_address);
  attempt.name = hashed(seed_, lower);
  attempt.name_at_address = hashed(attempt.address, lower);
  attempt.is_known = signed_in_.knows(attempt.name_at_address);
  return attempt;
}

core::Result<void> RequestLimits::admit_address(const Request& request) {
  if (!addresses_.is_on()) return {};
  return take(addresses_, key_of_address(request.remote_address), request);
}

core::Result<void> RequestLimits::admit_caller(const Request& request, const core::Uuid& caller) {
  return take(callers_, key_of(caller), request);
}

core::Result<void> RequestLimits::admit_grant(const Request& request, const LiveGrant& grant) {
  if (grant.unasked == LiveGrant::Unasked::address_and_caller) TALLY_TRY(admit_address(request));
  TALLY_TRY(admit_caller(request, grant.client.uuid()));
  if (!grant.exchanged) return {};
  return take(exchanges_, key_of(grant.exchanged->uuid()), request);
}

core::Result<SignInAttempt> RequestLimits::admit_sign_in(const Request& request, std::string_view username) {
  SignInAttempt attempt = attempt_of(request, username);
  if (!sign_in_names_.is_on()) return attempt;
  TALLY_TRY(take(sign_in_names_, attempt.name_at_address, request));
  attempt.is_counted = true;
  if (attempt.is_known) return attempt;
  if (auto admitted = take(sign_in_addresses_, attempt.address, request); admitted.has_error()) {
    give_back(attempt);
    return admitted.error();
  }
  attempt.is_counted_for_address = true;
  return attempt;
}

void RequestLimits::forgive_sign_in(const SignInAttempt& attempt, const Request& request) {
  if (attempt.is_counted) sign_in_names_.forgive(attempt.name_at_address);
  if (attempt.is_counted_for_address) sign_in_addresses_.give_back(attempt.address);
  signed_in_.note(attempt.name_at_address, request.received_at);
}

void RequestLimits::give_back(const SignInAttempt& attempt) {
  if (attempt.is_counted) sign_in_names_.give_back(attempt.name_at_address);
  if (attempt.is_counted_for_address) sign_in_addresses_.give_back(attempt.address);
}

}  // namespace tally::http
