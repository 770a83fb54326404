#pragma once

#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/state/context.hpp"
#include "http/server/rate_notes.hpp"

namespace tally::http {

/// Who attempts what, as far as it is known, and why it was refused: written by whoever finds out, for those who record
/// refused attempts.
struct AttemptNote {
  std::optional<core::Actor> actor;  ///< Absent: nobody proved to be anybody.
  core::Via via = core::Via::api;
  core::Credential credential{core::CredentialKind::none, {}, {}};  ///< What the actor proved it with.
  std::optional<core::WorkspaceId> workspace;                       ///< One that is there.
  core::TokenId token;                                              ///< Nil: not about one token.
  std::optional<core::Errc> refusal;                                ///< The first reason that was found.
  std::string fault = {};     ///< Why it failed, if that is our fault: for the log, not the caller.
  std::string obstacle = {};  ///< What stood in the way, if an operator may have to act: for the log, not the caller.

  void refuse(core::Errc code) {
    if (!refusal) refusal = code;
  }
  void blame_us(const core::Error& error) { fault = std::string{core::name_of(error.code)} + ": " + error.detail; }
  void blame_surroundings(const core::Error& error) {
    obstacle = std::string{core::name_of(error.code)} + ": " + error.detail;
  }
};

/// What the server got for the caller before the handler ran, from a refresh token that came beside the request.
struct FreshAccess {
  core::SecretText access_token;   ///< Stands in the place of Authorization.
  core::SecretText answer_fields;  ///< Field lines, each ended by CRLF, that the answer carries, whatever it is.
};

/// What is found out while a request is served. Part of its exchange; reached by Request::notes().
struct ExchangeNotes {
  RateNotes rates;  ///< What the limits that were asked say; they stand in the answer's head.
  AttemptNote attempt;
  std::optional<FreshAccess> fresh_access;
};

}  // namespace tally::http
