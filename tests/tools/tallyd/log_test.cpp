#include "tools/tallyd/log.hpp"

#include <array>
#include <fcntl.h>
#include <memory>
#include <signal.h>
#include <string>
#include <unistd.h>
#include <vector>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "tools/tallyd/log_writer.hpp"

namespace tally::tools {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& line, std::string_view name) {
  const auto& text = line.at(boost::json::string_view{name.data(), name.size()}).as_string();
  return {text.data(), text.size()};
}

/// A pipe whose reader reads when it is told to.
class Pipe {
 public:
  Pipe() {
    ::signal(SIGPIPE, SIG_IGN);
    REQUIRE(::pipe(ends_.data()) == 0);
  }
  ~Pipe() {
    reader_goes_away();
    ::close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] int writer() const { return ends_[1]; }
  void reader_goes_away() {
    if (ends_[0] != -1) ::close(std::exchange(ends_[0], -1));
  }
  /// Puts in what fits, so that the next writer waits.
  void fill() const {
    REQUIRE(::fcntl(writer(), F_SETFL, O_NONBLOCK) == 0);
    const std::string block(4096, '.');
    while (::write(writer(), block.data(), block.size()) > 0) {
    }
    REQUIRE(::fcntl(writer(), F_SETFL, 0) == 0);
  }
  /// Up to the line with this message, which is the last.
  std::vector<json::object> read_until(std::string_view last_message) {
    std::vector<json::object> lines;
    while (lines.empty() || text_of(lines.back(), "message") != last_message) lines.push_back(read_line());
    return lines;
  }

 private:
  json::object read_line() {
    std::size_t end = 0;
    while ((end = text_.find('\n')) == std::string::npos) {
      std::array<char, 65'536> piece{};
      const ssize_t bytes = ::read(ends_[0], piece.data(), piece.size());
      REQUIRE(bytes > 0);
      text_.append(piece.data(), static_cast<std::size_t>(bytes));
      text_.erase(0, text_.find_first_not_of('.'));
    }
    const std::string line = text_.substr(0, end);
    text_.erase(0, end + 1);
    return json::parse(line).as_object();
  }

  std::array<int, 2> ends_{-1, -1};
  std::string text_;
};

std::int64_t sum_of_skipped(const std::vector<json::object>& lines) {
  std::int64_t sum = 0;
  for (const json::object& line : lines) sum += line.contains("skipped") ? line.at("skipped").as_int64() : 0;
  return sum;
}

http::AccessRecord request_to(const std::string& path) {
  http::AccessRecord record;
  record.method = "GET";
  record.path = path;
  record.status = 200;
  return record;
}

}  // namespace

TEST_CASE("log: a line is JSON with time, level, message and fields", "[tools][log]") {
  Pipe pipe;
  Log log{LogLevel::info, pipe.writer()};
  log.debug("not this one");
  log.warning("a warning", {{"count", std::int64_t{3}}, {"what", "a \"word\"\n"}});
  const auto lines = pipe.read_until("a warning");
  REQUIRE(lines.size() == 1);
  CHECK(text_of(lines[0], "level") == "warning");
  CHECK(lines[0].at("count") == 3);
  CHECK(text_of(lines[0], "what") == "a \"word\"\n");
  CHECK(lines[0].at("time").as_string().size() == std::string_view{"2026-11-23T22:10:00.000000Z"}.size());
}

TEST_CASE("log: nobody waits for a reader that does not read, and what was lost is counted", "[tools][log]") {
  constexpr std::int64_t kLines = 50'000;
  Pipe pipe;
  pipe.fill();
  Log log{LogLevel::info, pipe.writer()};
  for (std::int64_t line = 0; line < kLines; ++line) log.request(request_to("/healthz"));
  log.error("the end of the process", {});
  const auto lines = pipe.read_until("the end of the process");
  // The error line finds the room that is kept for it.
  CHECK(sum_of_skipped(lines) == kLines + 1 - static_cast<std::int64_t>(lines.size()));
  CHECK(lines.size() <= kLogLinesMax);
  CHECK(lines.back().at("skipped").as_int64() > 0);
}

TEST_CASE("log: few long lines fill the queue as many short ones do", "[tools][log]") {
  constexpr std::int64_t kLines = 4'000;
  Pipe pipe;
  pipe.fill();
  Log log{LogLevel::info, pipe.writer()};
  const std::string long_text(2'000, 'x');
  for (std::int64_t line = 0; line < kLines; ++line) log.info("long", {{"what", long_text}});
  log.error("the end of the process", {});
  const auto lines = pipe.read_until("the end of the process");
  CHECK(lines.size() <= kLogBytesMax / long_text.size());
  CHECK(sum_of_skipped(lines) == kLines + 1 - static_cast<std::int64_t>(lines.size()));
}

TEST_CASE("log: its end does not wait for a reader that does not read", "[tools][log]") {
  Pipe pipe;
  pipe.fill();
  auto log = std::make_unique<Log>(LogLevel::info, pipe.writer());
  log->info("never read");
  const auto began = std::chrono::steady_clock::now();
  log.reset();
  CHECK(std::chrono::steady_clock::now() - began < LogWriter::kFlushTimeout + std::chrono::seconds{5});
}

TEST_CASE("log: it outlives its reader", "[tools][log]") {
  Pipe pipe;
  Log log{LogLevel::info, pipe.writer()};
  pipe.reader_goes_away();
  for (int line = 0; line < 1'000; ++line) log.info("nobody is there");
  log.flush();
}

TEST_CASE("log: what is there at its end gets out", "[tools][log]") {
  Pipe pipe;
  {
    Log log{LogLevel::info, pipe.writer()};
    for (int line = 0; line < 100; ++line) log.info("one of many");
    log.error("the last words");
  }
  CHECK(pipe.read_until("the last words").size() == 101);
}

TEST_CASE("log: a line has a bound, whatever the caller asks for", "[tools][log]") {
  Pipe pipe;
  Log log{LogLevel::info, pipe.writer()};
  log.request(request_to("/" + std::string(8'000, 'a')));
  log.error("a fault", {{"what", std::string(100'000, '\x01')}});
  const auto lines = pipe.read_until("a fault");
  CHECK(text_of(lines[0], "path") == "/" + std::string(255, 'a') + "…");
  CHECK(lines[1].at("what").as_string().size() == 2'048 + std::string_view{"…"}.size());
}

TEST_CASE("log: no character is cut in two", "[tools][log]") {
  Pipe pipe;
  Log log{LogLevel::info, pipe.writer()};
  log.request(request_to("/" + std::string(254, 'a') + "ä"));
  log.info("next");
  CHECK(text_of(pipe.read_until("next")[0], "path") == "/" + std::string(254, 'a') + "\xEF\xBF\xBD…");
}

}  // namespace tally::tools
