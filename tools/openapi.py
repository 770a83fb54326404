#!/usr/bin/env python3
"""Puts the OpenAPI document together and writes what is made of it. How a part is written: tools/openapi_parts/README.md.

Usage: tools/openapi.py [PART]... [--limits HEADER...] [--document FILE] [--cpp FILE] [--types FILE]
Without parts: those of this tree, http/*/*.openapi.json. A file that would be the same is left as it is.
Exit 0: done; 1: a part is wrong, which is said on standard error; 2: usage.
"""

import argparse
import json
import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from openapi_parts import embed, typescript  # noqa: E402
from openapi_parts.document import assemble  # noqa: E402
from openapi_parts.place import PartError  # noqa: E402


def shown(path):
    """A path as a person of this tree calls it."""
    return str(path.resolve().relative_to(ROOT)) if path.resolve().is_relative_to(ROOT) else str(path)


def write(path, content):
    """As one: whoever reads meanwhile, or another build that writes the same, sees a whole file."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limits", nargs="+", type=Path, help="C++ headers with bounds (default: those of this tree)")
    parser.add_argument("--document", type=Path, help="the whole document, indented")
    parser.add_argument("--cpp", type=Path, help="the document as it is served, as C++")
    parser.add_argument("--types", type=Path, help="its schemas, as TypeScript")
    parser.add_argument("parts", nargs="*", type=Path)
    options = parser.parse_args(arguments)
    parts = options.parts or sorted(ROOT.glob("http/*/*.openapi.json"))
    headers = options.limits or [ROOT / "core/base/limits.hpp", ROOT / "http/server/limits.hpp"]
    try:
        document = assemble({shown(path): path.read_text(encoding="utf-8") for path in parts},
                            [path.read_text(encoding="utf-8") for path in headers])
        if options.document:
            write(options.document, (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode())
        if options.cpp:
            write(options.cpp, embed.cpp(document).encode())
        if options.types:
            write(options.types, typescript.types(document).encode())
    except (PartError, OSError) as error:
        print(f"openapi: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
