#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tally::testing {

/// An answer as it came.
struct WireReply {
  unsigned status = 0;  ///< 0: the connection ended before a head.
  std::string head;     ///< Status line and fields.
  std::string body;     ///< Chunks put together.
  bool complete = false;

  /// The first field of that name, or "absent".
  [[nodiscard]] std::string field(std::string_view name) const;
};

/// A client that sends exactly what it is told, for tests of how a server takes it. Gives up reading after ten seconds.
class TestClient {
 public:
  /// `from`: an address of the loopback network. `receive_buffer_bytes`: how much the system takes for it; 0: as usual.
  explicit TestClient(std::uint16_t port, const std::string& from = "127.0.0.1", int receive_buffer_bytes = 0);
  virtual ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  void send(std::string_view bytes) const;
  /// No more will be sent.
  void finish() const;
  /// The next answer; `to_head`: it has no body.
  WireReply read(bool to_head = false);
  /// Waits until something of the next answer has come.
  void wait_for_bytes() { static_cast<void>(read_more()); }
  /// The bytes up to the end of the connection.
  std::string read_to_end();
  /// Waits for the end of the connection, or this long. Nothing may come.
  void wait_for_end(std::chrono::milliseconds time) const;
  /// Whether the server closes, or has closed, the connection without another byte.
  bool is_closed() { return read_to_end().empty(); }
  /// Whether the last read ended by a reset instead of an orderly end.
  [[nodiscard]] bool was_reset() const { return reset_; }

 protected:
  /// As recv() and send(): 0 or less at the end, errno says which.
  virtual std::ptrdiff_t receive(char* out, std::size_t bytes_max);
  virtual std::ptrdiff_t transmit(const char* data, std::size_t bytes) const;
  [[nodiscard]] int socket() const { return socket_; }

 private:
  /// False: no more bytes.
  bool read_more();
  bool read_chunks(WireReply& reply);

  int socket_ = -1;
  std::string unread_;
  bool reset_ = false;
};

}  // namespace tally::testing
