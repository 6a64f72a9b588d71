"""Inequalities that need another form, halves of a line, pieces, or convexity; each with a false neighbour."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.judgement.calculus.induction import steps_of
from crossproof.checks.judgement.ladder import holds
from crossproof.checks.judgement.pieces import separate, vanishes_piecewise
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Above, AtLeast, Between, Integers, Positive, Range, Real
from crossproof.derivations.text.parsing import parse_relation

CASES: list[tuple[str, str, dict[str, Range]]] = [
    ("(1 - 1/n)**n <= exp(-1)", "(1 - 1/n)**n <= exp(-1) - 1/10**6", {"n": Integers(1)}),
    (
        "-x*log(x) - (1 - x)*log(1 - x) >= 4*log(2)*x*(1 - x)",
        "-x*log(x) - (1 - x)*log(1 - x) >= 4.0001*log(2)*x*(1 - x)",
        {"x": Between(0, 1)},
    ),
    ("(1 + x)**n >= 1 + n*x", "(1 + x)**n >= 1 + n*x + x**2/10**6", {"x": Above(-1), "n": Integers(1)}),
    ("log(1 + exp(x)) >= max(x, 0)", "log(1 + exp(x)) >= max(x, 0) + 10**(-20)", {"x": Real}),
    ("log(1 + exp(x)) <= max(x, 0) + log(2)", "log(1 + exp(x)) < max(x, 0) + log(2)", {"x": Real}),
    ("max(x, y) >= (x + y)/2", "max(x, y) > (x + y)/2", {"x": Real, "y": Real}),
    ("atanh(x) >= x + x**3/3", "atanh(x) >= x + x**3/2", {"x": Between(0, 1)}),
    ("sin(x)*tan(x) >= x**2", "sin(x)*tan(x) >= 1.0001*x**2", {"x": Between(0, 1)}),
    ("abs(x - 2) <= x + 2", "abs(x - 2) <= x + 2 - 10**(-9)", {"x": AtLeast(0)}),
    ("sum(1/k, k, 1, n) <= 1 + log(n)", "sum(1/k, k, 1, n) <= 9/10 + log(n)", {"n": Integers(1)}),
    ("sum(1/k, k, 1, n) >= log(n + 1)", "sum(1/k, k, 1, n) >= 1.001*log(n + 1)", {"n": Integers(1)}),
    ("sum(1/sqrt(k), k, 1, n) <= 2*sqrt(n)", "sum(1/sqrt(k), k, 1, n) <= 1.9*sqrt(n) + 1", {"n": Integers(1)}),
    ("sum(1/k**2, k, 1, n) <= 2 - 1/n", "sum(1/k**2, k, 1, n) <= 1.6 - 1/n**9", {"n": Integers(2)}),
    ("abs(tanh(x)) <= abs(x)", "abs(tanh(x)) <= 0.999*abs(x)", {"x": Real}),
    ("binomial(n, 2) <= n**2/2", "binomial(n, 3) <= n**2/2 + 1000", {"n": Integers(1)}),
]


@pytest.mark.parametrize(("right", "wrong", "ranges"), CASES)
def test_further_inequalities_are_proved_and_their_neighbours_are_not(
    right: str, wrong: str, ranges: dict[str, Range]
) -> None:
    domain = Domain(**ranges)
    names = {s.name: s for s in domain.symbols}
    assert holds(parse_relation(right, names), domain, 8.0).answer is True
    assert holds(parse_relation(wrong, names), domain, 2.0).answer is not True


def test_a_piece_among_whole_numbers_may_be_nothing_but_its_edge() -> None:
    # only at n = 3 is the second switch negative, and there the first one is 0
    domain = Domain(n=Integers(1))
    (n,) = domain.symbols
    inner = (n - sp.Rational(5, 2)) * (n - sp.Rational(7, 2))
    assert not vanishes_piecewise(sp.Abs(inner) + sp.Abs(n - 3) - inner - sp.Abs(n - 3, evaluate=False), domain)
    assert not vanishes_piecewise(sp.Abs(n - 3) * 2 + sp.Abs(inner) - inner - sp.Abs(2 * n - 6), domain)


def test_pieces_cover_the_domain_on_both_sides_of_a_switch() -> None:
    domain = Domain(x=Positive)
    (x,) = domain.symbols
    parts = separate(sp.Abs(x - 2) - x + 2, domain)
    assert parts is not None
    assert {(str(gap), str(within.ranges[next(iter(within.symbols))])) for gap, within in parts} == {
        ("0", str(AtLeast(2))),
        ("4 - 2*x", str(Between(0, 2))),
    }
    assert separate(sp.sign(x - 2) + 1, domain) is None
    assert separate(x, domain) is None


def test_an_induction_starts_at_the_first_n_and_steps_by_the_next_term() -> None:
    domain = Domain(n=Integers(3), a=Positive)
    n, a = domain.symbols
    k = sp.Symbol("k", integer=True)
    found = steps_of(a * n - 2 * sp.Sum(1 / k, (k, 1, n)), domain)
    assert found is not None
    assert found[0] == 3 * a - sp.Rational(11, 3)
    assert sp.expand(found[1] - a + 2 / (n + 1)) == 0
    for other in (
        n * sp.Sum(1 / k, (k, 1, n)),
        sp.Sum(n / k, (k, 1, n)),
        sp.Sum(1 / k, (k, 1, 2 * n)),
        sp.Sum(1 / k, (k, 1, n)) ** 2,
        sp.Sum(1 / k, (k, 5, n)),
    ):
        assert steps_of(other, domain) is None
