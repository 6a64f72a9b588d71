"""Where formulas change: every wall is met on both sides and between, or the pieces are said not to be finite."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.judgement.breakpoints import breakpoints, features, roots, separators, unvisited
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Above, Between, Integers, Positive, Real

x = sp.Symbol("x", real=True)
p = sp.Symbol("x", positive=True)
R = sp.Rational
LINE, HALF = Domain(x=Real), Domain(x=Positive)
BASE = {x: R(1, 3)}


def visited(expr: sp.Expr, domain: Domain = LINE) -> list[sp.Expr]:
    (symbol,) = domain.symbols
    return [point[symbol] for point in breakpoints([expr], domain, domain.points(1))]


@pytest.mark.parametrize(
    ("expr", "walls"),
    [
        (sp.Abs(x - 10**6), [10**6]),
        (sp.sign(x + R(1, 10**9)), [-R(1, 10**9)]),
        (sp.Heaviside(x - 3), [3]),
        (sp.Max(x, 7, evaluate=False), [7]),
        (sp.Max(x**2, 4), [-2, 2]),
        (sp.Piecewise((x, x < R(22, 7)), (1, True)), [R(22, 7)]),
        (sp.Piecewise((x, (x > 1) & (x < 1000)), (1, True)), [1, 1000]),
        (sp.Abs(sp.Abs(x - 5) - 2), [3, 5, 7]),
        (1 / (x - 50), [50]),
        (sp.sqrt((x - 12345) ** 2), [12345]),
        (sp.log(x - 10), [10]),
        (sp.asin(x / 100), [-100, 100]),
    ],
)
def test_walls_are_visited_with_both_sides(expr: sp.Expr, walls: list[sp.Expr]) -> None:
    values = visited(expr)
    for wall in map(sp.sympify, walls):
        assert any(v == wall for v in values)
        assert any(wall - abs(wall) / 100 - R(1, 50) < v < wall for v in values)
        assert any(wall < v < wall + abs(wall) / 100 + R(1, 50) for v in values)


def test_a_false_formula_on_one_piece_is_met_on_that_piece() -> None:
    narrow = sp.Piecewise((1, (x > 10**6) & (x < 10**6 + R(1, 1000))), (0, True))
    assert 1 in [narrow.subs(x, v) for v in visited(narrow)]
    # the same without the wall in sight: no simple or generic point lies there
    assert 1 not in [narrow.subs(x, v) for v in (0, 1, R(1, 2), 10**6, -(10**6), sp.sqrt(2))]


@pytest.mark.parametrize(
    ("expr", "domain", "none"),
    [
        (sp.Abs(p), HALF, True),
        (1 / p, HALF, True),
        (sp.sqrt(p + 1), HALF, True),
        (x**2 + 3 * x, LINE, True),
        (sp.exp(x) * sp.sin(x), LINE, True),
        (sp.Abs(x), LINE, False),
        (1 / x, LINE, False),
        (sp.sqrt(p - 1), HALF, False),
    ],
)
def test_what_keeps_its_sign_separates_nothing(expr: sp.Expr, domain: Domain, none: bool) -> None:
    walls, finite = separators([expr], domain)
    assert finite
    assert (walls == []) is none


@pytest.mark.parametrize(("expr", "finite"), [(sp.floor(x / 1000), False), (sp.ceiling(x), False), (sp.Abs(x), True)])
def test_a_step_function_has_pieces_without_end(expr: sp.Expr, finite: bool) -> None:
    assert separators([expr], LINE)[1] is finite


def test_integer_parameters_step_over_a_wall_in_whole_numbers() -> None:
    domain = Domain(n=Integers(1))
    (n,) = domain.symbols
    values = visited(sp.Max(n, R(2001, 2)), domain)
    assert all(v.is_integer for v in values)
    assert {sp.Integer(1000), sp.Integer(1001)} <= set(values)


def test_points_keep_to_the_domain() -> None:
    domain = Domain(x=Between(0, 1))
    (s,) = domain.symbols
    values = visited(sp.Abs(s - R(1, 3)) + sp.Abs(s - 5), domain)
    assert values
    assert all(0 < v < 1 for v in values)
    beyond = Domain(x=Above(12))
    (t,) = beyond.symbols
    assert all(v > 12 for v in visited(sp.Abs(t - 40), beyond))


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (x**2 - 2, [-sp.sqrt(2), sp.sqrt(2)]),
        ((x - 3) * (x - 10**9), [3, 10**9]),
        (x**2 + 1, []),
        (x**5 - x - 1, [sp.CRootOf(x**5 - x - 1, 0)]),
        (sp.exp(x) - 5, [sp.log(5)]),
        (1 / (x - 1) - 1, [2]),
        (sp.Integer(3), []),
    ],
)
def test_roots_are_found_to_many_digits(expr: sp.Expr, expected: list[sp.Expr]) -> None:
    found = roots(expr, x)
    assert len(found) == len(expected)
    assert all(abs(sp.N(a - b, 30)) < R(1, 10**20) for a, b in zip(found, expected, strict=True))
    assert all(r.is_Rational for r in found)


def test_a_narrow_bump_shows_at_its_centre() -> None:
    centre = R(7234567, 10**7)
    bump = sp.exp(-1000000 * (x - centre) ** 2)
    points = [q[x] for q in features([R(9, 10) + 2 * bump], LINE, [BASE])]
    assert any(abs(v - centre) < R(1, 10**6) for v in points)
    step = sp.tanh(10**9 * (x - 41))
    assert any(abs(v - 41) < R(1, 10**6) for v in (q[x] for q in features([step], LINE, [BASE])))
    assert not list(features([x**2], LINE, [BASE]))


def test_a_piece_without_a_visited_point_is_told() -> None:
    near = [{p: R(1, 2)}, {p: sp.Integer(3)}]
    assert unvisited([sp.Abs(sp.log(p) - 10**6)], HALF, near) == sp.log(p) - 10**6
    assert unvisited([sp.Abs(p - 1)], HALF, near) is None
    assert unvisited([sp.Abs(p - 5)], HALF, near) == p - 5
    assert unvisited([sp.sqrt(p + 1)], HALF, near) is None  # one sign on the whole domain
