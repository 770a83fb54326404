"""What the language offers and this code does not use, or only in one place."""

import re

from .source import Rule, closing

SWITCH = re.compile(r"\bswitch\s*\(")
ENUM_LABEL = re.compile(r"\bcase\s+(?:\w+::)+\w+")


def pattern_rule(pattern, applies, message):
    """A rule that refuses `pattern` in the C++ of every file whose path `applies` accepts."""
    compiled = re.compile(pattern)

    def check(tree):
        for file in tree.cpp:
            if applies(file.path):
                for match in compiled.finditer(file.body):
                    yield file.path, file.line_of(match.start()), message

    return check


def inside(*prefixes):
    return lambda path: path.startswith(prefixes)


def outside(*prefixes):
    return lambda path: not path.startswith(prefixes)


def check_enum_default(tree):
    for file in tree.cpp:
        text = file.body
        for switch in SWITCH.finditer(text):
            brace = text.find("{", closing(text, switch.end() - 1))
            if brace < 0:
                continue
            body = text[brace:closing(text, brace)]
            default = re.search(r"\bdefault\s*:", body)
            if default and ENUM_LABEL.search(body):
                yield file.path, file.line_of(brace + default.start()), "a switch over an enum names every value"


OPEN_JSON = re.compile(r"\bJsonWriter\s+\w+\s*[{(]|\bJsonWriter\s*&\s*\w+\s*[,)]")
LEAVES_EARLY = re.compile(r"\bTALLY_TRY(?:_ASSIGN)?\b|\b(?:co_)?return\s+(?:[\w.:>-]*(?:fail|invalid|error)\s*\(|write_refusal\b|write_problem\b)")


def check_open_json(tree):
    """From a writer's declaration to the end of its block; for one that a function is given, its whole body."""
    for file in tree.cpp:
        if not file.path.startswith("http/") or file.suffix != ".cpp":
            continue
        text = file.body
        for writer in OPEN_JSON.finditer(text):
            start = writer.end()
            if text[writer.end() - 1] in ",)":
                body = re.compile(r"[;{]").search(text, start)
                if not body or body.group(0) == ";":
                    continue  # a declaration
                start = body.end()
            depth = 1 if text[writer.end() - 1] in ",)" else 1 + (text[writer.end() - 1] == "{")
            for match in re.compile(rf"[{{}}]|{LEAVES_EARLY.pattern}").finditer(text, start):
                if match.group(0) in "{}":
                    depth += 1 if match.group(0) == "{" else -1
                    if depth == 0:
                        break
                else:
                    yield file.path, file.line_of(match.start()), "read everything before the JSON is opened: an error would leave half of it"


def check_sleep_in_tests(tree):
    sleeping = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|time\.sleep|setTimeout)\s*\(|^[ \t]*sleep\s+[\d.$]", re.MULTILINE)
    for file in tree.files:
        if file.path.startswith("tests/") and (file.suffix in (".cpp", ".hpp", ".py", ".mjs", ".js", ".ts", ".sh") or file.is_script):
            text = file.body if file.suffix in (".cpp", ".hpp") else file.text
            for match in sleeping.finditer(text):
                yield file.path, file.line_of(match.start()), "a test waits for what it needs, never for time"


RULES = (
    Rule("enum-default", "a new value must break the build where it is not handled", check_enum_default),
    Rule("throw", "expected outcomes are results; an exception has no place in a signature",
         pattern_rule(r"\bthrow\b", lambda path: path.startswith(("core/", "events/", "projections/")) and path != "core/base/check.cpp",
                      "return a core::Result instead of throwing")),
    Rule("open-json", "a handler computes first and writes last: an error can then never leave half an answer", check_open_json),
    Rule("clock", "a decision or a projection that reads a clock can not be replayed",
         pattern_rule(r"_clock::now\s*\(|\b(gettimeofday|clock_gettime|time)\s*\(\s*(nullptr|NULL|0|&)",
                      inside("core/", "projections/"), "the time comes with the command")),
    Rule("environment", "a setting that is read in the middle can not be listed, checked or tested",
         pattern_rule(r"\bgetenv\s*\(", outside("tools/", "tests/"), "settings come from the configuration")),
    Rule("assert", "an invariant that only debug builds check is not checked where it matters",
         pattern_rule(r"(?<![\w.])assert\s*\(", outside("tests/"), "use TALLY_CHECK")),
    Rule("using-namespace", "a header decides names for everybody who includes it",
         pattern_rule(r"\busing\s+namespace\b", lambda path: path.endswith(".hpp") and not path.startswith("tests/"), "name what is used")),
    Rule("sleep-in-test", "a sleeping test is slow when it passes and wrong when the machine is busy", check_sleep_in_tests),
)
