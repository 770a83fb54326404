#include "tools/tallyd/log.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "core/base/time.hpp"
#include "http/server/json_writer.hpp"
#include "tools/tallyd/log_writer.hpp"

namespace tally::tools {
namespace {

/// Of a request's path, and of every other text: whoever calls decides how long they are.
constexpr std::size_t kPathBytesMax = 256;
constexpr std::size_t kTextBytesMax = 2048;
constexpr std::string_view kCut = "\xe2\x80\xa6";

const char* name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
    case LogLevel::off:
      break;
  }
  return "error";
}

void write_text(http::JsonWriter& json, std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) {
    json.value(text);
    return;
  }
  // What is cut in the middle of a character is mended by the writer.
  json.value(std::string_view{std::string{text.substr(0, bytes_max)}.append(kCut)});
}

void write_field(http::JsonWriter& json, const LogField& field) {
  json.key(field.name);
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    json.value(*number);
  } else {
    write_text(json, std::get<std::string_view>(field.value), field.name == "path" ? kPathBytesMax : kTextBytesMax);
  }
}

/// An object without its closing brace, which the writer adds.
std::string members_of(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  std::string line{R"({"time":")"};
  core::append_rfc3339(line, std::chrono::floor<core::Duration>(std::chrono::system_clock::now()));
  line.append(R"(","level":")").append(name_of(level)).append("\",");
  std::string members;
  http::JsonWriter json{members};
  json.begin_object().key("message");
  write_text(json, message, kTextBytesMax);
  for (const LogField& field : fields) write_field(json, field);
  json.end_object();
  return line.append(members, 1, members.size() - 2);
}

}  // namespace

struct Log::State {
  State(LogLevel least_level, int descriptor) : least(least_level), writer(descriptor) {}

  void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    if (level < least) return;
    const auto weight = level < LogLevel::warning ? LogWriter::Weight::ordinary : LogWriter::Weight::heavy;
    writer.add(members_of(level, message, fields), weight);
  }

  const LogLevel least;
  LogWriter writer;
};

Log::Log(LogLevel level, int descriptor) : state_(std::make_unique<State>(level, descriptor)) {}
Log::~Log() = default;

void Log::debug(std::string_view message, std::initializer_list<LogField> fields) {
  state_->write(LogLevel::debug, message, fields);
}
void Log::info(std::string_view message, std::initializer_list<LogField> fields) {
  state_->write(LogLevel::info, message, fields);
}
void Log::warning(std::string_view message, std::initializer_list<LogField> fields) {
  state_->write(LogLevel::warning, message, fields);
}
void Log::error(std::string_view message, std::initializer_list<LogField> fields) {
  state_->write(LogLevel::error, message, fields);
}

void Log::request(const http::AccessRecord& record) {
  state_->write(LogLevel::info, "request",
                {{"method", record.method},
                 {"path", record.path},
                 {"status", static_cast<std::int64_t>(record.status)},
                 {"micros", record.micros},
                 {"request_bytes", static_cast<std::int64_t>(record.request_bytes)},
                 {"response_bytes", static_cast<std::int64_t>(record.response_bytes)},
                 {"remote_address", record.remote_address},
                 {"request_id", record.request_id}});
}

void Log::flush() { static_cast<void>(state_->writer.flush(LogWriter::kFlushTimeout)); }

bool Log::logs_requests() const { return state_->least <= LogLevel::info; }
bool Log::logs_details() const { return state_->least <= LogLevel::debug; }

}  // namespace tally::tools
