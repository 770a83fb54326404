#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/limits.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "http/server/rate_buckets.hpp"
#include "http/server/recent_keys.hpp"
#include "http/server/request.hpp"
#include "http/watch/request_limit_settings.hpp"

namespace tally::http {

/// An access token that is asked for with a credential that is surely alive.
struct LiveGrant {
  core::WorkspaceId client;
  /// Which limits were not asked before.
  enum class Unasked : std::uint8_t { caller, address_and_caller } unasked = Unasked::address_and_caller;
  std::optional<core::TokenId> exchanged = {};  ///< The token whose access token is exchanged, if one is.
};

/// Somebody's attempt to prove a password, as numbers that nobody can choose.
struct SignInAttempt {
  std::uint64_t address = 0;          ///< Of an IPv6 address its /64.
  std::uint64_t name = 0;             ///< From wherever.
  std::uint64_t name_at_address = 0;  ///< Both.
  bool is_known = false;              ///< The name was right from that address before.
  bool is_counted = false;
  bool is_counted_for_address = false;
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
  /// What every grant goes through once it is known that its credential lives, and no other: a dead one is told so,
  /// whatever the limits say. Errors: rate_limited.
  core::Result<void> admit_grant(const Request& request, const LiveGrant& grant);
  /// An attempt to prove a password of `username`, as it was typed: counts as a failure until it is forgiven or given
  /// back. A name that was right from that address before is held against its own failures only: an address that
  /// others have used up does not lock it out. Errors: rate_limited (then nothing is counted).
  core::Result<SignInAttempt> admit_sign_in(const Request& request, std::string_view username);
  /// The password was right.
  void forgive_sign_in(const SignInAttempt& attempt, const Request& request);
  /// It was not compared.
  void give_back(const SignInAttempt& attempt);
  /// Whose attempt it would be, without counting it.
  [[nodiscard]] SignInAttempt attempt_of(const Request& request, std::string_view username) const;

  /// The same for all requests of one address, or of one /64, and in form no person's id.
  [[nodiscard]] core::Uuid stand_in_for(std::string_view address) const;

 private:
  core::Result<void> take(RateBuckets& buckets, std::uint64_t key, const Request& request);
  [[nodiscard]] std::uint64_t key_of_address(std::string_view address) const;
  [[nodiscard]] std::uint64_t key_of(const core::Uuid& id) const;

  std::uint64_t seed_ = 0;  // constant after construction
  RateBuckets addresses_;
  RateBuckets callers_;
  RateBuckets exchanges_;
  RateBuckets sign_in_names_;
  RateBuckets sign_in_addresses_;
  RecentKeys signed_in_;  ///< Names at addresses.
};

}  // namespace tally::http
