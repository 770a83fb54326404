#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>
#include <unistd.h>
#include <variant>

#include "core/base/result.hpp"
#include "http/server/server.hpp"
#include "tools/tallyd/settings.hpp"

namespace tally::tools {

/// One more member of a log line.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t> value;
};

/// JSON lines on standard error: time, level, message, then the fields. Whoever logs keeps secrets and query strings
/// out. Nobody waits for whoever reads them: what is not read is dropped and counted (log_writer.hpp). A path is cut
/// after 256 bytes, any other text after 2,048. Threads: any.
class Log {
 public:
  /// `descriptor`: where to, if not to standard error; it stays open.
  explicit Log(LogLevel level, int descriptor = STDERR_FILENO);
  ~Log();

  void debug(std::string_view message, std::initializer_list<LogField> fields = {});
  void info(std::string_view message, std::initializer_list<LogField> fields = {});
  void warning(std::string_view message, std::initializer_list<LogField> fields = {});
  void error(std::string_view message, std::initializer_list<LogField> fields = {});
  void request(const http::AccessRecord& record);  ///< Level info.
  /// Waits, for a second at most, until all of it is with its reader: before an end that no destructor sees.
  void flush();
  [[nodiscard]] bool logs_requests() const;
  [[nodiscard]] bool logs_details() const;  ///< Level debug.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tally::tools
