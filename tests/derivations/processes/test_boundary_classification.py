"""Feller's classification of ends against textbook diffusions, and against quadrature of Feller's integrals."""

import math

import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.boundary_classification import Fate, fates
from crossproof.derivations.processes.fokker_planck import End
from crossproof.derivations.ranges import AtLeast, Between, Integers, Positive, Real
from crossproof.derivations.symbols import dimension, positive, real

x, a = positive("x a")
m = real("m")
ZERO, INFINITY, BELOW = End(sp.Integer(0), 1), End(sp.oo, -1), End(-sp.oo, 1)
R = sp.Rational


def only(drift: object, rate: object, end: End, **ranges: object) -> set[Fate]:
    return set(fates(sp.sympify(drift), sp.sympify(rate), x, end, Domain(**ranges)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("drift", "rate", "end", "fate"),
    [
        (0, 1, ZERO, Fate.LEAVES),  # Brownian motion
        (-1, 2, ZERO, Fate.LEAVES),
        (1, 1, INFINITY, Fate.INACCESSIBLE),
        (x, x**2, ZERO, Fate.INACCESSIBLE),  # geometric Brownian motion
        (R(1, 2), 2 * x, ZERO, Fate.KEPT),  # Cox-Ingersoll-Ross below Feller's bound
        (1, 2 * x, ZERO, Fate.INACCESSIBLE),  # and at it
        (0, x, ZERO, Fate.ABSORBED),  # Feller's branching diffusion
        (-x, sp.sqrt(x), ZERO, Fate.ABSORBED),
        (-1, 2 * x, ZERO, Fate.LEAVES),
        (1 / x, 1, ZERO, Fate.INACCESSIBLE),  # Bessel process of dimension 3
        (1 / (4 * x), 1, ZERO, Fate.OPEN),  # of dimension 3/2: what happens at 0 is a matter of convention
        (R(1, 4), sp.sqrt(x), ZERO, Fate.OPEN),  # may stick
        (x**3, 1, INFINITY, Fate.EXPLODES),
        (x**2, 1, INFINITY, Fate.EXPLODES),
        (-(x**3), 1, INFINITY, Fate.INACCESSIBLE),
        (0, x**4, INFINITY, Fate.INACCESSIBLE),  # a martingale does not explode
        (2 * x * (1 + x**2) ** 2, (1 + x**2) ** 3, INFINITY, Fate.EXPLODES),
        (2 * x * (1 + x**2) ** 2, (1 + x**2) ** 3, BELOW, Fate.EXPLODES),
        (-x - sp.sin(x), 2, INFINITY, Fate.INACCESSIBLE),
        (-sp.sinh(x), 2, INFINITY, Fate.INACCESSIBLE),
        (sp.sinh(x), 2, INFINITY, Fate.EXPLODES),
        (sp.log(x), 1, INFINITY, Fate.OPEN),  # no power
    ],
)
def test_textbook_diffusions(drift: object, rate: object, end: End, fate: Fate) -> None:
    assert only(drift, rate, end) == {fate}


def test_the_parameters_of_the_domain_decide() -> None:
    assert only(a, 2 * x, ZERO, a=Between(0, 1)) == {Fate.KEPT}
    assert only(a, 2 * x, ZERO, a=Positive) == {Fate.KEPT, Fate.INACCESSIBLE}
    assert only(a, 2 * x, ZERO, a=Between(1, 2)) == {Fate.INACCESSIBLE}
    zero = sp.Symbol("a", nonnegative=True)
    assert Fate.KEPT not in only(zero, 2 * x, ZERO, a=AtLeast(0)) or len(only(zero, 2 * x, ZERO, a=AtLeast(0))) > 1
    # a linear drift of any sign cannot reach infinity
    assert only(m * x, 2, INFINITY, m=Real) == {Fate.INACCESSIBLE}


def test_terms_whose_order_changes_with_a_parameter_are_bounded_one_by_one() -> None:
    depth = dimension("L")
    drift = depth * x ** (2 - 2 / depth) * (a - x) + x ** (3 - 4 / depth)
    rate = x ** (4 - 4 / depth) * (1 + (a - x) ** 2)
    assert only(drift, rate, ZERO, L=Integers(2), a=Positive) == {Fate.INACCESSIBLE}


def _growth(p: float, r: float, c: float, v: float) -> float:
    """Return how Feller's integral grows per octave towards 0, for drift c t^p and rate v t^r, by quadrature."""
    z = np.linspace(0.0, 60.0 * math.log(2.0), 60001)
    t = np.exp(-z)
    step = z[1] - z[0]
    integrand = 2 * c / v * t ** (p - r + 1)
    log_s = np.concatenate([[0.0], np.cumsum((integrand[1:] + integrand[:-1]) / 2) * step])
    log_terms = log_s - z
    if log_terms[-1] >= log_terms[-2]:
        return math.inf  # the scale itself is infinite there
    # s([0, t]) from the far side, relative to the scale density at t
    tail = np.logaddexp.accumulate(log_terms[::-1])[::-1] + math.log(step)
    log_shell = tail - log_s - math.log(v) - r * np.log(t) - z
    return float((log_shell[40000] - log_shell[30000]) / 10.0 / math.log(2.0))


@pytest.mark.parametrize("seed", range(24))
def test_random_powers_against_quadrature(seed: int) -> None:
    draw = np.random.default_rng(seed)
    r, p = (float(draw.integers(0, 13)) / 4 for _ in range(2))
    # an integrand exp(t^(p - r + 1)) overflows where the power is far below 0
    p = max(p, r - 1)
    c, v = float(draw.choice([-2.0, -0.5, 0.5, 2.0])), 1.0
    reached = _growth(p, r, c, v) < -1e-3
    found = fates(sp.nsimplify(c) * x ** sp.nsimplify(p), sp.Integer(1) * x ** sp.nsimplify(r), x, ZERO, Domain())
    if found != {Fate.OPEN}:
        assert reached == (Fate.INACCESSIBLE not in found), (p, r, c, found)
