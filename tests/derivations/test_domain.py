"""Domains yield exact points, simplest first, inside their ranges, without rejection."""

from __future__ import annotations

from itertools import islice

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from crossproof.checks.strategies import points
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import DomainError
from crossproof.derivations.ranges import Above, AtLeast, Between, Integers, Positive, Real, positive_rational

c = sp.Symbol("c", positive=True)
DEPENDENT = Domain(c=Positive, s=Above(c / 2), t=Between(0, c), u=AtLeast(sp.sqrt(c)), n=Integers(2, 4), x=Real)


def test_positive_rationals_start_simple_and_never_repeat() -> None:
    first = [positive_rational(k) for k in range(200)]
    assert first[:7] == [sp.Rational(a, b) for a, b in ((1, 1), (1, 2), (2, 1), (1, 3), (3, 2), (2, 3), (3, 1))]
    assert len(set(first)) == 200


@given(points(DEPENDENT))
def test_every_drawn_point_is_inside_the_domain(point: dict[sp.Symbol, sp.Expr]) -> None:
    DEPENDENT.check(point)
    assert all(v.is_Rational for k, v in point.items() if k.name != "u")


def test_points_come_simplest_first_and_are_distinct() -> None:
    found = list(islice(DEPENDENT.points(60), 60))
    assert len({tuple(p.values()) for p in found}) == 60
    assert found[0] == DEPENDENT.point((0,) * 6)
    assert found[0][c] == 1


def test_a_finite_domain_is_exhausted() -> None:
    domain = Domain(a=Integers(1, 3), b=Integers(0, 1))
    assert {tuple(p.values()) for p in domain.points(100)} == {(a, b) for a in (1, 2, 3) for b in (0, 1)}
    assert list(Domain().points(5)) == [{}]


def test_irrational_bounds_give_rational_points_inside() -> None:
    domain = Domain(x=Between(sp.sqrt(2), sp.pi))
    for point in domain.points(20):
        (value,) = point.values()
        assert value.is_Rational
        assert sp.sqrt(2) < value < sp.pi


@given(st.integers(0, 400))
def test_the_bound_itself_is_the_first_value_of_at_least(index: int) -> None:
    bounded = Domain(x=AtLeast(2))
    (value,) = bounded.point((index,)).values()
    assert (value == 2) == (index == 0)
    assert value >= 2


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Domain(x=3), "use Positive, Real"),
        (lambda: Domain(s=Above(c), c=Positive), "declare them before"),
        (lambda: Integers(3, 2), "is empty"),
        (lambda: Between(2, 1), "is empty"),
        (lambda: Domain(x=Positive).point((1, 2)), "give 1 integers"),
        (lambda: Domain(x=Positive).symbol("y"), "no parameter"),
        (lambda: Domain(x=Positive).check({}), "no value for x"),
        (lambda: Domain(c=Positive).check({c: -1}), "outside the domain"),
        (
            lambda: Domain(n=Integers(1)).check({sp.Symbol("n", integer=True, positive=True): sp.Rational(3, 2)}),
            "integer",
        ),
        (lambda: points(Domain(x=Positive), largest=-1), "largest"),
        (lambda: points(Domain(x=Positive), limits={"y": 3}), "limits"),
    ],
)
def test_misuse_is_refused_with_a_remedy(build, message: str) -> None:
    with pytest.raises(DomainError, match=message):
        build()


def test_domain_prints_for_people() -> None:
    assert "s > c/2" in repr(DEPENDENT)
    assert r"\mathbb{Z}" in DEPENDENT.latex()


def test_generic_points_are_inside_and_nothing_in_them_is_special() -> None:
    for point in DEPENDENT.generic_points(30):
        DEPENDENT.check(point)
        assert 0 not in point.values()
        assert len({v for s, v in point.items() if s.name != "n"}) == 5


def test_integers_above_a_parameter():
    B, n = sp.symbols("B n", integer=True, positive=True)
    domain = Domain(B=Integers(1), n=Integers(sp.Max(2, B)))
    for point in domain.points(30):
        assert point[n] >= max(2, point[B])
        domain.check(point)
    with pytest.raises(DomainError):
        domain.check({B: sp.Integer(3), n: sp.Integer(2)})
    with pytest.raises(DomainError, match="integer"):
        Integers(sp.Rational(1, 2))


def test_bounds_without_numbers_between_are_refused() -> None:
    for wrong in (
        lambda: Above(sp.oo),
        lambda: Between(0, sp.oo),
        lambda: Above(sp.I),
        lambda: Above(sp.nan),
    ):
        with pytest.raises(DomainError, match="no finite real number"):
            wrong()
    late = Domain(c=Positive, s=Between(c, 10))
    with pytest.raises(DomainError, match=r"Between\(c, 10\) is empty at c = 10; bound these parameters"):
        late.point((next(i for i in range(2000) if late.ranges[c].value(i, {}) == 10), 0))


def test_points_are_made_without_trying_others() -> None:
    """With rejection, the first of these domains would need more indices than anybody has time for."""
    single = {f"n{k}": Integers(1, 1) for k in range(30)}
    double = {f"m{k}": Integers(0, 1) for k in range(30)}
    found = list(Domain(**single, **double, x=Real).points(40))
    assert len({tuple(p.values()) for p in found}) == 40
    assert [sum(v == 1 for s, v in p.items() if s.name.startswith("m")) for p in found[:32]] == [0] + [1] * 30 + [0]
    assert len(list(Domain(**{f"x{k}": Positive for k in range(1500)}).points(3))) == 3
    assert len(list(Domain(n=Integers(0, 10**400)).points(3))) == 3


def test_python_names_are_parameters() -> None:
    assert [s.name for s in Domain(self=Positive, ranges=Real).symbols] == ["self", "ranges"]


def test_a_bound_that_cannot_be_rounded_is_refused_by_name() -> None:
    with pytest.raises(DomainError, match=r"bound exp\(600\) is exp\(600\), which is too large to be rounded; give a"):
        Domain(x=Above(sp.exp(600))).point((0,))
