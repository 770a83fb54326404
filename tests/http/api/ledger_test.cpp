#include <catch2/catch.hpp>

#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;
using testing::Reply;
using namespace std::chrono_literals;

namespace {

core::SignedCheckpoint read(const Reply& reply) {
  auto note = core::parse_checkpoint(reply.body);
  REQUIRE(note.has_value());
  return *std::move(note);
}

}  // namespace

TEST_CASE_METHOD(ApiFixture, "ledger: anybody gets the checkpoint, and the key that verifies it", "[api][ledger]") {
  const Reply checkpoint = get(nobody, "/v1/ledger/checkpoint");
  REQUIRE(checkpoint.status == 200);
  CHECK(checkpoint.header("Content-Type") == "text/plain; charset=utf-8");
  CHECK(checkpoint.header("Cache-Control") == "no-cache");
  CHECK(checkpoint.header("Last-Modified") == "Fri, 15 Jan 2027 08:00:00 GMT");
  const Reply key = get(nobody, "/v1/ledger/key");
  REQUIRE(key.status == 200);
  CHECK(key.header("Content-Type") == "text/plain; charset=utf-8");
  REQUIRE(key.body.ends_with('\n'));
  const auto verifier = core::NoteVerifier::parse(key.body.substr(0, key.body.size() - 1));
  REQUIRE(verifier.has_value());
  const core::SignedCheckpoint note = read(checkpoint);
  CHECK(verifier->has_signed(note));
  CHECK(note.checkpoint.tree == *audit.tree_head());
  CHECK(get(ada, "/v1/ledger/checkpoint").body == checkpoint.body);
  CHECK(get(nobody, "/v1/ledger/checkpoint?size=1").status == 400);
  CHECK(get(nobody, "/v1/ledger/key?x=").status == 400);
}

TEST_CASE_METHOD(ApiFixture, "ledger: who has the checkpoint is not sent it again until the ledger grows",
                 "[api][ledger]") {
  const Reply first = get(nobody, "/v1/ledger/checkpoint");
  const std::string tag = first.header("ETag").value();
  now += 5s;
  const Reply again = get(nobody, "/v1/ledger/checkpoint", {{"If-None-Match", tag}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(again.header("ETag") == tag);
  CHECK(again.header("Last-Modified") == first.header("Last-Modified"));
  CHECK(again.header("Cache-Control") == "no-cache");
  CHECK_FALSE(again.header("Content-Type").has_value());
  generate(grace);
  now += 1s;
  const Reply grown = get(nobody, "/v1/ledger/checkpoint", {{"If-None-Match", tag}});
  CHECK(grown.status == 200);
  CHECK(read(grown).checkpoint.tree.size == read(first).checkpoint.tree.size + 1);
  CHECK(grown.header("Last-Modified") == "Fri, 15 Jan 2027 08:00:06 GMT");
}

TEST_CASE_METHOD(ApiFixture, "ledger: a checkpoint that is not on disk is not told", "[api][ledger]") {
  const auto code = GENERATE(core::Errc::io_failed, core::Errc::no_space);
  const Reply first = get(nobody, "/v1/ledger/checkpoint");
  generate(grace);
  now += 1s;
  checkpoints.failure = core::fail(code, "/some/disk is broken");
  const Reply failed = get(nobody, "/v1/ledger/checkpoint");
  CHECK(failed.status == 503);
  CHECK(failed.text("code") == "checkpoint_not_durable");
  CHECK(failed.header("Retry-After") == "1");
  CHECK(failed.body.find("/some/disk") == std::string::npos);
  checkpoints.failure.reset();
  now += 1s;
  const Reply mended = get(nobody, "/v1/ledger/checkpoint");
  REQUIRE(mended.status == 200);
  CHECK(read(mended).checkpoint.tree.size == read(first).checkpoint.tree.size + 1);
  CHECK(checkpoints.kept->note == mended.body);
}
