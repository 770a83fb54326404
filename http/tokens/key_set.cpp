#include "http/tokens/key_set.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "http/server/json_writer.hpp"
#include "http/tokens/access_token_text.hpp"

namespace tally::http {
namespace {

std::string make_jwks(const std::vector<KeySet::Key>& keys) {
  std::string jwks;
  JsonWriter writer{jwks};
  writer.begin_object().key("keys").begin_array();
  for (const KeySet::Key& key : keys) {
    writer.begin_object();
    for (const auto& [name, value] : key.key.public_key.jwk_members()) writer.member(name, std::string_view{value});
    writer.member("kid", std::string_view{key.id}).member("use", "sig");
    writer.member("alg", core::crypto::name_of(key.key.public_key.algorithm())).end_object();
  }
  writer.end_array().end_object();
  return jwks;
}

}  // namespace

KeySet::KeySet(std::vector<AccessTokenKey> keys) {
  for (AccessTokenKey& key : keys) {
    // Of two with the same time the later in the list signs.
    const auto place =
        std::ranges::find_if(keys_, [&key](const Key& other) { return other.key.signs_from <= key.signs_from; });
    std::string id = key.public_key.thumbprint();
    std::string header = AccessTokenText::encode_header(key.public_key.algorithm(), id) + '.';
    keys_.insert(place, {std::move(id), std::move(header), std::move(key)});
  }
  TALLY_CHECK(std::ranges::any_of(keys_, [](const Key& key) { return key.key.private_key != nullptr; }));
  jwks_ = make_jwks(keys_);
}

const KeySet::Key* KeySet::find(std::string_view key_id) const {
  const auto found = std::ranges::find(keys_, key_id, &Key::id);
  return found == keys_.end() ? nullptr : &*found;
}

const KeySet::Key& KeySet::signing_at(std::int64_t issued_at_seconds) const {
  const Key* earliest = nullptr;
  for (const Key& key : keys_) {
    if (key.key.private_key == nullptr) continue;
    if (core::seconds_of(key.key.signs_from) <= issued_at_seconds) return key;
    earliest = &key;
  }
  TALLY_CHECK(earliest != nullptr);
  return *earliest;
}

std::vector<std::string_view> KeySet::algorithms() const {
  std::vector<std::string_view> names;
  for (const Key& key : keys_) {
    const std::string_view name = core::crypto::name_of(key.key.public_key.algorithm());
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

}  // namespace tally::http
