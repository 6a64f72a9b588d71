"""Exact points of a domain: all inside, of every kind that hides a counterexample, each once, the same every time."""

from __future__ import annotations

import itertools

import pytest
import sympy as sp

from crossproof.checks.judgement.points import SCALES, Chart, around, distinct, examined, inside, simple
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Above, AtLeast, Between, Integers, Positive, Real

R = sp.Rational
eta = sp.Symbol("eta", positive=True)
DOMAINS = [
    Domain(x=Positive),
    Domain(x=Real),
    Domain(x=AtLeast(0)),
    Domain(x=Above(12)),
    Domain(x=Between(0, R(22, 7))),
    Domain(n=Integers(4)),
    Domain(n=Integers(2, 5)),
    Domain(eta=Positive, s=Above(eta / 2)),
    Domain(x=Positive, y=Real, n=Integers(1)),
    Domain(a=AtLeast(1), b=Between(-1, 1)),
]


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
def test_every_point_lies_in_the_domain_and_comes_once(domain: Domain) -> None:
    points = list(itertools.islice(examined(domain, 8), 400))
    assert points
    for point in points:
        domain.check(point)
        assert list(point) == list(domain.symbols)
    assert len({tuple(p.values()) for p in points}) == len(points)
    assert points == list(itertools.islice(examined(domain, 8), 400))


def test_a_point_outside_is_not_inside() -> None:
    domain = Domain(x=Between(0, 1), n=Integers(2))
    x, n = domain.symbols
    assert inside(domain, {x: R(1, 2), n: sp.Integer(2)})
    for wrong in (
        {x: sp.Integer(0), n: sp.Integer(2)},
        {x: R(3, 2), n: sp.Integer(2)},
        {x: R(1, 2), n: R(5, 2)},
        {x: R(1, 2), n: sp.Integer(1)},
        {x: sp.I, n: sp.Integer(2)},
        {x: R(1, 2)},
    ):
        assert not inside(domain, wrong)


def test_points_reach_every_scale_and_both_ends() -> None:
    values = [p[s] for d in [Domain(x=Positive)] for s in d.symbols for p in examined(d, 8)]
    assert min(values) <= R(1, 10**100)
    assert max(values) >= 10**300
    real = [v for p in examined(Domain(x=Real), 8) for v in p.values()]
    assert min(real) <= -(10**300)
    assert sp.Integer(0) in real
    bounded = [v for p in examined(Domain(x=Between(0, 1)), 8) for v in p.values()]
    assert 0 < min(bounded) <= R(1, 10**12)
    assert 1 > max(bounded) >= 1 - R(1, 10**5)
    whole = [v for p in examined(Domain(n=Integers(4)), 8) for v in p.values()]
    assert min(whole) == 4
    assert max(whole) >= 10**100
    above = [v for p in examined(Domain(x=Above(12)), 8) for v in p.values()]
    assert 12 < min(above) < 12 + R(1, 10**90)


@pytest.mark.parametrize(
    "hidden",
    [
        lambda v: v**2 < 10**12,
        lambda v: v > R(1, 10**50),
        lambda v: v.is_rational is not False,
        lambda v: v < 10**99,
        lambda v: sp.sympify(v).is_integer is not True,
    ],
)
def test_a_statement_that_fails_in_one_region_only_is_caught_there(hidden) -> None:
    assert not all(bool(hidden(v)) for p in examined(Domain(x=Positive), 8) for v in p.values())


def test_generic_points_are_irrational_or_of_large_height() -> None:
    found = list(Chart(Domain(x=Positive, y=Positive)).generic(6))
    assert any(not v.is_rational for p in found for v in p.values())
    assert any(v.is_rational and v.q > 1000 for p in found for v in p.values())
    assert all(sp.simplify(p_x - p_y) != 0 for p_x, p_y in (tuple(p.values()) for p in found))


def test_the_simplest_points_come_first() -> None:
    first = next(iter(simple(Domain(x=Positive, n=Integers(3)), 4)))
    assert [str(v) for v in first.values()] == ["1", "3"]


def test_moving_one_parameter_keeps_to_the_domain() -> None:
    domain = Domain(eta=Positive, s=Above(eta / 2))
    e, s = domain.symbols
    base = {e: sp.Integer(2), s: sp.Integer(3)}
    moved = list(around(domain, base, s, [sp.Integer(1), sp.Integer(2), sp.Integer(5)]))
    assert [p[s] for p in moved] == [2, 5]
    assert list(distinct([*moved, *moved])) == moved


def test_a_dependent_range_is_met_by_construction() -> None:
    points = list(itertools.islice(Chart(Domain(eta=Positive, s=Above(eta / 2))).scaled(), 200))
    assert points
    assert all(bool(p_s > p_e / 2) for p_e, p_s in (tuple(p.values()) for p in points))
    assert len(SCALES) == len(set(SCALES))
