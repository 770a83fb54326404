#include "tools/tallyd/log.hpp"

#include <chrono>
#include <string>

#include <spdlog/formatter.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "core/time.hpp"
#include "http/server/json_writer.hpp"

namespace tally::tools {
namespace {

const char* name_of(spdlog::level::level_enum level) {
  if (level <= spdlog::level::debug) return "debug";
  if (level == spdlog::level::info) return "info";
  return level == spdlog::level::warn ? "warning" : "error";
}

/// Opens the JSON object that the message closes: the payload is `"message":…}` already.
class JsonLineFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    head_.assign(R"({"time":")");
    core::append_rfc3339(head_, std::chrono::floor<core::Duration>(message.time));
    head_.append(R"(","level":")").append(name_of(message.level)).append("\",");
    line.append(head_.data(), head_.data() + head_.size());
    line.append(message.payload.begin(), message.payload.end());
    line.push_back('\n');
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonLineFormatter>();
  }

 private:
  std::string head_;  // guarded by the sink's mutex
};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

/// An object without its opening brace, which the formatter writes.
std::string members_of(std::string_view message, std::initializer_list<LogField> fields) {
  std::string json;
  http::JsonWriter writer{json};
  writer.begin_object().member("message", message);
  for (const LogField& field : fields) {
    writer.key(field.name);
    std::visit([&](const auto& value) { writer.value(value); }, field.value);
  }
  writer.end_object();
  return json.substr(1);
}

}  // namespace

struct Log::State {
  spdlog::logger logger{"tallyd", std::make_shared<spdlog::sinks::stderr_sink_mt>()};

  void write(spdlog::level::level_enum level, std::string_view message, std::initializer_list<LogField> fields) {
    if (!logger.should_log(level)) return;
    const std::string members = members_of(message, fields);
    logger.log(level, spdlog::string_view_t{members.data(), members.size()});
  }
};

Log::Log(LogLevel level) : state_(std::make_unique<State>()) {
  state_->logger.set_formatter(std::make_unique<JsonLineFormatter>());
  state_->logger.set_level(spdlog_level(level));
}
Log::~Log() = default;

void Log::debug(std::string_view message, std::initializer_list<LogField> fields) {
  state_->write(spdlog::level::debug, message, fields);
}
void Log::info(std::string_view message, std::initializer_list<LogField> fields) {
  state_->write(spdlog::level::info, message, fields);
}
void Log::warning(std::string_view message, std::initializer_list<LogField> fields) {
  state_->write(spdlog::level::warn, message, fields);
}
void Log::error(std::string_view message, std::initializer_list<LogField> fields) {
  state_->write(spdlog::level::err, message, fields);
}

void Log::request(const http::AccessRecord& record) {
  state_->write(spdlog::level::info, "request",
                {{"method", record.method},
                 {"path", record.path},
                 {"status", static_cast<std::int64_t>(record.status)},
                 {"micros", record.micros},
                 {"request_bytes", static_cast<std::int64_t>(record.request_bytes)},
                 {"response_bytes", static_cast<std::int64_t>(record.response_bytes)},
                 {"remote_address", record.remote_address},
                 {"request_id", record.request_id}});
}

bool Log::logs_requests() const { return state_->logger.should_log(spdlog::level::info); }
bool Log::logs_details() const { return state_->logger.should_log(spdlog::level::debug); }

}  // namespace tally::tools
