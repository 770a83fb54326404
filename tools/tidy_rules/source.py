"""The tree as the rules see it: files, their text, and their C++ with comments and literals blanked out."""

import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

SKIPPED_FOLDERS = {".git", "build", "node_modules", "__pycache__"}
GENERATED_FOLDERS = {"http/pages/generated"}  # Made by the build, and not in git.
CPP_SUFFIXES = {".cpp", ".hpp", ".c", ".cc", ".cxx", ".h", ".hh", ".hxx", ".ipp", ".inl"}
TEXT_SUFFIXES = {".cpp", ".hpp", ".c", ".h", ".py", ".sh", ".md", ".txt", ".cmake", ".fbs", ".json", ".toml", ".yml", ".yaml",
                 ".ts", ".js", ".mjs", ".css", ".html", ".in"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
COMMENT_OR_LITERAL = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'", re.DOTALL)
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n\\]|\\.)*(?:\\\n(?:[^\n\\]|\\.)*)*', re.MULTILINE)


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Rule:
    name: str
    why: str
    check: object  # (Tree) -> iterable of (path, line, message)


@dataclass(frozen=True)
class Include:
    line: int
    target: str
    quoted: bool


def blank(text):
    """The same length and lines, with nothing but spaces in it."""
    return re.sub(r"[^\n]", " ", text)


def blank_literal(match):
    """Keeps the quotes, so that `f("a")` still looks like a call with an argument."""
    text = match.group(0)
    if text.startswith("/"):
        return blank(text)
    return text[0] + blank(text[1:-1]) + text[-1]


class SourceFile:
    def __init__(self, root, path):
        self.path = path
        self.folder = str(PurePosixPath(path).parent)
        self.top = path.split("/", 1)[0]
        self.suffix = PurePosixPath(path).suffix
        self.absolute = root / path

    @functools.cached_property
    def text(self):
        return self.absolute.read_bytes().decode("utf-8", errors="replace")

    @functools.cached_property
    def lines(self):
        return self.text.splitlines()

    @functools.cached_property
    def code(self):
        """C++ only: comments and the insides of literals are spaces; offsets and lines are those of `text`."""
        return COMMENT_OR_LITERAL.sub(blank_literal, self.text)

    @functools.cached_property
    def body(self):
        """As `code`, without preprocessor lines."""
        return DIRECTIVE.sub(lambda match: blank(match.group(0)), self.code)

    @functools.cached_property
    def includes(self):
        uncommented = COMMENT_OR_LITERAL.sub(
            lambda match: blank(match.group(0)) if match.group(0).startswith("/") else match.group(0), self.text)
        return [Include(uncommented.count("\n", 0, match.start()) + 1, match.group(2), match.group(1) == '"')
                for match in INCLUDE.finditer(uncommented)]

    @functools.cached_property
    def is_script(self):
        return self.suffix in ("", ".sh", ".py") and self.text.startswith("#!")

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1


class Tree:
    def __init__(self, root):
        self.root = Path(root)
        paths = []
        for folder, folders, names in os.walk(self.root):
            relative = Path(folder).relative_to(self.root).as_posix()
            folders[:] = sorted(name for name in folders
                                if name not in SKIPPED_FOLDERS and f"{relative}/{name}" not in GENERATED_FOLDERS)
            paths += [name if relative == "." else f"{relative}/{name}" for name in sorted(names)]
        self.files = [SourceFile(self.root, path) for path in paths if not (self.root / path).is_symlink()]
        self.by_path = {file.path: file for file in self.files}

    @functools.cached_property
    def cpp(self):
        return [file for file in self.files if file.suffix in CPP_SUFFIXES]

    @functools.cached_property
    def text_files(self):
        return [file for file in self.files
                if file.suffix in TEXT_SUFFIXES or (file.suffix == "" and "/testdata/" not in file.path and file.is_script)]


def closing(text, opening):
    """The offset of the bracket that closes the one at `opening`, or the end of the text."""
    pairs = {"(": ")", "[": "]", "{": "}"}
    opener, closer = text[opening], pairs[text[opening]]
    depth = 0
    for match in re.compile(f"[{re.escape(opener + closer)}]").finditer(text, opening):
        depth += 1 if match.group(0) == opener else -1
        if depth == 0:
            return match.start()
    return len(text)
