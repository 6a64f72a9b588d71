"""Growth, closed moment systems and strict local martingales, on processes whose moments are known."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.growth import lives_for_ever, moments, monomials, stays_inside
from crossproof.derivations.processes.local_martingales import strict_discount
from crossproof.derivations.processes.moment_systems import moment_system
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, AtLeast, Between, Positive, Real

x, k, s, m = sp.symbols("x k s m", positive=True)
y, z = sp.symbols("y z", real=True)
PARAMETERS = {"k": Positive, "s": Positive, "m": Positive}
LINE, HALF = Domain(y=Real, **PARAMETERS), Domain(x=Positive, **PARAMETERS)

OU, GBM = SDE(y, -k * y, s), SDE(x, k * x, s * x)
CIR = SDE(x, k * (m - x), s * sp.sqrt(x))
LOGISTIC = SDE(x, x * (k - x), s * x)


@pytest.mark.parametrize(
    ("sde", "domain", "exists", "inverse"),
    [
        (OU, LINE, True, False),
        (GBM, HALF, True, True),
        (CIR, HALF, True, False),
        (LOGISTIC, HALF, True, True),
        (SDE(y, -(y**3), s), LINE, True, False),
        (SDE(y, y**3, s), LINE, False, False),  # explodes
        (SDE(y, -(y**2), s), LINE, False, False),  # explodes below
        (SDE(x, 0, x**2), HALF, False, True),  # no moments of growth more than linear
        (SDE(x, 0, s), HALF, False, False),  # leaves the half line
        (SDE(x, k * (m - x), sp.sqrt(x * (1 - x))), Domain(x=Between(0, 1), **PARAMETERS), False, False),  # m > 1
    ],
)
def test_moments(sde: SDE, domain: Domain, exists: bool, inverse: bool) -> None:
    found = moments(sde, domain)
    assert found is not None
    assert (found.exists, found.inverse) == (exists, inverse)
    assert lives_for_ever(sde, domain) == exists


def test_jacobi_keeps_its_interval_and_functions_that_are_no_sums_of_powers_are_open() -> None:
    half = sp.Rational(1, 2)
    found = moments(SDE(x, k * (half - x), s * sp.sqrt(x * (1 - x))), Domain(x=Between(0, 1), k=Positive, s=Positive))
    assert found is not None
    assert found.exists
    assert moments(SDE(y, sp.sin(y), 1), LINE) is None
    assert monomials(sp.exp(k * sp.log(x)) + x / 2, x) == {k: 1, sp.Integer(1): sp.Rational(1, 2)}


def test_several_coordinates_live_for_ever_when_the_square_of_the_radius_grows_linearly() -> None:
    plane = Domain(y=Real, z=Real, k=Positive)
    assert lives_for_ever(SDE((y, z), [-z * (y * z - k), -y * (y * z - k)], [z, y]), plane)
    assert not lives_for_ever(SDE((y, z), [z * y**2, 0], [0, 1]), plane)


def test_the_second_moment_of_cir_solves_a_system_of_three() -> None:
    system = moment_system(CIR, x**2)
    assert system is not None
    assert set(system.exponents) == {0, 1, 2}
    d = sp.Symbol("d")
    polynomial = sum(c * d ** (3 - n) for n, c in enumerate(system.characteristic))
    assert sp.expand(polynomial - d * (d + k) * (d + 2 * k)) == 0
    assert sp.expand(system.initial[1] - (2 * k * m * x - 2 * k * x**2 + s**2 * x)) == 0
    assert moment_system(LOGISTIC, x) is None


@pytest.mark.parametrize(
    ("sde", "phi", "beta"),
    [
        (SDE(x, 0, x**2), x, 0),
        (SDE(x, 0, x ** sp.Rational(3, 2)), x, 0),
        (SDE(x, k * x, x**2), x, k),
        (SDE(x, 4, 2 * sp.sqrt(x)), 1 / x, 0),
        (SDE(x, 1 / x, 1), 1 / x, 0),
        (GBM, x, None),  # a true martingale after discounting
        (SDE(x, 0, sp.sqrt(x)), x, None),
        (SDE(x, k, x**2), x, None),  # no local martingale
        (SDE(x, 0, s + x**2), x, None),  # leaves the half line
    ],
)
def test_strict_local_martingales(sde: SDE, phi: sp.Expr, beta: sp.Expr | None) -> None:
    assert strict_discount(sde, phi, HALF) == beta


def test_leading_powers_that_may_coincide_add_up() -> None:
    """-x^p + 5 x^q with p >= q is 4 x^q at p = q, which explodes."""
    p, q = sp.symbols("p q", positive=True)
    domain = Domain(x=Positive, q=Above(2), p=AtLeast(q))
    assert not lives_for_ever(SDE(x, 5 * x**q - x**p, x), domain)
    assert not lives_for_ever(SDE(x, 5 * x**q - x**p, x), Domain(x=Positive, q=Above(2), p=Positive))
    assert lives_for_ever(SDE(x, 5 * x**q - x**p, x), Domain(x=Positive, q=Above(2), p=Above(q)))
    assert lives_for_ever(SDE(x, -5 * x**q - x**p, x), domain)


def test_a_coordinate_that_leaves_its_range_does_not_live_for_ever() -> None:
    half, plane = Domain(x=Positive, z=Real), Domain(y=Real, z=Real)
    for drift, noise in ((-1, 0), (-1 / x, 0), (0, 1), (-x, sp.sqrt(x))):
        assert not lives_for_ever(SDE((x, z), [drift, -z], [noise, 0]), half)
    assert lives_for_ever(SDE((y, z), [-1, -z], [0, 0]), plane)
    assert lives_for_ever(SDE((x, z), [-x, -z], [x, 0]), half)


def test_a_process_that_reaches_the_end_of_its_range_lives_but_does_not_stay_inside() -> None:
    """dx = (1/4 - sqrt(x)) dt + sqrt(x) dB is the square of half a reflected Brownian motion with drift."""
    reflected = SDE(x, sp.Rational(1, 4) - sp.sqrt(x), sp.sqrt(x))
    assert lives_for_ever(reflected, HALF)
    assert not stays_inside(reflected, HALF)
    assert stays_inside(GBM, HALF)
    assert stays_inside(OU, LINE)
