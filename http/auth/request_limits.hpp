#pragma once

#include <cstdint>
#include <string_view>

#include "core/ids.hpp"
#include "core/limits.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "http/server/rate_buckets.hpp"
#include "http/server/request.hpp"

namespace tally::http {

/// How often may be asked, per minute. 0: no limit.
struct RequestLimitSettings {
  std::uint32_t address_per_minute = 0;
  std::uint32_t caller_per_minute = 0;            ///< A person, a resource server or an OAuth client.
  std::uint32_t sign_in_failures_per_minute = 0;  ///< Of one name from one address; ten times as many from one address.
};

/// Who may ask how often: one limit for each address, one for each caller, a stricter one for failed sign-ins. What
/// they say is noted in the request, and stands in the answer's head. The address is the request's, an IPv6 one by its
/// /64. Threads: any.
class RequestLimits {
 public:
  RequestLimits(const RequestLimitSettings& settings, core::RandomSource& random);

  /// Errors: rate_limited.
  core::Result<void> admit_address(const Request& request);
  /// Errors: rate_limited.
  core::Result<void> admit_caller(const Request& request, const core::Uuid& caller);
  /// An attempt to sign in with `username`, as it was typed: counts as a failure until forgive_sign_in(). Errors:
  /// rate_limited.
  core::Result<void> admit_sign_in(const Request& request, std::string_view username);
  void forgive_sign_in(const Request& request, std::string_view username);

  /// The same for all requests of one address, or of one /64, and in form no person's id.
  [[nodiscard]] core::Uuid stand_in_for(std::string_view address) const;

  [[nodiscard]] bool limits_addresses() const { return addresses_.is_on(); }

 private:
  core::Result<void> take(RateBuckets& buckets, std::uint64_t key, const Request& request);
  [[nodiscard]] std::uint64_t key_of_address(std::string_view address) const;
  [[nodiscard]] std::uint64_t key_of_sign_in(const Request& request, std::string_view username) const;

  std::uint64_t seed_ = 0;  // constant after construction
  RateBuckets addresses_;
  RateBuckets callers_;
  RateBuckets sign_in_names_;
  RateBuckets sign_in_addresses_;
};

}  // namespace tally::http
