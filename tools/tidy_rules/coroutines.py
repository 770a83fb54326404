"""The coroutine rules: the simple form that every compiler gets right, and whose lifetimes can be read off the page."""

import re

from .source import Rule, closing

WORD = re.compile(r"\bco_(await|return|yield)\b")
GUARD = re.compile(r"\bstd::(lock_guard|unique_lock|scoped_lock|shared_lock)\b")
HOMES = ("http/", "tools/", "tests/")


def lambdas(text, start=0, end=None):
    """(offset, captures, body start, body end) of every lambda in text[start:end]."""
    end = len(text) if end is None else end
    for match in re.finditer(r"\[", text[start:end]):
        opening = start + match.start()
        before = text[:opening].rstrip()
        after_operand = before[-1:].isalnum() or before[-1:] in "_)]\"'"
        if (after_operand and not re.search(r"\b(return|co_return|co_await|co_yield|case)$", before)) or \
                before[-1:] == "[" or text[opening + 1:opening + 2] == "[":
            continue  # a subscript or an attribute
        close = closing(text, opening)
        rest = re.match(r"\s*(<[^{}]*?>)?\s*", text[close + 1:])
        position = close + 1 + rest.end()
        if text[position:position + 1] == "(":
            position = closing(text, position) + 1
        brace = re.match(r"[\w\s:<>,&*()-]*\{", text[position:])
        if brace:
            body = position + brace.end() - 1
            yield opening, text[opening + 1:close].strip(), body, closing(text, body)


def statement_end(text, start):
    """The offset of the `;` (or of the bracket that closes what encloses it) that ends the expression at `start`."""
    position = start
    while match := re.compile(r"[;(\[{)\]}]").search(text, position):
        if match.group(0) in ";)]}":
            return match.start()
        position = closing(text, match.start()) + 1
    return len(text)


def check_lambda_in_await(tree):
    for file in tree.cpp:
        text = file.body
        for word in WORD.finditer(text):
            for opening, captures, _, _ in lambdas(text, word.end(), statement_end(text, word.end())):
                if captures:
                    yield file.path, file.line_of(opening), "a capturing lambda inside an awaited expression: give it a name first"


def check_lambda_coroutine(tree):
    for file in tree.cpp:
        text = file.body
        for opening, captures, body, end in lambdas(text):
            if captures and WORD.search(text, body, end):
                yield file.path, file.line_of(opening), "a lambda with captures is a coroutine here: write a named function"


def check_one_await(tree):
    for file in tree.cpp:
        for statement in re.finditer(r"[^;{}]+", file.body):
            awaits = [match.start() for match in re.finditer(r"\bco_await\b", statement.group(0))]
            if len(awaits) > 1:
                yield file.path, file.line_of(statement.start() + awaits[1]), "more than one co_await in a statement"


def check_lock_across_await(tree):
    for file in tree.cpp:
        text = file.body
        for guard in GUARD.finditer(text):
            depth = 0
            for match in re.compile(r"[{}]|\bco_await\b").finditer(text, guard.end()):
                if match.group(0) == "co_await":
                    yield file.path, file.line_of(match.start()), "a lock is held across co_await"
                    break
                depth += 1 if match.group(0) == "{" else -1
                if depth < 0:
                    break


def check_homes(tree):
    for file in tree.cpp:
        word = WORD.search(file.body)
        if word and not file.path.startswith(HOMES):
            yield file.path, file.line_of(word.start()), "coroutines live in http/ only"


RULES = (
    Rule("lambda-in-await", "GCC 12 frees the captures twice; a name costs one line", check_lambda_in_await),
    Rule("lambda-coroutine", "captures die with the lambda, often before the coroutine that uses them", check_lambda_coroutine),
    Rule("one-await", "what is evaluated before a second suspension can not be told from the line", check_one_await),
    Rule("lock-across-await", "a coroutine can go on in another thread, and everybody else waits meanwhile", check_lock_across_await),
    Rule("coroutine-home", "only the edge waits for sockets; below it, a call returns when it is done", check_homes),
)
