"""How long files and functions may be."""

import ast
import re

from .source import Rule, closing

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
SIZED_SUFFIXES = {".cpp", ".hpp", ".py", ".sh", ".ts", ".mjs", ".js", ".fbs"}

# path -> why it may be longer. Keep this short: a long list is the rule failing.
LONG_FILES = {}
LONG_FUNCTIONS = {  # "path:name" -> why
    "core/base/result.cpp:name_of": "one line per error code",
}

SCOPE = re.compile(r"^(inline\s+)?(namespace\b|extern\s*\")")
TYPE = re.compile(r"^(typedef\s+)?(class|struct|union|enum)\b")
PREFIX = re.compile(r"^\s*(template\s*<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>|requires\s+[\w:<>, ]+|\[\[[^\]]*\]\]|public:|protected:|private:)\s*")
NAME = re.compile(r"([~\w:]+|operator\s*[^\s(]+)\s*\(")


def functions(file):
    """(name, first line, last line) of every function body at namespace or class level."""
    text = file.body
    start = 0  # of the text that leads up to the next brace or semicolon
    position = 0
    for_more = re.compile(r"[;{}(]")
    while match := for_more.search(text, position):
        position = match.end()
        if match.group(0) == "(":
            position = closing(text, match.start()) + 1
        elif match.group(0) in ";}":
            start = position
        else:
            head = without_prefixes(text[start:match.start()])
            end = closing(text, match.start())
            if SCOPE.match(head) or (TYPE.match(head) and "(" not in head):
                start = position
            elif is_initializer(head):
                position = end + 1  # the declaration goes on after its braces
            else:
                first = start + len(text[start:]) - len(text[start:].lstrip())
                yield name_of(head), file.line_of(first), file.line_of(end)
                position = start = end + 1


def without_prefixes(head):
    while match := PREFIX.match(head):
        head = head[match.end():]
    return head.strip()


def is_initializer(head):
    """True if the brace after `head` opens a value and not the body of a function."""
    outside = re.sub(r"\([^()]*(\([^()]*\)[^()]*)*\)", "()", head)
    if re.search(r"(?<![=!<>])=(?!=)", outside) and "operator" not in outside:
        return not re.search(r"=\s*\[[^\]]*\]\s*(\(\)|$)", outside)  # a lambda is a function
    if "(" not in head:
        return True
    in_member_list = re.search(r"\)\s*(noexcept(\(\))?\s*)?:(?!:)", outside)
    return bool(in_member_list) and bool(re.search(r"[\w>]$", head))


def name_of(head):
    match = NAME.search(head)
    return match.group(1) if match else head[:40]


def check_file_lines(tree):
    for file in tree.files:
        if (file.suffix in SIZED_SUFFIXES or file.is_script) and file.path not in LONG_FILES:
            if len(file.lines) > FILE_LINES_MAX:
                yield file.path, FILE_LINES_MAX + 1, f"{len(file.lines)} lines; at most {FILE_LINES_MAX}"


def check_function_lines(tree):
    for file in tree.files:
        found = ()
        if file.suffix in (".cpp", ".hpp"):
            found = functions(file)
        elif file.suffix == ".py":
            found = ((node.name, node.lineno, node.end_lineno) for node in ast.walk(ast.parse(file.text))
                     if isinstance(node, ast.FunctionDef))
        for name, first, last in found:
            lines = last - first + 1
            if lines > FUNCTION_LINES_MAX and f"{file.path}:{name}" not in LONG_FUNCTIONS:
                yield file.path, first, f"{name} has {lines} lines; at most {FUNCTION_LINES_MAX}"


RULES = (
    Rule("file-lines", "nobody keeps more than a few hundred lines in mind; a long file owns too much", check_file_lines),
    Rule("function-lines", "a function that does not fit on a page can not be checked by reading", check_function_lines),
)
