"""Functions written by others keep their values, by mpmath."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from crossproof.derivations.calculus.elementary import elementary

x = sp.Symbol("x", positive=True)


@pytest.mark.parametrize(
    ("expr", "function", "values"),
    [
        (sp.tan(x), mpmath.tan, ("0.3", "2", "5")),
        (sp.cot(x), mpmath.cot, ("0.3", "2", "5")),
        (sp.sec(x), mpmath.sec, ("0.3", "2", "5")),
        (sp.csc(x), mpmath.csc, ("0.3", "2", "5")),
        (sp.atanh(x), mpmath.atanh, ("-0.9", "0.01", "0.7")),
        (sp.asinh(x), mpmath.asinh, ("-3", "0.01", "7")),
        (sp.acosh(x), mpmath.acosh, ("1.01", "7")),
        (sp.factorial(x), mpmath.factorial, ("0.5", "3")),
        (sp.beta(x, 3), lambda v: mpmath.beta(v, 3), ("0.5", "3")),
        (sp.binomial(x, 4, evaluate=False), lambda v: mpmath.binomial(v, 4), ("-0.5", "3", "9")),
        (1 + sp.exp(sp.atanh(x / 2)), lambda v: 1 + mpmath.exp(mpmath.atanh(v / 2)), ("0.5", "1.5")),
    ],
)
def test_the_value_is_that_of_the_function(expr: sp.Expr, function: object, values: tuple[str, ...]) -> None:
    written = elementary(expr)
    assert written != expr
    with mpmath.workdps(30):
        for value in values:
            found = sp.lambdify(x, written, "mpmath")(mpmath.mpf(value))
            assert mpmath.almosteq(found, function(mpmath.mpf(value)), rel_eps=1e-25)  # type: ignore[operator]


def test_what_is_not_listed_stays() -> None:
    k = sp.Symbol("k", integer=True)
    for expr in (sp.sin(x), sp.binomial(x, k), sp.binomial(x, 40, evaluate=False), sp.Max(x, 1)):
        assert elementary(expr) == expr
