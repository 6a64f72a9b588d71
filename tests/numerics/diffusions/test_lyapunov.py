"""Second moments of Ornstein-Uhlenbeck processes against 40-digit arithmetic and closed forms."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.errors import DomainError, NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.numerics.diffusions.lyapunov import (
    covariance_at,
    linear_coefficients,
    stationary_covariance,
    time_correlation,
)


def stable(d: int, seed: int, stiffness: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(d, d)) * stiffness ** rng.uniform(0, 1, size=(d, 1))
    a -= (np.linalg.eigvals(a).real.max() + 0.1) * np.eye(d)
    return a, rng.normal(size=(d, max(1, d - 1)))


def exact_stationary(a: np.ndarray, s: np.ndarray) -> np.ndarray:
    d = len(a)
    with mpmath.workdps(40):
        matrix, noise = mpmath.matrix(a.tolist()), mpmath.matrix(s.tolist())
        operator = mpmath.matrix(d * d, d * d)
        for i in range(d):
            for j in range(d):
                for k in range(d):
                    operator[i * d + j, k * d + j] += matrix[i, k]
                    operator[i * d + j, i * d + k] += matrix[j, k]
        q = noise * noise.T
        c = mpmath.lu_solve(operator, mpmath.matrix([-q[i, j] for i in range(d) for j in range(d)]))
        return np.array([[float(c[i * d + j]) for j in range(d)] for i in range(d)])


def exact_at(a: np.ndarray, s: np.ndarray, c0: np.ndarray, t: float) -> np.ndarray:
    d = len(a)
    with mpmath.workdps(60):
        matrix, noise = mpmath.matrix(a.tolist()), mpmath.matrix(s.tolist())
        block = mpmath.zeros(2 * d)
        block[:d, :d], block[:d, d:], block[d:, d:] = -matrix * t, noise * noise.T * t, matrix.T * t
        e = mpmath.expm(block)
        f = e[d:, d:].T
        c = f * mpmath.matrix(c0.tolist()) * f.T + f * e[:d, d:]
        return np.array(c.tolist(), dtype=float)


@pytest.mark.parametrize(("d", "seed", "stiffness"), [(1, 0, 1), (2, 1, 1), (3, 2, 1e3), (4, 3, 1), (5, 4, 1e4)])
def test_stationary_covariance_and_its_error(d, seed, stiffness):
    a, s = stable(d, seed, stiffness)
    found = stationary_covariance(a, s)
    true = np.abs(found.value - exact_stationary(a, s)).max()
    assert true <= found.error
    assert found.error <= max(100 * true, 1e-11 * np.abs(found.value).max())


@pytest.mark.parametrize("t", [1e-6, 0.3, 2.0, 50.0])
@pytest.mark.parametrize(("d", "seed"), [(1, 5), (2, 6), (3, 7)])
def test_covariance_at_a_time_and_its_error(d, seed, t):
    a, s = stable(d, seed)
    c0 = np.eye(d) + 0.5
    found = covariance_at(a, s, t, c0)
    true = np.abs(found.value - exact_at(a, s, c0, t)).max()
    assert true <= found.error <= 1e-10 * np.abs(found.value).max()


def test_unstable_and_free_motion():
    growing = covariance_at(np.array([[0.7]]), np.array([[1.0]]), 3.0)
    assert growing.value[0, 0] == pytest.approx(math.expm1(4.2) / 1.4, rel=1e-13)
    free = covariance_at(np.zeros((2, 2)), np.array([[1.0], [2.0]]), 3.0)
    assert free.value == pytest.approx(3.0 * np.array([[1, 2], [2, 4]]), rel=1e-14)
    assert covariance_at(-np.eye(2), np.eye(2), 0.0).value == pytest.approx(np.zeros((2, 2)), abs=0)


def test_long_times_reach_the_stationary_covariance():
    a, s = stable(4, 8)
    late, limit = covariance_at(a, s, 1e4), stationary_covariance(a, s)
    assert np.abs(late.value - limit.value).max() <= late.error + limit.error


def test_correlation_of_a_rotating_process():
    # A = -1 + rotation at speed w: Cov(X_{t+tau}, X_t) = e^{-tau} R(w tau) / 2
    w, tau = 3.0, 0.4
    a = np.array([[-1.0, -w], [w, -1.0]])
    found = time_correlation(a, np.eye(2), tau)
    angle = w * tau
    exact = math.exp(-tau) / 2 * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    assert np.abs(found.value - exact).max() <= found.error < 1e-12
    # the transposed rotation is another process
    assert np.abs(found.value - exact.T).max() > 0.1


def test_correlation_from_a_known_start():
    # Cov(X_{t+tau}, X_t) = e^{-k tau} (1 - e^{-2kt}) / (2k)
    k, t, tau = 0.8, 0.5, 1.5
    found = time_correlation(np.array([[-k]]), np.array([[1.0]]), tau, time=t)
    exact = math.exp(-k * tau) * -math.expm1(-2 * k * t) / (2 * k)
    assert abs(found.value[0, 0] - exact) <= found.error < 1e-13


def test_coefficients_of_a_described_process():
    x, y = sp.symbols("x y", real=True)
    k = sp.Symbol("k", positive=True)
    sde = SDE((x, y), [-k * x + y + 1, -y], sp.Matrix([[1, 0], [0, k]]))
    a, s = linear_coefficients(sde, {k: 2})
    assert a.tolist() == [[-2, 1], [0, -1]]
    assert s.tolist() == [[1, 0], [0, 2]]
    with pytest.raises(DomainError, match="k"):
        linear_coefficients(sde)
    with pytest.raises(DomainError, match="Ornstein-Uhlenbeck"):
        linear_coefficients(SDE((x, y), [-(x**3), -y], sp.Matrix([[1, 0], [0, 1]])))


def test_arguments_outside_their_range():
    one = np.eye(2)
    with pytest.raises(DomainError, match="real part"):
        stationary_covariance(np.array([[-1.0, 0], [0, 0.5]]), one)
    with pytest.raises(DomainError, match="real part"):
        stationary_covariance(np.zeros((2, 2)), one)
    with pytest.raises(DomainError, match="square"):
        stationary_covariance(np.ones((2, 3)), one)
    with pytest.raises(DomainError, match="rows"):
        stationary_covariance(-one, np.ones((3, 1)))
    with pytest.raises(DomainError, match="not finite"):
        covariance_at(-one * np.nan, one, 1.0)
    with pytest.raises(DomainError, match="time"):
        covariance_at(-one, one, -1.0)
    with pytest.raises(DomainError, match="lag"):
        time_correlation(-one, one, -1.0)
    with pytest.raises(DomainError, match="negative eigenvalue"):
        covariance_at(-one, one, 1.0, -one)
    with pytest.raises(DomainError, match="symmetric"):
        covariance_at(-one, one, 1.0, np.array([[1.0, 0.5], [0.0, 1.0]]))
    with pytest.raises(NumericsError, match="floats"):
        covariance_at(one, one, 1e4)
