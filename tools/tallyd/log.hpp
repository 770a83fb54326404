#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>
#include <variant>

#include "core/result.hpp"
#include "http/server/server.hpp"
#include "tools/tallyd/settings.hpp"

namespace tally::tools {

/// One more member of a log line.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t> value;
};

/// JSON lines on standard error: time, level, message, then the fields. Whoever logs keeps secrets and query strings
/// out. Threads: any.
class Log {
 public:
  explicit Log(LogLevel level);
  ~Log();

  void debug(std::string_view message, std::initializer_list<LogField> fields = {});
  void info(std::string_view message, std::initializer_list<LogField> fields = {});
  void warning(std::string_view message, std::initializer_list<LogField> fields = {});
  void error(std::string_view message, std::initializer_list<LogField> fields = {});
  void request(const http::AccessRecord& record);  ///< Level info.
  [[nodiscard]] bool logs_requests() const;
  [[nodiscard]] bool logs_details() const;  ///< Level debug.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tally::tools
