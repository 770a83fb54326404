#include "core/crypto/signing_key.hpp"

#include <algorithm>
#include <map>

#include "core/base/limits.hpp"
#include "core/ledger/signing_key_decider.hpp"
#include "tests/core/given.hpp"
#include "tests/support/seeded_random.hpp"

namespace tally::core::testing {
namespace {

constexpr std::chrono::seconds kLead{600};

const crypto::VerifyingKey& key_of(std::uint64_t seed) {
  static std::map<std::uint64_t, crypto::VerifyingKey> keys;
  const auto found = keys.find(seed);
  if (found != keys.end()) return found->second;
  tally::testing::SeededRandom random{seed};
  return keys.emplace(seed, crypto::SigningKey::generate(random).public_key()).first->second;
}
std::string id_of(std::uint64_t seed) { return key_of(seed).thumbprint(); }

AddSigningKey add(std::uint64_t seed, std::chrono::seconds lead = kLead) {
  return {id_of(seed), crypto::SigningAlgorithm::eddsa, key_of(seed).bytes(), lead};
}
SigningKeyAdded added(std::uint64_t seed, Timestamp activates_at) {
  return {id_of(seed), "EdDSA", key_of(seed).bytes(), activates_at};
}
SigningKeyRetired retired(std::uint64_t seed, KeyRetirement retirement) { return {id_of(seed), retirement}; }

/// The keys after what happened to them.
class KeyStory {
 public:
  explicit KeyStory(const std::vector<Past>& history) {
    for (const Past& past : history) {
      Event event = event_of({std::nullopt, Subject{}, 0, past.payload}, kStart + past.after);
      event.sequence = Sequence{next_++};
      apply(event);
    }
  }
  KeyStory at(Duration after) const {
    KeyStory story = *this;
    story.now_ = kStart + after;
    return story;
  }
  KeyStory by(CallerRights caller) const {
    KeyStory story = *this;
    story.caller_ = caller;
    return story;
  }
  template <class Command>
  Then when(const Command& command) const {
    return {decide(SigningKeySituation{keys_, caller_}, context_at(now_), command), std::nullopt, Subject{},
            Then::kNoVersion};
  }
  template <class Command>
  Then when_by_system(const Command& command) const {
    return {decide(SigningKeySituation{keys_, {}}, context_at(now_, {ActorKind::system, {}}), command), std::nullopt,
            Subject{}, Then::kNoVersion};
  }
  [[nodiscard]] SigningKeyStatus status(std::uint64_t seed) const { return status_of(keys_, key(seed), now_); }
  [[nodiscard]] std::optional<Timestamp> tokens_end(std::uint64_t seed) const {
    return tokens_end_at(keys_, key(seed));
  }
  [[nodiscard]] std::vector<NewEvent> taken_back(Sequence first_ahead, Sequence accepted) const {
    return keys_taken_back(keys_, first_ahead, accepted, now_);
  }
  [[nodiscard]] std::string signing() const {
    const SigningKeyState* signing = signing_key_at(keys_, now_);
    return signing == nullptr ? "" : signing->key_id;
  }

 private:
  [[nodiscard]] const SigningKeyState& key(std::uint64_t seed) const {
    const auto found = std::ranges::find(keys_, id_of(seed), &SigningKeyState::key_id);
    REQUIRE(found != keys_.end());
    return *found;
  }
  void apply(const Event& event) {
    if (std::holds_alternative<SigningKeyAdded>(event.payload)) {
      keys_.push_back(*evolve(std::optional<SigningKeyState>{}, event));
      return;
    }
    const auto& payload = std::get<SigningKeyRetired>(event.payload);
    const auto found = std::ranges::find(keys_, payload.key_id, &SigningKeyState::key_id);
    *found = *evolve(std::optional{*found}, event);
  }

  std::vector<SigningKeyState> keys_;
  std::uint64_t next_ = 0;
  Timestamp now_ = kStart;
  CallerRights caller_ = the_operator(kAlice);
};

const std::vector<Past> kOne{{0s, added(1, kStart)}};
const std::vector<Past> kTwo{{0s, added(1, kStart)}, {100s, added(2, kStart + 700s)}};

TEST_CASE("keys: the first one signs at once", "[core][keys]") {
  KeyStory{{}}.at(5s).when(add(1)).then({added(1, kStart + 5s)});
  KeyStory{{}}.at(5s).when_by_system(add(1, 0s)).then({added(1, kStart + 5s)});
  CHECK(KeyStory{kOne}.status(1) == SigningKeyStatus::active);
}

TEST_CASE("keys: a later one is published before it signs", "[core][keys]") {
  KeyStory{kOne}.at(100s).when(add(2)).then({added(2, kStart + 700s)});
  const KeyStory story{kTwo};
  CHECK(story.at(700s - Duration{1}).status(2) == SigningKeyStatus::pending);
  CHECK(story.at(700s - Duration{1}).status(1) == SigningKeyStatus::active);
  CHECK(story.at(700s - Duration{1}).signing() == id_of(1));
  CHECK(story.at(700s).status(2) == SigningKeyStatus::active);
  CHECK(story.at(700s).status(1) == SigningKeyStatus::retiring);
  CHECK(story.at(700s).signing() == id_of(2));
}

TEST_CASE("keys: one waits at a time, but an emergency does not wait, and takes nobody along", "[core][keys]") {
  const KeyStory story = KeyStory{kTwo}.at(200s);
  story.when(add(3)).then_error(Errc::conflict);
  story.when(add(3, 0s)).then({retired(2, KeyRetirement::unused), added(3, kStart + 200s)});
  const KeyStory after{{{0s, added(1, kStart)},
                        {100s, added(2, kStart + 700s)},
                        {200s, retired(2, KeyRetirement::unused)},
                        {200s, added(3, kStart + 200s)}}};
  CHECK(after.at(200s).signing() == id_of(3));
  CHECK(after.at(2h).signing() == id_of(3));
  // What never signed took over from nobody.
  CHECK(after.tokens_end(1) == kStart + 200s + 1h + 60s);
  // Two that begin in the same moment: the later one signs.
  const KeyStory twins{{{0s, added(1, kStart)}, {0s, added(2, kStart)}}};
  CHECK(twins.signing() == id_of(2));
  CHECK(twins.tokens_end(1) == kStart + 1h + 60s);
  CHECK_FALSE(twins.tokens_end(2).has_value());
}

TEST_CASE("keys: a correction of the clock takes back what waits for a time ahead, if another signs", "[core][keys]") {
  const KeyStory story{{{0s, added(1, kStart)}, {1h, added(2, kStart + 2h)}, {1h, added(3, kStart + 3h)}}};
  const auto back = [](const KeyStory& keys, std::uint64_t first_ahead, std::uint64_t accepted) {
    std::vector<EventPayload> payloads;
    for (NewEvent& event : keys.taken_back({first_ahead}, {accepted})) payloads.push_back(std::move(event.payload));
    return payloads;
  };
  using Payloads = std::vector<EventPayload>;
  CHECK(back(story.at(10s), 1, 3) == Payloads{retired(2, KeyRetirement::unused), retired(3, KeyRetirement::unused)});
  CHECK(back(story.at(10s), 2, 3) == Payloads{retired(3, KeyRetirement::unused)});
  CHECK(back(story.at(10s), 1, 2) == Payloads{retired(2, KeyRetirement::unused)});
  CHECK(back(story.at(2h), 1, 3) == Payloads{retired(3, KeyRetirement::unused)});
  // None is left but what waits: it signs, and stays.
  const KeyStory alone{{{1h, added(2, kStart + 2h)}}};
  CHECK(back(alone.at(10s), 0, 1).empty());
  alone.at(10s).when(add(3)).then({retired(2, KeyRetirement::unused), added(3, kStart + 10s)});
}

TEST_CASE("keys: one that has signed goes when its last token has expired", "[core][keys]") {
  const KeyStory story{kTwo};
  const Duration end = 700s + 1h + 60s;
  CHECK(story.tokens_end(1) == kStart + end);
  story.at(end - Duration{1}).when(RetireSigningKey{id_of(1), Force::no}).then_error(Errc::conflict);
  story.at(end).when(RetireSigningKey{id_of(1), Force::no}).then({retired(1, KeyRetirement::expired)});
  story.at(end).when_by_system(RetireSigningKey{id_of(1), Force::no}).then({retired(1, KeyRetirement::expired)});
  story.at(end).when(RetireSigningKey{id_of(1), Force::yes}).then({retired(1, KeyRetirement::expired)});
}

TEST_CASE("keys: before that it goes only by force, and its tokens with it", "[core][keys]") {
  KeyStory{kTwo}.at(701s).when(RetireSigningKey{id_of(1), Force::yes}).then({retired(1, KeyRetirement::forced)});
}

TEST_CASE("keys: one that waits may go, one that signs may not, not even by force", "[core][keys]") {
  KeyStory{kTwo}.at(200s).when(RetireSigningKey{id_of(2), Force::no}).then({retired(2, KeyRetirement::unused)});
  for (const Force force : {Force::no, Force::yes}) {
    KeyStory{kOne}.at(200s).when(RetireSigningKey{id_of(1), force}).then_error(Errc::conflict);
    KeyStory{kTwo}.at(200s).when(RetireSigningKey{id_of(1), force}).then_error(Errc::conflict);
    KeyStory{kTwo}.at(701s).when(RetireSigningKey{id_of(2), force}).then_error(Errc::conflict);
  }
}

TEST_CASE("keys: retiring twice changes nothing, and a retired key does not come back", "[core][keys]") {
  std::vector<Past> history = kTwo;
  history.push_back({2h, retired(1, KeyRetirement::expired)});
  const KeyStory story = KeyStory{history}.at(3h);
  CHECK(story.status(1) == SigningKeyStatus::retired);
  story.when(RetireSigningKey{id_of(1), Force::no}).then({});
  story.when(add(1)).then_error(Errc::already_exists);
  story.when(add(2)).then_error(Errc::already_exists);
  story.when(RetireSigningKey{"nobody's", Force::yes}).then_error(Errc::not_found);
}

TEST_CASE("keys: only the operator and the system change them", "[core][keys]") {
  CallerRights gone = the_operator(kAlice);
  gone.is_active = false;
  for (const CallerRights& caller : {rights(kAlice, Role::admin), gone}) {
    KeyStory{kOne}.by(caller).when(add(2)).then_error(Errc::forbidden);
    KeyStory{kTwo}.at(200s).by(caller).when(RetireSigningKey{id_of(2), Force::no}).then_error(Errc::forbidden);
  }
}

TEST_CASE("keys: what is no key, or not the one that its id says, is refused", "[core][keys]") {
  AddSigningKey wrong_id = add(1);
  wrong_id.key_id = id_of(2);
  KeyStory{{}}.when(wrong_id).then_error(Errc::malformed);
  AddSigningKey wrong_algorithm = add(1);
  wrong_algorithm.algorithm = crypto::SigningAlgorithm::es256;
  KeyStory{{}}.when(wrong_algorithm).then_error(Errc::malformed);
}

TEST_CASE("keys: there are so many and no more", "[core][keys]") {
  std::vector<Past> history;
  for (std::uint64_t seed = 1; seed <= limits::kSigningKeysMax; ++seed) {
    const Duration after = std::chrono::seconds{seed};
    history.push_back({after, added(seed, kStart + after)});
  }
  KeyStory{history}.at(1min).when(add(99, 0s)).then_error(Errc::limit_exceeded);
  history.push_back({1min, retired(1, KeyRetirement::forced)});
  KeyStory{history}.at(1min).when(add(99, 0s)).then({added(99, kStart + 1min)});
}

TEST_CASE("keys: events that do not fit are corrupt", "[core][keys]") {
  const auto evolved = [](std::optional<SigningKeyState> before, EventPayload payload) {
    return evolve(std::move(before), event_of({std::nullopt, Subject{}, 0, std::move(payload)}, kStart));
  };
  const SigningKeyState key = *evolved(std::nullopt, added(1, kStart));
  CHECK(evolved(key, added(1, kStart)).error().code == Errc::corrupt);
  CHECK(evolved(std::nullopt, retired(1, KeyRetirement::forced)).error().code == Errc::corrupt);
  const SigningKeyState gone = *evolved(key, retired(1, KeyRetirement::forced));
  CHECK(evolved(gone, retired(1, KeyRetirement::forced)).error().code == Errc::corrupt);
  CHECK(evolved(std::nullopt, SigningKeyAdded{"id", "HS256", {}, kStart}).error().code == Errc::corrupt);
}

TEST_CASE("keys: every status and reason has a name", "[core][keys]") {
  CHECK(std::string{name_of(SigningKeyStatus::pending)} == "pending");
  CHECK(std::string{name_of(SigningKeyStatus::retiring)} == "retiring");
  CHECK(std::string{name_of(KeyRetirement::unused)} == "unused");
  CHECK(std::string{name_of(KeyRetirement::expired)} == "expired");
  CHECK(std::string{name_of(KeyRetirement::forced)} == "forced");
}

}  // namespace
}  // namespace tally::core::testing
