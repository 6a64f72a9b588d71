"""Degrees of products that stand at several places, and how many values tell them from others."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Identity, Inverse, MatrixSymbol, Trace

from crossproof.checks.judgement.degrees import Degrees, degrees, total, untold_degree

n, m = sp.symbols("n m", integer=True, positive=True)
c = sp.Symbol("c", real=True)
A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
det = sp.Determinant


def product(*factors: object) -> sp.MatMul:
    return sp.MatMul(*factors, evaluate=False)


@pytest.mark.parametrize(
    ("expr", "plain", "found"),
    [
        (A * B + A, True, Degrees(2)),
        (product(n - 1, product(n - 2, A)), True, Degrees(1, 2, 0)),
        (product(n - 1, A * B) + c * A, True, Degrees(2, 1, 0)),
        (product(n / (n + 1), A) + product(1 / (n + 2), B), True, Degrees(1, 3, 2)),
        (Trace(A * B) ** 2, True, Degrees(4)),
        (Trace(A + Identity(n)), True, Degrees(1, 1, 0, sized=True)),
        (Trace(A), False, Degrees(1, 1, 0, sized=True)),
        (1 / (1 + det(A)), True, Degrees(1, 0, 1, sized=True)),
        (det(A) + det(B), True, Degrees(1, 2, 0, sized=True)),
        (Inverse(A + c * B), True, Degrees(1, 1, 1)),
        (sp.sin(Trace(A)), True, None),
        (2**n * A, True, None),
    ],
)
def test_degrees(expr: sp.Expr, plain: bool, found: Degrees | None) -> None:
    assert degrees(expr, plain=plain) == found


def test_a_sum_of_powers_counts_each() -> None:
    parts = [Degrees(1, 1, 0, sized=True)] * 3
    assert total(parts, rough=True) == Degrees(1, 3, 0, sized=True)
    assert total(parts, rough=False) == Degrees(1, 1, 0, sized=True)
    assert total([*parts, None], rough=False) is None


def test_a_polynomial_is_told_by_more_values_than_its_degree() -> None:
    for degree, told in ((3, True), (4, False)):
        assert (untold_degree(degree, [n], [{n: k} for k in range(1, 5)]) == "") is told
    on_a_line, spread = [(1, 1), (2, 2), (3, 3)], [(1, 1), (2, 1), (1, 2)]
    for values, told in ((on_a_line, False), (spread, True)):
        assert (untold_degree(1, [n, m], [{n: a, m: b} for a, b in values]) == "") is told
    assert untold_degree(0, [n], []) == ""
