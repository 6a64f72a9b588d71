"""Bounds of integrals near a singular or an infinite end contain the exact tails, and divergent ones have none."""

from __future__ import annotations

import pytest
import sympy as sp
from flint import arb, fmpq

from crossproof.derivations.errors import NumericsError
from crossproof.numerics.exact.tails import tail
from crossproof.numerics.exact.values import value_at_precision

s = sp.Symbol("s", positive=True)
a = sp.Symbol("a", positive=True)
R = sp.Rational
DELTA = R(1, 1000)


def exactly(expr: sp.Expr) -> arb:
    return value_at_precision(expr, {}, 200).ball


@pytest.mark.parametrize(
    ("integrand", "exact"),
    [
        (1 / sp.sqrt(s), 2 * sp.sqrt(DELTA)),
        (-1 / sp.sqrt(s), -2 * sp.sqrt(DELTA)),
        (s**2 + s, DELTA**3 / 3 + DELTA**2 / 2),
        (sp.log(s), DELTA * sp.log(DELTA) - DELTA),
        (sp.log(s) / sp.sqrt(s), 2 * sp.sqrt(DELTA) * (sp.log(DELTA) - 2)),
        (s ** R(-9, 10) * sp.exp(s) * 0 + s ** R(-9, 10), 10 * DELTA ** R(1, 10)),
        (1 / (1 + s), sp.log(1 + DELTA)),
        (1 / sp.sqrt(s + s**2), 2 * sp.asinh(sp.sqrt(DELTA))),
        # infinite ends: s = 1/t
        (sp.exp(-1 / s) / s**2, sp.exp(-1 / DELTA)),
        (s**3 / s**2, DELTA**2 / 2),
        (sp.exp(-1 / s) * sp.cos(1 / s) / s**2, (sp.exp(-1000) * (sp.cos(1000) - sp.sin(1000))) / 2),
        (sp.Abs(sp.log(s)), -(DELTA * sp.log(DELTA) - DELTA)),
    ],
)
def test_the_ball_contains_the_exact_tail_and_shrinks_with_it(integrand: sp.Expr, exact: sp.Expr) -> None:
    found = tail(integrand, s, DELTA, {})
    assert found.overlaps(exactly(exact))
    assert found.abs_upper() < 30
    nearer = tail(integrand, s, R(1, 2**400), {})
    assert nearer.abs_upper() < found.abs_upper()


@pytest.mark.parametrize(("integrand", "exact"), [(1 / sp.sqrt(s), 2 * sp.sqrt(DELTA)), (s, DELTA**2 / 2)])
def test_a_larger_integral_lies_outside_the_ball(integrand: sp.Expr, exact: sp.Expr) -> None:
    assert not tail(integrand, s, DELTA, {}).overlaps(exactly(exact * R(3, 2)))
    assert not tail(integrand, s, DELTA, {}).overlaps(exactly(-exact))


@pytest.mark.parametrize(
    "integrand",
    [
        1 / s,
        1 / s**2,
        s ** R(-101, 100),
        sp.exp(1 / s),
        sp.cos(1 / s) / s**2,
        1 / (s - s**2 - s),
        1 / (sp.cos(s) - 1),
        1 / sp.sin(s) ** 2,
        sp.tan(s),
        sp.log(s) / s,
    ],
)
def test_what_is_not_integrable_or_not_seen_to_be_gets_no_bound(integrand: sp.Expr) -> None:
    with pytest.raises(NumericsError):
        tail(integrand, s, DELTA, {})


def test_parameters_have_their_exact_values() -> None:
    found = tail(s ** (a - a) / sp.sqrt(s) * a, s, DELTA, {a: R(5, 3)})
    assert found.overlaps(exactly(R(10, 3) * sp.sqrt(DELTA)))
    with pytest.raises(NumericsError, match="no value for a"):
        tail(a / sp.sqrt(s), s, DELTA, {})
    assert not found.overlaps(arb(fmpq(1, 1)))
