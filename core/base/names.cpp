#include "core/base/names.hpp"

#include <algorithm>
#include <utility>

#include "core/base/limits.hpp"
#include "core/base/unicode.hpp"

namespace tally::core {
namespace {

/// How many code points of a decomposed text one of a composed text can be: U+1F82 is four.
constexpr std::size_t kDecomposedMax = 4;

std::string_view without_outer_white_space(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto character = unicode::first_character(text.substr(at));
    const std::size_t next = at + (character ? character->bytes : 1);
    if (!character || !unicode::is_white_space(character->value)) {
      begin = std::min(begin, at);
      end = next;
    }
    at = next;
  }
  return end == 0 ? std::string_view{} : text.substr(begin, end - begin);
}

/// What a text is made of, as far as the rules of names ask.
struct Parts {
  std::size_t characters = 0;
  bool has_visible = false;
  bool has_control = false;
  bool has_direction_mark = false;
  bool has_right_to_left = false;
};

/// Errors: malformed (not UTF-8).
Result<Parts> parts_of(std::string_view text) {
  Parts parts;
  while (!text.empty()) {
    const auto character = unicode::first_character(text);
    if (!character) return fail(Errc::malformed, "not UTF-8");
    ++parts.characters;
    parts.has_visible = parts.has_visible || unicode::is_visible(character->value);
    parts.has_control = parts.has_control || unicode::is_control(character->value);
    parts.has_direction_mark = parts.has_direction_mark || unicode::is_direction_mark(character->value);
    parts.has_right_to_left = parts.has_right_to_left || unicode::is_right_to_left(character->value);
    text.remove_prefix(character->bytes);
  }
  return parts;
}

Result<std::string> normalize(std::string_view field, std::string_view typed, std::size_t characters_min,
                              std::size_t characters_max) {
  const auto refused = [field](std::string why) { return invalid(std::string{field}, std::move(why)); };
  const auto too_many = [&](std::size_t characters) {
    return refused(std::to_string(characters_min) + " to " + std::to_string(characters_max) +
                   " characters are allowed, not " + std::to_string(characters));
  };
  const std::string_view text = without_outer_white_space(typed);
  const auto as_typed = parts_of(text);
  if (as_typed.has_error()) return refused(as_typed.error().detail);
  // Before it is composed, which takes long where it is long.
  if (as_typed->characters > characters_max * kDecomposedMax) return too_many(as_typed->characters);
  TALLY_TRY_ASSIGN(std::string composed, unicode::to_nfc(text));
  TALLY_TRY_ASSIGN(const Parts parts, parts_of(composed));
  if (parts.has_control) return refused("control characters are not allowed");
  if (parts.has_direction_mark && !parts.has_right_to_left) {
    return refused("marks of direction are allowed beside letters that are written from right to left only");
  }
  if (parts.characters < characters_min || parts.characters > characters_max) return too_many(parts.characters);
  if (!composed.empty() && !parts.has_visible) return refused("must have a character that can be seen");
  return composed;
}

/// RFC 3986 appendix A: unreserved, reserved and '%', but not '#'.
bool is_uri_character(char character) {
  constexpr std::string_view kMarks = "-._~:/?[]@!$&'()*+,;=%";
  const bool is_digit = character >= '0' && character <= '9';
  const bool is_letter = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
  return is_digit || is_letter || kMarks.find(character) != std::string_view::npos;
}

bool is_scheme(std::string_view text) {
  if (text.empty() || !((text.front() | 0x20) >= 'a' && (text.front() | 0x20) <= 'z')) return false;
  return std::all_of(text.begin(), text.end(), [](char character) {
    return is_uri_character(character) &&
           std::string_view{"_~:/?[]@!$&'()*,;=%"}.find(character) == std::string_view::npos;
  });
}

}  // namespace

Result<void> check_resource(std::string_view field, std::string_view uri) {
  if (uri.size() > limits::kResourceBytesMax) {
    return invalid(std::string{field}, "at most " + std::to_string(limits::kResourceBytesMax) + " bytes");
  }
  const std::size_t colon = uri.find(':');
  const bool is_absolute = colon != std::string_view::npos && is_scheme(uri.substr(0, colon)) && colon + 1 < uri.size();
  if (!is_absolute || !std::all_of(uri.begin(), uri.end(), is_uri_character)) {
    return invalid(std::string{field}, "not an absolute URI without a fragment");
  }
  return {};
}

Result<std::string> normalize_name(std::string_view field, std::string_view text) {
  return normalize(field, text, 1, limits::kNameCharactersMax);
}

Result<SecretText> normalize_password(std::string_view field, const SecretText& typed) {
  const auto refused = [field] {
    return invalid(std::string{field}, "must have " + std::to_string(limits::kPasswordBytesMin) + " to " +
                                           std::to_string(limits::kPasswordBytesMax) + " bytes");
  };
  if (typed.reveal().size() > limits::kTypedPasswordBytesMax) return refused();
  auto composed = unicode::to_nfc(typed.reveal());
  if (composed.has_error()) return invalid(std::string{field}, "not UTF-8");
  SecretText password{std::move(*composed)};
  const std::size_t bytes = password.reveal().size();
  if (bytes < limits::kPasswordBytesMin || bytes > limits::kPasswordBytesMax) return refused();
  return password;
}

Result<std::string> normalize_reason(std::string_view field, std::string_view text) {
  return normalize(field, text, 0, limits::kReasonCharactersMax);
}

}  // namespace tally::core
