"""Values of formulas at exact points: real, undefined or open; closed forms and published digits as references."""

from __future__ import annotations

import time
from typing import Any

import pytest
import sympy as sp
from flint import arb, ctx, fmpq

from crossproof.derivations.errors import NumericsError, UndefinedError
from crossproof.numerics.exact.point_forms import at_values, exactly_zero
from crossproof.numerics.exact.values import OpenError, Value, value_at_precision, values

x = sp.Symbol("x", real=True)
R = sp.Rational


def written(kind: Any, *args: Any) -> sp.Expr:
    return kind(*args, evaluate=False)


def sharp(expr: sp.Expr, at: Any = 0, digits: int = 15) -> Value:
    """Return the value at x = `at` to so many digits."""
    for found in values(expr, {x: sp.sympify(at)}, 5.0):
        if found.ball.is_exact() or found.ball.rel_accuracy_bits() > 3.33 * digits:
            return found
    raise AssertionError(f"{expr} has fewer digits at {at}")


PUBLISHED = [
    # leading terms of erfc(x) ~ exp(-x**2)/(x sqrt(pi)) (1 - 1/(2 x**2) + 3/(4 x**4) - ...), DLMF 7.12.1
    (sp.exp(x**2) * (1 - sp.erf(x)), 40, "0.01410033598337781"),
    # log(1 - tanh x) = log 2 - 2x - log(1 + exp(-2x))
    (sp.log(1 - sp.tanh(x)), 100, "-199.306852819440055"),
    # cosh x - sinh x = exp(-x)
    (sp.cosh(x) - sp.sinh(x), 200, "1.38389652673673753e-87"),
    # gamma(-7/2) = 16 sqrt(pi)/105
    (sp.gamma(x), R(-7, 2), "0.270088205852269109"),
    # Abramowitz and Stegun, tables 5.1, 9.8 and 9.1
    (sp.Ei(x), 1, "1.895117816355936755"),
    (sp.besselk(0, x), 1, "0.42102443824070833"),
    (sp.besselj(0, x), 1, "0.76519768655796655"),
    (sp.LambertW(x), 1, "0.56714329040978387"),
    (sp.zeta(x), 3, "1.20205690315959428"),
    (sp.uppergamma(0, x), 1, "0.21938393439552027"),
    (sp.asinh(x), -(10**20), "-46.744849040440858"),
]


@pytest.mark.parametrize(("expr", "at", "digits"), PUBLISHED)
def test_values_have_the_published_digits_and_no_others(expr: sp.Expr, at: Any, digits: str) -> None:
    ball = sharp(expr, at, 18).ball
    reference = arb(digits)
    unit = abs(reference) * arb("1e-15")
    assert abs(ball - reference) < unit
    assert not abs(ball - reference * (1 + arb("1e-14"))) < unit


UNDEFINED = [
    (sp.gamma(x), -3),
    (sp.loggamma(x), R(-1, 2)),
    (sp.digamma(x), -2),
    (sp.polygamma(1, x), 0),
    (1 / x, 0),
    (written(sp.Mul, x, 1 / x), 0),
    (written(sp.Add, 1 / x, 2, -1 / x), 0),
    (sp.log(x), 0),
    (x * sp.log(x), 0),
    (sp.log(x), -1),
    (sp.sqrt(x), -1),
    (sp.cbrt(x), -8),
    (sp.tan(x), sp.pi / 2),
    (sp.atan(sp.tan(x)), sp.pi / 2),
    (sp.coth(x), 0),
    (sp.atanh(x), 1),
    (sp.asin(x), 2),
    (sp.acosh(x), R(1, 2)),
    (sp.besselk(0, x), 0),
    (sp.LambertW(x), -1),
    (sp.zeta(x), 1),
    (sp.zoo * x, 1),
    (sp.nan, 1),
    (sp.oo, 1),
    (sp.Piecewise((1, x < 0), (2, x > 0)), 0),
    (sp.Max(x, sp.sqrt(x)), -1),
    (sp.Abs(sp.log(x)) * 0 + 1 / sp.sin(x), sp.pi),
]


@pytest.mark.parametrize(("expr", "at"), UNDEFINED)
def test_a_node_without_a_value_has_none_at_any_precision(expr: sp.Expr, at: Any) -> None:
    for bits in (64, 640):
        with pytest.raises(UndefinedError):
            value_at_precision(expr, {x: sp.sympify(at)}, bits)


@pytest.mark.parametrize(("expr", "at"), [(e, a) for e, a in UNDEFINED if e.free_symbols][:12])
def test_beside_such_a_point_there_is_a_value_or_no_real_one(expr: sp.Expr, at: Any) -> None:
    beside = sp.sympify(at) + R(1, 10**30) if sp.sympify(at) >= 0 else 2 + R(1, 7)
    assert sharp(expr, beside).ball.is_finite()


@pytest.mark.parametrize(
    ("expr", "at"),
    [
        (written(sp.Add, sp.sqrt(2) + sp.sqrt(3), -sp.sqrt(5 + 2 * sp.sqrt(6)), 1 / (x + 1)), -1),
        (1 / (sp.erf(1) + sp.erfc(1) - 1), 0),
        (sp.sqrt(sp.erf(1) + sp.erfc(1) - 1), 0),
    ],
)
def test_what_no_precision_tells_is_open_or_undefined_and_never_a_number(expr: sp.Expr, at: Any) -> None:
    with pytest.raises(NumericsError):
        list(values(expr, {x: sp.sympify(at)}, 1.0))


def test_a_number_that_no_precision_tells_from_an_integer_has_no_floor() -> None:
    hidden = written(sp.Add, sp.sqrt(2) + sp.sqrt(3), -sp.sqrt(5 + 2 * sp.sqrt(6)), 3)
    with pytest.raises(OpenError):
        list(values(sp.floor(x + hidden, evaluate=False), {x: sp.Integer(0)}, 1.0))


@pytest.mark.parametrize(
    ("expr", "at", "expected"),
    [
        (sp.floor(x), 3, 3),
        (sp.floor(x), 3 - R(1, 10**60), 2),
        (sp.ceiling(x), 3 + R(1, 10**60), 4),
        (sp.floor(x / 1000), 999, 0),
        (sp.floor(x**2), sp.sqrt(2), 2),
        (sp.floor(x), sp.pi * 10**20, 314159265358979323846),
        (sp.Piecewise((x, x < 1), (2 * x, True)), 1, 2),
        (sp.Piecewise((x, x <= 1), (2 * x, True)), 1, 1),
        (sp.Piecewise((x, x < 1), (2 * x, True)), 1 - R(1, 10**50), 1 - R(1, 10**50)),
        (sp.Piecewise((1, x**2 < 2), (2, True)), sp.sqrt(2), 2),
        (sp.Piecewise((1, sp.Eq(x**2, 2)), (2, True)), sp.sqrt(2), 1),
        (sp.Piecewise((1, sp.Ne(x, 0)), (7, True)), 0, 7),
        (sp.sign(x), -R(1, 10**90), -1),
        (sp.sign(x), 0, 0),
        (sp.Heaviside(x), 0, R(1, 2)),
        (sp.Max(x, 10**6), 10**6 + 1, 10**6 + 1),
        (sp.Min(x, 1 / x), 3, R(1, 3)),
        (sp.Abs(x - 10**6), 10**6 + 3, 3),
        (sp.Pow(x, 0, evaluate=False), 0, 1),
        (x**x, 0, 1),
        (sp.binomial(x, 2), 10**12, 10**12 * (10**12 - 1) // 2),
    ],
)
def test_steps_and_pieces_at_and_beside_their_edges(expr: sp.Expr, at: Any, expected: Any) -> None:
    wanted = sp.sympify(expected)
    ball = sharp(expr, at, 70).ball
    with ctx.workprec(400):
        gap = ball - arb(fmpq(int(wanted.p), int(wanted.q)))
        assert gap.contains(0)
        assert not (gap + arb(fmpq(1, 10**40))).contains(0)


def test_a_real_formula_may_pass_through_complex_numbers_and_says_so() -> None:
    product = written(sp.Mul, sp.sqrt(x - 1), sp.sqrt(x + 1))
    beyond = sharp(product, -3)
    assert beyond.principal
    assert beyond.ball.overlaps(-arb(8).sqrt())
    assert not beyond.ball.overlaps(arb(8).sqrt())
    assert not sharp(product, 3).principal


@pytest.mark.parametrize(
    ("expr", "at"),
    [
        (sp.loggamma(x), 10**30),
        (2**x, 10**30),
        (sp.factorial(x), 10**30),
        (sp.gamma(x), 10**12 + 1),
        (sp.binomial(x, 7), 10**40),
        (x**x, 10**9),
        (sp.exp(sp.exp(x)), 100),
        (sp.exp(-sp.exp(x)), 100),
        (sp.sin(x), 10**3000),
        (sp.polygamma(2, x), 10**20),
        (sp.zeta(x), 10**10),
        (sp.erfc(x), 10**10),
        (sp.sqrt(x**40 + 1) * sp.cbrt(x**40 + 3), 10**300),
        (sp.exp(-x * sp.log(x + 1)), 10**30),
    ],
)
def test_sizes_that_sympy_would_write_out_are_answered_at_once(expr: sp.Expr, at: int) -> None:
    start = time.thread_time()
    found = next(values(expr, {x: sp.Integer(at)}, 1.0))
    assert found.ball.is_finite()
    assert time.thread_time() - start < 1.0
    assert at_values(expr, {x: sp.Integer(at)}).free_symbols == set()


def test_a_difference_is_0_only_where_arithmetic_says_so() -> None:
    assert exactly_zero(x**2 - 2, {x: sp.sqrt(2)})
    assert exactly_zero(x - R(1, 3), {x: R(1, 3)})
    assert exactly_zero(x - R(1, 3), {x: R(1, 3) + R(1, 10**80)}) is False
    assert not exactly_zero(x - sp.sqrt(2), {x: sp.sqrt(2) + R(1, 10**80)})
    assert exactly_zero(sp.zeta(3) - x, {x: R(12, 10)}) is None


@pytest.mark.parametrize(
    "expr",
    [
        sp.cosh(sp.tanh(sp.log(x))) - 1,
        sp.sqrt(sp.tanh(sp.log(x))),
        sp.Max(sp.tanh(sp.log(x)), 0),
        sp.sign(sp.asinh(sp.log(x))),
        sp.Piecewise((sp.tanh(sp.log(x)), sp.tanh(sp.log(x)) > 0), (0, True)),
        sp.Piecewise((0, (sp.tanh(sp.log(x)) <= 0) | (sp.asin(sp.log(x)) <= 0)), (1, True)),
        sp.Abs(sp.tan(x + sp.pi - 1)) + sp.tan(x + sp.pi - 1),
    ],
)
def test_signs_that_sympy_reads_from_two_digits_are_not_believed(expr: sp.Expr) -> None:
    # to SymPy 1.14, tanh(log(1 + 10**-12)) may be 0, as the logarithm of what two digits round to 1
    near = {x: 1 + R(1, 10**12)}
    assert not exactly_zero(expr, near)
    assert not value_at_precision(expr, near, 640).ball.contains(0)


@pytest.mark.parametrize(
    "expr", [sp.cosh(sp.log(x)) - (x + 1 / x) / 2, sp.exp(sp.log(x) / 2) - sp.sqrt(x), sp.Abs(sp.log(x)) - sp.log(x)]
)
def test_right_signs_are(expr: sp.Expr) -> None:
    assert exactly_zero(expr, {x: sp.Integer(7)})


def test_what_has_no_value_says_why() -> None:
    with pytest.raises(NumericsError, match="no value for x"):
        value_at_precision(x + 1, {}, 64)
    with pytest.raises(NumericsError, match="no ball arithmetic"):
        value_at_precision(sp.Function("f")(x), {x: sp.Integer(1)}, 64)
