"""Expressions of matrices given as text: ``inv(A + U*C*V)``, ``tr(transpose(X)*X)``, ``log(det(S))``.

Products, sums and powers are kept as written. A 1 x 1 matrix may stand where a number does.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import sympy as sp

from ..expressions import canonical
from ..matrices.definiteness import square
from .expression_reader import MAX_DEPTH, Reader

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Largest power of a matrix.
MAX_POWER = 6
#: Functions of matrices and of sizes, and how many arguments each takes.
CALLS: Mapping[str, int] = {"inv": 1, "transpose": 1, "tr": 1, "det": 1, "eye": 1, "zeros": 2}


class MatrixReader(Reader):
    """One text, and the matrices that it may name besides numbers."""

    calls = CALLS

    def __init__(self, text: str, symbols: Mapping[str, sp.Symbol], matrices: Mapping[str, Any]) -> None:
        super().__init__(text, symbols)
        self._matrices = matrices

    def expression(self, node: ast.expr, depth: int = 0) -> Any:
        """Translate one node into a number or a matrix."""
        if depth > MAX_DEPTH:
            self.fail(node, f"nested more than {MAX_DEPTH} deep")
        if isinstance(node, ast.Name) and node.id in self._matrices:
            return self._matrices[node.id]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = self.expression(node.operand, depth + 1)
            if isinstance(value, sp.MatrixExpr):
                return sp.MatMul(-1, value, evaluate=False)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self.calls:
            return self._matrix_call(node, node.func.id, depth)
        return super().expression(node, depth)

    def _matrix_call(self, node: ast.Call, name: str, depth: int) -> Any:
        if name in ("eye", "zeros"):
            values = self._sizes(node, name, depth)
            return sp.Identity(*values) if name == "eye" else sp.ZeroMatrix(*values)
        values = self._arguments(node, name, depth)
        (value,) = values
        if not isinstance(value, sp.MatrixExpr):
            self.fail(node.args[0], f"{name} takes a matrix")
        if name != "transpose" and not square(value):
            self.fail(node.args[0], f"{name} takes a square matrix, and this one has the shape {value.shape}")
        made = {"inv": sp.Inverse, "transpose": sp.Transpose, "tr": sp.Trace, "det": sp.Determinant}[name]
        return made(value)

    def _arguments(self, node: ast.Call, name: str, depth: int) -> list[Any]:
        count = self.calls[name]
        if node.keywords or len(node.args) != count:
            self.fail(node, f"{name} takes {count} argument{'s' * (count > 1)}")
        return [self.expression(argument, depth + 1) for argument in node.args]

    def _sizes(self, node: ast.Call, name: str, depth: int) -> list[sp.Expr]:
        values = self._arguments(node, name, depth)
        for argument, value in zip(node.args, values, strict=True):
            if isinstance(value, sp.MatrixExpr) or not value.is_integer:
                self.fail(argument, "a size is a whole number, or a parameter that is one")
        return [canonical(value) for value in values]

    def _checked(self, node: ast.expr, value: Any) -> Any:
        if isinstance(value, sp.Function) and any(isinstance(a, sp.MatrixExpr) for a in value.args):
            self.fail(node, "a function of numbers takes no matrix; take its trace or determinant")
        return super()._checked(node, value)

    def _sum(self, node: ast.BinOp, depth: int) -> Any:
        terms = self._terms(node, (ast.Add, ast.Sub))
        values = [self.expression(operand, depth + 1) for _, operand in terms]
        if not any(isinstance(v, sp.MatrixExpr) for v in values):
            return super()._sum(node, depth)
        if all(v.shape == (1, 1) for v in values if isinstance(v, sp.MatrixExpr)):
            values = [
                v if isinstance(v, sp.MatrixExpr) else sp.MatMul(v, sp.Identity(1), evaluate=False) for v in values
            ]
        first = next(v for v in values if isinstance(v, sp.MatrixExpr))
        signed = []
        for (operation, operand), value in zip(terms, values, strict=True):
            if not isinstance(value, sp.MatrixExpr):
                self.fail(operand, "a number is added to a matrix; write the number times eye(n)")
            if any(sp.expand(a - b) != 0 for a, b in zip(value.shape, first.shape, strict=True)):
                self.fail(operand, f"a matrix of shape {value.shape} is added to one of shape {first.shape}")
            signed.append(sp.MatMul(-1, value, evaluate=False) if isinstance(operation, ast.Sub) else value)
        return sp.MatAdd(*signed, evaluate=False)

    def _product(self, node: ast.BinOp, depth: int) -> Any:
        terms = self._terms(node, (ast.Mult, ast.Div))
        values = [self.expression(operand, depth + 1) for _, operand in terms]
        if not any(isinstance(v, sp.MatrixExpr) for v in values):
            return super()._product(node, depth)
        numbers: list[sp.Expr] = []
        factors: list[Any] = []
        for (operation, operand), value in zip(terms, values, strict=True):
            if not isinstance(value, sp.MatrixExpr):
                numbers.append(sp.Pow(value, -1, evaluate=False) if isinstance(operation, ast.Div) else value)
            elif isinstance(operation, ast.Div):
                if value.shape != (1, 1):
                    self.fail(operand, "nothing is divided by a matrix; write *inv(...)")
                numbers.append(sp.Pow(sp.Trace(value), -1, evaluate=False))
            elif not factors or sp.expand(factors[-1].cols - value.rows) == 0:
                factors.append(value)
            elif factors[0].rows == factors[-1].cols == 1:
                numbers.append(sp.Trace(sp.MatMul(*factors, evaluate=False) if len(factors) > 1 else factors[0]))
                factors = [value]
            elif value.shape == (1, 1):
                numbers.append(sp.Trace(value))
            else:
                self.fail(operand, f"a matrix of shape {factors[-1].shape} is multiplied by one of shape {value.shape}")
        if not factors:
            return sp.Mul(*numbers, evaluate=False)
        return sp.MatMul(*numbers, *factors, evaluate=False) if len(numbers) + len(factors) > 1 else factors[0]

    def _power(self, node: ast.BinOp, depth: int) -> Any:
        base = self.expression(node.left, depth + 1)
        if not isinstance(base, sp.MatrixExpr):
            return super()._power(node, depth)
        exponent = self.expression(node.right, depth + 1)
        if not exponent.is_Integer or not 1 <= abs(exponent) <= MAX_POWER:
            self.fail(
                node.right, f"a matrix has powers from 1 to {MAX_POWER}, or with a minus sign those of its inverse"
            )
        if not square(base):
            self.fail(node.left, f"a power is one of a square matrix, and this one has the shape {base.shape}")
        one = base if exponent > 0 else sp.Inverse(base)
        return one if abs(exponent) == 1 else sp.MatMul(*[one] * abs(int(exponent)), evaluate=False)
