#include "tools/tallyd/signed_ledger.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "core/crypto/system_random.hpp"
#include "events/ledger/ledger.hpp"
#include "events/ledger/transaction.hpp"
#include "events/log/log.hpp"
#include "events/log/tiles.hpp"
#include "events/memory/memory_store.hpp"
#include "tests/tools/support/scratch_folder.hpp"
#include "tools/base/private_file.hpp"
#include "tools/keyring/open_master_key.hpp"

namespace tally::tools {
namespace {

/// A data folder as a start finds it, with a checkpoint of before if one is asked for.
struct Folder {
  Folder() : ring(folder.path(), *open_master_key({.folder = folder.path()}, random), random) {}

  /// A start, up to where it signs.
  core::Result<SignedLedger> open() {
    TALLY_TRY_ASSIGN(auto signed_ledger, SignedLedger::open(folder.path(), ring, random));
    TALLY_TRY(signed_ledger.keep_key(ring));
    return signed_ledger;
  }
  core::Result<SignedLedger> open_only() { return SignedLedger::open(folder.path(), ring, random); }
  /// The error of open().
  core::Error refusal() {
    const auto opened = open();
    REQUIRE(opened.has_error());
    return opened.error();
  }
  /// Signs a checkpoint of these as a server would, and keeps it.
  void sign(const std::string& origin, const core::TreeHead& tree) {
    auto signed_ledger = open();
    REQUIRE(signed_ledger.has_value());
    const core::Checkpoint checkpoint{*core::LedgerOrigin::parse(origin), tree};
    REQUIRE(signed_ledger->file().keep(core::sign_checkpoint(checkpoint, signed_ledger->key())).has_value());
  }
  [[nodiscard]] std::string checkpoint() const { return folder / "checkpoint"; }
  [[nodiscard]] std::string key() const { return folder / "ledger.key"; }

  ScratchFolder folder;
  core::crypto::SystemRandom random;
  KeyRing ring;
};

/// A ledger that a server has started twice, and in which somebody has acted or not.
std::unique_ptr<events::Store> ledger_with(core::ActorKind actor) {
  auto store = events::make_memory_store();
  core::crypto::SystemRandom random;
  core::CommandContext context;
  for (int start = 0; start < 2; ++start) {
    const auto head = events::start_ledger(*store, {}, context, random);
    REQUIRE(head.has_value());
    events::Transaction transaction{*store, *head, {}};
    context.actor.kind = actor;
    const core::NewEvent event{std::nullopt, {core::SubjectKind::ledger, {}}, 0, core::LedgerStarted{}};
    REQUIRE(transaction.append(context, event).has_value());
    REQUIRE(transaction.commit().has_value());
    context.actor.kind = core::ActorKind::system;
  }
  return store;
}

core::TreeHead head_of(std::uint64_t size, std::uint8_t mark = 7) {
  core::TreeHead head{size, {}};
  head.root.bytes.fill(mark);
  return head;
}

core::Errc code_of(const core::Result<void>& checked) {
  return checked.has_error() ? checked.error().code : core::Errc{};
}

}  // namespace

TEST_CASE("signed ledger: the first start makes a key that signs checkpoints only, wrapped, and keeps it",
          "[tools][ledger]") {
  Folder folder;
  const auto first = folder.open();
  REQUIRE(first.has_value());
  CHECK(mode_of(folder.key()) == 0600);
  CHECK(read_text(folder.key()).find("PRIVATE KEY") == std::string::npos);
  CHECK_FALSE(first->last().has_value());
  const auto second = folder.open();
  REQUIRE(second.has_value());
  CHECK(second->key().public_key().bytes() == first->key().public_key().bytes());
}

TEST_CASE("signed ledger: given a checkpoint, a ledger that is as long or longer goes on", "[tools][ledger]") {
  Folder folder;
  const auto nothing = events::make_memory_store();
  folder.sign("tally.example", head_of(5));
  CHECK(mode_of(folder.checkpoint()) == 0600);
  CHECK_FALSE(std::filesystem::exists(folder.checkpoint() + ".new"));
  const auto signed_ledger = folder.open();
  REQUIRE(signed_ledger.has_value());
  REQUIRE(signed_ledger->last().has_value());
  CHECK(signed_ledger->last()->tree == head_of(5));
  CHECK(signed_ledger->check(head_of(5), *nothing).has_value());
  CHECK(signed_ledger->check(head_of(6, 1), *nothing).has_value());
}

TEST_CASE("signed ledger: a ledger that has grown is asked for the root at the size that was signed",
          "[tools][ledger]") {
  const auto ledger = ledger_with(core::ActorKind::user);
  const auto head = events::load_head(*ledger);
  REQUIRE(head.has_value());
  const core::TreeHead found{head->tree.size(), head->tree.root()};
  events::Tiles tiles{*ledger, found.size};
  for (const std::uint64_t size : {std::uint64_t{1}, found.size - 1, found.size}) {
    INFO("size " << size);
    const auto beginning = events::range_at(tiles, size);
    REQUIRE(beginning.has_value());
    Folder same;
    same.sign("tally.example", {size, beginning->root()});
    CHECK(same.open()->check(found, *ledger).has_value());
    Folder other;
    other.sign("tally.example", head_of(size));
    const auto checked = other.open()->check(found, *ledger);
    REQUIRE(checked.has_error());
    CHECK(checked.error().code == core::Errc::corrupt);
    CHECK_THAT(checked.error().detail, Catch::Contains(other.checkpoint()));
  }
}

TEST_CASE("signed ledger: given a checkpoint, a shorter ledger or another one is damaged, and what is missing is named",
          "[tools][ledger]") {
  Folder folder;
  const auto nothing = events::make_memory_store();
  folder.sign("tally.example", head_of(5));
  const auto signed_ledger = folder.open();
  REQUIRE(signed_ledger.has_value());
  CHECK(code_of(signed_ledger->check(head_of(3), *nothing)) == core::Errc::corrupt);
  CHECK(code_of(signed_ledger->check(head_of(0), *nothing)) == core::Errc::corrupt);
  CHECK(code_of(signed_ledger->check(head_of(5, 1), *nothing)) == core::Errc::corrupt);
  CHECK_THAT(signed_ledger->check(head_of(3), *nothing).error().detail,
             Catch::Contains(folder.checkpoint()) && Catch::Contains("event 3 is the first that is missing") &&
                 Catch::Contains("docs/operations.md"));
}

TEST_CASE("signed ledger: a checkpoint that is missing beside its key is asked for, once somebody has acted",
          "[tools][ledger]") {
  const auto [actor, code] = GENERATE(table<core::ActorKind, core::Errc>({
      {core::ActorKind::system, core::Errc{}},
      {core::ActorKind::user, core::Errc::corrupt},
      {core::ActorKind::client, core::Errc::corrupt},
      {core::ActorKind::operator_person, core::Errc::corrupt},
  }));
  const auto ledger = ledger_with(actor);
  const core::TreeHead head{4, {}};
  Folder folder;
  // Without a key it is a ledger of before there were any, or one that goes on from an older state on purpose.
  CHECK(code_of(folder.open_only()->check(head, *ledger)) == core::Errc{});
  CHECK_FALSE(std::filesystem::exists(folder.key()));
  REQUIRE(folder.open().has_value());
  const auto checked = folder.open_only()->check(head, *ledger);
  CHECK(code_of(checked) == code);
  if (code == core::Errc{}) return;
  CHECK_THAT(checked.error().detail, Catch::Contains(folder.checkpoint()) && Catch::Contains(folder.key()) &&
                                         Catch::Contains("put it back") && Catch::Contains("docs/operations.md"));
  const auto found = events::load_head(*ledger);
  const core::TreeHead signed_head{found->tree.size(), found->tree.root()};
  folder.sign("tally.example", signed_head);
  CHECK(code_of(folder.open_only()->check(signed_head, *ledger)) == core::Errc{});
}

TEST_CASE("signed ledger: a checkpoint of another name is held against the same key", "[tools][ledger]") {
  Folder folder;
  folder.sign("old.example", head_of(5));
  CHECK(folder.open()->last()->tree == head_of(5));
  folder.sign("new.example", head_of(6));
  CHECK(folder.open()->last()->tree == head_of(6));
}

TEST_CASE("signed ledger: a checkpoint that is cut, changed, foreign or too large is refused, and stays",
          "[tools][ledger]") {
  Folder folder;
  folder.sign("tally.example", head_of(5));
  const std::string good = read_text(folder.checkpoint());
  const auto changed = GENERATE_COPY(as<std::string>{}, "", good.substr(0, good.size() / 2), good + "\n",
                                     "tally.example\n6" + good.substr(good.find("\n5") + 2),
                                     std::string(core::limits::kCheckpointBytesMax + 1, 'x'));
  write_text(folder.checkpoint(), changed);
  CHECK(folder.refusal().code == core::Errc::corrupt);
  CHECK_THAT(folder.refusal().detail, Catch::Contains(folder.checkpoint()));
  CHECK(read_text(folder.checkpoint()) == changed);
}

TEST_CASE("signed ledger: the key of another folder has not signed this one's checkpoint", "[tools][ledger]") {
  Folder folder;
  folder.sign("tally.example", head_of(5));
  const core::crypto::SigningKey other = core::crypto::SigningKey::generate(folder.random);
  REQUIRE(folder.ring.keep("ledger", other.to_pem().reveal()).has_value());
  CHECK(folder.refusal().code == core::Errc::corrupt);
}

TEST_CASE("signed ledger: a key that is missing beside a checkpoint is asked for, and none is made in its place",
          "[tools][ledger]") {
  Folder folder;
  folder.sign("tally.example", head_of(5));
  std::filesystem::rename(folder.key(), folder.folder / "moved");
  const core::Error error = folder.refusal();
  CHECK(error.code == core::Errc::io_failed);
  CHECK_THAT(error.detail,
             Catch::Contains(folder.key()) && Catch::Contains(folder.checkpoint()) && Catch::Contains("put it back"));
  CHECK_FALSE(std::filesystem::exists(folder.key()));
  // The way out of docs/operations.md: both go, and a new key begins a new ledger for whoever verifies.
  std::filesystem::remove(folder.checkpoint());
  CHECK(folder.open().has_value());
}

TEST_CASE("signed ledger: a key of another kind is refused", "[tools][ledger]") {
  Folder folder;
  const auto other = core::crypto::SigningKey::generate(folder.random, core::crypto::SigningAlgorithm::es256);
  REQUIRE(folder.ring.keep("ledger", other.to_pem().reveal()).has_value());
  CHECK(folder.refusal().code == core::Errc::malformed);
  REQUIRE(folder.ring.keep("ledger", "no key").has_value());
  CHECK(folder.refusal().code == core::Errc::malformed);
}

TEST_CASE("signed ledger: the origin is the setting, or the issuer without its scheme", "[tools][ledger]") {
  Settings settings;
  CHECK(choose_ledger_origin(settings, "https://tally.example")->str() == "tally.example");
  CHECK(choose_ledger_origin(settings, "http://[::1]:8080/base")->str() == "[::1]:8080/base");
  const auto refused = choose_ledger_origin(settings, "https://tally.example/a+b");
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == core::Errc::bad_configuration);
  CHECK_THAT(refused.error().detail, Catch::StartsWith("ledger_origin: "));
  settings.ledger_origin = *core::LedgerOrigin::parse("ledger.example/1");
  CHECK(choose_ledger_origin(settings, "https://tally.example")->str() == "ledger.example/1");
}

}  // namespace tally::tools
