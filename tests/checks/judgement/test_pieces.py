"""Identities with pieces: proved where every piece vanishes, and never where one of them does not."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.judgement.pieces import cells, resolve, switches, vanishes_piecewise
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Above, Positive, Real

x, y = sp.symbols("x y", real=True)
R = sp.Rational
LINE, PLANE = Domain(x=Real), Domain(x=Real, y=Real)
Abs, Max, Min, Piecewise, sign = sp.Abs, sp.Max, sp.Min, sp.Piecewise, sp.sign

TRUE = [
    (Max(x, 0), (x + Abs(x)) / 2, LINE),
    (Min(x, 1), (x + 1 - Abs(x - 1)) / 2, LINE),
    (Abs(x), x * sign(x), LINE),
    (Piecewise((x, x < 1), (1, True)), Min(x, 1), LINE),
    (Piecewise((-x, x < 0), (x, True)), Abs(x), LINE),
    (Max(x, y) + Min(x, y), x + y, PLANE),
    (Max(x, y) * Min(x, y), x * y, PLANE),
    (Abs(x * y), Abs(x) * Abs(y), PLANE),
    (Abs(Abs(x) - 1), Max(Abs(x), 1) - Min(Abs(x), 1), LINE),
    (sign(x) ** 3, sign(x), LINE),
    (Max(x, -x), Abs(x), LINE),
    (x * sp.Heaviside(x), Max(x, 0), LINE),
]


@pytest.mark.parametrize(("left", "right", "domain"), TRUE, ids=str)
def test_true_identities_are_reduced_on_every_piece_or_left_open(left: sp.Expr, right: sp.Expr, domain: Domain) -> None:
    point = {s: R(k + 2, 3) for k, s in enumerate(domain.symbols)}
    assert (left - right).subs(point) == 0
    vanishes_piecewise(left - right, domain)  # True or False, and no error


def test_most_of_them_are_proved() -> None:
    assert sum(vanishes_piecewise(a - b, d) for a, b, d in TRUE) >= len(TRUE) - 2


FALSE = [
    (Abs(x), x, LINE),
    (Max(x, 0), x, LINE),
    (Max(x, 10**6), sp.Integer(10**6), LINE),
    (sign(x) ** 2, sp.Integer(1), LINE),
    (sign(x), 2 * sp.Heaviside(x) - 1 + Piecewise((1, sp.Eq(x, 0)), (0, True)), LINE),
    (Piecewise((x, x < 1), (2, True)), Min(x, 2), LINE),
    (Piecewise((0, x < 0), (1, x <= 0), (0, True)), sp.Integer(0), LINE),
    (Piecewise((1, sp.Eq(x, 3)), (0, True)), sp.Integer(0), LINE),
    (Max(x, y), x, PLANE),
    (Abs(x + y), Abs(x) + Abs(y), PLANE),
    (Abs(x - 10**6), 10**6 - x, LINE),
    (Piecewise((1, (x > 5) & (x < 6)), (0, True)), sp.Integer(0), LINE),
    (sp.Heaviside(x), (1 + sign(x)) / 2 + Piecewise((R(1, 9), sp.Eq(x, 0)), (0, True)), LINE),
    (Max(x, 0) ** 2, x**2, LINE),
]


@pytest.mark.parametrize(("left", "right", "domain"), FALSE, ids=str)
def test_an_identity_that_fails_on_one_piece_or_edge_is_never_proved(
    left: sp.Expr, right: sp.Expr, domain: Domain
) -> None:
    assert not vanishes_piecewise(left - right, domain)


@pytest.mark.parametrize(
    ("left", "right", "domain"),
    [
        (Abs(x - 1), x - 1, Domain(x=Above(1))),
        (Max(x, 0), x, Domain(x=Positive)),
        (sign(x), sp.Integer(1), Domain(x=Positive)),
    ],
    ids=str,
)
def test_pieces_outside_of_the_domain_do_not_count(left: sp.Expr, right: sp.Expr, domain: Domain) -> None:
    own = domain.symbols[0]
    difference = (left - right).xreplace({x: own})
    assert vanishes_piecewise(difference, domain)
    assert not vanishes_piecewise(left - right + R(1, 10**9) * Abs(x), LINE)


def test_switches_and_cells() -> None:
    assert switches(Abs(x) + Max(x, y)) == [x, x - y] or set(switches(Abs(x) + Max(x, y))) == {x, x - y}
    assert switches(x**2 + sp.exp(x)) == []
    assert {c[x] for c in cells(sign(x), LINE) or ()} == {-1, 0, 1}
    assert {c[x] for c in cells(Abs(x), LINE) or ()} == {-1, 1}
    impossible = Abs(x) + Abs(x - 1)
    assert {(c[x], c[x - 1]) for c in cells(impossible, LINE) or ()} == {(1, 1), (1, -1), (-1, -1)}


def test_formulas_with_given_signs() -> None:
    assert resolve(Abs(x), {x: -1}) == -x
    assert resolve(Max(x, y), {x - y: 1}) == x
    assert resolve(Min(x, y), {x - y: 1}) == y
    assert resolve(sp.Heaviside(x), {x: 1}) == 1
    assert resolve(sign(x) * y, {x: 0}) == 0
    assert resolve(Piecewise((x, x < 1), (y, True)), {x - 1: 0}) == y
    assert resolve(Abs(y), {x: 1}) == Abs(y)
