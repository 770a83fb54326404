#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/event/event.hpp"
#include "http/formats/csv_cell.hpp"
#include "http/formats/people_names.hpp"
#include "http/server/json_writer.hpp"

/// How an event looks outside: in JSON and as a row of CSV. Never with a secret's hash or a password's verifier.
namespace tally::http {

/// One object, as the schema Event of openapi.json says, with the name of who acted, if it was learnt (learn_people).
void write_event(JsonWriter& json, const core::Event& event, const PeopleNames& names);

/// What is particular to the event's type, as one object.
void write_event_data(JsonWriter& json, const core::EventPayload& payload);

/// The header row and one row per event; CRLF at the end of each. Source: RFC 4180. The columns are the fields of the
/// JSON form with nested ones joined by '_'; `data` is its JSON. Columns are only ever added at the end.
void append_csv_header(std::string& out);
void append_csv_row(std::string& out, const core::Event& event, const PeopleNames& names, CsvCells rule);

/// The subject's id with the prefix of its kind; empty for the ledger.
std::string id_of(const core::Subject& subject);

}  // namespace tally::http
