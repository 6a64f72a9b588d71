"""Programs against the node-by-node evaluation whose steps they take: the same balls, the same refusals."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sympy as sp
from flint import ctx

from crossproof.derivations.errors import NumericsError, UndefinedError
from crossproof.numerics.exact.programs import Program, program_of
from crossproof.numerics.exact.values import Evaluation, value_at_precision

x, y = sp.symbols("x y", real=True)
R = sp.Rational
FUNCTIONS = (sp.exp, sp.log, sp.sin, sp.tan, sp.atanh, sp.Abs, sp.sign, sp.floor, sp.gamma, sp.erf, sp.sqrt)
VALUES = (R(0), R(1), R(-1), R(1, 2), R(-7, 3), sp.sqrt(2), sp.pi / 5, -sp.E / 4, R(10) ** 30)


def outcome(evaluate: Any, expr: sp.Expr, point: dict[sp.Symbol, Any], bits: int) -> tuple[Any, ...]:
    """Return the ball with what was noted on the way, or the error."""
    before, ctx.prec = ctx.prec, bits
    try:
        ball, walk = evaluate(expr, point, bits)
        parts = (ball.real.mid_rad_10exp(60), ball.imag.mid_rad_10exp(60)) if ball.is_finite() else (str(ball),)
        return (*parts, walk.principal, walk.verified)
    except (NumericsError, TypeError) as error:
        return type(error), str(error)
    finally:
        ctx.prec = before


def by_program(expr: sp.Expr, point: dict[sp.Symbol, Any], bits: int) -> Any:
    return Program(expr)(point, bits)


def by_nodes(expr: sp.Expr, point: dict[sp.Symbol, Any], bits: int) -> Any:
    walk = Evaluation(point)
    return walk(expr), walk


def formula(draw: random.Random, depth: int) -> sp.Expr:
    if depth == 0 or draw.random() < 0.15:
        return draw.choice((x, y, R(draw.randint(-5, 5), draw.randint(1, 4)), sp.pi, sp.E))
    kind = draw.randrange(5)
    if kind == 0:
        return draw.choice(FUNCTIONS)(formula(draw, depth - 1), evaluate=False)
    if kind == 1:
        exponent = draw.choice((R(-2), R(-1), R(0), R(2), R(3), R(1, 2), R(-1, 3), y))
        return sp.Pow(formula(draw, depth - 1), exponent, evaluate=False)
    if kind == 2:
        branch, other = formula(draw, depth - 1), formula(draw, depth - 1)
        return sp.Piecewise((branch, x > 0), (other, True), evaluate=False)
    parts = [formula(draw, depth - 1) for _ in range(draw.randint(2, 3))]
    return (sp.Add if kind == 3 else sp.Mul)(*parts, evaluate=False)


def test_programs_give_the_balls_and_the_refusals_of_the_nodes() -> None:
    draw = random.Random(20)
    seen: dict[Any, int] = {}
    for _ in range(250):
        expr = formula(draw, 4)
        point = {x: draw.choice(VALUES), y: draw.choice(VALUES)}
        for bits in (64, 320):
            expected = outcome(by_nodes, expr, point, bits)
            assert outcome(by_program, expr, point, bits) == expected, (expr, point)
            kind = expected[0] if isinstance(expected[0], type) else expected[-2]
            seen[kind] = seen.get(kind, 0) + 1
    # real values, principal values, points without a value
    assert min(seen.get(kind, 0) for kind in (False, True, UndefinedError)) >= 10, seen


def test_a_program_that_took_another_step_would_be_noticed() -> None:
    product, difference = sp.Mul(x, y, evaluate=False), sp.Add(x, sp.Mul(-1, y, evaluate=False), evaluate=False)
    point = {x: R(1, 3), y: R(1, 7)}
    assert outcome(by_program, product, point, 64) != outcome(by_nodes, difference, point, 64)
    assert outcome(by_program, product, point, 64) != outcome(by_nodes, product, point, 65)


def test_a_program_is_made_once_for_all_points_and_holds_no_value_of_any() -> None:
    expr = sp.Add(sp.Pow(x, 2, evaluate=False), R(1, 3), evaluate=False)
    assert program_of(expr) is program_of(sp.Add(sp.Pow(x, 2, evaluate=False), R(1, 3), evaluate=False))
    found = [value_at_precision(expr, {x: R(k)}, bits).ball for bits in (64, 128) for k in (1, 2, 1)]
    assert [str(b.str(5, radius=False)) for b in found] == ["1.3333", "4.3333", "1.3333"] * 2


@pytest.mark.parametrize("base", [sp.E, sp.Integer(3)])
def test_a_power_that_was_not_evaluated_is_a_power_of_its_base(base: sp.Expr) -> None:
    found = value_at_precision(sp.Pow(base, x, evaluate=False), {x: sp.Integer(2)}, 64).ball
    assert found.overlaps(value_at_precision(base**2, {}, 64).ball)
    assert not found.overlaps(value_at_precision(base**base, {}, 64).ball)
