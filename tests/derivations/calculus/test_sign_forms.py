"""Forms with the sign of an expression: the signs agree wherever what a form needs is positive, and not elsewhere."""

from __future__ import annotations

import random

import pytest
import sympy as sp

from crossproof.derivations.calculus.sign_forms import sign_forms

x, y, z = sp.symbols("x y z", real=True)
n = sp.Symbol("n", integer=True, positive=True)
R = sp.Rational
EXPRESSIONS = [
    sp.exp(x) - y,
    x * sp.exp(-y) - y * sp.exp(-x),
    x / y - 1 - sp.log(x / y),
    (x**2 - y**2) / (x - y) - 2,
    2**n - n**2,
    x * y**2 - y**3,
    sp.exp(2 * x) - 2 * sp.exp(x) * y + y**2 - R(1, 3),
    2 * sp.log(x) - x + 1,
    sp.erfc(x) * y - sp.erfc(y) * x,
    1 / x - 1 / y,
]


def sign(expr: sp.Expr, at: dict[sp.Symbol, sp.Expr]) -> int | None:
    """Return the sign at a point by 40 digits; None where it has no real value."""
    value = expr.subs(at)
    if value.has(sp.zoo, sp.nan):
        return None
    number = sp.N(value, 40)
    if not number.is_real:
        return None
    return 0 if abs(number) < R(1, 10**25) else int(sp.sign(number))


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
def test_forms_have_the_sign_wherever_their_needs_are_positive(expr: sp.Expr) -> None:
    draw = random.Random(str(expr))
    forms = list(sign_forms(expr))
    assert forms[0].expr == expr
    assert forms[0].needs == ()
    assert len(forms) > 1
    compared = 0
    for _ in range(12):
        at = {s: R(draw.randint(-30, 30), draw.randint(1, 9)) for s in (x, y, z)} | {n: sp.Integer(draw.randint(1, 12))}
        right = sign(expr, at)
        for form in forms[1:]:
            if right is not None and all(sign(need, at) == 1 for need in form.needs):
                assert sign(form.expr, at) == right, (form, at)
                compared += 1
    assert compared >= 4


def test_what_a_form_needs_is_needed() -> None:
    """Without the condition the sign of 1/x - 1/y would be that of y - x."""
    forms = [f for f in sign_forms(1 / x - 1 / y) if sp.expand(f.expr - (y - x)) == 0]
    assert forms
    at = {x: sp.Integer(-1), y: sp.Integer(1)}
    assert all(sign(f.expr, at) != sign(1 / x - 1 / y, at) for f in forms)
    assert all(any(sign(need, at) != 1 for need in f.needs) for f in forms)


def test_logarithms_of_two_terms_and_exponentials_of_one_logarithm() -> None:
    found = {f.expr: f.needs for f in sign_forms(sp.exp(x) - y)}
    assert found[x - sp.log(y)] == (y,)
    inside = {f.expr: f.needs for f in sign_forms(2 * sp.log(x) - y)}
    assert inside[x - sp.exp(y / 2)] == (x,)
    assert x + sp.exp(y / 2) not in inside
    assert not any(f.expr.has(sp.log) for f in sign_forms(sp.exp(x) + y))  # no difference of two positive terms


def test_two_logarithms_are_compared_by_what_stands_inside() -> None:
    found = {f.expr: f.needs for f in sign_forms(3 * sp.log(x) - 3 * sp.log(y))}
    assert set(found[x - y]) == {x, y}
    assert not any(f.expr == x - y for f in sign_forms(3 * sp.log(x) - 2 * sp.log(y)))
