#pragma once

#include <memory>

#include "core/base/random.hpp"
#include "http/frame/access.hpp"
#include "http/server/router.hpp"
#include "projections/commands/command_service.hpp"

namespace tally::http {

/// `POST /v1/workspaces/{workspace}/legacy-tokens:import`: an admin makes the tokens of the system before known, by
/// their hashes, as newline-delimited JSON of any length up to kImportBodyBytesMax and kImportLinesMax. The body is
/// taken while it arrives, kImportLinesPerCommandMax lines in one append. The answer says what became of each line. An
/// import that was broken off can be run again: what was imported is left as it is; so it needs no Idempotency-Key.
class LegacyTokensRoutes {
 public:
  /// Lifetime: all of them outlive the router's use.
  LegacyTokensRoutes(const Gate& gate, projections::CommandService& commands, core::RandomSource& random)
      : gate_(gate), commands_(commands), random_(random) {}
  void add_to(Router& router) const;

 private:
  /// Null: refused, and the response is written.
  [[nodiscard]] std::unique_ptr<BodySink> begin(const Request& request, Response& response) const;

  const Gate& gate_;
  projections::CommandService& commands_;
  core::RandomSource& random_;
};

}  // namespace tally::http
