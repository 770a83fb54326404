#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/event/event.hpp"
#include "http/formats/people_names.hpp"

namespace tally::http {

/// A form in which events are exported: all that the export has to know of it.
struct ExportFormat {
  std::string_view name;  ///< In the query, in ExportStarted and in the manifest.
  std::string_view content_type;
  std::string_view file_ending;  ///< Of the name under which a download is saved: what opens it goes by that.
  /// Appends what stands before the first event; null: nothing.
  void (*begin)(std::string& out);
  /// Appends one event. The names of whoever it tells of were learnt.
  void (*append)(std::string& out, const core::Event& event, const PeopleNames& names);
};

/// All of them; the first is what they get who name none. Lifetime: the process.
std::span<const ExportFormat> export_formats();

}  // namespace tally::http
