"""Sizes that are told beforehand are bounds on the numbers that come."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.derivations.domain import Domain
from crossproof.derivations.expressions import canonical
from crossproof.derivations.number_sizes import bits, size, sizes_within
from crossproof.derivations.text.parsing import parse_expression
from crossproof.derivations.text.statements import parse_domain


def told(domain: Domain) -> dict[sp.Symbol, tuple[float, float]]:
    known: dict[sp.Symbol, tuple[float, float]] = {}
    for symbol, given in domain.ranges.items():
        known[symbol] = sizes_within([sp.sympify(b) for b in vars(given).values() if b is not None], known)
    return known


def length(number: sp.Rational) -> int:
    return int(number.p).bit_length() + int(number.q).bit_length()


@pytest.mark.parametrize(
    "ranges",
    [
        {"x": "positive", "y": "real", "n": "integers(1)"},
        {"x": "positive", "a": "above(x**5)", "b": "above(a**3)", "c": "at_least(b**2/3)"},
        {"x": "positive", "a": "above(2**x)", "b": "between(a, 3*a + x)"},
        {"n": "integers(1)", "a": "above(3**n)", "b": "above(a*n)"},
        {"x": "positive", "a": "above(exp(x)*pi)", "b": "above(a**4)"},
        {"x": "positive", "a": "above(sqrt(x**3 + 2))", "b": "between(a/(1 + a), 2*a**2)"},
        {"n": "integers(10**90, 10**99)", "y": "above(n**2)", "z": "between(-y, y**2)"},
    ],
)
def test_no_value_at_the_first_points_is_larger_than_told(ranges: dict[str, str]) -> None:
    domain = parse_domain(ranges)
    known = told(domain)
    for point in [*domain.points(24), *domain.generic_points(8)]:
        for symbol, value in point.items():
            if value.is_Rational and "exp" not in str(domain.ranges[symbol]):
                assert length(value) <= known[symbol][0] + 2, (symbol, value)
    assert all(digits < 5000 for digits, _ in known.values())  # and what is told is no mere precaution


@pytest.mark.parametrize(
    "text", ["gamma(30)", "gamma(61/2)", "gamma(5)**7", "2**50*3**20/7**9", "(2/3)**40 + (1/5)**30"]
)
def test_numbers_have_the_bits_that_are_told(text: str) -> None:
    written = parse_expression(text, {})
    number = canonical(written)
    rational = number.as_coeff_Mul()[0]
    assert length(rational) <= bits(written) + 3
    assert bits(written) < 40 * length(rational)
    assert size(written) + 1 >= sp.log(abs(number), 2).evalf()
