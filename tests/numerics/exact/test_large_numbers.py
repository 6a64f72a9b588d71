"""Numbers that cannot be written out: they are named, and nothing waits for their digits."""

from __future__ import annotations

import time
from typing import Any

import pytest
import sympy as sp

from crossproof.numerics.exact.large_numbers import too_large
from crossproof.numerics.exact.point_forms import at_values, exactly_zero
from crossproof.numerics.exact.rational import vanishes_identically
from crossproof.numerics.exact.values import OpenError, value_at_precision

n = sp.Symbol("n", positive=True)
ONE = sp.cosh(sp.log(n)) ** 2 - sp.sinh(sp.log(n)) ** 2
FAR = {n: sp.Integer(1_000_003)}


@pytest.mark.parametrize(
    ("e", "large"),
    [
        (sp.gamma(sp.Integer(2), evaluate=False), False),
        (sp.gamma(sp.Integer(2000), evaluate=False), True),
        (sp.Pow(3, 40_000, evaluate=False), True),
        (sp.Pow(3, 4, evaluate=False), False),
        (sp.Pow(2**5000 + 1, sp.Rational(1, 3), evaluate=False), True),
        (sp.exp(5000 * sp.log(3), evaluate=False), True),
        (sp.sin(10**9), False),
    ],
)
def test_what_is_too_large(e: sp.Expr, large: bool) -> None:
    assert too_large(e, list(e.args)) is large


@pytest.mark.parametrize(
    ("e", "zero"),
    [
        (sp.gamma(n) - sp.gamma(n) * ONE, True),
        (sp.gamma(n) - 2 * sp.gamma(n) * ONE, None),
        (3**n * ONE - 3**n, True),
        (3**n * ONE - 3 ** (n + 1), None),
        (sp.gamma(2 * n * ONE) - sp.gamma(2 * n), None),
    ],
)
def test_a_number_that_is_not_written_out_has_a_name(e: sp.Expr, zero: bool | None) -> None:
    start = time.thread_time()
    assert exactly_zero(e, FAR) is zero
    assert time.thread_time() - start < 5


def test_a_rewritten_argument_is_not_evaluated_to_a_large_number() -> None:
    e: Any = at_values(sp.gamma(2 * n * ONE) - 1, FAR)
    start = time.thread_time()
    assert vanishes_identically(e) is not True
    assert time.thread_time() - start < 5


def test_a_denominator_of_large_degree_is_not_factored() -> None:
    u = sp.exp(sp.Rational(1, 7))
    start = time.thread_time()
    assert vanishes_identically(1 / (1 + u ** (7 * 10**5)) - 1 / (1 + sp.exp(10**5))) is True
    assert vanishes_identically(1 / (1 + u ** (7 * 10**5)) - 1 / (2 + sp.exp(10**5))) is not True
    assert time.thread_time() - start < 5


@pytest.mark.parametrize("e", [sp.im, lambda d: sp.re(d) - d, lambda d: sp.conjugate(d) - d])
def test_a_large_power_of_a_negative_number_is_not_taken_for_real(e: Any) -> None:
    base, exponent = sp.symbols("base exponent", real=True)
    near = {base: sp.Integer(-2), exponent: 100_000 + sp.Rational(1, 10**30)}
    asked = e(base**exponent)
    assert exactly_zero(asked, near) is None
    assert exactly_zero(asked, {**near, base: sp.Integer(2)}) is True
    chosen = sp.Piecewise((1, sp.Eq(asked, 0)), (2, True))
    with pytest.raises(OpenError):
        value_at_precision(chosen, near, 64)
    assert value_at_precision(chosen, near, 640).ball == 2


def test_roots_of_high_order_are_not_written_out() -> None:
    x = sp.Symbol("x", positive=True)
    start = time.process_time()
    value = at_values((x + 4) ** sp.Rational(5 * 10**12 + 1, 10**12 + 39), {x: sp.Integer(8)})
    assert time.process_time() - start < 1
    assert value == sp.Pow(12, sp.Rational(5 * 10**12 + 1, 10**12 + 39), evaluate=False)
    assert at_values((x + 4) ** sp.Rational(5, 3), {x: sp.Integer(4)}) == 32


def test_numbers_that_sympy_cannot_compare_stay_as_they_are_written() -> None:
    m, width = sp.symbols("m w", positive=True)
    larger = sp.Max(sp.Abs(1 - 2 * width / (m + width)), sp.Abs(1 - 2 * m / (m + width)), evaluate=False)
    point = {m: sp.Integer(10) ** 300, width: 10**300 + 3 * sp.sqrt(7) / 2}
    with pytest.raises(ValueError, match="not comparable"):
        sp.Max(*(arg.subs(point) for arg in larger.args))
    assert isinstance(at_values(larger, point), sp.Max)
