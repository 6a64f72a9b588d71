"""Expansions at infinity against known limits, SymPy's own, and values far out; silence where there is no limit."""

from __future__ import annotations

import random

import mpmath
import pytest
import sympy as sp

from crossproof.derivations.calculus.asymptotics import expansion, limit
from crossproof.derivations.calculus.expander import Expander, seen_real
from crossproof.derivations.calculus.limits import limit_at_infinity, ratio_at_point
from crossproof.derivations.calculus.monomials import LOGARITHMS, UNIT, Monomial, Open, monomial_of, scale_of
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Positive, Real

t, c = sp.symbols("t c", positive=True)
a = sp.Symbol("a", real=True)
x = sp.Symbol("x", real=True)
DOMAIN = Domain(c=Positive, a=Real)


def sign(e: sp.Expr) -> int | None:
    """Return the sign of an expression without parameters."""
    return None if e.free_symbols else int(sp.sign(sp.N(e, 30)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(1 + a**2/t)**t", "exp(a**2)"),
        ("log(log(t + 3))/log(t + 3)", "0"),
        ("log(1 + exp(t))/t", "1"),
        ("t**(1/t)", "1"),
        ("t**(1/log(t))", "E"),
        ("gamma(t + 1/2)/gamma(t)/sqrt(t)", "1"),
        ("factorial(t)*exp(t)/(t**t*sqrt(t))", "sqrt(2*pi)"),
        ("t*(t*log(1 + 1/t) - 1)", "-1/2"),
        ("(tan(1/t) - 1/t)*t**3", "1/3"),
        ("exp(t)*erfc(sqrt(t))*sqrt(t)", "1/sqrt(pi)"),
        ("t*(pi/2 - atan(t))", "1"),
        ("exp(2*t)*(tanh(t) - 1)", "-2"),
        ("exp(t + exp(-t)) - exp(t)", "1"),
        ("t**2*(cosh(c/t) - 1)", "c**2/2"),
        ("(t**c + 1)**(1/c)/t", "1"),
        ("abs(a - t) - t", "-a"),
        ("exp(sqrt(log(t)))/t", "0"),
        ("log(t)**100/t", "0"),
        ("exp(t)/t**100", "oo"),
        ("asinh(t) - log(2*t)", "0"),
        ("t*(asin(1/2 + 1/t) - pi/6)", "2/sqrt(3)"),
    ],
)
def test_known_limits(text: str, value: str) -> None:
    names = {"t": t, "c": c, "a": a}
    found = limit_at_infinity(sp.sympify(text, locals=names), t, DOMAIN)
    wanted = sp.sympify(value, locals=names)
    assert found is not None
    assert found == wanted or sp.simplify(found - wanted) == 0


@pytest.mark.parametrize(
    "text",
    [
        "sin(t)",
        "a*t",
        "1/(a*t + 1)",
        "log(a + 1/t)",
        "tan(t)",
        "(-2)**t",
        "log(-t)",
        "sqrt(1 - t)",
        "asin(t)",
        "gamma(-t)",
    ],
)
def test_no_limit_is_claimed(text: str) -> None:
    """Bounded and oscillating, of no sign, at one parameter another, or not real far out."""
    assert limit_at_infinity(sp.sympify(text, locals={"t": t, "a": a}), t, DOMAIN) is None


def test_ratios_at_a_point_from_both_sides() -> None:
    zero, kink = sp.Integer(0), (sp.Abs(x - c), x - c)
    assert [ratio_at_point(kink, x, c, side, DOMAIN) for side in (1, -1)] == [1, -1]
    assert ratio_at_point((sp.tan(x) - x, x**3), x, zero, 1, DOMAIN) == sp.Rational(1, 3)
    assert ratio_at_point((x * sp.log(x), sp.sqrt(x)), x, zero, 1, DOMAIN) == 0
    assert ratio_at_point((x * sp.log(x), x), x, zero, -1, DOMAIN) is None  # not real
    # a factor that may vanish does not cancel
    assert ratio_at_point((a * x, a * x), x, zero, 1, DOMAIN) is None
    assert ratio_at_point((a * x + x**2, a * x), x, zero, 1, DOMAIN) is None
    assert ratio_at_point((c * x + x**2, c * x), x, zero, 1, DOMAIN) == 1


def test_what_is_left_out_is_of_the_stated_size() -> None:
    """log gamma minus its terms, over the size of the rest, stays bounded."""
    found = expansion(sp.loggamma(t), t, sign)
    assert found is not None
    assert found.rest is not None
    for number in (10**3, 10**6):
        with mpmath.workdps(60):
            far = mpmath.mpf(number)

            def value(m: object, at: mpmath.mpf = far) -> mpmath.mpf:
                logs = [at, mpmath.log(at), mpmath.log(mpmath.log(at)), mpmath.log(mpmath.log(mpmath.log(at)))]
                powers = m.powers  # type: ignore[attr-defined]
                scales = (
                    mpmath.fprod(u ** mpmath.mpf(int(e)) for u, e in zip(logs, k, strict=True)) for k, _ in powers
                )
                return mpmath.exp(sum(mpmath.mpf(str(v)) * s for s, (_, v) in zip(scales, powers, strict=True)))

            total = sum(value(m) * mpmath.mpf(str(sp.N(d, 50))) for m, d in found.terms)
            assert abs(mpmath.loggamma(far) - total) < 2 * value(found.rest)


def _drawn(draw: random.Random, depth: int) -> sp.Expr:
    if depth == 0:
        return draw.choice([t, t, 1 / t, sp.Integer(draw.randint(1, 3))])
    one, other = _drawn(draw, depth - 1), _drawn(draw, draw.randint(0, depth - 1))
    kinds = [
        lambda: one + other,
        lambda: one - other,
        lambda: one * other,
        lambda: sp.exp(-one),
        lambda: sp.log(1 + one),
        lambda: sp.sqrt(one),
        lambda: draw.choice([sp.sin, sp.atan, sp.tanh, sp.erfc, sp.cosh])(one),
        lambda: one.subs(t, t + 1 / t) - one,
    ]
    return draw.choice(kinds)()


def test_drawn_expressions_tend_to_what_is_said() -> None:
    """Sixty drawn expressions, seed 5: values far out lie near the limit, or draw nearer to it."""
    draw = random.Random(5)
    compared = 0
    while compared < 60:
        expr = _drawn(draw, 3)
        if not expr.has(t) or expr.has(sp.nan, sp.zoo, sp.oo):
            continue
        found = limit(expr, t, sign)
        if found is None or found.is_infinite:
            continue
        gaps = [abs(complex(sp.N(expr.subs(t, 10**k) - found, 15, maxn=2000))) for k in (1, 4)]
        assert gaps[1] <= max(0.03, 0.9 * gaps[0]), (expr, found, gaps)
        compared += 1


def test_monomials_are_ordered_by_their_largest_scale() -> None:
    expander = Expander(t, sign, 3)
    power, logarithm = (Monomial.of({scale: sp.Integer(1)}) for scale in LOGARITHMS[:2])
    growing = Monomial.of({(sp.Integer(1), *LOGARITHMS[0][:1] * 3): sp.Rational(1, 100)})  # exp(t/100)
    ordered = [growing, power.times(logarithm), power, logarithm, UNIT, power.times(power, sp.Integer(-2))]
    for number, one in enumerate(ordered):
        assert [expander.order(one, other) for other in ordered] == [
            (place > number) - (place < number) for place in range(len(ordered))
        ]
    assert monomial_of(scale_of(power.times(logarithm))) == power.times(logarithm)
    with pytest.raises(Open, match="exponential"):
        scale_of(growing)


def test_a_part_is_real_where_its_sign_is_known() -> None:
    assert seen_real(sp.sqrt(2) * t, t, sign)
    assert not seen_real(sp.Symbol("w") * t, t, sign)
