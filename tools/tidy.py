#!/usr/bin/env python3
"""Proves the rules of the house that no compiler knows: who may include what, how long things are, how coroutines look.

Usage: tools/tidy.py [--root DIR] [--rule NAME]... | --rules
Prints `file:line: rule: message` for every finding. Exit 0: none; 1: some; 2: usage.
"""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from tidy_rules import ALL_RULES  # noqa: E402
from tidy_rules.source import Finding, Tree  # noqa: E402


def run(root, names=None):
    """The findings of the named rules, or of all, sorted by place."""
    tree = Tree(root)
    return sorted(Finding(*place_and_message[:2], rule.name, place_and_message[2])
                  for rule in ALL_RULES if names is None or rule.name in names
                  for place_and_message in rule.check(tree))


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", default=Path(__file__).resolve().parent.parent, help="the tree to check (default: this one)")
    parser.add_argument("--rule", action="append", choices=[rule.name for rule in ALL_RULES], help="only this rule")
    parser.add_argument("--rules", action="store_true", help="list the rules and why they exist")
    options = parser.parse_args(arguments)
    if options.rules:
        for rule in ALL_RULES:
            print(f"{rule.name:18} {rule.why}")
        return 0
    findings = run(options.root, options.rule)
    for finding in findings:
        print(finding)
    print(f"tidy: {len(findings)} findings by {len(options.rule or ALL_RULES)} rules", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
