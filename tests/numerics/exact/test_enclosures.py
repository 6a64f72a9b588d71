"""Balls around ranges on boxes: every exact value is inside, ends of monotone functions are sharp, poles give none."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sympy as sp
from flint import arb, fmpq

from crossproof.derivations.errors import DomainError
from crossproof.numerics.exact.enclosures import BoxFunction, Program, ball, exact, interval, precision, simplest

x, y = sp.symbols("x y", real=True)
R = sp.Rational


def range_on(expr: Any, **ends: Any) -> Any:
    box = {s: ends[s.name] for s in (x, y) if s.name in ends}
    function = BoxFunction(expr, box)
    with precision():
        return function.range(function.start)[0]


@pytest.mark.parametrize(
    ("expr", "ends", "low", "high"),
    [
        (x**3 + x, {"x": (-1, 2)}, -2, 10),
        (sp.exp(-x), {"x": (0, 1)}, sp.exp(-1), 1),
        (1 / (1 + x), {"x": (0, 3)}, R(1, 4), 1),
        (x * sp.log(x), {"x": (1, 2)}, 0, 2 * sp.log(2)),
        (x - y, {"x": (0, 1), "y": (0, 2)}, -2, 1),
        (sp.sqrt(x + y), {"x": (1, 2), "y": (0, 2)}, 1, 2),
    ],
    ids=str,
)
def test_ends_of_monotone_functions_are_sharp(expr: Any, ends: Any, low: Any, high: Any) -> None:
    found = range_on(expr, **ends)
    for bound, side in ((low, found.lower()), (high, found.upper())):
        assert abs(float(side) - float(bound)) < 2e-8  # radii have 30 bits
    assert not found.contains(arb(float(high) + 1e-6))
    assert not found.contains(arb(float(low) - 1e-6))


@pytest.mark.parametrize("seed", range(8))
def test_every_value_on_a_box_is_inside(seed: int) -> None:
    draw = random.Random(seed)
    a, b = (sp.Integer(draw.randint(-3, 3)) for _ in range(2))
    expr = draw.choice(
        (
            (x - a) ** 2 * (y + b) - x * y,
            sp.sin(a * x + y) + sp.cos(x * y),
            sp.exp(-(x**2)) * (y - b) + sp.Abs(x - y),
            (x**2 + a * y) / (1 + y**2),
        )
    )
    low = {s: R(draw.randint(-20, 20), 7) for s in (x, y)}
    box = {s: (low[s], low[s] + R(draw.randint(0, 9), 5)) for s in (x, y)}
    found = range_on(expr, **{s.name: ends for s, ends in box.items()})
    values = []
    for _ in range(12):
        at = {s: p + (q - p) * R(draw.randint(0, 16), 16) for s, (p, q) in box.items()}
        values.append(sp.N(expr.subs(at), 30))
        with precision():
            assert found.overlaps(arb(str(values[-1])))
    width = float(max(values) - min(values))
    sides = float(sum(q - p for p, q in box.values()))
    assert float(found.upper() - found.lower()) < 20 * (width + sides) + 1e-12


@pytest.mark.parametrize(
    ("expr", "ends", "inside"),
    [
        (1 / x, (-1, 1), (R(1, 2), 1)),
        (sp.log(x), (0, 1), (R(1, 2), 1)),
        (sp.sqrt(x), (-1, 1), (R(1, 4), 1)),
    ],
)
def test_a_box_on_which_a_function_may_be_undefined_has_no_range(expr: Any, ends: Any, inside: Any) -> None:
    assert range_on(expr, x=ends) is None
    assert range_on(expr, x=inside) is not None


def test_weights_name_the_side_that_matters() -> None:
    function = BoxFunction(100 * x + y, {x: (0, 1), y: (0, 1)})
    _, weights = function.range(function.start)
    assert weights[0] > 50 * weights[1]


def test_points_are_simple_and_inside_and_positive_values_are_shown() -> None:
    function = BoxFunction(x - y, {x: (R(1, 3), R(1, 2)), y: (-1, 1)})
    point = function.point(function.start)
    assert point == {x: R(2, 5), y: 0}
    assert function.surely_positive(point)
    assert not function.surely_positive({x: R(2, 5), y: R(2, 5)})
    assert not function.surely_positive({x: R(2, 5), y: R(1, 2)})


@pytest.mark.parametrize("seed", range(6))
def test_the_simplest_rational_between_has_the_least_denominator(seed: int) -> None:
    draw = random.Random(seed)
    low = fmpq(draw.randint(-60, 60), draw.randint(1, 40))
    high = low + fmpq(draw.randint(0, 8), draw.randint(9, 60))
    found = simplest(low, high)
    assert exact(low) <= found <= exact(high)
    least = next(q for q in range(1, 3000) if sp.ceiling(exact(low) * q) <= sp.floor(exact(high) * q))
    assert found.q == least


def test_a_program_computes_common_parts_once() -> None:
    shared = sp.exp(x * y)
    program = Program([shared + 1, shared**2, x / 3], [x, y])
    with precision():
        one, two, three = program([arb(2), arb(fmpq(1, 2))])
        e = arb(1).exp()
        assert (one - e - 1).contains(0)
        assert (two - e * e).contains(0)
        assert three.contains(fmpq(2, 3))
        assert not three.contains(fmpq(66, 100))
    assert len(program._steps) < sum(len(list(sp.preorder_traversal(e))) for e in (shared + 1, shared**2, x / 3))


def test_wrong_boxes_are_refused_in_words() -> None:
    for box in ({x: (1, 0)}, {x: (0, sp.pi)}, {x: (0, 0.5)}, {x: (0, sp.oo)}):
        with pytest.raises(DomainError, match="give exact rationals with low <= high"):
            BoxFunction(x, box)
    with pytest.raises(DomainError, match="no interval for y"):
        BoxFunction(x + y, {x: (0, 1)})
    with pytest.raises(DomainError, match="give a mapping"):
        BoxFunction(x, [(0, 1)])
    low, high = interval(x, (R(1, 3), 2))
    assert (exact(low), exact(high)) == (R(1, 3), 2)
    assert ball(low, high).contains(fmpq(1, 3))
    assert not ball(low, high).contains(fmpq(33, 100))
