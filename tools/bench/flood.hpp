#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "core/base/result.hpp"

namespace tally::tools {

/// What an attacker says, over and over.
struct FloodPlan {
  std::uint16_t port = 0;
  std::vector<std::string> requests;  ///< Whole ones, in turn. Empty: the connections are held and say nothing.
  std::size_t connections = 1;        ///< Each with one request under way.
  std::size_t addresses = 1;          ///< Of 127.0.0.0/8, that the connections come from.
};

/// An attacker, on a thread of its own, from its making to its end: whatever it is answered, it asks again, and
/// connects again where it was cut off. Looks at nothing but that an answer has begun.
class Flood {
 public:
  explicit Flood(FloodPlan plan);
  /// Joins.
  ~Flood();
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;

  [[nodiscard]] std::uint64_t answers() const { return answers_.load(); }
  /// Of these, that were 429 or 503.
  [[nodiscard]] std::uint64_t refusals() const { return refusals_.load(); }

 private:
  struct Connection {
    int socket = -1;
    std::string tail;  ///< The end of what came, if it may be the begin of a status line.
  };
  void run();
  void open(std::size_t number);
  void ask(std::size_t number);
  void receive(std::size_t number);

  const FloodPlan plan_;
  int poll_;
  std::vector<Connection> connections_;  // its thread only
  std::size_t next_request_ = 0;         // its thread only
  std::atomic<std::uint64_t> answers_ = 0;
  std::atomic<std::uint64_t> refusals_ = 0;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

}  // namespace tally::tools
