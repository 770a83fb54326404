#include "http/ledger/ledger_routes.hpp"

#include <string>

#include "http/frame/entity_tag.hpp"
#include "http/frame/query_reader.hpp"
#include "http/frame/route_policies.hpp"

namespace tally::http {
namespace {

constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

/// What a disk does is not the caller's to know, but that nothing was made up in its place is.
Refusal refusal_of(const core::Error& error) {
  if (error.code != core::Errc::io_failed && error.code != core::Errc::no_space) return error;
  return Refusal{503, "checkpoint_not_durable",
                 "a newer checkpoint could not be read, signed and written to disk, so none is told; ask again"};
}

}  // namespace

LedgerRoutes::LedgerRoutes(Checkpointer& checkpointer)
    : checkpointer_(checkpointer), key_(checkpointer.verifier().str() + "\n") {}

void LedgerRoutes::add_to(Router& router) const {
  // It may wait for the disk.
  router.add({Method::get, "/v1/ledger/checkpoint", SyncHandler{answering(this, &LedgerRoutes::checkpoint)},
              on(RunOn::long_reads, kForEveryone)});
  router.add({Method::get, "/v1/ledger/key", SyncHandler{answering(this, &LedgerRoutes::key)}, kForEveryone});
}

Checked<void> LedgerRoutes::checkpoint(const Request& request, Response& response) const {
  TALLY_TRY(expect_no_query(request));
  const auto latest = checkpointer_.latest();
  if (latest.has_error()) return refusal_of(latest.error());
  response.start(200, kPlainText);
  response.body() += (*latest)->note;
  tag_public_answer(request, (*latest)->tree.size, (*latest)->signed_at, response);
  return {};
}

Checked<void> LedgerRoutes::key(const Request& request, Response& response) const {
  TALLY_TRY(expect_no_query(request));
  response.start(200, kPlainText);
  // Its name changes with the origin.
  response.set("Cache-Control", "no-cache");
  response.body() += key_;
  return {};
}

}  // namespace tally::http
