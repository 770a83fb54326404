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
inline constexpr std::size_t kTokensPerAppendMax = 1'000;  // That one append stops when a person goes,
inline constexpr std::size_t kRowsPerAppendMax = 4'000;    // and that it looks at to find them; and the same of each
inline constexpr std::size_t kTokensPerStepMax = 100;      // step after it, between which others' commands run.
inline constexpr std::size_t kRowsPerStepMax = 400;
inline constexpr std::uint32_t kActiveTokensPerUserDefault = 100;
inline constexpr std::uint32_t kActiveTokensPerUserMax = 100'000;

// Scopes. RFC 6749 §3.3.
inline constexpr std::size_t kScopeBytesMax = 128;
inline constexpr std::size_t kScopesPerTokenMax = 50;
inline constexpr std::size_t kScopesPerWorkspaceMax = 200;

// Resources and proofs. RFC 8707, RFC 9449.
inline constexpr std::size_t kResourceBytesMax = 256;
inline constexpr std::size_t kProofBytesMax = 4'096;         // A proof by an RSA key of 4,096 bits has about 2,200.
inline constexpr std::size_t kProofIdBytesMax = 256;         // jti
inline constexpr std::size_t kProofUrlBytesMax = 2'048;      // htu
inline constexpr std::chrono::seconds kProofClockSkew{300};  // Between the client's clock and ours, either way.
inline constexpr std::chrono::seconds kNonceLifetime{60};    // A nonce is given for so long, and taken for twice that.
inline constexpr std::size_t kProofsRememberedPerNonceMax = 300'000;

// Ledger.
inline constexpr std::size_t kEventBytesMax = 65'535;  // C2SP tlog-tiles: an entry's length has two bytes.
inline constexpr std::size_t kCommandQueueMax = 4'096;
inline constexpr std::size_t kCommandsPerBatchMax = 1'024;
inline constexpr std::size_t kCommandsGathered = 32;            // The writer waits for no more,
inline constexpr std::chrono::microseconds kGatherTime{2'000};  // and no longer.
inline constexpr std::size_t kSignInFailuresRecordedPerMinute = 10;
inline constexpr std::size_t kLedgerOriginBytesMax = 255;
inline constexpr std::size_t kCheckpointBytesMax = 8 << 10;  // A signed note with all of its signatures.
inline constexpr std::size_t kCheckpointSignaturesMax = 16;  // The ledger's own, and witnesses'.
inline constexpr std::chrono::seconds kCheckpointPause{1};   // Between two signatures at the least.
inline constexpr std::chrono::seconds kCheckpointWait{5};    // Of whoever asks while the very first is made.

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
inline constexpr std::size_t kAccessTokenBytesMax = 12'288;  // kScopesPerTokenMax scopes of kScopeBytesMax, encoded.
inline constexpr std::size_t kIssuerBytesMax = 256;
inline constexpr std::uint64_t kTokensPerStatusList = 1 << 17;
inline constexpr std::chrono::seconds kStatusListLifetime{60};  ///< Also how late a revocation can show there.
inline constexpr std::size_t kStatusListsKeptMax = 256;
inline constexpr std::size_t kTokenUsesGatheredMax = 65'536;
inline constexpr std::size_t kFormBytesMax = 16 << 10;

// Live events and counts of the audit.
inline constexpr std::size_t kLiveStreamsMax = 200;
inline constexpr std::chrono::milliseconds kLiveStreamPause{1'000};
inline constexpr std::chrono::seconds kLiveStreamHeartbeat{15};
inline constexpr std::chrono::minutes kLiveStreamLifetime{15};
inline constexpr int kLiveStreamEventsPerPiece = 100;
inline constexpr int kCountedDaysMax = 92;
inline constexpr std::uint64_t kCountedEventsMax = 2'000'000;

// Conventions of the HTTP API.
inline constexpr std::size_t kIdempotencyKeyBytesMax = 64;
inline constexpr std::chrono::hours kIdempotencyLifetime{24};
inline constexpr std::chrono::minutes kIdempotentSecretLifetime{10};  // an answer that holds a secret
inline constexpr std::size_t kEntityTagsPerConditionMax = 16;
inline constexpr std::size_t kRateBuckets = 1 << 16;  // 16 bytes each
inline constexpr std::size_t kDenialsGatheredMax = 4'096;
inline constexpr std::chrono::seconds kDenialWindow{60};

// Legacy tokens.
inline constexpr std::size_t kImportBodyBytesMax = 64 << 20;
inline constexpr std::size_t kImportLineBytesMax = 4 << 10;
inline constexpr std::size_t kImportLinesMax = 100'000;
inline constexpr std::size_t kImportLinesPerCommandMax = 500;

// Transport: TLS, and proxies in front.
inline constexpr std::chrono::seconds kTlsHandshakeTimeout{10};
inline constexpr std::chrono::hours kTlsResumptionLifetime{2};
inline constexpr std::size_t kTlsFileBytesMax = 1 << 20;
inline constexpr std::size_t kClientCertificateChainBytesMax = 32 << 10;
inline constexpr int kClientCertificateChainMax = 5;
inline constexpr std::size_t kForwardedHopsMax = 32;
inline constexpr std::size_t kTrustedProxiesMax = 64;

}  // namespace tally::core::limits
