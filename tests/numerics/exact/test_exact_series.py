"""Expansions at 0 with exact coefficients against Taylor's; what lies beyond the kept terms is given up, not 0."""

from __future__ import annotations

import contextlib

import pytest
import sympy as sp

from crossproof.derivations.errors import NumericsError
from crossproof.numerics.exact.exact_series import expand_at_zero, limit_at_zero

u = sp.Symbol("u", positive=True)
R = sp.Rational


def terms(expr: sp.Expr, count: int) -> dict[sp.Rational, sp.Expr]:
    """Return the first `count` non-zero terms by their power of u."""
    series, q = expand_at_zero(expr, u)
    found = {R(series.start + k, q): c for k, c in enumerate(series.coefficients) if c != 0}
    return dict(list(found.items())[:count])


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (sp.exp(u), {k: 1 / sp.factorial(k) for k in range(6)}),
        (sp.sin(u), {1: 1, 3: -R(1, 6), 5: R(1, 120), 7: -R(1, 5040)}),
        (1 / sp.sin(u), {-1: 1, 1: R(1, 6), 3: R(7, 360)}),
        (sp.log(1 + u), {1: 1, 2: -R(1, 2), 3: R(1, 3), 4: -R(1, 4)}),
        (sp.sqrt(u + u**2), {R(1, 2): 1, R(3, 2): R(1, 2), R(5, 2): -R(1, 8)}),
        (sp.exp(sp.sin(u)), {0: 1, 1: 1, 2: R(1, 2), 4: -R(1, 8), 5: -R(1, 15)}),
        (sp.tanh(u), {1: 1, 3: -R(1, 3), 5: R(2, 15)}),
        ((1 + u) ** R(1, 3), {0: 1, 1: R(1, 3), 2: -R(1, 9)}),
        (sp.sqrt(2) * sp.cos(u), {0: sp.sqrt(2), 2: -sp.sqrt(2) / 2}),
        (1 / (u**2 + u**3), {-2: 1, -1: -1, 0: 1}),
    ],
)
def test_the_first_terms_are_those_of_the_taylor_series(expr: sp.Expr, expected: dict[object, sp.Expr]) -> None:
    found = terms(expr, len(expected))
    assert {k: sp.nsimplify(v) for k, v in found.items()} == {sp.sympify(k): v for k, v in expected.items()}
    assert found != {sp.sympify(k): 2 * v for k, v in expected.items()}


@pytest.mark.parametrize(
    ("expr", "limit"),
    [
        ((sp.exp(u) - 1) / u, 1),
        ((sp.sin(u) - u) / u**3, -R(1, 6)),
        ((sp.sqrt(1 + u) - 1) / u, R(1, 2)),
        (u / sp.sin(2 * u), R(1, 2)),
        (sp.Integer(7), 7),
        (sp.sqrt(u), 0),
        (1 / u, sp.oo),
        (-1 / sp.sqrt(u), -sp.oo),
        ((1 - sp.cos(u)) / u**3, sp.oo),
    ],
)
def test_limits_from_the_leading_term(expr: sp.Expr, limit: sp.Expr) -> None:
    assert limit_at_zero(expr, u) == limit
    assert limit_at_zero(-expr, u) == -sp.sympify(limit)
    assert limit_at_zero(expr, u) != sp.sympify(limit) * 2 + 1 or sp.sympify(limit).is_infinite


@pytest.mark.parametrize("kept", range(3, 24, 4))
def test_terms_that_were_not_kept_are_never_0(kept: int) -> None:
    """(exp(u) minus its first terms) / u**n tends to 1/n!, however many terms cancel."""
    expr = (sp.exp(u) - sum(u**j / sp.factorial(j) for j in range(kept))) / u**kept
    try:
        assert limit_at_zero(expr, u) == 1 / sp.factorial(kept)
    except NumericsError:
        assert kept > 8


def test_terms_lost_in_a_cancellation_are_not_0_in_what_follows() -> None:
    lost = (sp.sin(u) - u) / u**3 + R(1, 6) - u**2 / 120 + u**4 / 5040 - u**6 / 362880
    with contextlib.suppress(NumericsError):
        assert limit_at_zero(lost / u**8, u) == -1 / sp.factorial(11)
    with contextlib.suppress(NumericsError):
        # sin^2 + cos^2 is 1: no power of u is left, whichever terms each square keeps
        assert limit_at_zero((sp.sin(u) ** 2 + sp.cos(u) ** 2 - 1) / u**10, u) == 0


@pytest.mark.parametrize(
    "expr",
    [
        sp.sin(1 / u),
        sp.exp(-1 / u),
        sp.log(u),
        sp.floor(u),
        sp.sqrt(sp.sin(u) - 2),
        1 / (sp.sin(u) ** 2 + sp.cos(u) ** 2 - 1),
        u**u,
    ],
)
def test_what_has_no_expansion_is_refused(expr: sp.Expr) -> None:
    with pytest.raises(NumericsError):
        expand_at_zero(expr, u)


def test_whether_a_coefficient_is_0_is_decided_or_given_up() -> None:
    hidden = sp.sqrt(2) + sp.sqrt(3) - sp.sqrt(5 + 2 * sp.sqrt(6))
    with pytest.raises(NumericsError, match="is 0 is not decided"):
        expand_at_zero(hidden + u, u)
    assert limit_at_zero((sp.sqrt(8) - 2 * sp.sqrt(2) + u) / u, u) == 1
