#!/usr/bin/env python3
"""Counts the test cases in a JUnit file of CTest: `PASSED FAILED` on standard output, what was skipped on standard error.

Usage: tools/count_tests.py FILE.xml
A CTest test is a program. Where its output ends with the summary of Catch2, unittest or Node's test runner, its cases are counted;
any other program is one case. A program that failed although its summary shows no failure (a sanitizer, a crash) is one failure more.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

CATCH_ALL_PASSED = re.compile(r"All tests passed \(\d+ assertions? in (\d+) test cases?\)")
CATCH_SOME_FAILED = re.compile(r"test cases:\s*(\d+)\s*\|(?:\s*(\d+) passed\s*\|)?\s*(\d+) failed")
UNITTEST_RAN = re.compile(r"^Ran (\d+) tests? in", re.MULTILINE)
UNITTEST_BAD = re.compile(r"^FAILED \((.*)\)$", re.MULTILINE)
UNITTEST_SKIPPED = re.compile(r"\bskipped=(\d+)")
NODE_PASSED = re.compile(r"^[#\u2139] pass (\d+)$", re.MULTILINE)  # TAP, or the reporter "spec"
NODE_FAILED = re.compile(r"^[#\u2139] (?:fail|cancelled) (\d+)$", re.MULTILINE)


def cases_of(output):
    """(passed, failed) summed over every summary in `output`, or None if there is none."""
    passed = failed = 0
    found = False
    for match in CATCH_ALL_PASSED.finditer(output):
        passed, found = passed + int(match.group(1)), True
    for match in CATCH_SOME_FAILED.finditer(output):
        passed, failed, found = passed + int(match.group(2) or 0), failed + int(match.group(3)), True
    for match in UNITTEST_RAN.finditer(output):
        verdict = output[match.end():].split("\nRan ", 1)[0]
        bad = UNITTEST_BAD.search(verdict)
        bad_count = sum(int(number) for number in re.findall(r"(?:failures|errors|unexpected successes)=(\d+)", bad.group(1))) if bad else 0
        skipped = UNITTEST_SKIPPED.search(verdict)
        ran = int(match.group(1)) - (int(skipped.group(1)) if skipped else 0)
        passed, failed, found = passed + max(ran - bad_count, 0), failed + bad_count, True
    for match in NODE_PASSED.finditer(output):
        passed, found = passed + int(match.group(1)), True
    for match in NODE_FAILED.finditer(output):
        failed, found = failed + int(match.group(1)), True
    return (passed, failed) if found else None


def reason_of(case):
    """Why CTest did not run it. A missing program is no reason to skip: it counts as a failure."""
    skipped = case.find("skipped")
    return "" if skipped is None else skipped.get("message") or ""


def count(path):
    """(passed, failed, names of skipped programs) of one JUnit file."""
    passed = failed = 0
    skipped = []
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        status = case.get("status")
        if status == "disabled" or reason_of(case).startswith("SKIP_"):
            skipped.append(case.get("name"))
            continue
        cases = cases_of(case.findtext("system-out") or "")
        case_passed, case_failed = cases or (0, 0)
        if status == "run":
            passed += case_passed if cases else 1
            failed += case_failed
        else:
            passed += case_passed
            failed += max(case_failed, 1)
    return passed, failed, skipped


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    passed, failed, skipped = count(arguments[0])
    if skipped:
        print("skipped: " + ", ".join(skipped), file=sys.stderr)
    print(passed, failed)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
