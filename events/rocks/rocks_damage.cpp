#include "events/rocks/rocks_damage.hpp"

namespace tally::events {

void DamageListener::OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) {
  if (reason != rocksdb::BackgroundErrorReason::kCompaction || !status->IsCorruption()) return;
  const std::string words = status->ToString();
  *status = rocksdb::Status::OK();
  const std::lock_guard lock{mutex_};
  if (told_ == words) return;
  told_ = words;
  if (on_damage_) on_damage_(words);
}

}  // namespace tally::events
