"""Langevin models: their stationary laws, correlations and flat motion against closed forms; wrong variants fail.

The simulated check is a z-test at |z| < 5, level 6e-7, of three covariances of 40 000 paths; noise of the same trace in
all directions is off by more than 30 standard errors.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
from scipy import linalg

from crossproof.derivations.errors import DomainError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.diffusions.lyapunov import (
    covariance_at,
    linear_coefficients,
    stationary_covariance,
    time_correlation,
)
from crossproof.numerics.models.langevin import (
    anisotropic_langevin,
    heavy_ball_langevin,
    isotropic_langevin,
    underdamped_langevin,
)
from crossproof.numerics.models.run import model_states

x, y = real("x, y")
T, g, eta, mu, h, s, c = positive("T, gamma, eta, mu, h, sigma, c")
LOSS = x**4 / 4 + x**2 * y**2 / 2 + y**2 + x * y / 3
ROOT = sp.Matrix([[1, 0], [sp.Rational(1, 2), sp.Rational(3, 4)]])
VALUES = {eta: 0.04, mu: 0.9, h: 1.5, s: 0.7, c: 3.0}


def stationary_residual(sde: SDE, density: sp.Expr) -> sp.Expr:
    """Return the Fokker-Planck operator on the density, over the density."""
    found = sum(-sp.diff(b * density, u) for u, b in zip(sde.state, sde.ito_drift, strict=True))
    for i, u in enumerate(sde.state):
        for j, w in enumerate(sde.state):
            found += sp.diff(sde.covariance[i, j] * density, u, w) / 2
    return sp.simplify(found / density)


def solved(sde: SDE, rate: float = 0.04) -> tuple[np.ndarray, np.ndarray]:
    return linear_coefficients(sde, VALUES | {eta: rate})


def test_the_law_of_isotropic_noise_is_the_gibbs_law() -> None:
    sde = isotropic_langevin([x, y], LOSS, T)
    assert stationary_residual(sde, sp.exp(-LOSS / T)) == 0
    assert stationary_residual(sde, sp.exp(-2 * LOSS / T)) != 0


def test_correlations_of_isotropic_noise_in_a_quadratic_loss() -> None:
    a, root = linear_coefficients(isotropic_langevin(x, h * x**2 / 2, T), {h: 1.5, T: 0.3})
    assert time_correlation(a, root, 0.7).value[0, 0] == pytest.approx(0.2 * math.exp(-1.05), rel=1e-12)


def test_anisotropic_noise_solves_the_lyapunov_equation_and_has_a_current() -> None:
    """C_ij = eta Sigma_ij / (h_i + h_j), and the current's matrix A C - C A^T has the entries (h_j - h_i) C_ij."""
    a, root = solved(anisotropic_langevin([x, y], h * x**2 / 2 + c * y**2 / 2, ROOT, rate=eta))
    covariance = stationary_covariance(a, root).value
    sigma, slopes = np.array((ROOT * ROOT.T).tolist(), dtype=float), np.array([1.5, 3.0])
    assert covariance == pytest.approx(0.04 * sigma / (slopes[:, None] + slopes), rel=1e-12)
    current = a @ covariance - covariance @ a.T
    assert current[0, 1] == pytest.approx((3.0 - 1.5) * covariance[0, 1], rel=1e-12)
    a, root = solved(anisotropic_langevin([x, y], h * (x**2 + y**2) / 2, ROOT, rate=eta))
    balanced = stationary_covariance(a, root).value
    assert a @ balanced == pytest.approx(balanced @ a.T, rel=1e-12)


def test_simulated_covariances_are_those_of_the_euler_chain() -> None:
    """Of the chain from 0, C_ij = eta Sigma_ij d (1 - r^n) / (1 - r) with r = (1 - h_i d)(1 - h_j d), exactly."""
    loss, n, d, paths = sp.Rational(3, 2) * x**2 / 2 + 3 * y**2 / 2, 16, 0.125, 40_000
    slopes = np.array([1.5, 3.0])
    ratio = np.outer(1 - slopes * d, 1 - slopes * d)

    def worst(root: sp.Matrix) -> float:
        sde = anisotropic_langevin([x, y], loss, root, rate=sp.Rational(1, 25))
        states, _ = model_states(sde, {}, [0.0, 0.0], horizon=n * d, steps=n, paths=paths, seed=4)
        wanted = 0.04 * np.array((ROOT * ROOT.T).tolist(), dtype=float) * d * (1 - ratio**n) / (1 - ratio)
        found = np.cov(states[0].numpy().T)
        error = np.sqrt((np.outer(np.diag(wanted), np.diag(wanted)) + wanted**2) / paths)
        return float(np.abs((found - wanted) / error).max())

    assert worst(ROOT) < 5
    assert worst(sp.sqrt((ROOT * ROOT.T).trace() / 2) * sp.eye(2)) > 30


def test_the_law_of_underdamped_motion() -> None:
    sde = underdamped_langevin([x, y], LOSS, T, g)
    energy = LOSS + sum(v**2 for v in sde.state[2:]) / 2
    assert stationary_residual(sde, sp.exp(-energy / T)) == 0
    assert stationary_residual(underdamped_langevin([x, y], LOSS, 2 * T, g), sp.exp(-energy / T)) != 0


def test_correlations_of_underdamped_motion() -> None:
    """T/h e^(-gamma t/2) (cos w t + gamma/(2 w) sin w t), w^2 = h - gamma^2/4."""
    a, root = linear_coefficients(underdamped_langevin(x, h * x**2 / 2, T, g), {h: 1.5, T: 0.3, g: 0.8})
    w, t = math.sqrt(1.5 - 0.16), 1.1
    wanted = 0.2 * math.exp(-0.4 * t) * (math.cos(w * t) + 0.4 / w * math.sin(w * t))
    assert time_correlation(a, root, t).value[0, 0] == pytest.approx(wanted, rel=1e-11)
    assert stationary_covariance(a, root).value == pytest.approx(np.diag([0.2, 0.3]), abs=1e-14)


@pytest.mark.parametrize("rate", [0.04, 0.02, 0.01])
def test_heavy_ball_has_the_variance_of_sgd_with_momentum(rate: float) -> None:
    """eta s^2 / (2 (1 - mu) h); v' = mu v - eta g, x' = x + v' has it up to a share eta h / (2 (1 + mu))."""
    a, root = solved(heavy_ball_langevin(x, h * x**2 / 2, s, rate=eta, momentum=mu), rate)
    model = stationary_covariance(a, root).value[0, 0]
    assert model == pytest.approx(rate * 0.49 / (2 * 0.1 * 1.5), rel=1e-11)
    step = np.array([[1 - rate * 1.5, 0.9], [-rate * 1.5, 0.9]])
    noise = np.array([[1.0, 1.0], [1.0, 1.0]]) * (rate * 0.7) ** 2
    chain = linalg.solve_discrete_lyapunov(step, noise)[0, 0]
    assert chain / model - 1 == pytest.approx(rate * 1.5 / (2 * 1.9), rel=0.02)
    plain = stationary_covariance(*solved(anisotropic_langevin(x, h * x**2 / 2, s, rate=eta), rate)).value[0, 0]
    assert plain == pytest.approx(model * 0.1, rel=1e-11)


def test_heavy_ball_diffuses_on_flat_ground_as_sgd_with_momentum() -> None:
    """A step of momentum SGD moves x by eta^2 s^2 / (1 - mu)^2 at long times, and takes sqrt(eta)."""
    a, root = solved(heavy_ball_langevin([x, y], h * y**2 / 2, s, rate=eta, momentum=mu))
    gained = covariance_at(a, root, 400.0).value[0, 0] - covariance_at(a, root, 200.0).value[0, 0]
    assert gained == pytest.approx(200 / math.sqrt(0.04) * 0.04**2 * 0.49 / 0.01, rel=1e-9)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DomainError, match="2 weights need 2 rows"):
        anisotropic_langevin([x, y], LOSS, sp.ones(3, 1), rate=eta)
    with pytest.raises(DomainError, match="holds none of x"):
        isotropic_langevin(x, y**2, T)
    with pytest.raises(DomainError, match="anisotropic_langevin"):
        isotropic_langevin(x, x**2, x**2)
    with pytest.raises(DomainError, match="several different"):
        isotropic_langevin([x, x], x**2, T)
