#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "tests/hostile/draft.hpp"
#include "tests/http/server/test_client.hpp"
#include "tests/tools/support/scratch_folder.hpp"
#include "tools/tallyd/application.hpp"

namespace tally::testing {

/// One kind of caller, and what it says to be known by.
struct CallerKind {
  std::string name;
  Pairs headers;
};

/// A whole server in this process, with some history, and every kind of caller in front of it. Sockets, as they come
/// from outside: whatever ends the server ends the test.
class Crowd {
 public:
  Crowd();

  /// What the draft asks for, as `caller`, answered.
  WireReply ask(const Operation& operation, const Draft& draft, const CallerKind& caller);

  std::vector<CallerKind> callers;
  Things things;

 private:
  struct Person {
    std::string id;
    CallerKind session;
  };
  /// A good request of JSON, answered with success.
  boost::json::value must(const CallerKind& caller, const std::string& method, const std::string& target,
                          const std::string& body = {}, const std::string& type = "application/json");
  WireReply exchange(std::string_view method, const std::string& target, const Pairs& headers, const std::string& body,
                     bool to_head);
  CallerKind sign_in(const std::string& name, const std::string& password);
  Person newcomer(const std::string& name);
  void join(const Person& person, const std::string& workspace, const std::string& role);
  /// The answer to a token that was generated.
  boost::json::value generate(const CallerKind& owner, const std::string& workspace, const std::string& scope);
  void add_tokens(const Person& admin);
  void add_resource_server(const Person& admin);
  void add_cursors(const Person& admin);

  tools::ScratchFolder data_;
  std::unique_ptr<tools::Application> application_;
  std::optional<TestClient> connection_;
  CallerKind root_;
  std::string workspace_;
};

}  // namespace tally::testing
