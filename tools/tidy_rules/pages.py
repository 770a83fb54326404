"""What pages say of the tree: files that they name, and the decisions of docs/adr."""

import fnmatch
import posixpath
import re

from .source import Rule

NAMED = re.compile(r"`([\w.*-]+(?:/[\w.*-]+)*\.(?:hpp|cpp|py|mjs|tsx?|fbs|md|cmake|supp))`")
HISTORY = "CHANGELOG.md"  # tells of what is gone, too

DECISION = re.compile(r"docs/adr/(\d{4})-[a-z0-9-]+\.md$")
DECISION_LINES_MAX = 50
HEADINGS = ("The question", "What was found", "What was weighed", "The decision", "What was measured", "What follows")
NEEDED = ("The question", "The decision", "What follows")
# Written in two halves, so that this file refers to no decision.
REFERENCE = re.compile(r"\bAD" + r"R (\d+)\b|\badr/(\d{4})(?!\d)")


def check_named_files(tree):
    """A name in backticks is a path from the root, from the page's folder, or the end of some path."""
    paths = list(tree.by_path)
    names = {posixpath.basename(path) for path in paths}
    for file in tree.files:
        if file.suffix != ".md" or file.path == HISTORY:
            continue
        for match in NAMED.finditer(file.text):
            name = match.group(1)
            if name in names or name in tree.by_path:
                continue
            here = posixpath.normpath(posixpath.join(file.folder, name))
            if not any(fnmatch.fnmatchcase(path, pattern) for pattern in (here, name, f"*/{name}") for path in paths):
                yield file.path, file.line_of(match.start()), f"no file is called {name}"


def decisions(tree):
    """{number: file} of the pages in docs/adr."""
    return {int(match.group(1)): file for file in tree.files if (match := DECISION.match(file.path))}


def check_decision_form(number, page):
    title = page.lines[0] if page.lines else ""
    if not title.startswith(f"# {number}. "):
        yield 1, f"the title of a decision begins with '# {number}. '"
    status = page.lines[2] if len(page.lines) > 2 else ""
    if not status.startswith(("Accepted.", "Superseded by ")):
        yield 3, "below the title stands 'Accepted.', or what it is superseded by"
    headings = re.findall(r"^## (.*)$", page.text, re.MULTILINE)
    if headings != [heading for heading in HEADINGS if heading in headings] or not set(NEEDED) <= set(headings):
        yield 1, f"the headings of a decision are, in this order: {', '.join(HEADINGS)}"
    if len(page.lines) > DECISION_LINES_MAX:
        yield DECISION_LINES_MAX + 1, f"{len(page.lines)} lines; a decision has at most {DECISION_LINES_MAX}"


def check_decisions(tree):
    pages = decisions(tree)
    index = tree.by_path.get("docs/adr/README.md")
    for number, page in pages.items():
        for line, message in check_decision_form(number, page):
            yield page.path, line, message
        title = page.lines[0].partition(". ")[2] if page.lines else ""
        if index is not None and f"- [{number:04} {title}]({posixpath.basename(page.path)})" not in index.lines:
            yield page.path, 1, "docs/adr/README.md does not list it by its title"
    for file in tree.text_files:
        for match in REFERENCE.finditer(file.text) if pages and not file.path.startswith("tests/tidy/") else ():
            if int(match.group(1) or match.group(2)) not in pages:
                yield file.path, file.line_of(match.start()), f"there is no decision {match.group(1) or match.group(2)}"


RULES = (
    Rule("named-file", "a page that names what is gone sends its reader looking", check_named_files),
    Rule("decision", "whoever looks for a reason finds it by its number, and its parts in the same places", check_decisions),
)
