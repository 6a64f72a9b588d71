"""Rotation and entropy production of linear equations, with and without detailed balance."""

from __future__ import annotations

import numpy as np
from scipy import linalg

import crossproof as cp

LEVEL = 1e-3
TURN = 1.5
#: dx = -x + turning, D = I/2: C = I/2, Q = [[0, -turn/2], [turn/2, 0]], entropy production 2 turn^2.
DRIFT = np.array([[-1.0, TURN], [-TURN, -1.0]])
AREA = np.array([[0.0, -TURN / 2], [TURN / 2, 0.0]])


def test_the_area_of_a_turning_process(ou, reproduces) -> None:
    """Successive states give exp(-dt) sin(turn dt)/2dt in place of turn/2."""
    dt = 0.02
    paths = ou(DRIFT, np.eye(2) / 2, paths=1000, times=201, dt=dt)
    found = cp.estimate_rotation(paths, dt, level=LEVEL)
    exact = np.exp(-dt) * np.sin(TURN * dt) / (2 * dt)
    assert abs(exact - TURN / 2) < 0.021 * TURN / 2
    reproduces(found, AREA * exact / (TURN / 2), -AREA)
    np.testing.assert_array_equal(found.value, -found.value.T)
    assert np.asarray(found.standard_error)[0, 1] < 0.02 * TURN


def test_entropy_production_of_a_turning_process(ou, reproduces) -> None:
    dt = 0.02
    paths = ou(DRIFT, np.eye(2) / 2, paths=1000, times=201, dt=dt)
    exact = 2 * TURN**2
    reproduces(cp.estimate_entropy_production(paths, dt, level=LEVEL), exact, 1.2 * exact)
    force, noise = (lambda x: x @ DRIFT.T), np.eye(2) / 2
    work = cp.estimate_entropy_production(paths, dt, force=force, diffusivity=noise, level=LEVEL)
    lost = np.exp(-dt) * np.sin(TURN * dt) / (TURN * dt)  # the same share of the area between states, 2 %
    reproduces(work, exact * lost, 1.2 * exact)
    # the linear fit needs no short step
    coarse = ou(DRIFT, np.eye(2) / 2, paths=4000, times=51, dt=0.3)
    reproduces(cp.estimate_entropy_production(coarse, 0.3, level=LEVEL), exact, 1.2 * exact)


def test_detailed_balance_gives_nothing(ou) -> None:
    """Any gradient force with isotropic noise, and a force that is none with noise that matches it."""
    hessian, noise = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, 0.3], [0.3, 0.5]])
    for drift, d in ((-hessian, np.eye(2)), (-noise @ hessian, noise)):
        paths = ou(drift, d, paths=1000, times=101, dt=0.05)
        for found in (cp.estimate_rotation(paths, 0.05), cp.estimate_entropy_production(paths, 0.05, level=LEVEL)):
            assert np.all(np.abs(found.value) < 4.5 * np.asarray(found.standard_error) + 1e-9), found


def test_anisotropic_noise_breaks_detailed_balance(ou, reproduces) -> None:
    """C from the Lyapunov equation; successive states give (C F^T - F C)/2dt with F = exp(-H dt)."""
    hessian, noise, dt = np.array([[2.0, 0.5], [0.5, 1.0]]), np.diag([2.0, 0.1]), 0.05
    paths = ou(-hessian, noise, paths=1000, times=201, dt=dt)
    c = linalg.solve_continuous_lyapunov(hessian, 2 * noise)
    flow = linalg.expm(-hessian * dt)
    exact = (c @ flow.T - flow @ c) / (2 * dt)
    reproduces(cp.estimate_rotation(paths, dt, level=LEVEL), exact, 0 * exact)
    turning = -hessian @ c + noise
    rate = np.trace(turning @ linalg.inv(c) @ turning.T @ linalg.inv(noise))
    reproduces(cp.estimate_entropy_production(paths, dt, level=LEVEL), rate, 1.5 * rate)


def test_paths_that_only_relax_are_not_taken_for_stationary(ou) -> None:
    paths = ou(-1.0, 0.5, times=21, start=np.array([3.0]))
    found = cp.estimate_entropy_production(paths, 0.1, force=lambda x: -x, diffusivity=[[0.5]], level=LEVEL)
    assert found.low > 0  # the free energy that is set free
    assert any("not stationary" in c for c in found.caveats)


def test_a_law_that_is_not_gaussian_is_noticed(ou) -> None:
    paths = ou(DRIFT, np.eye(2) / 2, paths=1000, times=51) ** 3
    found = cp.estimate_entropy_production(paths, 0.1)
    assert any("not Gaussian" in c for c in found.caveats)
