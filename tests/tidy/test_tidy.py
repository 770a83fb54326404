#!/usr/bin/env python3
"""Every rule of tools/tidy.py is seen to fail on a small tree that breaks it, and to pass on its neighbour that does not."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import tidy  # noqa: E402
from tidy_rules import ALL_RULES  # noqa: E402
from tidy_rules.sizes import functions  # noqa: E402
from tidy_rules.source import Tree  # noqa: E402


class TreeCase(unittest.TestCase):
    """Builds a tree from {path: text} and asks one rule about it."""

    def found(self, rule, files, executable=()):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                target = Path(folder, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
                target.chmod(0o755 if path in executable else 0o644)
            return [f"{finding.path}:{finding.line}" for finding in tidy.run(folder, [rule])]

    def assert_found(self, rule, files, *places):
        self.assertEqual(self.found(rule, files), list(places))

    def assert_clean(self, rule, files):
        self.assertEqual(self.found(rule, files), [])


class Includes(TreeCase):
    def test_an_arrow_points_down_only(self):
        for upper, lower in (("events", "core"), ("projections", "events"), ("http", "projections"), ("tools", "http")):
            self.assert_found("layer", {f"{lower}/a.cpp": f'\n#include "{upper}/b.hpp"\n'}, f"{lower}/a.cpp:2")
            self.assert_clean("layer", {f"{upper}/a.cpp": f'#include "{lower}/b.hpp"\n'})

    def test_nothing_depends_on_tests(self):
        self.assert_found("layer", {"tools/a.cpp": '#include "tests/b.hpp"\n'}, "tools/a.cpp:1")

    def test_http_knows_no_stored_form(self):
        for header in ("events/rocks/rocks_store.hpp", "events/store/family.hpp", "events/log/codec.hpp", "projections/rows/keys.hpp"):
            self.assert_found("layer", {"http/a.cpp": f'#include "{header}"\n'}, "http/a.cpp:1")
            self.assert_clean("layer", {"tests/a.cpp": f'#include "{header}"\n'})
        self.assert_clean("layer", {"http/a.cpp": '#include "events/store/store.hpp"\n'})

    def test_cpp_outside_the_house(self):
        self.assert_found("layer", {"misc/a.cpp": "\n"}, "misc/a.cpp:1")

    def test_a_room_knows_those_below_it(self):
        self.assert_found("room", {"http/server/a.cpp": '\n#include "http/auth/b.hpp"\n'}, "http/server/a.cpp:2")
        self.assert_found("room", {"core/state/a.hpp": '#include "core/token/b.hpp"\n'}, "core/state/a.hpp:1")
        self.assert_clean("room", {"http/auth/a.cpp": '#include "http/server/b.hpp"\n#include "http/auth/c.hpp"\n#include "core/token/d.hpp"\n'})

    def test_every_source_is_in_a_room(self):
        self.assert_found("room", {"core/a.cpp": "\n", "http/attic/a.cpp": "\n"}, "core/a.cpp:1", "http/attic/a.cpp:1")
        self.assert_clean("room", {"tests/a.cpp": "\n"})

    def test_the_edge_sees_no_family_by_way_of_others(self):
        family = {"events/store/family.hpp": "", "events/store/store.hpp": '#include "events/store/family.hpp"\n',
                  "projections/queries/a.hpp": '\n#include "events/store/store.hpp"\n'}
        self.assert_found("families-hidden", family | {"http/api/a.cpp": '\n\n#include "projections/queries/a.hpp"\n'}, "http/api/a.cpp:3")
        self.assert_clean("families-hidden", family | {"http/api/a.cpp": '#include "core/base/a.hpp"\n', "core/base/a.hpp": "class Store;\n"})

    def test_a_room_links_those_below_it(self):
        for linked in ("http_auth", "http_api", "http"):
            self.assert_found("room-link", {"http/tokens/CMakeLists.txt": f"tally_library(http_tokens\n  SOURCES a.cpp\n  LINK tally_{linked}\n)\n"},
                              "http/tokens/CMakeLists.txt:3")
        self.assert_found("room-link", {"core/base/CMakeLists.txt": "tally_library(core_base SOURCES a.cpp LINK tally_events_store)\n"},
                          "core/base/CMakeLists.txt:1")
        self.assert_clean("room-link", {
            "http/tokens/CMakeLists.txt": "tally_library(http_tokens SOURCES a.cpp LINK tally_http_server tally_projections tally_flags REUSE http_server)\n",
            "http/CMakeLists.txt": "tally_library(http LINK tally_http_api)\n",
            "tests/support/CMakeLists.txt": "tally_library(test_http SOURCES a.cpp LINK tally_http)\n"})

    def test_an_include_names_its_file(self):
        self.assert_found("include-spelled-out", {"core/a.cpp": "#define WHERE <map>\n#include WHERE\n"}, "core/a.cpp:2")
        self.assert_clean("include-spelled-out", {"core/a.cpp": "#include <map>\n// #include WHERE\n"})

    def test_no_name_of_a_folder_or_file_hides_a_source(self):
        self.assert_found("layer", {"core/generated/a.cpp": '#include "http/b.hpp"\n'}, "core/generated/a.cpp:1")
        self.assert_found("layer", {"core/base/a.h": '#include "http/b.hpp"\n'}, "core/base/a.h:1")

    def test_a_commented_include_is_none(self):
        self.assert_clean("layer", {"core/a.cpp": '// #include "http/b.hpp"\n/*\n#include "http/b.hpp"\n*/\n'})

    def test_libraries_stand_behind_their_adapters(self):
        cases = (("botan/hash.h", "core/crypto/a.cpp", "core/a.cpp"), ("rocksdb/db.h", "events/rocks/rocks_store.cpp", "events/a.cpp"),
                 ("flatbuffers/flatbuffers.h", "events/log/codec.cpp", "http/a.cpp"), ("fmt/format.h", "tools/a.cpp", "http/api/a.cpp"),
                 ("boost/asio.hpp", "http/a.cpp", "projections/a.cpp"), ("boost/json.hpp", "http/a.cpp", "core/a.cpp"),
                 ("CLI/CLI.hpp", "tools/cli/command_parser.cpp", "tools/cli/a.cpp"), ("toml++/toml.h", "tools/a.cpp", "http/a.cpp"),
                 ("catch2/catch.hpp", "tests/a.cpp", "core/a.cpp"), ("unistd.h", "events/a.cpp", "core/a.cpp"),
                 ("mutex", "events/a.cpp", "core/a.cpp"))
        for header, home, stranger in cases:
            self.assert_clean("third-party", {home: f"#include <{header}>\n"})
            self.assert_found("third-party", {stranger: f"#include <{header}>\n"}, f"{stranger}:1")

    def test_generated_headers_belong_to_the_codec(self):
        self.assert_clean("third-party", {"events/log/codec.cpp": '#include "event_generated.h"\n'})
        self.assert_found("third-party", {"projections/a.cpp": '#include "event_generated.h"\n'}, "projections/a.cpp:1")

    def test_an_unknown_library_is_refused(self):
        self.assert_found("third-party", {"tools/a.cpp": "#include <sqlite3.h>\n"}, "tools/a.cpp:1")
        self.assert_clean("third-party", {"tools/a.cpp": "#include <vector>\n"})

    def test_paths_are_from_the_root(self):
        self.assert_found("root-relative", {"core/a.cpp": '#include "b.hpp"\n', "core/b.hpp": ""}, "core/a.cpp:1")
        self.assert_found("root-relative", {"core/a.cpp": "#include <core/b.hpp>\n", "core/b.hpp": ""}, "core/a.cpp:1")
        self.assert_found("root-relative", {"core/a.cpp": '#include "core/b.cpp"\n', "core/b.cpp": ""}, "core/a.cpp:1")
        self.assert_clean("root-relative", {"core/a.cpp": '#include "core/b.hpp"\n', "core/b.hpp": ""})

    def test_cycles(self):
        chain = {"core/a.hpp": '#include "core/b.hpp"\n', "core/b.hpp": '#include "core/c.hpp"\n', "core/c.hpp": ""}
        self.assert_clean("include-cycle", chain)
        self.assert_found("include-cycle", {**chain, "core/c.hpp": '\n#include "core/a.hpp"\n'}, "core/c.hpp:2")

    def test_own_header_first(self):
        self.assert_found("own-header-first", {"core/a.hpp": "", "core/a.cpp": '#include <map>\n#include "core/a.hpp"\n'}, "core/a.cpp:1")
        self.assert_clean("own-header-first", {"core/a.hpp": "", "core/a.cpp": '#include "core/a.hpp"\n#include <map>\n'})

    def test_pragma_once(self):
        self.assert_found("pragma-once", {"core/a.hpp": "#include <map>\n"}, "core/a.hpp:1")
        self.assert_clean("pragma-once", {"core/a.hpp": "// Contract.\n#pragma once\n"})


class Rooms(TreeCase):
    def test_a_readme_says_what_its_room_includes(self):
        def room(said, included):
            return {"http/watch/README.md": f"# http/watch\n\n{said}\n", "http/watch/a.hpp": "", "http/watch/a.cpp": f'#include "{included}"\n'}
        below = "May include: the rooms of `http/` below it. Never here: `core/base`."
        for said, included in (("May include: `core/`, `http/server`.", "http/server/b.hpp"), ("May include: `core/{base,crypto}`.", "core/crypto/b.hpp"),
                               ("May include `core/state` and below.", "core/base/b.hpp"), ("Sources may include everything.", "core/base/b.hpp"),
                               ("May include: the floors below.", "projections/rows/b.hpp"), (below, "http/server/b.hpp"), (below, "http/watch/a.hpp")):
            self.assert_clean("room-readme", room(said, included))
        for said, included in (("May include: `core/`.", "http/server/b.hpp"), ("May include: `core/base`.\n- `core/crypto` is there.", "core/crypto/b.hpp"),
                               ("May include: `core/state` and below.", "core/event/b.hpp"), ("May include: `http/api`.", "http/watch/a.hpp"),
                               ("May include: `tools/base`.", "http/watch/a.hpp"), ("May include: `core/attic`.", "http/watch/a.hpp"), (below, "core/base/b.hpp")):
            self.assert_found("room-readme", room(said, included), "http/watch/README.md:3")
        self.assert_found("room-readme", room("Never here: a clock.", "http/server/b.hpp"), "http/watch/README.md:1")

    def test_sources_of_a_room_share_no_unnamed_name(self):
        def unnamed(text, around="tally"):
            return f"namespace {around} {{\nnamespace {{\n{text}\n}}  // namespace\n}}  // namespace {around}\n"
        one = {"core/base/CMakeLists.txt": "", "core/base/a.cpp": unnamed("int f(int a);\nconstexpr int kA = 1;\nstruct T {\n  int f(char c) { return c; }\n};")}
        for text in ("int f(int b) { return b; }", "std::array<int, 2> kA{1, 2};", "int kA[2] = {};", "enum class T : char { a };", "using T = int;",
                     "template <class X>\nX f(int) {\n  return {};\n}"):
            self.assert_found("room-names", one | {"core/base/b.cpp": unnamed(text)}, "core/base/b.cpp:3")
            self.assert_clean("room-names", one | {"core/crypto/CMakeLists.txt": "", "core/crypto/b.cpp": unnamed(text)})
            self.assert_clean("room-names", one | {"core/base/b.cpp": unnamed(text, "other")})
        for text in ("int f(const core::B& b);", "struct U {\n  int kA = 1;\n};", "using core::kA;", "TEST_CASE(\"a\") { int kA = 1; }", "class T;"):
            self.assert_clean("room-names", one | {"core/base/b.cpp": unnamed(text)})
        self.assert_clean("room-names", {path: unnamed("namespace fs = std::filesystem;\nusing Map = std::map<int, int>;") for path in ("core/base/a.cpp", "core/base/b.cpp")})
        self.assert_found("room-names", {"core/base/a.cpp": unnamed("using Map = int;"), "core/base/b.cpp": unnamed("using Map = char;")}, "core/base/b.cpp:3")


class Sizes(TreeCase):
    def body(self, lines):
        return "\n".join("  work();" for _ in range(lines - 2))

    def test_files(self):
        self.assert_clean("file-lines", {"core/a.cpp": "int a;\n" * 400})
        self.assert_found("file-lines", {"core/a.cpp": "int a;\n" * 401}, "core/a.cpp:401")
        self.assert_found("file-lines", {"tools/run": "#!/bin/sh\n" + "true\n" * 400}, "tools/run:401")

    def test_functions(self):
        heads = ("void f() {", "Type::Type(int a) : a_{a}, b_(a) {", "template <class T>\nauto C<T>::f(T t) const -> R<T> {",
                 'TEST_CASE("a { brace", "[x]") {', "bool operator()(int a) const {", "const auto f = [](int a) {",
                 "namespace a {\nstruct B : C<int> {\n  int x = {1};\n  void f() override {")
        for head in heads:
            tail = "}" * head.count("namespace") + "};" * head.count("struct")
            extra = head.count("\n") if "template" in head else 0
            short = f"{head}\n{self.body(60 - extra)}\n}}\n{tail}\n"
            long = f"{head}\n{self.body(61 - extra)}\n}}\n{tail}\n"
            self.assert_clean("function-lines", {"core/a.cpp": short})
            self.assertEqual(len(self.found("function-lines", {"core/a.cpp": long})), 1, head)

    def test_tables_and_types_are_no_functions(self):
        table = "const Row kTable[] = {\n" + "{f(1), 2},\n" * 80 + "};\n"
        type_ = "class [[nodiscard]] A : public B<int> {\n public:\n" + "  int f() { return 1; }\n" * 80 + "};\n"
        enum = "enum class E : std::uint8_t {\n" + "a,\n" * 80 + "};\n"
        self.assert_clean("function-lines", {"core/a.cpp": table + type_ + enum})

    def test_literals_and_macros_do_not_count_as_braces(self):
        text = '#define M(x) \\\n  do { (x)\nvoid f() {\n  g("}", \'}\', R"(}}})");  // }\n' + self.body(60) + "\n}\n"
        self.assertEqual(len(self.found("function-lines", {"core/a.cpp": text})), 1)

    def test_every_function_is_seen_once(self):
        text = "int a() { return 1; }\nA::A() : x_{1}, y_{f(2)} {}\nA::~A() = default;\nint b(int c = {}) noexcept { return c; }\n"
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "a.cpp").write_text(text, encoding="utf-8")
            names = [name for name, _, _ in functions(Tree(folder).by_path["a.cpp"])]
        self.assertEqual(names, ["a", "A::A", "b"])

    def test_python_functions(self):
        self.assert_found("function-lines", {"tools/a.py": "def f():\n" + "    g()\n" * 60}, "tools/a.py:1")
        self.assert_clean("function-lines", {"tools/a.py": "def f():\n" + "    g()\n" * 59})


class Coroutines(TreeCase):
    def in_function(self, text):
        return {"http/a.cpp": "awaitable<void> f() {\n" + text + "\n}\n"}

    def test_capturing_lambda_in_an_awaited_expression(self):
        for bad in ("co_await run(pool, [this] { work(); });", "co_return co_await g([&x](int a) mutable -> int { return a + x; });",
                    "auto r = co_await g(1, h([=]() noexcept { k(); }));"):
            self.assertEqual(set(self.found("lambda-in-await", self.in_function(bad))), {"http/a.cpp:2"}, bad)
        for good in ("co_await run(pool, [] { work(); });", "auto task = [this] { work(); };\nco_await run(pool, task);",
                     "co_await g(rows[i], map[{1, 2}]);", "co_await g();\nauto later = [x] { k(x); };"):
            self.assert_clean("lambda-in-await", self.in_function(good))

    def test_lambda_with_captures_as_a_coroutine(self):
        bad = "co_spawn(e, [&a]() -> awaitable<void> {\nco_await g(a);\n}, detached);"
        self.assert_found("lambda-coroutine", self.in_function(bad), "http/a.cpp:2")
        self.assert_clean("lambda-coroutine", self.in_function(bad.replace("&a", "")))

    def test_one_await_per_statement(self):
        self.assert_found("one-await", self.in_function("g(co_await a(),\nco_await b());"), "http/a.cpp:3")
        self.assert_clean("one-await", self.in_function("auto a = co_await b();\nco_return co_await c(a);"))

    def test_lock_across_await(self):
        self.assert_found("lock-across-await", self.in_function("std::lock_guard lock(m_);\nco_await a();"), "http/a.cpp:3")
        self.assert_clean("lock-across-await", self.in_function("{\nstd::lock_guard lock(m_);\n}\nco_await a();"))

    def test_coroutines_stay_at_the_edge(self):
        self.assert_found("coroutine-home", {"events/a.cpp": "\nT f() { co_return 1; }\n"}, "events/a.cpp:2")
        self.assert_clean("coroutine-home", {"http/a.cpp": "T f() { co_return 1; }\n", "core/a.cpp": "// co_return\n"})


class Language(TreeCase):
    def test_nothing_fails_while_json_is_open(self):
        def handler(before, after):
            return {"http/a.cpp": f"Result<void> f() {{\n{before}\nJsonWriter json{{body}};\n{after}\nreturn {{}};\n}}\n"}
        for leaving in ("TALLY_TRY(g());", "TALLY_TRY_ASSIGN(int a, g());", "if (a) { return core::fail(b); }",
                        "for (;;) return page_error(a);", "if (a) return a.error();", "if (a) co_return write_refusal(a, b);"):
            self.assert_found("open-json", handler("", leaving), "http/a.cpp:4")
            self.assert_clean("open-json", handler(leaving, "json.end();"))
        self.assert_clean("open-json", {"http/a.cpp": "void f() {\n{ JsonWriter json{body}; }\nTALLY_TRY(g());\n}\n"})
        self.assert_found("open-json", {"http/a.cpp": "Result<void> f(JsonWriter& json, int a) {\nTALLY_TRY(g());\n}\n"}, "http/a.cpp:2")
        self.assert_clean("open-json", {"http/a.cpp": "void f(JsonWriter& json);\nResult<void> h() { TALLY_TRY(g()); }\n"})

    def test_default_in_a_switch_over_an_enum(self):
        switch = "void f() {\n  switch (e) {\n    case E::a: return;\n    default: return;\n  }\n}\n"
        self.assert_found("enum-default", {"core/a.cpp": switch}, "core/a.cpp:4")
        self.assert_clean("enum-default", {"core/a.cpp": switch.replace("E::a", "'a'")})

    def test_forms_that_are_not_used(self):
        for rule, line, home, stranger in (
                ("throw", "throw 1;", "http/a.cpp", "core/a.cpp"),
                ("clock", "auto t = std::chrono::system_clock::now();", "tools/a.cpp", "projections/a.cpp"),
                ("environment", 'auto v = std::getenv("A");', "tools/a.cpp", "http/a.cpp"),
                ("assert", "assert(x);", "tests/a.cpp", "core/a.cpp"),
                ("using-namespace", "using namespace std;", "core/a.cpp", "core/a.hpp")):
            self.assert_clean(rule, {home: line + "\n"})
            self.assert_found(rule, {stranger: "\n" + line + "\n"}, f"{stranger}:2")

    def test_static_assert_is_welcome(self):
        self.assert_clean("assert", {"core/a.cpp": "static_assert(true);\n"})

    def test_sleeping_tests(self):
        nap = "sle" + "ep"  # in two halves, or the rule would find this file
        for path, line in (("tests/a.cpp", f"std::this_thread::{nap}_for(1s);"), ("tests/a.py", f"time.{nap}(1)"),
                           ("tests/a.sh", f"{nap} 1"), ("tests/a.mjs", "set" + "Timeout(f, 10);")):
            self.assert_found("sleep-in-test", {path: "\n" + line + "\n"}, f"{path}:2")
        self.assert_clean("sleep-in-test", {"tools/a.cpp": f"{nap}_for(1s);\n", "tests/a.cpp": f"// {nap}_for(1)\n"})


class House(TreeCase):
    def test_orphan_sources(self):
        self.assert_found("orphan", {"core/a.cpp": "", "core/CMakeLists.txt": "add_library(c b.cpp)\n"}, "core/a.cpp:1")
        self.assert_found("orphan", {"core/a.cpp": "", "core/CMakeLists.txt": "# a.cpp\n"}, "core/a.cpp:1")
        for names in ("add_library(c x/a.cpp)", "add_library(c ${CMAKE_CURRENT_SOURCE_DIR}/x/a.cpp)",
                      "target_sources(c ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/x/a.cpp)",
                      "add_library(c ${CMAKE_SOURCE_DIR}/core/x/a.cpp)", "fuzz(x/a)\nfunction(fuzz NAME)\nadd(${NAME}.cpp)"):
            self.assert_clean("orphan", {"core/x/a.cpp": "", "core/CMakeLists.txt": names + "\n"})

    def test_orphan_headers(self):
        self.assert_found("orphan", {"core/a.hpp": ""}, "core/a.hpp:1")
        self.assert_clean("orphan", {"core/a.hpp": "", "core/a.cpp": '#include "core/a.hpp"\n', "core/CMakeLists.txt": "a.cpp\n"})

    def test_readmes(self):
        self.assert_found("readme", {"core/a.hpp": ""}, "core/README.md:1")
        self.assert_found("readme", {"core/a.hpp": "", "core/README.md": "short\n"}, "core/README.md:1")
        self.assert_found("readme", {"core/a.hpp": "", "core/README.md": "long\n" * 60}, "core/README.md:1")
        self.assert_found("readme", {"core/a.hpp": "", "core/README.md": "a line\n" * 12}, "core/README.md:1")
        self.assert_clean("readme", {"core/a.hpp": "", "core/README.md": "a line\n" * 12 + "Never here: a clock.\n"})

    def test_links(self):
        self.assert_found("dead-link", {"a.md": "\n[b](b.md)\n"}, "a.md:2")
        self.assert_clean("dead-link", {"a.md": "[b](c/b.md#part) [web](https://example.org/x)\n", "c/b.md": "[a](../a.md)\n"})

    def test_pages_that_comments_name(self):
        self.assert_found("dead-link", {"core/a.hpp": "\n/// Source: " + "docs" + "/forms.md.\n"}, "core/a.hpp:2")
        self.assert_clean("dead-link", {"core/a.hpp": "/// Source: " + "docs" + "/forms.md.\n", "doc" "s/forms.md": "a\n"})

    def test_files_that_pages_name(self):
        tree = {"core/token/a.hpp": "", "core/README.md": "`token/a.hpp`, `a.hpp`, `core/token/a.hpp`, `*/a.hpp`, `std::a`\n"}
        self.assert_clean("named-file", tree)
        self.assert_found("named-file", tree | {"pages/a.md": "\n`core/a.hpp`\n"}, "pages/a.md:2")
        self.assert_clean("named-file", {"CHANGELOG.md": "`gone.hpp`\n"})

    def test_decisions(self):
        path, listing = "docs/adr/" "0007-a.md", "docs/adr/" "README.md"
        page = "# 7. A title\n\nAccepted.\n\n## The question\n\n## The decision\n\n## What follows\n"
        tree = {path: page, listing: "- [0007 A title](0007-a.md)\n", "core/a.hpp": f"// ADR 7, {path}\n"}
        self.assert_clean("decision", tree)
        for old, new, line in (("# 7.", "# 8.", 1), ("Accepted.", "Good.", 3), ("What follows", "What comes", 1), ("follows\n", "follows\n" * 50, 51)):
            self.assert_found("decision", tree | {path: page.replace(old, new)}, f"{path}:{line}")
        self.assert_found("decision", tree | {listing: "\n"}, f"{path}:1")
        self.assert_found("decision", tree | {"core/a.hpp": "\n// ADR 8\n// docs/adr/0009\n"}, "core/a.hpp:2", "core/a.hpp:3")

    def test_named_tests(self):
        page = "doc" + "s/conformance.md"
        row = '| §1 | it works | "a thing: works" |\n'
        self.assert_found("named-test", {page: row}, page + ":1")
        self.assert_clean("named-test", {page: row, "tests/a.cpp": 'TEST_CASE("a thing: works") {}\n'})
        self.assert_clean("named-test", {page: row, "tests/a.mjs": "test('a thing: works', () => {})\n"})

    def test_unfinished(self):
        for word in ("TO" + "DO", "FIX" + "ME"):
            self.assert_found("unfinished", {"core/a.cpp": f"\n// {word}: later\n"}, "core/a.cpp:2")
        self.assert_clean("unfinished", {"tools/a.sh": "mktemp -d /tmp/a.XXXXXX\n"})

    def test_paths_of_one_machine(self):
        self.assert_found("foreign-path", {"pages/a.md": "\nsee /ho" + "me/me/tally\n"}, "pages/a.md:2")
        self.assert_found("foreign-path", {"pages/a.md": "\nsee ../" + "../elsewhere/b.md\n"}, "pages/a.md:2")
        self.assert_found("foreign-path", {"tests/a.cpp": '\nopen("/tm' + 'p/x");\n'}, "tests/a.cpp:2")
        self.assert_clean("foreign-path", {"pages/a.md": "[a](../README.md), https://example.org/home/x\n"})

    def test_whitespace(self):
        for text, line in (("a \n", 1), ("a\nb", 2), ("a\r\n", 1)):
            self.assertIn(f"a.md:{line}", self.found("whitespace", {"a.md": text}))
        self.assert_found("whitespace", {"core/a.cpp": "\tint a;\n"}, "core/a.cpp:1")
        self.assert_clean("whitespace", {"a.md": "a\n\nb\n"})

    def test_scripts_can_be_run(self):
        self.assertEqual(self.found("executable", {"tools/a": "#!/bin/sh\n"}), ["tools/a:1"])
        self.assertEqual(self.found("executable", {"tools/a": "#!/bin/sh\n"}, executable=("tools/a",)), [])


class Command(TreeCase):
    def run_command(self, files):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as output, \
                contextlib.redirect_stderr(io.StringIO()):
            for path, text in files.items():
                Path(folder, path).write_text(text, encoding="utf-8")
            return tidy.main(["--root", folder, "--rule", "whitespace"]), output.getvalue()

    def test_exit_code_and_form(self):
        self.assertEqual(self.run_command({"a.md": "a\n"}), (0, ""))
        self.assertEqual(self.run_command({"a.md": "a \n"}), (1, "a.md:1: whitespace: blanks at the end of the line\n"))

    def test_every_rule_has_a_name_a_reason_and_a_case_here(self):
        own_text = Path(__file__).read_text(encoding="utf-8")
        for rule in ALL_RULES:
            self.assertTrue(rule.why, rule.name)
            self.assertIn(f'"{rule.name}"', own_text)
        self.assertEqual(len({rule.name for rule in ALL_RULES}), len(ALL_RULES))


if __name__ == "__main__":
    unittest.main()
