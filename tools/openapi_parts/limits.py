"""The bounds of the C++ headers, for those who name them: `"maximum": "kPageItemsMax"`, "at most {kPageItemsMax}".

A constant that is not made of whole numbers, other constants, + - * and << is passed over, and an error for whoever names it.
A test of the server holds what stands in the document against what the compiler makes of the same headers.
"""

import ast
import operator
import re

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
CONSTANT = re.compile(r"\binline constexpr\s+[\w:]+\s+(k\w+)\s*(?:=\s*([^;{}]+)|\{([^;{}]+)\})\s*;")
QUALIFIER = re.compile(r"\b(?:\w+::)+")
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.LShift: operator.lshift}
IN_TEXT = re.compile(r"\{(k[A-Z]\w*)(?: (\w+))?\}")
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20}


class Limits:
    """Names of constants with their values. A duration has the number that it is written with."""

    def __init__(self, headers):
        """`headers`: texts of C++ headers."""
        self.values = {}
        for header in headers:
            for name, assigned, braced in CONSTANT.findall(COMMENT.sub(" ", header)):
                try:
                    self.values[name] = self._value(QUALIFIER.sub("", (assigned or braced).replace("'", "")))
                except (ValueError, SyntaxError):
                    continue

    def number(self, value, place):
        """A whole number: itself, or an expression of constants as C++ has them."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        try:
            return self._value(str(value))
        except (ValueError, SyntaxError) as error:
            raise place.error(f"{value!r} is neither a whole number nor made of constants of the limits ({error})") from None

    def text(self, value, place):
        """A text with {kName}: 1,000; {kName plain}: 1000; {kName KiB}, {kName MiB}: 16 KiB."""
        if not isinstance(value, str):
            raise place.error("must be a text")
        return IN_TEXT.sub(lambda match: self._written(match.group(1), match.group(2), place), value)

    def _written(self, name, form, place):
        number = self.number(name, place)
        if form is None:
            return f"{number:,}"
        if form == "plain":
            return str(number)
        if form not in UNITS or number % UNITS[form] != 0:
            raise place.error(f"{name} is {number}, which is no whole number of {form}")
        return f"{number // UNITS[form]} {form}"

    def _value(self, expression):
        return self._evaluate(ast.parse(expression.strip(), mode="eval").body)

    def _evaluate(self, node):
        if isinstance(node, ast.Constant) and type(node.value) is int:
            return node.value
        if isinstance(node, ast.Name):
            if node.id not in self.values:
                raise ValueError(f"there is no {node.id}")
            return self.values[node.id]
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](self._evaluate(node.left), self._evaluate(node.right))
        raise ValueError("only + - * and << of whole numbers and constants")
