"""Forms of a formula have its value, and the one that is taken loses the fewest digits."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

import crossproof as cp
from crossproof.numerics.exact.balls import enclose
from crossproof.numerics.formulas.bounds import Bounded, numpy_arithmetic
from crossproof.numerics.formulas.exact_points import exact, nearest_float
from crossproof.numerics.formulas.nodes import Erfcx, Exprel
from crossproof.numerics.formulas.programs import program_of
from crossproof.numerics.formulas.rewriting import best_form, forms, held

k, T, s0 = cp.positive("k T s0")
x = cp.real("x")
half = sp.Rational(1, 2)
CASES = [
    ((1 - sp.exp(-2 * k * T)) / (2 * k), Exprel),
    (sp.exp(x**2 / 2) * sp.erfc(x / sp.sqrt(2)), Erfcx),
    (sp.gamma(k + half) / sp.gamma(k), sp.loggamma),
    (1 - sp.cos(x), sp.sin),
    (sp.cosh(x) - 1, sp.sinh),
    (3 * sp.log(1 + k) / T, log1p),
    (1 - sp.erf(x), sp.erfc),
    (T * sp.exp(k) - T * sp.exp(k / 3), expm1),
    (sp.sqrt(1 + k) - 1, sp.Pow),
    (k * sp.exp(2 * k * T) / (sp.exp(2 * k * T) - 1 + k / s0), expm1),
    ((k - s0) * sp.exp(T * (k - s0)) / (sp.exp(T * (k - s0)) - 1 + (k - s0) / x), Exprel),
]


@pytest.mark.parametrize(("expression", "function"), CASES)
def test_every_form_has_the_same_values(expression: sp.Expr, function) -> None:
    found = forms(expression)
    assert any(form.has(function) for form in found[1:])
    for values in ((0.3, 1.7, 0.9, 2.1), (4.0, 0.11, 3.0, -0.7)):
        point = {s: exact(v) for s, v in zip((k, T, s0, x), values, strict=True)}
        wanted = nearest_float(expression, point, "as written")
        for form in found:
            plain = form.replace(lambda e: isinstance(e, Exprel | Erfcx | expm1 | log1p), _plain)
            assert nearest_float(plain, point, "rewritten") == pytest.approx(wanted, rel=1e-14), form


def _plain(e: sp.Expr) -> sp.Expr:
    return sp.log(1 + e.args[0]) if isinstance(e, log1p) else e.rewrite(sp.exp)


def test_a_form_with_another_value_would_be_noticed() -> None:
    point = {x: sp.Rational(1, 3)}
    assert nearest_float(sp.exp(x) - 1, point, "a") != pytest.approx(nearest_float(sp.exp(x), point, "b"), rel=1e-14)


def test_the_form_as_written_is_kept_where_nothing_is_lost() -> None:
    points = np.array([[1.0, 2.0, 3.0]])
    expression = 1 + sp.exp(-k)
    assert best_form((k,), expression, points) == expression
    lossy = (1 - sp.exp(-k)) / k
    assert best_form((k,), lossy, np.array([[1e-9, 1e-5]])) == Exprel(0, -k)


def test_new_functions_differentiate_to_their_kind() -> None:
    assert sp.diff(Exprel(0, -2 * k), k) == -2 * Exprel(1, -2 * k)
    assert Exprel(2, 0) == sp.Rational(1, 3)
    point = {k: sp.Rational(7, 5)}
    for n in range(3):
        slope = sp.diff(Exprel(n, k).rewrite(sp.exp), k)
        ball = enclose(slope - Exprel(n + 1, k).rewrite(sp.exp), point)
        assert ball.contains(0)
        assert ball.rad() < 1e-25
    slope = sp.diff(Erfcx(k), k).replace(Erfcx, lambda v: sp.exp(v**2) * sp.erfc(v))
    assert enclose(slope - sp.diff(sp.exp(k**2) * sp.erfc(k), k), point).contains(0)
    with pytest.raises(ValueError, match="integer >= 0"):
        Exprel(-1, k)


def test_lost_digits_do_not_count_as_held() -> None:
    value = np.array([1.0, 1.0, 0.0, 0.0, np.inf, np.nan])
    error = np.array([1e-13, 1e-11, 0.0, 1e-5, 0.0, 0.0])
    assert held(value, error).tolist() == [True, False, True, False, False, False]


def test_programs_refuse_what_they_cannot_say() -> None:
    with pytest.raises(cp.PrintingError, match="no arguments"):
        program_of((k,), k + T)
    with pytest.raises(cp.PrintingError, match="no default branch"):
        program_of((x,), sp.Piecewise((1, x > 0)))
    unknown = program_of((x,), sp.besselj(0, x))(numpy_arithmetic(), [np.array([1.0])])
    assert isinstance(unknown, Bounded)
    assert not held(*unknown).any()
