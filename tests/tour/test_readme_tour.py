#!/usr/bin/env python3
"""The tour of README.md does what the page says, pasted as it stands into a shell.

Usage: test_readme_tour.py FOLDER_OF_THE_BINARIES
"""

import re
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECTION = re.compile(r"^## A two-minute tour$(.*?)^## ", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS_MAX = 120


def blocks():
    """The shell blocks of the tour, without the first, which builds what is built already."""
    return BLOCK.findall(SECTION.search((ROOT / "README.md").read_text(encoding="utf-8")).group(1))[1:]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Tour(unittest.TestCase):
    binaries = None

    def test_pasted_as_it_stands(self):
        with tempfile.TemporaryDirectory() as scratch:
            script = "".join(f"echo '== {number}'\n{block}" for number, block in enumerate(blocks()))
            script = script.replace("127.0.0.1:8080", f"127.0.0.1:{free_port()}").replace("build/release/bin", str(self.binaries))
            # The trap ends the server if a step before its end fails; the shell is otherwise as a reader has it, but strict.
            script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + script
            done = subprocess.run(["bash", "-c", script], cwd=ROOT, env={"PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": scratch},
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        steps = re.split(r"^== \d+\n", done.stdout, flags=re.MULTILINE)[1:]
        self.assertEqual(len(steps), 6, done.stdout)
        _, _, generate, refresh, disable, history = steps
        self.assertIn('"refresh_token":"tlr_', generate)
        self.assertIn('"active":true', refresh)
        self.assertIn('"status":"disabled"', disable)
        self.assertIn('"error":"invalid_grant"', disable)
        self.assertIn('{"active":false}', disable)
        types = re.findall(r'"type":"(\w+)"', history)
        self.assertEqual(types, ["TokenGenerated", "TokenRefreshed", "TokenDisabled"])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    Tour.binaries = Path(sys.argv.pop(1)).resolve()
    unittest.main()
