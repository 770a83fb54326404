#include "http/api/token_reading_routes.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "core/base/limits.hpp"
#include "http/formats/views.hpp"
#include "http/frame/entity_tag.hpp"
#include "http/frame/query_reader.hpp"
#include "http/frame/route_policies.hpp"

namespace tally::http {
namespace {

using projections::Order;
using projections::TokenSort;

constexpr std::size_t kSearchBytesMax = core::limits::kNameCharactersMax * 4;

constexpr RoutePolicy in_workspace_where(RunOn (*run_on_for)(std::string_view query)) {
  RoutePolicy policy = kInWorkspace;
  policy.run_on_for = run_on_for;
  return policy;
}

/// Rows that a short page looks at: more than it has, because some may be of deleted tokens.
constexpr std::size_t kRowsOfShortPageMax = 4 * core::limits::kPageItemsMax;

/// Whether all that is asked for is a page in the order of the keys, which is read in one go. A name that is written in
/// another way than this is taken for a walk.
bool asks_for_short_page(std::string_view query) {
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
    const std::string_view name = parameter.substr(0, parameter.find('='));
    if (name != "limit" && name != "cursor" && name != "owner") return false;
  }
  return true;
}

constexpr RoutePolicy kList = in_workspace_where(
    [](std::string_view query) { return asks_for_short_page(query) ? RunOn::short_reads : RunOn::long_reads; });
/// as_of reads the token's whole history.
constexpr RoutePolicy kOne =
    in_workspace_where([](std::string_view query) { return query.empty() ? RunOn::short_reads : RunOn::long_reads; });

core::Error no_such_token() { return core::fail(core::Errc::not_found, "no such token"); }

void read_sort(QueryReader& reader, projections::TokenListRequest& list) {
  using Choice = std::pair<TokenSort, Order>;
  constexpr auto kUp = Order::ascending;
  constexpr auto kDown = Order::descending;
  const auto choice = reader.word<Choice>("sort", {{"created_at", {TokenSort::created_at, kUp}},
                                                   {"-created_at", {TokenSort::created_at, kDown}},
                                                   {"expires_at", {TokenSort::expires_at, kUp}},
                                                   {"-expires_at", {TokenSort::expires_at, kDown}},
                                                   {"name", {TokenSort::name, kUp}},
                                                   {"-name", {TokenSort::name, kDown}},
                                                   {"last_refreshed_at", {TokenSort::last_refreshed_at, kUp}},
                                                   {"-last_refreshed_at", {TokenSort::last_refreshed_at, kDown}},
                                                   {"last_used_at", {TokenSort::last_used_at, kUp}},
                                                   {"-last_used_at", {TokenSort::last_used_at, kDown}},
                                                   {"status", {TokenSort::status, kUp}},
                                                   {"-status", {TokenSort::status, kDown}}});
  if (choice) std::tie(list.sort, list.order) = *choice;
}

/// Whose tokens: `me`, `all` or a user's id. Absent value of the answer: everybody's.
std::optional<core::UserId> read_owner(QueryReader& reader, core::UserId self) {
  const auto owner = reader.text("owner");
  if (!owner || *owner == "me") return self;
  if (*owner == "all") return std::nullopt;
  const auto user = core::UserId::parse(*owner);
  if (user.has_error()) {
    reader.invalid("owner", "must be me, all or the id of a user");
    return self;
  }
  return *user;
}

/// The point in the ledger that a token is to be shown as of.
using AsOf = std::variant<std::monostate, core::Sequence, core::Timestamp>;

AsOf read_as_of(QueryReader& reader) {
  const auto written = reader.text("as_of");
  if (!written) return {};
  if (const auto number = parse_decimal(*written); number.has_value()) return core::Sequence{*number};
  if (const auto time = core::parse_rfc3339(*written); time.has_value()) return *time;
  reader.invalid("as_of", "must be a sequence number or an RFC 3339 time");
  return {};
}

}  // namespace

TokenReadingRoutes::TokenReadingRoutes(const Gate& gate, const projections::TokenQueries& tokens,
                                       const projections::PeopleQueries& people)
    : gate_(gate), tokens_(tokens), people_(people) {}

void TokenReadingRoutes::add_to(Router& router) const {
  router.add({Method::get, "/v1/workspaces/{workspace}/tokens", SyncHandler{answering(this, &TokenReadingRoutes::list)},
              kList});
  router.add({Method::get, "/v1/workspaces/{workspace}/tokens:countIssuedBefore",
              SyncHandler{answering(this, &TokenReadingRoutes::count_issued_before)},
              on(RunOn::long_reads, kInWorkspace)});
  router.add({Method::get, "/v1/workspaces/{workspace}/tokens/{token}",
              SyncHandler{answering(this, &TokenReadingRoutes::show)}, kOne});
}

Checked<projections::TokenListRequest> TokenReadingRoutes::read_list(const Request& request,
                                                                     const Access& access) const {
  TALLY_TRY_ASSIGN(QueryReader reader,
                   QueryReader::parse(request, {"owner", "status", "kind", "q", "sort", "limit", "cursor"}));
  projections::TokenListRequest list;
  list.workspace = access.workspace;
  list.now = request.received_at;
  list.owner = read_owner(reader, access.caller.person.id);
  list.status = reader.word<core::TokenStatus>("status", {{"active", core::TokenStatus::active},
                                                          {"disabled", core::TokenStatus::disabled},
                                                          {"expired", core::TokenStatus::expired}});
  list.kind =
      reader.word<core::TokenKind>("kind", {{"oauth2", core::TokenKind::oauth2}, {"legacy", core::TokenKind::legacy}});
  list.search = reader.text("q").value_or("");
  if (list.search.size() > kSearchBytesMax) reader.invalid("q", "is longer than any name");
  read_sort(reader, list);
  list.limit = reader.limit();
  list.after = reader.cursor();
  if (asks_for_short_page(request.query)) list.rows_max = kRowsOfShortPageMax;
  TALLY_TRY(reader.finish());
  if (list.owner != access.caller.person.id && !access.may_read_all()) {
    return core::fail(core::Errc::forbidden, "only an admin or an auditor lists the tokens of others");
  }
  return list;
}

Checked<void> TokenReadingRoutes::list(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Access access, gate_.member(request, Need::tokens_read));
  TALLY_TRY_ASSIGN(const projections::TokenListRequest asked, read_list(request, access));
  const auto page = tokens_.list(asked);
  if (page.has_error()) return page_error(page.error());
  PeopleNames names{people_};
  for (const projections::TokenRecord& token : page->items) TALLY_TRY(learn_people(token.state, names));
  response.start(200, kJson);
  response.set_no_store();
  JsonWriter json{response.body()};
  json.begin_object().key("items").begin_array();
  for (const projections::TokenRecord& token : page->items) write_token(json, token, names);
  json.end_array();
  if (!page->next.empty()) json.member("next_cursor", cursor_of(page->next));
  json.end_object();
  return {};
}

Checked<void> TokenReadingRoutes::count_issued_before(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Access access, gate_.admin(request, Need::tokens_read));
  TALLY_TRY_ASSIGN(QueryReader reader, QueryReader::parse(request, {"time", "owner"}));
  const auto time = reader.time("time");
  if (!time) reader.invalid("time", "is missing");
  const auto owner = reader.id<core::UserId>("owner");
  TALLY_TRY(reader.finish());
  TALLY_TRY_ASSIGN(const projections::TokenCount counted,
                   tokens_.count_active_before(access.workspace, owner, *time, request.received_at));
  response.start(200, kJson);
  response.set_no_store();
  JsonWriter json{response.body()};
  json.begin_object().member("count", counted.count);
  if (!counted.is_whole) json.member("more", true);
  json.end_object();
  return {};
}

Checked<void> TokenReadingRoutes::show(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Access access, gate_.member(request, Need::tokens_read));
  TALLY_TRY_ASSIGN(const core::TokenId id, id_in_path<core::TokenId>(request, 1));
  TALLY_TRY_ASSIGN(QueryReader reader, QueryReader::parse(request, {"as_of"}));
  const AsOf as_of = read_as_of(reader);
  TALLY_TRY(reader.finish());

  std::optional<projections::TokenRecord> token;
  if (const auto* sequence = std::get_if<core::Sequence>(&as_of)) {
    TALLY_TRY_ASSIGN(token, tokens_.find_as_of(access.workspace, id, *sequence));
  } else if (const auto* time = std::get_if<core::Timestamp>(&as_of)) {
    TALLY_TRY_ASSIGN(token, tokens_.find_as_of(access.workspace, id, *time));
  } else {
    TALLY_TRY_ASSIGN(token, tokens_.find(access.workspace, id, request.received_at));
    if (token && token->status == core::TokenStatus::deleted) token.reset();
  }
  if (!token || !access.may_see(token->state.owner)) return no_such_token();
  PeopleNames names{people_};
  TALLY_TRY(learn_people(token->state, names));

  response.start(200, kJson);
  response.set_no_store();
  JsonWriter json{response.body()};
  write_token(json, *token, names);
  // What was true once can not be changed: only what is true now has a tag.
  if (std::holds_alternative<std::monostate>(as_of)) tag_answer(request, token->state.version, response);
  return {};
}

}  // namespace tally::http
