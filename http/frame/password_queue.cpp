#include "http/frame/password_queue.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"

namespace tally::http {

PasswordQueue::Addresses::iterator PasswordQueue::lane_of(std::uint64_t address) {
  return std::find_if(addresses_.begin(), addresses_.end(),
                      [address](const AddressLane& lane) { return lane.address == address; });
}

std::list<PasswordQueue::NameLane>::iterator PasswordQueue::lane_of(AddressLane& lane, std::uint64_t name) {
  return std::find_if(lane.names.begin(), lane.names.end(), [name](const NameLane& each) { return each.name == name; });
}

PasswordQueue::Entered PasswordQueue::enter(HashingFor who) {
  Entered entered;
  auto lane = lane_of(who.address);
  const std::size_t own = lane == addresses_.end() ? 0 : lane->waiting;
  if (own >= bounds_.waiting_of_address) return entered;
  if (lane != addresses_.end()) {
    const auto name = lane_of(*lane, who.name);
    if (name != lane->names.end() && name->tickets.size() >= bounds_.waiting_of_name) return entered;
  }
  const auto anywhere = waiting_names_.find(who.name);
  if (anywhere != waiting_names_.end() && anywhere->second >= bounds_.waiting_of_name_anywhere) return entered;
  if (waiting_.size() >= bounds_.waiting) {
    entered.pushed_out = push_out(own + 1);
    if (!entered.pushed_out) return entered;
    lane = lane_of(who.address);
  }
  if (lane == addresses_.end()) lane = addresses_.insert(addresses_.end(), AddressLane{who.address, 0, {}});
  auto name = lane_of(*lane, who.name);
  if (name == lane->names.end()) name = lane->names.insert(lane->names.end(), NameLane{who.name, {}});
  entered.ticket = ++last_;
  name->tickets.push_back(*entered.ticket);
  ++lane->waiting;
  waiting_.emplace(*entered.ticket, who);
  ++waiting_names_[who.name];
  return entered;
}

std::optional<PasswordQueue::Ticket> PasswordQueue::push_out(std::size_t others) {
  const auto most =
      std::max_element(addresses_.begin(), addresses_.end(),
                       [](const AddressLane& left, const AddressLane& right) { return left.waiting < right.waiting; });
  if (most == addresses_.end() || most->waiting <= others) return std::nullopt;
  const auto name = std::max_element(
      most->names.begin(), most->names.end(),
      [](const NameLane& left, const NameLane& right) { return left.tickets.size() < right.tickets.size(); });
  const Ticket ticket = name->tickets.back();
  remove(ticket);
  return ticket;
}

void PasswordQueue::remove(Ticket ticket) {
  const auto found = waiting_.find(ticket);
  TALLY_CHECK(found != waiting_.end());
  const auto lane = lane_of(found->second.address);
  TALLY_CHECK(lane != addresses_.end());
  const auto name = lane_of(*lane, found->second.name);
  TALLY_CHECK(name != lane->names.end());
  std::erase(name->tickets, ticket);
  if (name->tickets.empty()) lane->names.erase(name);
  if (--lane->waiting == 0) addresses_.erase(lane);
  const auto anywhere = waiting_names_.find(found->second.name);
  if (--anywhere->second == 0) waiting_names_.erase(anywhere);
  waiting_.erase(found);
}

void PasswordQueue::leave(Ticket ticket) {
  if (waiting_.contains(ticket)) remove(ticket);
}

std::optional<PasswordQueue::Ticket> PasswordQueue::next() {
  for (auto lane = addresses_.begin(); lane != addresses_.end(); ++lane) {
    if (running_addresses_.contains(lane->address)) continue;
    const auto name = std::find_if(lane->names.begin(), lane->names.end(),
                                   [this](const NameLane& each) { return !running_names_.contains(each.name); });
    if (name == lane->names.end()) continue;
    const Ticket ticket = name->tickets.front();
    // Both have had their turn.
    lane->names.splice(lane->names.end(), lane->names, name);
    addresses_.splice(addresses_.end(), addresses_, lane);
    const HashingFor who = waiting_.at(ticket);
    remove(ticket);
    running_.emplace(ticket, who);
    running_addresses_.insert(who.address);
    running_names_.insert(who.name);
    return ticket;
  }
  return std::nullopt;
}

void PasswordQueue::done(Ticket ticket) {
  const auto found = running_.find(ticket);
  TALLY_CHECK(found != running_.end());
  running_addresses_.erase(found->second.address);
  running_names_.erase(found->second.name);
  running_.erase(found);
}

std::optional<PasswordQueues::Ticket> PasswordQueues::outer(std::optional<Ticket> ticket, std::size_t queue) {
  return ticket ? std::optional{*ticket << 1 | queue} : std::nullopt;
}

PasswordQueues::Entered PasswordQueues::enter(HashingFor who) {
  const auto queue = static_cast<std::size_t>(who.acquaintance);
  const Entered entered = queues_[queue].enter(who);
  return {outer(entered.ticket, queue), outer(entered.pushed_out, queue)};
}

void PasswordQueues::leave(Ticket ticket) { queues_[queue_of(ticket)].leave(inner(ticket)); }

std::optional<PasswordQueues::Ticket> PasswordQueues::next() {
  for (std::size_t tried = 0; tried < queues_.size(); ++tried) {
    const std::size_t queue = std::exchange(next_, 1 - next_);
    if (const auto ticket = outer(queues_[queue].next(), queue)) return ticket;
  }
  return std::nullopt;
}

void PasswordQueues::done(Ticket ticket) { queues_[queue_of(ticket)].done(inner(ticket)); }

bool PasswordQueues::is_running(Ticket ticket) const { return queues_[queue_of(ticket)].is_running(inner(ticket)); }

}  // namespace tally::http
