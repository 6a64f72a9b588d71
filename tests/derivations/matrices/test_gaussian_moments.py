"""Exact Gaussian moments: known values, Wick's theorem, linearity, and refusals."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from crossproof.derivations.errors import DomainError
from crossproof.derivations.matrices.gaussian_moments import expectation, gaussian_moment

x, y, e = sp.symbols("x y e", real=True)
sigma, c = sp.symbols("sigma c", positive=True)
VARIANCES = {x: sp.Integer(1), y: sp.Integer(1), e: sigma**2}


@pytest.mark.parametrize(("order", "value"), [(0, 1), (1, 0), (2, 1), (3, 0), (4, 3), (6, 15), (8, 105)])
def test_moments_of_a_standard_gaussian(order: int, value: int) -> None:
    assert gaussian_moment(order, sp.Integer(1)) == value


@pytest.mark.parametrize("order", range(7))
def test_moments_agree_with_the_density(order: int) -> None:
    density = sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)
    assert sp.integrate(x**order * density, (x, -sp.oo, sp.oo)) == gaussian_moment(order, sp.Integer(1))


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        (sp.Integer(1), 1),
        (c * x**2 * y**2, c),
        ((x**2 - 1) ** 2, 2),
        ((c * (x**2 - 1) - e * x) ** 2, 2 * c**2 + sigma**2),
        (e**4, 3 * sigma**4),
        (x * y * e, 0),
    ],
)
def test_expectations_of_polynomials(expr: sp.Expr, value: sp.Expr) -> None:
    assert sp.expand(expectation(expr, VARIANCES) - value) == 0


@given(st.lists(st.integers(-3, 3), min_size=4, max_size=4), st.lists(st.integers(-3, 3), min_size=4, max_size=4))
def test_isserlis_for_two_pairs_of_linear_forms(a: list[int], b: list[int]) -> None:
    """E[p q r s] = E[pq]E[rs] + E[pr]E[qs] + E[ps]E[qr]."""
    forms = [i * x + j * y + (i - j) * e for i, j in zip(a, b, strict=True)]
    p, q, r, s = forms

    def two(f: sp.Expr, g: sp.Expr) -> sp.Expr:
        return expectation(f * g, VARIANCES)

    wick = two(p, q) * two(r, s) + two(p, r) * two(q, s) + two(p, s) * two(q, r)
    assert sp.expand(expectation(p * q * r * s, VARIANCES) - wick) == 0


def test_without_variables_nothing_is_averaged() -> None:
    assert expectation(c * x, {}) == c * x


def test_what_is_no_polynomial_is_refused() -> None:
    with pytest.raises(DomainError, match="not a polynomial"):
        expectation(sp.exp(x), VARIANCES)
    with pytest.raises(DomainError, match="order"):
        gaussian_moment(-1, sp.Integer(1))
