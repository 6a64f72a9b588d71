"""Expressions given as text.

The text is split by Python's grammar and translated node by node; only what stands in the tables below has a meaning,
and nothing is ever evaluated as Python. The expression is kept as written: numbers are combined with numbers, exactly,
and SymPy evaluates nothing else. Sizes are bounded before a number is computed, so that no text of a few characters can
take the memory or the time of the process that reads it, or of one that evaluates what was read.
"""

from __future__ import annotations

import ast
import difflib
import math
import re
from collections.abc import Mapping
from typing import Any

import sympy as sp

from ..expressions import canonical
from ..number_sizes import MAX_BITS, MAX_EXPONENT, bits, size
from .functions import BINDING, BOUNDED, CALLED, CHOOSING, CONSTANTS, FUNCTIONS, IN_BOUNDS, unbound
from .quoting import short
from .split_text import SplitText
from .terms import negated, times

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Bounds on how deep a text nests, on the digits of one number, and on the order of a derivative.
MAX_DEPTH, MAX_DIGITS, MAX_DERIVATIVE = 40, 100, 10
#: Declared names that a message tells.
_NAMED = 20

_FLOAT = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,4}))?")
_KINDS = {
    ast.Attribute: "an attribute", ast.Subscript: "an index", ast.Lambda: "a lambda", ast.IfExp: "a condition",
    ast.ListComp: "a comprehension", ast.SetComp: "a comprehension", ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension", ast.List: "a list", ast.Tuple: "a list of values", ast.Set: "a set",
    ast.Dict: "a dictionary", ast.NamedExpr: "an assignment", ast.JoinedStr: "a string", ast.Starred: "a starred value",
    ast.BoolOp: "a logical operation", ast.Compare: "a comparison", ast.Await: "a keyword", ast.Yield: "a keyword",
}  # fmt: skip


class Reader(SplitText):
    """One text, split by Python's grammar, and the names that it may use."""

    #: Functions that it knows besides those of numbers, with the numbers of their arguments.
    calls: Mapping[str, int] = {}

    def __init__(self, text: str, symbols: Mapping[str, sp.Symbol]) -> None:
        super().__init__(text)
        self.symbols = symbols

    def comparison(self, allowed: Mapping[type, Any], wanted: str) -> tuple[sp.Expr, Any, sp.Expr]:
        node = self.tree
        if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in allowed):
            self.fail(node, f"this is not {wanted}")
        return (
            self.expression(node.left),
            allowed[type(node.ops[0])],
            self.expression(node.comparators[0]),
        )

    def canonical(self, node: ast.expr) -> sp.Expr:
        """Translate one node into SymPy's canonical form; ParsingError unless it may be a finite real number."""
        value = canonical(self.expression(node))
        strange = value.atoms(sp.Function, sp.Integral, sp.Sum, sp.Derivative) - value.atoms(*IN_BOUNDS)
        if strange:
            self.fail(node, f"{strange.pop().func.__name__} has no place in a bound")
        return self._real(node, value, value)

    def _real(self, node: ast.expr, value: sp.Expr, evaluated: sp.Expr) -> sp.Expr:
        if unbound(evaluated, sp.nan, sp.zoo, sp.oo, -sp.oo):
            self.fail(node, "this is not a finite number")
        if unbound(evaluated, sp.I):
            self.fail(node, "this is not a real number")
        return value

    def expression(self, node: ast.expr, depth: int = 0) -> sp.Expr:
        """Translate one node; nothing but numbers is evaluated."""
        if depth > MAX_DEPTH:
            self.fail(node, f"nested more than {MAX_DEPTH} deep")
        if isinstance(node, ast.Constant):
            return self._number(node)
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
            return self.expression(node.operand, depth + 1)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return negated(self.expression(node.operand, depth + 1))
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, ast.Add | ast.Sub):
                return self._sum(node, depth)
            if isinstance(node.op, ast.Mult | ast.Div):
                return self._product(node, depth)
            if isinstance(node.op, ast.Pow):
                return self._power(node, depth)
            hint = "; write ** for a power" if isinstance(node.op, ast.BitXor) else ""
            self.fail(node, f"only + - * / ** are known between two values{hint}")
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        return self.fail(node, f"{_KINDS.get(type(node), 'this')} has no meaning in an expression")

    def _number(self, node: ast.Constant) -> sp.Expr:
        piece = self._piece(node).replace("_", "")
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            if len(piece) > MAX_DIGITS:
                self.fail(node, f"a number has at most {MAX_DIGITS} digits")
            if isinstance(node.value, int):
                return sp.Integer(node.value)
            form = _FLOAT.fullmatch(piece)
            if form and abs(int(form[1] or 0)) <= MAX_EXPONENT:
                return sp.Rational(piece)
        what = "a string" if isinstance(node.value, str | bytes) else "this value"
        return self.fail(node, f"{what} is not a real number that can be read")

    def _name(self, node: ast.Name) -> sp.Expr:
        if node.id in self.symbols:
            return self.symbols[node.id]
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        if node.id in CALLED:
            self.fail(node, f"a function needs its argument in brackets: {node.id}(...)")
        names = [short(name)[1:-1] for name in self.symbols]
        declared = ", ".join(names[:_NAMED] + ["..."] * (len(names) > _NAMED)) or "none"
        return self.fail(node, f"unknown name; declared are: {declared}. Give it a range in the domain")

    def _terms(self, node: ast.expr, operations: tuple[type, ...]) -> list[tuple[ast.operator | None, ast.expr]]:
        """Return the operands of a chain such as a - b + c with their operations; a long one needs no recursion."""
        found: list[tuple[ast.operator | None, ast.expr]] = []
        while isinstance(node, ast.BinOp) and isinstance(node.op, operations):
            found.append((node.op, node.right))
            node = node.left
        return [(None, node), *reversed(found)]

    def _sum(self, node: ast.BinOp, depth: int) -> sp.Expr:
        values = []
        for operation, operand in self._terms(node, (ast.Add, ast.Sub)):
            value = self.expression(operand, depth + 1)
            values.append(negated(value) if isinstance(operation, ast.Sub) else value)
        numbers = all(value.is_Rational for value in values)
        return self._checked(node, sp.Add(*values) if numbers else sp.Add(*values, evaluate=False))

    def _product(self, node: ast.BinOp, depth: int) -> sp.Expr:
        """Translate a chain of factors and divisors; its plain numbers become one coefficient in front."""
        number, values = sp.S.One, []
        for operation, operand in self._terms(node, (ast.Mult, ast.Div)):
            if operation is None and isinstance(operand, ast.UnaryOp) and isinstance(operand.op, ast.USub):
                number, operand = -number, operand.operand  # so that -(a + b)/c stays a product
            value = self.expression(operand, depth + 1)
            divided = isinstance(operation, ast.Div)
            if divided and not value.free_symbols and canonical(value) == 0:
                self.fail(operand, "division by zero")
            if value.is_Rational:
                number = number / value if divided else number * value
            else:
                values.append(sp.Pow(value, -1, evaluate=False) if divided else value)
        return self._checked(node, times(number, values))

    def _power(self, node: ast.BinOp, depth: int) -> sp.Expr:
        base, exponent = self.expression(node.left, depth + 1), self.expression(node.right, depth + 1)
        if base is sp.E:
            return self._checked(node, sp.exp(exponent, evaluate=False))
        inner = base.args[1] if base.is_Pow and base.args[1].is_Rational else sp.S.One
        if exponent.is_Rational and abs(exponent) * max(1, abs(inner)) > MAX_EXPONENT:
            self.fail(node.right, f"an exponent is at most {MAX_EXPONENT}")
        power = self._checked(node, sp.Pow(base, exponent, evaluate=False))
        return base**exponent if base.is_Rational and exponent.is_Integer else power

    def _call(self, node: ast.Call, depth: int) -> sp.Expr:
        if not isinstance(node.func, ast.Name) or node.func.id not in CALLED:
            near = ", ".join(difflib.get_close_matches(self._piece(node.func), [*CALLED, *self.calls], 3))
            hint = f"did you mean {near}?" if near else "docs/claims.md names the functions"
            self.fail(node.func, f"not a known function; {hint}")
        name = node.func.id
        if name in self.symbols:
            self.fail(node, f"{name} is declared as a parameter; write {name}*(...), or rename the parameter")
        if name in BINDING:
            return self._bound(node, name, depth)
        if name == "derivative":
            return self._derivative(node, depth)
        count = 1 if name in FUNCTIONS else 2
        if node.keywords or (len(node.args) != count and (name not in CHOOSING or not node.args)):
            self.fail(node, f"{name} takes {'one argument' if count == 1 else 'two arguments'}")
        arguments = [self.expression(argument, depth + 1) for argument in node.args]
        for argument in arguments:
            if name in BOUNDED and not argument.free_symbols and size(argument) > math.log2(MAX_EXPONENT):
                self.fail(node, f"the argument of {name} is at most {MAX_EXPONENT}")
        if name == "loggamma" and arguments[0].is_Rational and arguments[0] <= 0:
            self.fail(node, "this is not a real number")  # SymPy leaves it as it is
        if name == "exp" and arguments[0].has(sp.log):  # SymPy makes a power of it
            factor = sp.Mul(*(f for f in sp.Mul.make_args(arguments[0]) if not f.free_symbols))
            if factor.is_Rational and abs(factor) > MAX_EXPONENT:
                self.fail(node.args[0], f"an exponent is at most {MAX_EXPONENT}")
        return self._checked(node, CALLED[name](*arguments, evaluate=False))

    def _bound(self, node: ast.Call, name: str, depth: int) -> sp.Expr:
        """Translate an integral or a sum: formula, variable, from, to."""
        if node.keywords or len(node.args) != 4:
            self.fail(node, f"write {name}(formula, variable, from, to)")
        formula, variable, *ends = node.args
        if not isinstance(variable, ast.Name) or variable.id in {*self.symbols, *CALLED, *CONSTANTS, "oo"}:
            self.fail(variable, f"{name} needs a variable of its own, a name that means nothing else")
        limits = [self._end(end, depth + 1) for end in ends]
        make, kind = BINDING[name]
        fractions = any(end.is_integer is False and end is not sp.oo for end in limits)
        if make is sp.Sum and (limits[0].is_infinite or fractions):
            self.fail(node, "a sum goes from one whole number to another, or to oo")
        symbol = sp.Symbol(variable.id, **kind)
        outside, self.symbols = self.symbols, {**self.symbols, variable.id: symbol}
        try:
            value = make(self.expression(formula, depth + 1), (symbol, *limits))
        finally:
            self.symbols = outside
        return self._checked(node, value)

    def _end(self, node: ast.expr, depth: int) -> sp.Expr:
        inner = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
        if isinstance(inner, ast.Name) and inner.id == "oo":
            return sp.oo if inner is node else -sp.oo
        return self.expression(node, depth)

    def _derivative(self, node: ast.Call, depth: int) -> sp.Expr:
        """Translate ``derivative(formula, parameter)``, once or as many times as a third argument says."""
        if node.keywords or len(node.args) not in (2, 3):
            self.fail(node, "write derivative(formula, parameter), or derivative(formula, parameter, times)")
        formula, by = (self.expression(argument, depth + 1) for argument in node.args[:2])
        times = self.expression(node.args[2], depth + 1) if len(node.args) == 3 else sp.S.One
        if not by.is_Symbol:
            self.fail(node.args[1], "a derivative is taken by a parameter")
        if by.is_integer:
            self.fail(node.args[1], "a derivative is taken by a real parameter, and this one is a whole number")
        if not (times.is_Integer and 1 <= times <= MAX_DERIVATIVE):
            self.fail(node.args[2], f"a derivative is taken 1 to {MAX_DERIVATIVE} times")
        return self._checked(node, sp.Derivative(formula, (by, times)))

    def _checked(self, node: ast.expr, value: sp.Expr) -> sp.Expr:
        """Refuse what has no value whatever the parameters are, and numbers that there would be no room for."""
        number = not value.free_symbols
        powers = isinstance(value, sp.Pow | sp.exp | sp.sinh | sp.cosh)
        if powers and (bits(value) > MAX_BITS or (number and abs(size(value)) > 4 * MAX_BITS)):
            self.fail(node, f"the power would have more than {MAX_BITS} bits")
        if bits(value) > MAX_BITS:
            self.fail(node, f"the numbers in it are too large; together they may have {MAX_BITS} bits")
        return self._real(node, value, canonical(value)) if number else value
