"""Values of a text at exact points, by mpmath with hundreds of digits: what certifies that two texts differ.

Python's grammar splits the text and every number is exact until it meets a function; neither SymPy nor crossproof takes
part. A value counts only where two precisions agree on it.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import mpmath

#: Digits of the two evaluations, and how many of them must agree.
DIGITS, MORE_DIGITS, AGREEING = 400, 600, 40
#: An exponential of a larger number takes longer to compute than it is worth.
LARGEST_EXPONENT = 10**9

_OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def gap(left: str, right: str, point: Mapping[str, Fraction]) -> mpmath.mpf | None:
    """Return ``left - right`` at the point where it is certainly not 0, else None."""
    return value(f"({left})-({right})", point)


def value(text: str, point: Mapping[str, Fraction]) -> mpmath.mpf | None:
    """Return the value of `text` where two precisions agree on a real number that is not 0, else None."""
    found = [_evaluated(text, point, digits) for digits in (DIGITS, MORE_DIGITS)]
    if any(v is None or not mpmath.isfinite(v) or v == 0 for v in found):
        return None
    with mpmath.workdps(DIGITS):
        small = abs(found[0] / found[1] - 1) < mpmath.mpf(10) ** -AGREEING
    return found[1] if small else None


def evaluable(text: str, point: Mapping[str, Fraction]) -> bool:
    """Return whether `text` has a value here, which numbers of millions of digits have not."""
    return _evaluated(text, point, DIGITS) is not None


def relative(amount: Fraction | mpmath.mpf, text: str, point: Mapping[str, Fraction]) -> float | None:
    """Return the relative size, at most 1, of a deviation `amount` from the value of `text`; None where it has none."""
    scale = value(text, point)
    return None if scale is None else min(1.0, float(abs(_real(amount) / scale)))


def agree(left: str, right: str, point: Mapping[str, Fraction]) -> bool | None:
    """Return whether two texts have the same value to most digits; None where one cannot be evaluated."""
    one, other = (_evaluated(text, point, MORE_DIGITS) for text in (left, right))
    if one is None or other is None:
        return None
    with mpmath.workdps(MORE_DIGITS):
        return bool(abs(one - other) <= mpmath.mpf(10) ** -AGREEING * max(abs(one), abs(other), 1))


def _evaluated(text: str, point: Mapping[str, Fraction], digits: int) -> mpmath.mpf | None:
    tree = ast.parse(text, mode="eval").body
    with mpmath.workdps(digits):
        try:
            found = Evaluation(point).visit(tree)
            return None if isinstance(found, mpmath.mpc) else _real(found)
        except (ValueError, ZeroDivisionError, OverflowError, TypeError):
            return None


def _real(number: Any) -> mpmath.mpf:
    return mpmath.mpf(number.numerator) / number.denominator if isinstance(number, Fraction) else mpmath.mpf(number)


class Evaluation(ast.NodeVisitor):
    """Rational arithmetic as long as it is cheap, then mpmath."""

    def __init__(self, point: Mapping[str, Fraction]) -> None:
        self.point = point

    def visit_Constant(self, node: ast.Constant) -> Any:
        return Fraction(str(node.value))

    def visit_Name(self, node: ast.Name) -> Any:
        return self.point[node.id] if node.id in self.point else {"pi": mpmath.pi, "E": mpmath.e}[node.id] + 0

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        found = self.visit(node.operand)
        return -found if isinstance(node.op, ast.USub) else found

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        left, right = self.visit(node.left), self.visit(node.right)
        power = isinstance(node.op, ast.Pow)
        if isinstance(left, Fraction) and isinstance(right, Fraction):
            if not power:
                return _OPERATIONS[type(node.op)](left, right)
            if right.denominator == 1 and abs(right) < 2000:
                return left ** int(right)
        left, right = _real(left), _real(right)
        if power and abs(right * mpmath.log(max(abs(left), mpmath.mpf(10) ** -400))) > LARGEST_EXPONENT:
            raise OverflowError
        return _OPERATIONS[type(node.op)](left, right)

    def visit_Call(self, node: ast.Call) -> Any:
        assert isinstance(node.func, ast.Name)
        name, argument, *others = node.func.id, *map(self.visit, node.args)
        if name == "abs":
            return abs(argument)
        number = _real(argument)
        if name in ("exp", "sinh", "cosh", "tanh", "gamma", "erf", "erfc") and abs(number) > LARGEST_EXPONENT:
            raise OverflowError
        if name in ("sin", "cos", "tan") and abs(number) > mpmath.mpf(10) ** 100:
            raise OverflowError
        return getattr(mpmath, name)(number, *map(_real, others))

    def generic_visit(self, node: ast.AST) -> Any:
        raise TypeError(f"{ast.dump(node)} has no value")
