#include "http/auth/request_limits.hpp"

#include <cstring>

#include <boost/asio/ip/address.hpp>

#include "core/crypto/hash.hpp"

namespace tally::http {
namespace {

constexpr std::size_t kSignInBuckets = core::limits::kRateBuckets / 8;
/// Several people may sit behind one address, and mistype.
constexpr std::uint32_t kSignInNamesPerAddress = 10;

/// A bijection: two addresses have two keys. Source: Steele, Lea, Flood, 2014 (SplitMix64's finalizer).
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
  return value ^ value >> 31;
}

std::uint64_t seed_from(core::RandomSource& random) {
  std::array<std::uint8_t, 8> bytes;
  random.fill(bytes);
  std::uint64_t seed;
  std::memcpy(&seed, bytes.data(), sizeof seed);
  return seed;
}

}  // namespace

RequestLimits::RequestLimits(const RequestLimitSettings& settings, core::RandomSource& random)
    : seed_(seed_from(random)),
      addresses_({"address", settings.address_per_minute}, core::limits::kRateBuckets),
      callers_({"caller", settings.caller_per_minute}, core::limits::kRateBuckets),
      sign_in_names_({"sign-in", settings.sign_in_failures_per_minute}, kSignInBuckets),
      sign_in_addresses_({"sign-in-address", settings.sign_in_failures_per_minute * kSignInNamesPerAddress},
                         kSignInBuckets) {}

core::Result<void> RequestLimits::take(RateBuckets& buckets, std::uint64_t key, const Request& request) {
  if (!buckets.is_on()) return {};
  const RateVerdict verdict = buckets.take(key, request.received_at);
  request.rate_notes.add(buckets.policy(), verdict);
  if (verdict.is_admitted) return {};
  return core::fail(core::Errc::rate_limited, "the limit \"" + std::string{buckets.policy().name} +
                                                  "\" is used up: try again in " +
                                                  std::to_string(verdict.retry_after_seconds) + " s");
}

std::uint64_t RequestLimits::key_of_address(std::string_view text) const {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string{text}, error);
  if (error) return mix(seed_);
  if (address.is_v4()) return mix(seed_ ^ address.to_v4().to_uint());
  const auto bytes = address.to_v6().to_bytes();
  std::uint64_t network;
  std::memcpy(&network, bytes.data(), sizeof network);
  // The networks of IPv4 and of IPv6 must not meet.
  return mix(~seed_ ^ network);
}

core::Uuid RequestLimits::stand_in_for(std::string_view address) const {
  const std::uint64_t key = key_of_address(address);
  core::Uuid stand_in;
  std::memcpy(stand_in.bytes.data(), &key, sizeof key);
  return stand_in;
}

// The name is a stranger's: only a real hash keeps them from finding another that shares its bucket.
std::uint64_t RequestLimits::key_of_sign_in(const Request& request, std::string_view username) const {
  std::string lower{username};
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  const std::uint64_t address = key_of_address(request.remote_address);
  const core::Digest digest =
      core::crypto::sha256({{reinterpret_cast<const std::uint8_t*>(&address), sizeof address}, core::as_bytes(lower)});
  std::uint64_t key;
  std::memcpy(&key, digest.bytes.data(), sizeof key);
  return key;
}

core::Result<void> RequestLimits::admit_address(const Request& request) {
  if (!addresses_.is_on()) return {};
  return take(addresses_, key_of_address(request.remote_address), request);
}

core::Result<void> RequestLimits::admit_caller(const Request& request, const core::Uuid& caller) {
  // The tail of a UUIDv7 is random, and drawn here.
  return take(callers_, std::hash<core::Uuid>{}(caller) ^ seed_, request);
}

core::Result<void> RequestLimits::admit_sign_in(const Request& request, std::string_view username) {
  if (!sign_in_names_.is_on()) return {};
  TALLY_TRY(take(sign_in_addresses_, key_of_address(request.remote_address), request));
  return take(sign_in_names_, key_of_sign_in(request, username), request);
}

void RequestLimits::forgive_sign_in(const Request& request, std::string_view username) {
  if (!sign_in_names_.is_on()) return;
  sign_in_names_.forgive(key_of_sign_in(request, username));
  sign_in_addresses_.give_back(key_of_address(request.remote_address));
}

}  // namespace tally::http
