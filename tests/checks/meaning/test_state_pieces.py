"""Pieces of a support: split at the right places, with the right formulas on each, or given up in words."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import sympy as sp

from crossproof.checks.meaning.state_pieces import NotReal, Piece, Unanalysed, Unsplit, pieces_of, resolved, split
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Positive, Real

x = sp.Symbol("x", real=True)
a = sp.Symbol("a", positive=True)
NONE, ONE = Domain(), Domain(a=Positive)
LINE = sp.Interval(-sp.oo, sp.oo)


@pytest.mark.parametrize(
    ("low", "high"), [(-sp.oo, sp.oo), (a, sp.oo), (-sp.oo, -a), (-a, 2 * a), (sp.Integer(0), sp.Integer(1))]
)
def test_the_chart_stays_inside_and_comes_near_both_ends(low: Any, high: Any) -> None:
    piece = Piece(x, low, high, ONE)
    domain, state = piece.chart
    (u,) = domain.symbols[-1:]
    sizes = [sp.Rational(10) ** k for k in range(-6, 7)]
    at = [state.subs({u: sign * size, a: 3}) for size in sizes for sign in ((1, -1) if u.is_positive is None else (1,))]
    ends = [e.subs(a, 3) for e in (low, high)]
    assert all(ends[0] < value < ends[1] for value in at)
    near = [min(at) - ends[0] if ends[0].is_finite else -min(at), ends[1] - max(at) if ends[1].is_finite else max(at)]
    assert all(
        gap > 10**5 if end.is_infinite else gap < sp.Rational(1, 10**4) for gap, end in zip(near, ends, strict=True)
    )
    point = piece.point({u: sp.Integer(1), a: sp.Integer(3)})
    assert set(point) == {x, a}


CUTS = [
    (sp.Abs(x - 1) + sp.Abs(x + a), [-a, 1], [1 - a - 2 * x, 1 + a, 2 * x + a - 1]),
    (sp.sign(x) * x**2, [0], [-(x**2), x**2]),
    (sp.Heaviside(x - a), [a], [0, 1]),
    (sp.Max(x, 1 - x), [sp.Rational(1, 2)], [1 - x, x]),
    (sp.Min(x**2, 1), [-1, 1], [1, x**2, 1]),
    (sp.Piecewise((x, x < 0), (x**3, True)), [0], [x, x**3]),
    (1 / (x - 1), [1], [1 / (x - 1)] * 2),
]


@pytest.mark.parametrize(("expr", "cuts", "formulas"), CUTS, ids=str)
def test_supports_are_split_at_the_switches(expr: Any, cuts: list[Any], formulas: list[Any]) -> None:
    found = pieces_of(LINE, x, ONE, {"e": expr}, ())
    ends = [-sp.oo, *cuts, sp.oo]
    assert [(piece.low, piece.high) for piece, _ in found] == list(itertools.pairwise(ends))
    assert [sp.expand(here["e"] - f) for (_, here), f in zip(found, formulas, strict=True)] == [0] * len(formulas)
    # a formula of one piece is wrong on the next, but for the pole
    if len(set(formulas)) > 1:
        assert all(sp.expand(one - other) != 0 for one, other in itertools.pairwise(formulas))


def test_what_must_not_vanish_splits_and_what_may_does_not() -> None:
    assert len(pieces_of(LINE, x, ONE, {"e": x**2 - a**2}, ())) == 1
    assert [p.low for p, _ in pieces_of(LINE, x, ONE, {"e": x**2 - a**2}, ("e",))] == [-sp.oo, -a, a]
    assert len(pieces_of(sp.Interval(2, sp.oo), x, NONE, {"e": sp.Abs(x - 1)}, ())) == 1


@pytest.mark.parametrize(
    ("expr", "error"),
    [
        (sp.sqrt(-1 - x**2), NotReal),
        (sp.log(-1 - x**2), NotReal),
        (sp.Piecewise((x, x**2 - x + 1 < 0)), NotReal),
        (sp.gamma(x), Unanalysed),
        (sp.floor(x), Unanalysed),
        (x * sp.sqrt(a - 1), None),
        (sp.Abs(x * (a - 1)), Unsplit),
        (1 / sp.sin(x), Unsplit),
    ],
    ids=str,
)
def test_what_cannot_be_split_is_given_up(expr: Any, error: Any) -> None:
    if error is None:
        assert resolved(expr, Piece(x, -sp.oo, sp.oo, ONE)) == expr
        return
    with pytest.raises(error):
        pieces_of(LINE, x, ONE, {"e": expr}, ())


def test_signs_and_splits_of_one_piece() -> None:
    piece = Piece(x, a, sp.oo, ONE)
    assert piece.sign(x - a) == 1
    assert piece.sign(a - x) == -1
    assert piece.sign(x - 2 * a) is None
    assert piece.sign(x - 1) is None
    below, above = split(piece, x - 2 * a) or (None, None)
    assert (below, above) == (Piece(x, a, 2 * a, ONE), Piece(x, 2 * a, sp.oo, ONE))
    assert split(piece, x) is None  # its zero lies outside
    assert split(piece, x - 1) is None  # its zero may lie outside
    assert split(Piece(x, sp.Integer(0), sp.oo, Domain(x_0=Real)), x - sp.Symbol("x_0", real=True)) is None
