#!/usr/bin/env python3
"""tools/count_tests.py tells the truth about JUnit files as CTest writes them."""

import sys
import tempfile
import unittest
from pathlib import Path
from xml.sax.saxutils import escape

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import count_tests  # noqa: E402

CATCH_PASSED = "noise\nAll tests passed (12 assertions in 5 test cases)\n"
CATCH_FAILED = "test cases: 7 | 5 passed | 2 failed\nassertions: 9 | 7 passed | 2 failed\n"
CATCH_NONE_PASSED = "test cases: 1 | 1 failed\nassertions: - none -\n"
UNITTEST_PASSED = "...s\nRan 4 tests in 0.1s\n\nOK (skipped=1)\n"
UNITTEST_FAILED = "F.E.\nRan 4 tests in 0.1s\n\nFAILED (failures=1, errors=1)\n"
NODE_TAP = "# tests 3\n# pass 2\n# fail 1\n# cancelled 0\n"
NODE_SPEC = "\u2139 tests 4\n\u2139 pass 2\n\u2139 fail 1\n\u2139 cancelled 1\n"


class Counting(unittest.TestCase):
    def count(self, *cases):
        """Each case is (status, output, what CTest says of it)."""
        text = "".join(f'<testcase name="t{number}" status="{status}">{extra}<system-out>{escape(output)}</system-out></testcase>'
                       for number, (status, output, extra) in enumerate(cases))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "report.xml")
            path.write_text(f"<testsuite>{text}</testsuite>", encoding="utf-8")
            return count_tests.count(path)

    def test_cases_inside_a_program_are_counted(self):
        self.assertEqual(self.count(("run", CATCH_PASSED, "")), (5, 0, []))
        self.assertEqual(self.count(("fail", CATCH_FAILED, "<failure/>")), (5, 2, []))
        self.assertEqual(self.count(("fail", CATCH_NONE_PASSED, "<failure/>")), (0, 1, []))
        self.assertEqual(self.count(("run", UNITTEST_PASSED, "")), (3, 0, []))
        self.assertEqual(self.count(("fail", UNITTEST_FAILED, "<failure/>")), (2, 2, []))
        self.assertEqual(self.count(("fail", NODE_TAP, "<failure/>")), (2, 1, []))
        self.assertEqual(self.count(("fail", NODE_SPEC, "<failure/>")), (2, 2, []))

    def test_several_summaries_add_up(self):
        self.assertEqual(self.count(("fail", UNITTEST_PASSED + UNITTEST_FAILED, "<failure/>")), (5, 2, []))

    def test_a_program_without_a_summary_is_one_case(self):
        self.assertEqual(self.count(("run", "fine\n", ""), ("fail", "killed\n", "<failure/>")), (1, 1, []))

    def test_a_program_that_fails_after_a_good_summary_failed(self):
        self.assertEqual(self.count(("fail", CATCH_PASSED + "ERROR: LeakSanitizer\n", "<failure/>")), (5, 1, []))

    def test_a_missing_program_failed_and_a_skipped_one_is_named(self):
        missing = ("notrun", "", '<skipped message="Unable to find executable"/>')
        skipped = ("notrun", "", '<skipped message="SKIP_RETURN_CODE=77"/>')
        self.assertEqual(self.count(missing, skipped), (0, 1, ["t1"]))


if __name__ == "__main__":
    unittest.main()
