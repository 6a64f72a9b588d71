"""Functions in ball arithmetic against mpmath at 50 digits, with their poles, branch cuts and jumps."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from flint import acb, arb, ctx

from crossproof.derivations.errors import NumericsError, UndefinedError
from crossproof.numerics.exact.ball_functions import CONSTANTS, FUNCTIONS
from crossproof.numerics.exact.ball_pieces import PIECES
from crossproof.numerics.exact.values import Evaluation

x, y = sp.symbols("x y", real=True)
R = sp.Rational


def ball(expr: Any, *at: Any) -> Any:
    """Return the ball of the outermost function at x, y."""
    point = dict(zip((x, y), map(sp.sympify, at), strict=False))
    with ctx.workprec(180):
        return FUNCTIONS[expr.func](Evaluation(point), expr)


def contains(found: Any, value: Any) -> bool:
    """Return whether a ball contains a number known to 50 digits, whose last digits are left open."""
    with ctx.workprec(400):
        real, imaginary = (arb(str(sp.N(part, 50))) for part in sp.N(value, 60).as_real_imag())
        return bool((found - acb(real, imaginary)).overlaps(acb(arb(0, 1e-45), arb(0, 1e-45))))


CASES: list[tuple[Any, tuple[Any, ...]]] = [
    *((f(x), (at,)) for f in (sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc) for at in (R(1, 3), -7)),
    *((f(x), (at,)) for f in (sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch) for at in (R(1, 3), -7)),
    *((f(x), (at,)) for f in (sp.asin, sp.acos, sp.atanh) for at in (R(1, 3), -R(7, 9), 2)),
    *((f(x), (at,)) for f in (sp.atan, sp.asinh, sp.log, sp.erf, sp.erfc, sp.erfi) for at in (R(1, 3), -2)),
    *((f(x), (at,)) for f in (sp.gamma, sp.digamma, sp.airyai, sp.airybi, sp.Si) for at in (R(1, 3), -R(5, 2))),
    *((f(x), (at,)) for f in (sp.Ci, sp.Ei, sp.acosh, sp.li) for at in (R(1, 3), 3)),
    *((f(x), (at,)) for f in (sp.loggamma, sp.LambertW, sp.factorial) for at in (R(1, 3), 5)),
    *((f(x, y), at) for f in (sp.besselj, sp.bessely, sp.besseli, sp.besselk) for at in ((0, 2), (R(3, 2), 5))),
    *((f(x, y), (R(5, 3), R(7, 2))) for f in (sp.lowergamma, sp.uppergamma, sp.beta, sp.expint)),
    (sp.zeta(x), (R(5, 2),)),
    (sp.zeta(x), (-1,)),
    (sp.zeta(2, x), (R(1, 3),)),
    (sp.zeta(R(5, 2), y, evaluate=False), (0, 3)),
    (sp.zeta(x, y), (-3, R(1, 2))),
    (sp.digamma(x, evaluate=False), (R(5, 2),)),
    (sp.polygamma(x, y), (2, R(3, 2))),
    (sp.binomial(x, y), (R(7, 2), R(3, 2))),
    (sp.binomial(x, y), (7, 3)),
]


@pytest.mark.parametrize(("expr", "at"), CASES, ids=str)
def test_values_agree_with_mpmath_and_not_with_their_neighbours(expr: Any, at: tuple[Any, ...]) -> None:
    right = sp.N(expr.subs(dict(zip((x, y), at, strict=False))), 60)
    found = ball(expr, *at)
    assert contains(found, right)
    assert not contains(found, right * (1 + R(1, 10**12)))
    assert found.rel_accuracy_bits() > 100


EXACT = [
    (sp.binomial(x, y), (3, 5), 0),
    (sp.binomial(x, y), (3, -1), 0),
    (sp.binomial(x, y), (6, 6), 1),
    (sp.binomial(x, y), (-2, 3), -4),
    (sp.binomial(x, y), (R(1, 2), 2), -R(1, 8)),
    (sp.factorial(x), (5,), 120),
    (sp.floor(x), (R(-7, 2),), -4),
    (sp.ceiling(x), (R(-7, 2),), -3),
    (sp.floor(sp.sqrt(x) * sp.sqrt(2)), (2,), 2),
    (sp.sign(x), (-3,), -1),
    (sp.sign(sp.sqrt(x) - sp.sqrt(2)), (2,), 0),
    (sp.Heaviside(x), (0,), R(1, 2)),
    (sp.Heaviside(x, 1), (0,), 1),
    (sp.Heaviside(x), (R(1, 9),), 1),
    (sp.Abs(x), (-3,), 3),
    (sp.Abs(x + sp.I * y, evaluate=False), (3, 4), 5),
    (sp.Max(x, y, 1), (3, 4), 4),
    (sp.Min(x, y, 1), (3, 4), 1),
    (sp.re(sp.Mul(1 + sp.I, x, evaluate=False), evaluate=False), (3,), 3),
    (sp.im(sp.Mul(1 + 2 * sp.I, x, evaluate=False), evaluate=False), (3,), 6),
    (sp.conjugate(sp.Add(x, sp.I, evaluate=False), evaluate=False), (2,), 2 - sp.I),
]


@pytest.mark.parametrize(("expr", "at", "right"), EXACT, ids=str)
def test_exact_values(expr: Any, at: tuple[Any, ...], right: Any) -> None:
    assert contains(ball(expr, *at), right)
    assert not contains(ball(expr, *at), right + R(1, 10**12))


def test_every_function_and_constant_of_the_table_is_looked_at() -> None:
    assert {e.func for e, *_ in (*CASES, *EXACT)} == set(FUNCTIONS)
    for constant, made in CONSTANTS.items():
        with ctx.workprec(180):
            found = made()
        assert contains(found, constant)
        assert not contains(found, constant + R(1, 10**12))


@pytest.mark.parametrize(
    ("expr", "at"),
    [
        (sp.log(x), 0),
        (sp.log(sp.sqrt(x) - sp.sqrt(2)), 2),
        (sp.gamma(x), -3),
        (sp.factorial(x), -1),
        (sp.digamma(x), 0),
        (sp.loggamma(x), -R(1, 2)),
        (sp.tan(x), sp.pi / 2),
        (sp.cot(x), 0),
        (sp.csch(x), 0),
        (sp.atanh(x), 1),
        (sp.Ei(x), 0),
        (sp.li(x), 1),
        (sp.zeta(x), 1),
        (sp.bessely(0, x), 0),
        (sp.besselk(1, x), 0),
        (sp.binomial(x, R(1, 2), evaluate=False), -2),
        (sp.Max(sp.sqrt(x), 1), -1),
    ],
    ids=str,
)
def test_poles_have_no_value_and_their_neighbourhood_has(expr: Any, at: Any) -> None:
    with pytest.raises(UndefinedError):
        ball(expr, at)
    near = sp.sympify(at) + R(1, 10**6) if expr.func not in (sp.loggamma, sp.Max) else sp.Integer(2)
    assert ball(expr, near).is_finite()


@pytest.mark.parametrize(
    ("expr", "off", "across"),
    [
        (sp.log(x), acb(2, 1), acb(arb(-1, 0.5), arb(0, 0.5))),
        (sp.asin(x), acb(0, 2), acb(arb(2, 0.5), arb(0, 0.5))),
        (sp.atan(x), acb(5), acb(arb(0, 0.5), arb(2, 0.5))),
        (sp.acosh(x), acb(2), acb(arb(0, 0.5), arb(0, 0.5))),
        (sp.loggamma(x), acb(2), acb(arb(-1, 0.5), arb(0, 0.5))),
        (sp.Abs(x), acb(2, 1), acb(arb(0, 0.5), arb(0, 0.5))),
        (sp.floor(x), acb(2.5, 1), acb(arb(3, 0.5), arb(0, 0.5))),
        (sp.Max(x, 0), acb(2, 1), acb(arb(0, 0.5), arb(0, 0.5))),
        (sp.LambertW(x), acb(2), acb(arb(-1, 0.5), arb(0, 0.5))),
    ],
    ids=str,
)
def test_on_balls_a_cut_or_jump_gives_nothing_finite(expr: Any, off: Any, across: Any) -> None:
    assert FUNCTIONS[expr.func](Evaluation({x: off}, analytic=True), expr).is_finite()
    assert not FUNCTIONS[expr.func](Evaluation({x: across}, analytic=True), expr).is_finite()


def test_parts_of_complex_functions_are_not_analytic() -> None:
    with pytest.raises(NumericsError, match="not analytic"):
        PIECES[sp.re](Evaluation({x: acb(1)}, analytic=True), sp.re(x, evaluate=False))
