"""Stationary Fokker-Planck calculus: slopes, exponents at the ends, signs on a domain."""

from typing import Any

import pytest
import sympy as sp

from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.fokker_planck import (
    End,
    current_field,
    dominant_power,
    ends,
    integrable_at,
    laplace_parts,
    leading_power,
    log_derivative,
    possible_signs,
    stationary_slope,
)
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, AtLeast, Between, Integers, Positive, Real
from crossproof.derivations.symbols import dimension, positive, real

x = positive("x")
a, b = positive("a b")
AB = Domain(a=Positive, b=Positive)


def test_slope_of_the_cox_ingersoll_ross_process() -> None:
    slope = stationary_slope(SDE(x, a - b * x, sp.sqrt(x)))
    assert sp.simplify(slope - ((2 * a - 1) / x - 2 * b)) == 0


def test_slope_is_that_of_the_ito_process() -> None:
    stratonovich = SDE(x, 0, x, calculus="stratonovich")
    assert sp.simplify(stationary_slope(stratonovich) + 1 / x) == 0


def test_slope_needs_one_dimension() -> None:
    y = real("y")
    with pytest.raises(ClaimError, match="one-dimensional"):
        stationary_slope(SDE((x, y), [0, 0], sp.eye(2)))


@pytest.mark.parametrize("f", [x**a * sp.exp(-b * x), (1 + x**2) ** a / x, sp.Integer(3), sp.exp(-(x**2))])
def test_log_derivative(f: sp.Expr) -> None:
    assert sp.simplify(log_derivative(f, x) - sp.diff(f, x) / f) == 0


def test_integrability_of_the_gamma_law_depends_on_its_shape() -> None:
    slope = (a - 1) / x - b
    assert integrable_at(slope, x, End(sp.oo, -1), AB) == sp.true
    assert integrable_at(slope, x, End(sp.Integer(0), 1), AB) == sp.true
    shifted = integrable_at((a - 2) / x - b, x, End(sp.Integer(0), 1), AB)
    assert shifted == sp.Gt(a - 1, 0)


@pytest.mark.parametrize(
    ("exponent", "moment", "expected"),
    [
        (-2, 0, sp.true),
        (-1, 0, sp.false),
        (-2, 1, sp.false),
        (-4, 2, sp.true),
        (sp.Rational(-1, 2), 0, sp.false),
    ],
)
def test_power_tails_at_infinity(exponent: sp.Expr, moment: int, expected: sp.Basic) -> None:
    assert integrable_at(exponent / x, x, End(sp.oo, -1), AB, moment) == expected


@pytest.mark.parametrize(("sign", "expected"), [(1, sp.true), (-1, sp.false)])
def test_essential_singularities(sign: int, expected: sp.Basic) -> None:
    # p = exp(-sign/x)
    assert integrable_at(sign / x**2, x, End(sp.Integer(0), 1), AB) == expected


def test_upper_finite_end_counts_from_inside() -> None:
    # p = (a - x)^(-1/2) is integrable at a, (a - x)^(-3/2) is not
    for power, expected in ((sp.Rational(1, 2), sp.true), (sp.Rational(3, 2), sp.false)):
        assert integrable_at(power / (a - x), x, End(a, -1), AB) == expected


def test_flat_density_is_integrable_at_a_finite_end_only() -> None:
    slope = 1 / (1 + x**2)
    assert [integrable_at(slope, x, e, AB) for e in ends(sp.Interval.open(0, sp.oo))] == [sp.true, sp.false]


def test_leading_power_with_symbolic_exponents() -> None:
    depth = dimension("L")
    domain = Domain(L=Integers(2), a=Positive)
    assert leading_power(x ** (2 - 2 / depth) * (a - x), x, domain) == (a, 2 - 2 / depth)
    assert leading_power(x ** (2 - 1 / depth) + x, x, domain) == (1, 1)
    # at L = 2 both terms have the same power: no single leading term on the whole domain
    assert leading_power(x ** (2 - 2 / depth) + x, x, domain) is None


def test_leading_power_sees_through_cancellation() -> None:
    assert leading_power((a + x) ** 2 - a**2, x, AB) == (2 * a, 1)


def test_a_coefficient_that_may_vanish_is_no_leading_power() -> None:
    domain = Domain(b=Real, c=AtLeast(0))
    b0, c0 = domain.symbols
    assert leading_power(b0 + x, x, domain) is None
    assert dominant_power(b0 + x, x, domain) == (b0, 0)
    # (x + c)^-2 is integrable at 0 for c > 0 only
    assert integrable_at(-2 / (x + c0), x, End(sp.Integer(0), 1), domain) is None


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (sp.exp(-1 / x) + x, (1, 1)),
        (sp.exp(-1 / x), (0, sp.oo)),
        (sp.exp(1 / x) + 1 / x, (1, -sp.oo)),
        (sp.tanh(1 / x), (1, 0)),
        (sp.sin(x) * sp.cos(x), (1, 1)),
        (sp.sin(1 / x) + 1 / x, (1, -1)),
        (sp.atan(-1 / x), (-sp.pi / 2, 0)),
        (sp.log(x), None),
        (sp.exp(1 / x) - sp.exp(2 / x), None),
    ],
)
def test_leading_powers_of_elementary_functions(expr: sp.Expr, expected: Any) -> None:
    assert dominant_power(expr, x, AB) == expected


def test_what_oscillates_decides_nothing_where_it_matters() -> None:
    infinity = End(sp.oo, -1)
    assert integrable_at(-x + sp.sin(x), x, infinity, AB) == sp.true
    assert integrable_at((sp.sin(x) - 2) / x, x, infinity, AB) is None
    assert integrable_at(-sp.sinh(x), x, infinity, AB) == sp.true


def test_signs_use_the_bounds_of_the_domain() -> None:
    depth, s, t = dimension("L"), real("s"), positive("t")
    domain = Domain(L=Integers(2), a=Positive, s=Above(-2), t=Between(0, a), b=Real)
    assert possible_signs(2 - 3 / depth, domain) == {1}
    assert possible_signs(s + 2, domain) == {1}
    assert possible_signs(t - a, domain) == {-1}
    assert possible_signs(1 - 2 / depth, domain) == {0, 1}
    assert possible_signs(domain.symbol("b"), domain) == {-1, 0, 1}


def test_signs_agree_with_exact_points() -> None:
    domain = Domain(a=Positive, b=Above(positive("a") / 2))
    first, second = domain.symbols
    for expr in (2 * second - first, first / 2 - second, second / first, first - second):
        signs = possible_signs(expr, domain)
        assert {int(sp.sign(expr.subs(p))) for p in domain.points(60)} <= signs


def test_currents_differ_by_the_divergence_of_the_tensor() -> None:
    y = real("y")
    tensor = sp.ImmutableMatrix([[1 + y**2]])
    force = sp.ImmutableMatrix([y])
    fields = [current_field((y,), force, tensor, sense)[0] for sense in ("printed", "ito", "stratonovich")]
    assert fields == [y, 3 * y, 2 * y]


def test_laplace_parts_of_a_small_noise_process() -> None:
    phi, psi = laplace_parts(SDE(x, (a - x) + b, sp.sqrt(b)), b)
    assert (sp.expand(phi), psi) == (2 * a - 2 * x, 2)
    with pytest.raises(ClaimError, match="proportional"):
        laplace_parts(SDE(x, a - x, sp.sqrt(1 + b)), b)
