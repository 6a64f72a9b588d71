"""Values hold twelve digits at all scales, where float64 cancels or overflows; what has none is refused."""

from __future__ import annotations

import math
import warnings

import mpmath
import numpy as np
import pytest
import sympy as sp

import crossproof as cp
from crossproof.numerics.codegen import compile_expressions
from crossproof.numerics.formula import Formula
from crossproof.numerics.formulas.evaluation import Evaluator
from crossproof.numerics.formulas.exact_points import exact, nearest_float, values_at_rows
from crossproof.numerics.formulas.sampling import scattered_points

k, T = cp.positive("k T")
x = cp.real("x")
n = cp.dimension("n")
MEMORY = Formula("test.memory", (1 - sp.exp(-2 * k * T)) / (2 * k), cp.Domain(k=cp.Positive, T=cp.Positive))
a, b, sigma, tau, r = cp.positive("a b sigma tau r")
BOND = Formula(  # Vasicek's price of a bond
    "test.bond",
    sp.exp(
        (b - sigma**2 / (2 * a**2)) * ((1 - sp.exp(-a * tau)) / a - tau)
        - sigma**2 / (4 * a) * ((1 - sp.exp(-a * tau)) / a) ** 2
        - (1 - sp.exp(-a * tau)) / a * r
    ),
    cp.Domain(a=cp.Positive, b=cp.Positive, sigma=cp.Positive, tau=cp.Positive, r=cp.Positive),
)
GAMMAS = Formula("test.gammas", sp.gamma(n + sp.Rational(1, 2)) / sp.gamma(n), cp.Domain(n=cp.Integers(1)))
MILLS = Formula("test.mills", sp.exp(x**2 / 2) * sp.erfc(x / sp.sqrt(2)), cp.Domain(x=cp.Real))
#: Formula, arguments, and a relation of mpmath for the same value at 60 digits.
FAULTS = [
    (MEMORY, (1e-17, 1.0), lambda k, T: -mpmath.expm1(-2 * k * T) / (2 * k)),
    (MEMORY, (1e300, 1e-300), lambda k, T: -mpmath.expm1(-2 * k * T) / (2 * k)),
    (GAMMAS, (172.0,), lambda n: mpmath.gammaprod([n + 0.5], [n])),
    (GAMMAS, (1e9,), lambda n: mpmath.gammaprod([n + 0.5], [n])),
    (MILLS, (38.0,), lambda x: mpmath.exp(x * x / 2) * mpmath.erfc(x / mpmath.sqrt(2))),
    (MILLS, (1e7,), lambda x: mpmath.exp(x * x / 2) * mpmath.erfc(x / mpmath.sqrt(2))),
    (MILLS, (-3.0,), lambda x: mpmath.exp(x * x / 2) * mpmath.erfc(x / mpmath.sqrt(2))),
]


@pytest.mark.parametrize(("formula", "arguments", "reference"), FAULTS)
def test_known_losses_of_float64(formula: Formula, arguments: tuple[float, ...], reference) -> None:
    with mpmath.workdps(60):
        expected = float(reference(*map(mpmath.mpf, arguments)))
    assert formula(*arguments) == pytest.approx(expected, rel=1e-12, abs=0)


def test_float64_as_written_would_lose_them() -> None:
    """The cases above are ones in which the printed formula fails."""
    lost = 0
    for formula, arguments, _ in FAULTS:
        written = compile_expressions(formula.arguments, [formula.expression], "numpy")
        with np.errstate(all="ignore"):
            lost += float(written(*arguments)[0]) != pytest.approx(float(formula(*arguments)), rel=1e-6)
    assert lost >= 5


def test_a_bond_price_at_a_vanishing_rate() -> None:
    """With a = 0 the price is exp(-r tau + sigma^2 tau^3/6) up to O(a)."""
    price = BOND(1e-9, 0.05, 0.02, 10.0, 0.05)
    assert price == pytest.approx(math.exp(-0.5 + 0.02**2 * 1000 / 6), rel=1e-6)
    written = compile_expressions(BOND.arguments, [BOND.expression], "numpy")
    with np.errstate(all="ignore"):
        assert float(written(1e-9, 0.05, 0.02, 10.0, 0.05)[0]) != pytest.approx(price, rel=1e-2)


def test_derivatives_hold_their_digits_too() -> None:
    slope = MEMORY.evaluator.derivative(0)
    found = slope.numpy([np.array([1e-17, 1e-3, 3.0]), np.float64(1.0)])
    with mpmath.workdps(60):
        expected = [float(mpmath.diff(lambda k: -mpmath.expm1(-2 * k) / (2 * k), mpmath.mpf(k))) for k in (1e-3, 3.0)]
    assert found == pytest.approx([-1.0, *expected], rel=1e-12)


@pytest.mark.parametrize(
    ("expression", "value", "message"),
    [
        (sp.loggamma(x), -0.5, "no real value"),
        (sp.log(x), 0.0, "no real value"),
        (1 / x, 0.0, "no real value"),
        (sp.sqrt(x), -1.0, "no real value"),
        (sp.exp(x), 1000.0, "beyond float64"),
    ],
)
def test_what_has_no_value_is_refused(expression: sp.Expr, value: float, message: str) -> None:
    formula = Formula("test.none", expression, cp.Domain(x=cp.Real))
    for given in (value, [1.0, value]):
        with pytest.raises(cp.NumericsError, match=message) as error:
            formula(given)
        assert "\n" not in str(error.value)
        assert "x = " in str(error.value)


@pytest.mark.parametrize(("radius", "outcome"), [(1e-3, "warned"), (2.0, "refused"), (1e-9, "silent")])
def test_a_value_that_balls_do_not_tell_is_warned_of_or_refused(monkeypatch, radius: float, outcome: str) -> None:
    from flint import arb

    from crossproof.numerics.exact.values import Value
    from crossproof.numerics.formulas import exact_points

    monkeypatch.setattr(exact_points, "values", lambda *_: iter([Value(arb(1, radius))]))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        if outcome == "refused":
            with pytest.raises(cp.NumericsError, match="more digits than can be computed"):
                nearest_float(x, {x: sp.Integer(1)}, "a value")
        else:
            assert nearest_float(x, {x: sp.Integer(1)}, "a value") == 1
    assert [w.category for w in said] == [cp.AccuracyWarning] * (outcome == "warned")


def test_zeros_and_what_underflows_are_right() -> None:
    difference = Formula("test.zero", x**2 - 2 * x + 1, cp.Domain(x=cp.Real))
    assert difference([1.0, 1 + 2.0**-40]).tolist() == [0.0, 2.0**-80]
    assert Formula("test.small", sp.exp(x), cp.Domain(x=cp.Real))(-800.0) == 0
    kept = sp.Mul(sp.exp(x), sp.exp(-x), evaluate=False)
    assert Formula("test.step", kept, cp.Domain(x=cp.Real))(800.0) == 1


def test_equal_elements_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from crossproof.numerics.formulas import exact_points

    asked = []
    monkeypatch.setattr(exact_points, "nearest_float", lambda *a: asked.append(a) or 1.0)
    assert values_at_rows(x, (x,), np.array([[1.0], [2.0], [1.0]]), "t").tolist() == [1, 1, 1]
    assert len(asked) == 2


def test_random_expressions_agree_with_balls_everywhere() -> None:
    """Sums of products of functions near their zeros and far out; each point compared with 100 digits."""
    rng = np.random.default_rng(5)
    y = cp.real("y")
    parts = [sp.sin(x), sp.exp(y), sp.tanh(x - y), x**3, 1 / (1 + y**2), sp.erf(x), sp.atan(y), sp.cosh(x / 3), y, x]
    parts += [sp.sqrt(1 + x**2), sp.log(1 + y**2), sp.erfc(x), sp.asinh(x), (2 + y**2) ** sp.Rational(-5, 3), sp.Abs(y)]
    for _ in range(40):
        chosen = rng.choice(len(parts), 4)
        numbers = [sp.Rational(int(v), 7) for v in rng.integers(-9, 10, 2)]
        expression = numbers[0] * parts[chosen[0]] * parts[chosen[1]] + numbers[1] * parts[chosen[2]] - parts[chosen[3]]
        evaluator = Evaluator("random", (x, y), expression, cp.Domain(x=cp.Real, y=cp.Real))
        rows = np.concatenate([rng.normal(0, 1, (20, 2)), rng.normal(0, 1, (5, 2)) * 1e-9, rng.normal(0, 9, (5, 2))])
        found = evaluator.numpy(rows.T)
        for row, value in zip(rows, found, strict=True):
            true = nearest_float(expression, {x: exact(row[0]), y: exact(row[1])}, "true")
            assert value == pytest.approx(true, rel=2e-12, abs=1e-300), (expression, row)


def test_functions_that_libraries_lack_come_from_balls() -> None:
    formula = Formula("test.bessel", sp.besselj(0, x) + sp.sin(x), cp.Domain(x=cp.Real))
    with mpmath.workdps(40):
        assert formula([0.5, 30.0]) == pytest.approx([float(mpmath.besselj(0, v) + mpmath.sin(v)) for v in (0.5, 30)])
    with pytest.raises(cp.PrintingError, match="Integral has no faithful form"):
        Formula("test.integral", sp.Integral(sp.exp(-(n**2)), (n, 0, x)), cp.Domain(x=cp.Real))(1.0)


def test_pieces_are_chosen_where_their_conditions_hold() -> None:
    tent = sp.Piecewise((sp.log(x), x > 1), (x - 1, sp.And(x <= 1, x > 0)), (-1, True))
    formula = Formula("test.tent", tent, cp.Domain(x=cp.Real))
    assert formula([-3.0, 0.5, 1.0, math.e]).tolist() == pytest.approx([-1, -0.5, 0, 1])
    assert formula.evaluator.derivative(0).numpy([np.array([0.5, 4.0])]).tolist() == [1.0, 0.25]


def test_points_of_all_scales_lie_inside_and_the_bound_that_is_the_domain_counts() -> None:
    domain = cp.Domain(a=cp.Positive, b=cp.Above(sp.sqrt(a)), n=cp.Integers(2, 9), x=cp.Real)
    rows = scattered_points(domain, 200, 0)
    assert rows is not None
    assert len(rows) == 200
    assert (rows[:, 1] > np.sqrt(rows[:, 0])).mean() > 0.9  # float64 rounds the root
    assert set(rows[:, 2]) <= set(range(2, 10))
    assert np.ptp(np.log10(rows[:, 0])) > 15
    evaluator = Evaluator("inside", (a, b), a + b, cp.Domain(a=cp.Positive, b=cp.Above(sp.sqrt(a))))
    inside = np.nextafter(math.sqrt(2.0), 2.0)  # above the root of 2 by less than one unit
    assert math.sqrt(2.0) ** 2 > 2
    evaluator.check([np.float64(2.0), np.float64(inside)])
    with pytest.raises(cp.DomainError, match=r"b = 1\.41421356237309\d* is outside"):
        evaluator.check([np.float64(2.0), np.nextafter(math.sqrt(2.0), 0.0)])


def test_nothing_is_said_where_all_is_well() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MEMORY(np.array([1e-300, 1.0, 1e300]), 1.0)
