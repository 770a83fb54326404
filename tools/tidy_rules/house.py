"""The house itself: nothing lies around, every folder says what it is for, every link leads somewhere."""

import os
import posixpath
import re

from .source import Rule

SOURCE_NAME = re.compile(r"[\w./${}+-]+\.(?:cpp|cc|c)\b")
VARIABLE = re.compile(r"\$\{(\w+)\}")
ROOT_VARIABLES = {"CMAKE_SOURCE_DIR", "PROJECT_SOURCE_DIR"}
FOLDER_VARIABLES = {"CMAKE_CURRENT_SOURCE_DIR", "CMAKE_CURRENT_LIST_DIR", "CMAKE_CURRENT_FUNCTION_LIST_DIR"}
README_LINES = range(8, 41)
PAGE = re.compile(r"(?<![\w./-])docs/[\w/-]+\.md\b")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
QUOTED = re.compile(r'"([^"]+: [^"]+)"')
# Written in two halves, so that this file does not name what it forbids.
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")) + r")\b")
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:" + "|".join(("ho" + "me", "ro" + "ot", "wo" + "rk", "wo" + "rkspace", "Us" + "ers")) + r")/\w")
PARENT_PATH = re.compile(r"(?<![\w./-])(?:\.\./)+[\w.-]*")


def named_sources(tree):
    """Every source path that some CMakeLists.txt names; `${NAME}.cpp` in a function stands for each word of its file."""
    named = set()
    for file in tree.files:
        if not file.path.endswith("CMakeLists.txt"):
            continue
        text = re.sub(r"#[^\n]*", "", file.text)
        for match in SOURCE_NAME.finditer(text):
            token = match.group(0)
            for variable in VARIABLE.findall(token):
                if variable in ROOT_VARIABLES:
                    token = token.replace("${%s}" % variable, "")
                    token = posixpath.relpath(token.lstrip("/"), file.folder)
                elif variable in FOLDER_VARIABLES:
                    token = token.replace("${%s}/" % variable, "")
            words = re.findall(r"[\w/]+", text) if VARIABLE.search(token) else [""]
            named.update(posixpath.normpath(posixpath.join(file.folder, VARIABLE.sub(word, token))) for word in words)
    return named


def check_orphans(tree):
    named = named_sources(tree)
    included = {include.target for file in tree.cpp for include in file.includes}
    for file in tree.cpp:
        if file.suffix == ".cpp" and file.path not in named:
            yield file.path, 1, "no CMakeLists.txt names this file"
        if file.suffix == ".hpp" and file.path not in included:
            yield file.path, 1, "nobody includes this header"


def check_readmes(tree):
    """Folders of sources outside tests/, whose own README speaks for the folders that mirror the tree."""
    folders = {file.folder for file in tree.files if file.suffix in (".cpp", ".hpp", ".py") and file.top != "tests"}
    folders |= {file.top for file in tree.files if "/" in file.path and not file.path.startswith(".")}
    for folder in sorted(folders - {"."}):
        readme = tree.by_path.get(f"{folder}/README.md")
        if readme is None:
            yield f"{folder}/README.md", 1, "the folder has none (purpose, what it may include, entry points, what must never be here)"
        elif len(readme.lines) not in README_LINES:
            yield readme.path, 1, f"{len(readme.lines)} lines; a folder's README has about 10 to 30"
        elif not re.search(r"\bnever\b", readme.text, re.IGNORECASE):
            yield readme.path, 1, "it does not say what must never be here"


def check_links(tree):
    """Links between pages, and pages that comments name."""
    for file in tree.text_files:
        if file.suffix != ".md":
            for match in PAGE.finditer(file.text):
                if not (tree.root / match.group(0)).exists():
                    yield file.path, file.line_of(match.start()), f"there is no page {match.group(0)}"
            continue
        for match in LINK.finditer(file.text):
            target = match.group(1).split("#", 1)[0]
            if target and "://" not in target and not target.startswith("mailto:"):
                path = posixpath.normpath(posixpath.join(file.folder, target))
                if not (tree.root / path).exists():
                    yield file.path, file.line_of(match.start()), f"the link leads nowhere: {target}"


def check_unfinished(tree):
    for file in tree.text_files:
        for match in UNFINISHED.finditer(file.text):
            yield file.path, file.line_of(match.start()), f"{match.group(0)}: finish it, or file an issue"


def check_foreign_paths(tree):
    for file in tree.text_files:
        for match in MACHINE_PATH.finditer(file.text):
            yield file.path, file.line_of(match.start()), f"{match.group(0)}… exists on one machine only"
        for match in PARENT_PATH.finditer(file.text):
            if posixpath.normpath(posixpath.join(file.folder, match.group(0))).startswith(".."):
                yield file.path, file.line_of(match.start()), f"{match.group(0)} leads out of the tree"
        if file.top == "tests" and file.suffix != ".md":
            for match in re.finditer(r"[\"'=]/(?:var/)?tmp/", file.text):
                yield file.path, file.line_of(match.start()), "a test makes its own temporary folder"


def check_whitespace(tree):
    for file in tree.text_files:
        if "\r" in file.text:
            yield file.path, 1, "lines end in LF"
        if file.text and not file.text.endswith("\n"):
            yield file.path, len(file.lines), "the last line has no end"
        for number, line in enumerate(file.lines, start=1):
            if line != line.rstrip():
                yield file.path, number, "blanks at the end of the line"
            if "\t" in line and file.suffix in (".cpp", ".hpp", ".py"):
                yield file.path, number, "a tab"


def check_executable(tree):
    for file in tree.text_files:
        if file.is_script and not os.access(file.absolute, os.X_OK):
            yield file.path, 1, "a script that begins with #! must be executable"


def check_named_tests(tree):
    """In the rows of the page of conformance, what stands in quotation marks is the beginning of a test's name."""
    page = tree.by_path.get("docs/conformance.md")
    if page is None:
        return
    tests = "\n".join(file.text for file in tree.files if file.top == "tests")
    for number, line in enumerate(page.lines, 1):
        for name in QUOTED.findall(line) if line.startswith("|") else ():
            if f'"{name.rstrip("…")}' not in tests and f"'{name.rstrip('…')}" not in tests:
                yield page.path, number, f"no test has the name {name}"


RULES = (
    Rule("orphan", "a file that nothing builds or includes is read, trusted and wrong", check_orphans),
    Rule("readme", "whoever opens a folder must learn in a minute what belongs there and what never may", check_readmes),
    Rule("dead-link", "a page that leads nowhere is not believed elsewhere", check_links),
    Rule("named-test", "a clause that is said to be proved is proved", check_named_tests),
    Rule("unfinished", "a note in the code is a defect that nobody tracks", check_unfinished),
    Rule("foreign-path", "the tree must build and pass anywhere", check_foreign_paths),
    Rule("whitespace", "no change is only about blanks", check_whitespace),
    Rule("executable", "the documentation says to run it", check_executable),
)
