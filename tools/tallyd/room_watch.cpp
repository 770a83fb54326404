#include "tools/tallyd/room_watch.hpp"

namespace tally::tools {

void RoomWatch::look() {
  const events::Room room = store_.room();
  if (room == told_) return;
  told_ = room;
  switch (room) {
    case events::Room::ample:
      log_.info("the ledger's disk has room again");
      return;
    case events::Room::stops_only:
      log_.warning("the ledger's disk is nearly full: only what stops something is taken, and reads");
      return;
    case events::Room::none:
      log_.warning("the ledger's disk is full: nothing is taken but reads");
      return;
  }
}

core::Result<void> RoomWatch::readiness() const {
  if (store_.room() == events::Room::ample) return {};
  return core::fail(core::Errc::no_space, "the ledger's disk is nearly full");
}

}  // namespace tally::tools
