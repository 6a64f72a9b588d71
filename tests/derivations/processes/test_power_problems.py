"""Expectations of powers: in which state they are ones, and where growth does not answer for them."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.power_problems import power_problem
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Between, Positive, Real
from crossproof.derivations.statements.processes import ExpectationAtAllTimes

x, s, m, k, t = sp.symbols("x s m k t", positive=True)
y, a = sp.symbols("y a", real=True)
PARAMETERS = {"k": Positive, "s": Positive, "m": Positive, "a": Real}
LINE, HALF = Domain(y=Real, **PARAMETERS), Domain(x=Positive, **PARAMETERS)
OU, GBM, CIR = SDE(y, -k * y, s), SDE(x, m * x, s * x), SDE(x, k * (m - x), s * sp.sqrt(x))


def expectation(sde: SDE, phi: sp.Expr, start: sp.Expr) -> ExpectationAtAllTimes:
    return ExpectationAtAllTimes(sde, phi, t, start, sp.Integer(0))


def test_a_power_stays_in_its_state() -> None:
    found = power_problem(expectation(OU, y**2 + y, a), LINE)
    assert found is not None
    assert (found.sde.state, found.observable, found.start) == ((y,), y**2 + y, a)
    assert found.unbounded
    root = power_problem(expectation(CIR, x**2, m), HALF)
    assert root is not None
    assert not root.unbounded  # 0 may be reached


def test_an_exponential_is_a_power_in_the_exponential_state() -> None:
    found = power_problem(expectation(SDE(y, m, s), sp.exp(2 * y), a), LINE)
    assert found is not None
    (z,) = found.sde.state
    _, drift, variance = found.sde.scalar()
    # Ito: d exp(Y) = exp(Y) (m + s^2/2) dt + exp(Y) s dB
    assert sp.expand(drift - z * (m + s**2 / 2)) == 0
    assert sp.expand(drift - z * m) != 0
    assert sp.expand(variance - s**2 * z**2) == 0
    assert sp.simplify(found.observable - z**2) == 0
    assert found.start == sp.exp(a)


def test_a_logarithm_is_a_power_in_the_logarithmic_state() -> None:
    found = power_problem(expectation(GBM, sp.log(x) ** 2, k), HALF)
    assert found is not None
    _, drift, variance = found.sde.scalar()
    assert sp.expand(drift - (m - s**2 / 2)) == 0
    assert sp.expand(drift - m) != 0
    assert sp.expand(variance - s**2) == 0
    assert found.start == sp.log(k)
    assert found.unbounded


@pytest.mark.parametrize(
    ("sde", "phi", "domain"),
    [
        (SDE(y, y**3, s), y**2, LINE),  # explodes
        (SDE(x, 0, x**2), x, HALF),  # a strict local martingale: E[X_t] < X_0
        (CIR, 1 / x, HALF),  # infinite where 2 k m <= s^2
        (OU, sp.sin(y), LINE),
        (SDE(x, 0, s), x**2, HALF),  # leaves the half line
        (SDE(x, 0, s), x**2, Domain(x=Between(0, 1), **PARAMETERS)),
    ],
)
def test_growth_does_not_answer_for_the_rest(sde: SDE, phi: sp.Expr, domain: Domain) -> None:
    assert power_problem(expectation(sde, phi, sp.Rational(1, 2)), domain) is None


def test_the_moment_of_the_problem_has_the_known_rate() -> None:
    """E[X^2] of geometric Brownian motion grows at 2m + s^2: the generator of the problem says so in its state."""
    found = power_problem(expectation(GBM, x**2, k), HALF)
    assert found is not None
    (z,), (_, drift, variance) = found.sde.state, found.sde.scalar()
    phi = found.observable
    rate = sp.diff(phi, z) * drift + sp.diff(phi, z, 2) * variance / 2
    assert sp.simplify(rate / phi - (2 * m + s**2)) == 0
    assert sp.simplify(rate / phi - 2 * m) != 0
