#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every bound of the edge that somebody outside can meet: what only http/ and its wiring know. /openapi.json takes its
/// numbers from here. What one part keeps for itself, as a buffer's size, is bounded there. Those of the domain:
/// core/base/limits.hpp.
namespace tally::http::limits {

// Requests and answers.
inline constexpr std::size_t kSmallBodyBytesMax = 16 << 10;
inline constexpr std::size_t kBodyBytesMax = 64 << 10;  // 1,000 ids, or a policy with all of its scopes.
inline constexpr std::size_t kFormBytesMax = 16 << 10;
inline constexpr std::size_t kHeaderBytesMax = 16 << 10;
inline constexpr std::size_t kHeaderFieldsMax = 100;
inline constexpr std::size_t kTargetBytesMax = 8 << 10;
inline constexpr std::size_t kParametersMax = 64;  // Of a query, or of a form.
inline constexpr std::size_t kEmptyLinesMax = 4;   // Before a request.
inline constexpr std::size_t kChunkExtensionBytesMax = 4 << 10;
inline constexpr std::size_t kIgnoredBodyBytesMax = 64 << 10;  // Of a request that is refused anyway.
inline constexpr std::size_t kRequestIdBytesMax = 64;
inline constexpr std::size_t kUserAgentBytesMax = 256;
inline constexpr std::size_t kBufferedBodiesBytesMax = 64 << 20;   // Of all requests together,
inline constexpr std::size_t kBufferedBodiesBytesShare = 8;        // an eighth of it for one network.
inline constexpr std::size_t kWaitingAnswersBytesMax = 128 << 20;  // For peers that do not read, all together,
inline constexpr std::size_t kWaitingAnswersBytesShare = 8;        // an eighth of it for one network.

// Connections.
inline constexpr std::size_t kConnectionsMax = 10'000;
inline constexpr std::size_t kConnectionsMaxShare = 4;  // One network has a quarter, unless it is set.
inline constexpr std::chrono::seconds kRequestTimeout{15};
inline constexpr std::chrono::seconds kIdleTimeout{75};
inline constexpr std::chrono::seconds kDrainTimeout{5};

// Transport: TLS, and proxies in front.
inline constexpr std::chrono::seconds kTlsHandshakeTimeout{10};
inline constexpr std::chrono::hours kTlsResumptionLifetime{2};
inline constexpr std::size_t kTlsFileBytesMax = 1 << 20;
inline constexpr std::size_t kClientCertificateChainBytesMax = 32 << 10;
inline constexpr int kClientCertificateChainMax = 5;
inline constexpr std::size_t kForwardedHopsMax = 32;
inline constexpr std::size_t kTrustedProxiesMax = 64;
inline constexpr std::size_t kCrossOriginsMax = 64;

// Reads that wait for their turn, of each pool.
inline constexpr std::size_t kReadsWaitingMax = 2'048;
inline constexpr std::size_t kReadsWaitingPerAskerMax = 128;

// How often somebody may ask, and what is told of who was refused.
inline constexpr std::size_t kRateBuckets = 1 << 16;             // 16 bytes each
inline constexpr std::size_t kSignInsRemembered = 1 << 14;       // Names with the addresses that they came from.
inline constexpr std::uint32_t kExchangesPerMinuteDefault = 60;  // Of the access tokens of one token.
inline constexpr std::size_t kDenialsGatheredMax = 4'096;
inline constexpr std::chrono::seconds kDenialWindow{60};

// Passwords that wait for their turn.
inline constexpr std::size_t kPasswordHashesWaitingMax = 512;  // A turn takes 30 ms of a thread. In all,
inline constexpr std::size_t kPasswordHashesWaitingOfAddressMax = 32;
inline constexpr std::size_t kPasswordHashesWaitingOfNameMax = 16;  // at one address,
inline constexpr std::size_t kPasswordHashesWaitingOfNameAnywhereMax = 64;
inline constexpr std::chrono::seconds kPasswordWait{8};  // and no longer.

// Access tokens.
inline constexpr std::size_t kAccessTokenBytesMax = 12'288;  // kScopesPerTokenMax scopes of kScopeBytesMax, encoded.
inline constexpr std::size_t kIssuerBytesMax = 256;
inline constexpr std::size_t kAccessTokensRememberedMax = 200'000;
inline constexpr std::size_t kAccessTokenScopeBytesRememberedMax = 8 << 20;
inline constexpr std::size_t kTokenUsesGatheredMax = 65'536;
inline constexpr std::uint64_t kTokensPerStatusList = 1 << 17;
inline constexpr std::chrono::seconds kStatusListLifetime{60};  ///< Also how late a revocation can show there.
inline constexpr std::size_t kStatusListsKeptMax = 256;

// Proofs. RFC 9449.
inline constexpr std::size_t kProofJsonDepthMax = 4;         // A jwk in the header, and the lists in it (key_ops, x5c).
inline constexpr std::size_t kProofBytesMax = 4'096;         // A proof by an RSA key of 4,096 bits has about 2,200.
inline constexpr std::size_t kProofIdBytesMax = 256;         // jti
inline constexpr std::size_t kProofUrlBytesMax = 2'048;      // htu
inline constexpr std::chrono::seconds kProofClockSkew{300};  // Between the client's clock and ours, either way.
inline constexpr std::chrono::seconds kNonceLifetime{60};    // A nonce is given for so long, and taken for twice that.
inline constexpr std::size_t kProofsRememberedPerNonceMax = 300'000;

// Checkpoints.
inline constexpr std::chrono::seconds kCheckpointPause{1};  // Between two signatures at the least.
inline constexpr std::chrono::seconds kCheckpointWait{5};   // Of whoever asks while the very first is made.

// Conventions of the HTTP API.
inline constexpr std::size_t kJsonDepthMax = 8;
inline constexpr std::size_t kJsonFieldsMax = 64;
inline constexpr std::size_t kJsonItemsMax = 1'000;
inline constexpr std::size_t kBasicCredentialsBytesMax = 1'024;  // In base64.
inline constexpr int kPageItemsDefault = 100;
inline constexpr std::size_t kRetiredKeysShownMax = 100;  // They are history, of which the events hold all.
inline constexpr std::size_t kCursorBytesMax = 1'024;
inline constexpr std::size_t kEntityTagsPerConditionMax = 16;
inline constexpr std::size_t kIdempotencyKeyBytesMax = 64;
// Of a longer answer only the fact is kept.
inline constexpr std::size_t kIdempotentAnswerBytesMax = 8 << 10;
inline constexpr std::size_t kIdempotentSecretBytesMax = 32 << 10;

// Live events, exports and counts of the audit.
inline constexpr std::size_t kLiveStreamsMax = 200;
inline constexpr std::size_t kLiveStreamsPerWorkspaceMax = 50;
inline constexpr std::size_t kLiveStreamsPerPersonMax = 4;
inline constexpr std::size_t kLiveStreamPieceBytes = 256 << 10;
inline constexpr std::chrono::milliseconds kLiveStreamPause{1'000};
inline constexpr std::chrono::seconds kLiveStreamHeartbeat{15};
inline constexpr std::chrono::minutes kLiveStreamLifetime{15};
inline constexpr int kLiveStreamEventsPerPiece = 100;
inline constexpr std::size_t kExportsMax = 50;
inline constexpr std::size_t kExportsPerWorkspaceMax = 10;
inline constexpr std::size_t kExportsPerPersonMax = 4;
inline constexpr int kCountedDaysMax = 92;

// Legacy tokens.
inline constexpr std::size_t kImportBodyBytesMax = 64 << 20;
inline constexpr std::size_t kImportLineBytesMax = 4 << 10;
inline constexpr std::size_t kImportLinesMax = 100'000;

}  // namespace tally::http::limits
