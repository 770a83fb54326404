#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every bound of Tally, in one place. A bound that a user can meet is also in docs/ and in /openapi.json.
namespace tally::core::limits {

// Names and texts, counted in Unicode code points after trimming, and in bytes for storage.
inline constexpr std::size_t kNameCharactersMax = 120;
inline constexpr std::size_t kUsernameBytesMax = 64;
inline constexpr std::size_t kEmailBytesMax = 254;
inline constexpr std::size_t kReasonCharactersMax = 500;
inline constexpr std::size_t kPasswordBytesMin = 12;
inline constexpr std::size_t kPasswordBytesMax = 1024;
inline constexpr std::size_t kUserAgentBytesMax = 256;
inline constexpr std::size_t kRequestIdBytesMax = 64;

// Tokens.
inline constexpr int kLifetimeDaysMin = 1;
inline constexpr int kLifetimeDaysMax = 365;
inline constexpr int kAccessTokenSecondsMin = 60;
inline constexpr int kAccessTokenSecondsMax = 3'600;
inline constexpr int kRefreshRetrySecondsMax = 86'400;
inline constexpr std::size_t kIdsPerBulkCallMax = 1'000;
inline constexpr std::uint32_t kActiveTokensPerUserDefault = 100;
inline constexpr std::uint32_t kActiveTokensPerUserMax = 100'000;

// Scopes. RFC 6749 §3.3.
inline constexpr std::size_t kScopeBytesMax = 128;
inline constexpr std::size_t kScopesPerTokenMax = 50;
inline constexpr std::size_t kScopesPerWorkspaceMax = 200;

// Ledger.
inline constexpr std::size_t kEventBytesMax = 65'535;  // C2SP tlog-tiles: an entry's length has two bytes.
inline constexpr std::size_t kCommandQueueMax = 4'096;
inline constexpr std::size_t kCommandsPerBatchMax = 1'024;
inline constexpr std::size_t kSignInFailuresRecordedPerMinute = 10;

// Signing keys. A key set that was read is trusted for the cache time; nobody may meet a key that it does not hold.
inline constexpr std::chrono::seconds kKeySetCacheTime{300};
inline constexpr int kSigningKeyLeadSecondsMin = 300;
inline constexpr int kSigningKeyLeadSecondsMax = 604'800;
inline constexpr int kSigningKeyLeadSecondsDefault = 600;
inline constexpr std::chrono::seconds kSigningKeySlack{60};  // For verifiers whose clocks are behind.
inline constexpr std::size_t kSigningKeysMax = 16;           // That are not retired.
inline constexpr std::size_t kKeyIdBytesMax = 64;
inline constexpr std::size_t kPublicKeyBytesMax = 1'024;
inline constexpr std::size_t kKeyFileBytesMax = 16 << 10;

// HTTP.
inline constexpr std::size_t kBodyBytesMax = 1 << 20;
inline constexpr std::size_t kHeaderBytesMax = 16 << 10;
inline constexpr std::size_t kHeaderFieldsMax = 100;
inline constexpr std::size_t kTargetBytesMax = 8 << 10;
inline constexpr std::size_t kConnectionsMax = 10'000;
inline constexpr std::chrono::seconds kRequestTimeout{15};
inline constexpr std::chrono::seconds kIdleTimeout{75};
inline constexpr std::chrono::seconds kDrainTimeout{20};
inline constexpr int kPageItemsDefault = 100;
inline constexpr int kPageItemsMax = 1'000;
inline constexpr std::size_t kCursorBytesMax = 1'024;
inline constexpr std::size_t kPasswordHashesWaitingMax = 64;
inline constexpr std::chrono::hours kSessionLifetime{12};
inline constexpr std::size_t kAccessTokensRememberedMax = 200'000;
inline constexpr std::size_t kAccessTokenScopeBytesRememberedMax = 8 << 20;
inline constexpr std::size_t kAccessTokenBytesMax = 10'752;  // kScopesPerTokenMax scopes of kScopeBytesMax, encoded.
inline constexpr std::size_t kIssuerBytesMax = 256;
inline constexpr std::size_t kTokenUsesGatheredMax = 65'536;
inline constexpr std::size_t kFormBytesMax = 16 << 10;

// Transport: TLS, and proxies in front.
inline constexpr std::chrono::seconds kTlsHandshakeTimeout{10};
inline constexpr std::chrono::hours kTlsResumptionLifetime{2};
inline constexpr std::size_t kTlsFileBytesMax = 1 << 20;
inline constexpr std::size_t kClientCertificateChainBytesMax = 32 << 10;
inline constexpr int kClientCertificateChainMax = 5;
inline constexpr std::size_t kForwardedHopsMax = 32;
inline constexpr std::size_t kTrustedProxiesMax = 64;

}  // namespace tally::core::limits
