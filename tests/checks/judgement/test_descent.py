"""Descent in several parameters: what is least where the derivative changes sign; wrong neighbours stay open."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.judgement.axes import below_on_a_line
from crossproof.checks.judgement.descent import by_descent
from crossproof.checks.judgement.domain_ranges import by_ranges
from crossproof.checks.judgement.one_variable import on_the_line
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Above, Between, Integers, Positive, Real

GAUSSIANS = Domain(m=Real, u=Real, s=Positive, r=Positive)


def read(text: str, domain: Domain) -> sp.Expr:
    return sp.sympify(text, locals={s.name: s for s in domain.symbols})


TRUE = [
    ("log(s/r) + (r**2 + (m - u)**2)/(2*s**2) - 1/2", GAUSSIANS),
    ("exp(x) + y*log(y) - y - x*y", Domain(x=Real, y=Positive)),
    ("x/y - 1 - log(x/y)", Domain(x=Positive, y=Positive)),
    ("1/(E*c) - x*exp(-c*x)", Domain(x=Positive, c=Positive)),
    ("exp(c*x) - 1 - c*x", Domain(x=Real, c=Positive)),
    ("log((x + y)/2) - log(x)/2 - log(y)/2", Domain(x=Positive, y=Positive)),
]


@pytest.mark.parametrize(("text", "domain"), TRUE)
def test_least_values_are_found(text, domain):
    answer, reason, _ = by_descent(read(text, domain), False, domain, 30.0)
    assert answer is True, reason


@pytest.mark.parametrize(("text", "domain"), TRUE)
def test_wrong_neighbours_are_not_shown(text, domain):
    gap = read(text, domain)
    assert by_descent(gap - sp.Rational(1, 10**6), False, domain, 1.0)[0] is None
    assert by_descent(gap, True, domain, 1.0)[0] is None


def test_two_logarithms_are_compared_inside():
    domain = Domain(r=Positive, s=Between(0, 1))
    gap = read("log(s*(r - 1) + 2) - log(s*(r - 1) + 1)", domain)
    assert by_descent(gap, True, domain, 5.0)[0] is True
    assert by_descent(gap - sp.Rational(1, 10**6), True, domain, 1.0)[0] is None


def test_a_pole_inside_is_not_stepped_over():
    """-1/x falls off to both sides of 0, which no slope shows."""
    domain = Domain(x=Real, y=Positive)
    assert by_descent(read("y + 2 - 1/x", domain), False, domain, 1.0)[0] is None
    assert by_ranges(read("y + 1/x", domain), True, domain)[0] is None


def test_whole_numbers_are_looked_at_one_by_one():
    assert on_the_line(*_integers("2**n - n**2", 4), 3.0)[0] is True
    answer, _, point = on_the_line(*_integers("2**n - n**2", 1), 3.0)
    assert (answer, list(point.values())) == (False, [3])
    assert on_the_line(*_integers("10**12*n**3 - 2**n", 1), 3.0)[0] is False


def _integers(text: str, low: int) -> tuple[sp.Expr, bool, Domain]:
    domain = Domain(n=Integers(low))
    return read(text, domain), False, domain


def test_counterexamples_at_exact_zeros_and_far_away():
    x = Domain(x=Real)
    for text, place in (("(exp(x) - 2)**2", sp.log(2)), ("(x - sqrt(2))**2", sp.sqrt(2)), ("sin(x)**2", 0)):
        answer, _, point = on_the_line(read(text, x), True, x, 3.0)
        assert (answer, list(point.values())) == (False, [place])
    narrow = Domain(x=Between(0, 1))
    answer, _, point = on_the_line(read("1/10 - 2*exp(-10**6*(x - 7234567/10**7)**2)", narrow), False, narrow, 3.0)
    assert answer is False
    narrow.check(point)


def test_a_line_through_the_domain_meets_what_points_miss():
    domain = Domain(a=Positive, x=Above(0))
    gap = read("a + 1/2 - exp(-(1000*(x - 57123/1000))**2)*(a + 1)", domain)
    point = below_on_a_line(gap, False, domain, 5.0)
    assert point is not None
    assert sp.N(gap.subs(point), 30) < 0
    assert below_on_a_line(read("a + x**2", domain), False, domain, 1.0) is None
