#include "http/frame/idempotency.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/crypto/hash.hpp"
#include "http/server/exchange_notes.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

constexpr std::string_view kField = "Idempotency-Key";
constexpr std::string_view kRetryAfterSeconds = "1";

core::Result<std::string_view> read_key(const Request& request, std::string_view key) {
  const bool is_visible = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (request.header_count(kField) != 1 || key.empty() || !is_visible || key.size() > limits::kIdempotencyKeyBytesMax) {
    return core::invalid(
        std::string{kField},
        "must be one value of 1 to " + std::to_string(limits::kIdempotencyKeyBytesMax) + " visible ASCII characters");
  }
  return key;
}

std::string text_of(const projections::KeptAnswerKey& kept_under) {
  std::string text{core::as_text(kept_under.caller.bytes)};
  text += core::as_text(kept_under.key_hash.bytes);
  return text;
}

/// Where the answer is kept: no other credential of the same person finds it.
projections::KeptAnswerKey where_kept(const Caller& caller, std::string_view key) {
  std::string named{core::name_of(credential_of(caller).kind)};
  // This access token and no other of its token, which may have less scope.
  if (caller.bearer) named += core::as_text(caller.bearer->access.id.uuid().bytes);
  if (caller.session_hash) named += core::as_text(caller.session_hash->bytes);
  named += key;
  return {caller.person.id.uuid(), core::crypto::sha256(core::as_bytes(named))};
}

/// What a kept answer is bound to: caller, key and request.
std::string binding_of(const projections::KeptAnswerKey& kept_under, const core::Digest& request_hash) {
  return text_of(kept_under).append(core::as_text(request_hash.bytes));
}

/// Empty: it has none.
std::string location_of(const Response& response) {
  constexpr std::string_view kName = "Location: ";
  std::string_view lines = response.headers();
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find("\r\n"));
    if (line.starts_with(kName)) return std::string{line.substr(kName.size())};
    lines.remove_prefix(std::min(lines.size(), line.size() + 2));
  }
  return {};
}

void refuse_running(const Request& request, Response& response) {
  write_refusal(request,
                Refusal{409, "request_running", "a request with this Idempotency-Key is still running: try again"},
                response);
  response.set("Retry-After", kRetryAfterSeconds);
}

void refuse_gone(const Request& request, const std::string& made, Response& response) {
  std::string detail = "the request was done; its answer held a secret and is no longer kept";
  if (!made.empty()) detail += ": it made " + made;
  write_refusal(request, Refusal{409, "answer_gone", std::move(detail)}, response);
  if (made.starts_with('/')) response.set("Location", made);
}

}  // namespace

bool Idempotency::RunningKeys::enter(const std::string& key) {
  const std::lock_guard lock{mutex_};
  return keys_.insert(key).second;
}

void Idempotency::RunningKeys::leave(const std::string& key) {
  const std::lock_guard lock{mutex_};
  keys_.erase(key);
}

Idempotency::Hold::Hold(Hold&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)),
      kept_under_(other.kept_under_),
      request_hash_(other.request_hash_),
      is_answered_(other.is_answered_),
      is_repeat_(other.is_repeat_) {}

Idempotency::Hold::~Hold() {
  if (owner_ != nullptr) owner_->running_.leave(text_of(kept_under_));
}

Idempotency::Hold Idempotency::begin(const Request& request, const Caller& caller, Response& response) const {
  Hold hold;
  const auto given = request.header(kField);
  if (!given) return hold;
  const auto key = read_key(request, *given);
  if (key.has_error()) {
    write_refusal(request, key.error(), response);
    hold.is_answered_ = true;
    return hold;
  }
  hold.kept_under_ = where_kept(caller, *key);
  hold.request_hash_ = seal_.digest({core::as_bytes(name_of(request.method)), core::as_bytes(request.path),
                                     core::as_bytes(request.query), core::as_bytes(request.body)});
  // First a hold on the key, then the look: whoever held it before has written by then.
  if (!running_.enter(text_of(hold.kept_under_))) {
    refuse_running(request, response);
    hold.is_answered_ = true;
    return hold;
  }
  hold.owner_ = this;
  const core::Result<bool> answered = answer_again(request, hold, response);
  if (answered.has_error()) write_refusal(request, answered.error(), response);
  hold.is_answered_ = answered.has_error() || *answered;
  if (hold.is_answered_ || hold.is_repeat_) return hold;
  if (const auto room = check_room(request, hold); room.has_error()) {
    write_refusal(request, room.error(), response);
    hold.is_answered_ = true;
  }
  return hold;
}

core::Result<void> Idempotency::check_room(const Request& request, const Hold& hold) const {
  TALLY_TRY_ASSIGN(const core::Duration pause, answers_.pause(hold.kept_under_.caller, request.received_at));
  if (pause == core::Duration{0}) return {};
  const auto seconds = static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(pause).count());
  request.notes().rates.add({"idempotency", core::limits::kIdempotentAnswersPerDay, core::limits::kIdempotencyLifetime},
                            {false, 0, seconds, seconds});
  return core::fail(core::Errc::rate_limited, "too many answers are kept for your Idempotency-Keys of the last day");
}

core::Result<bool> Idempotency::answer_again(const Request& request, Hold& hold, Response& response) const {
  TALLY_TRY_ASSIGN(const auto earlier, answers_.find(hold.kept_under_, request.received_at));
  if (!earlier) return false;
  if (earlier->request_hash != hold.request_hash_) {
    return core::fail(core::Errc::idempotency_mismatch, "this Idempotency-Key was used for another request");
  }
  hold.is_repeat_ = earlier->is_fact;
  if (hold.is_repeat_) return false;
  if (earlier->sealed.empty()) {
    refuse_gone(request, earlier->made, response);
    return true;
  }
  const std::string binding = binding_of(hold.kept_under_, hold.request_hash_);
  TALLY_TRY_ASSIGN(const core::SecretText packed, seal_.unseal(core::as_bytes(binding), earlier->sealed));
  TALLY_TRY(unpack_answer(packed.reveal(), response));
  return true;
}

core::Result<projections::KeptAnswer> Idempotency::keep(const projections::KeptAnswerKey& kept_under,
                                                        const core::Digest& request_hash, const Keeping& keeping,
                                                        Response& response) const {
  const core::SecretText packed = pack_answer(response);
  const std::string binding = binding_of(kept_under, request_hash);
  projections::KeptAnswer kept;
  kept.holds_secret = keeping.secret == Keeping::Secret::held;
  const std::size_t longest = kept.holds_secret ? limits::kIdempotentSecretBytesMax : limits::kIdempotentAnswerBytesMax;
  if (packed.reveal().size() <= longest) {
    kept.sealed = seal_.seal(core::as_bytes(binding), packed.reveal(), random_);
  }
  kept.made = keeping.made.empty() ? location_of(response) : keeping.made;
  return kept;
}

}  // namespace tally::http
