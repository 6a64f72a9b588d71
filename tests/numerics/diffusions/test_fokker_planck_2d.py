"""Stationary densities and currents in two dimensions against closed forms, errors included."""

import math

import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.errors import DomainError, NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.diffusions.fokker_planck_2d import solve_stationary_2d
from crossproof.numerics.diffusions.lyapunov import linear_coefficients, stationary_covariance

x, y = real("x y")
k = positive("k")


class Gaussian:
    """The stationary law N(0, C) of dX = A X dt + S dB and its current (A + Q C^-1) x p, Q = S S^T / 2."""

    def __init__(self, sde):
        self.sde = sde
        self.a, s = linear_coefficients(sde)
        self.c = stationary_covariance(self.a, s).value
        self.q = s @ s.T / 2
        self.speed = self.a + self.q @ np.linalg.inv(self.c)

    def density(self, at):
        scale = 2 * math.pi * math.sqrt(np.linalg.det(self.c))
        return math.exp(-at @ np.linalg.inv(self.c) @ at / 2) / scale

    def solve(self, cells=96):
        reach = 5.8 * np.sqrt(np.diag(self.c))
        return solve_stationary_2d(self.sde, {}, ((-reach[0], reach[0]), (-reach[1], reach[1])), cells=cells)


rotating = Gaussian(
    SDE((x, y), [-x - 2 * y, 2 * x - sp.Rational(3, 2) * y], sp.Matrix([[1, 0], [sp.Rational(1, 2), 1]]))
)
AT = np.array([0.5, -0.3])


def checks(law, found):
    """Yield (name, estimate, exact)."""
    c, speed = law.c, law.speed
    yield "E x^2", found.mean(lambda x, y: x**2 + 0 * y), c[0, 0]
    yield "E xy", found.mean(lambda x, y: x * y), c[0, 1]
    yield "E y^2", found.mean(lambda x, y: y**2 + 0 * x), c[1, 1]
    yield "p", found.density(*AT), law.density(AT)
    yield from zip(("J_1", "J_2"), found.current(*AT), speed @ AT * law.density(AT), strict=True)
    turning = speed @ c
    yield (
        "rotation",
        found.current_moment(lambda x, y: -y + 0 * x, lambda x, y: x + 0 * y),
        turning[1, 0] - turning[0, 1],
    )
    yield "entropy production", found.entropy_production(), np.trace(speed.T @ np.linalg.inv(law.q) @ speed @ c)


@pytest.mark.parametrize("cells", [64, 96, 128])
def test_rotating_process_with_correlated_noise(cells):
    for name, found, exact in checks(rotating, rotating.solve(cells)):
        assert abs(found.value - exact) <= found.error, name
        if cells == 128:
            assert found.error <= 1e-3 * max(abs(exact), 0.1), name


def test_detailed_balance_has_no_current():
    # A = -Q H for the precision H of the law: reversible although nothing is diagonal
    law = Gaussian(SDE((x, y), [-2 * x + y / 2, x / 2 - y], sp.Matrix([[1, 0], [0, 1]])))
    assert np.abs(law.speed).max() < 1e-12
    found = law.solve(64)
    rotation = found.current_moment(lambda x, y: -y + 0 * x, lambda x, y: x + 0 * y)
    assert abs(rotation.value) <= rotation.error < 1e-3
    production = found.entropy_production()
    assert production.value <= production.error < 1e-3
    # the rotating process fails the same test
    turning = rotating.solve(64).current_moment(lambda x, y: -y + 0 * x, lambda x, y: x + 0 * y)
    assert abs(turning.value) > 100 * turning.error


def test_multiplicative_noise_between_reflecting_walls():
    # dx = x dt + x sqrt(2) dB in [1, 2]: zero current gives p ~ 1/x; dy = -k dt + sqrt(2) dB gives e^{-ky}
    sde = SDE((x, y), [x, -k], sp.Matrix([[sp.sqrt(2) * x, 0], [0, sp.sqrt(2)]]))
    found = solve_stationary_2d(sde, {k: 3}, ((1, 2), (0, 1)), cells=64, walls="reflecting")
    mean = found.mean(lambda x, y: x + 0 * y)
    assert abs(mean.value - 1 / math.log(2)) <= mean.error < 1e-6
    height = found.mean(lambda x, y: y + 0 * x)
    assert abs(height.value - (1 / 3 - 1 / math.expm1(3))) <= height.error < 1e-5
    one, two = found.current(1.5, 0.5)
    assert max(abs(one.value), abs(two.value)) < 1e-9
    assert found.negative_mass == 0


def test_noise_too_small_for_the_grid_is_refused():
    law = Gaussian(SDE((x, y), [-x - 40 * y, 40 * x - y], sp.Matrix([[sp.sqrt(2), 0], [0, sp.sqrt(2)]])))
    with pytest.raises(NumericsError, match="resolve"):
        law.solve(64)


def test_a_box_that_cuts_the_law_says_so():
    wide = rotating.solve(64)
    narrow = solve_stationary_2d(rotating.sde, {}, ((-1, 1), (-1, 1)), cells=64)
    cut = narrow.mean(lambda x, y: x**2 + 0 * y)
    assert cut.error > 0.01
    assert narrow.border_mass > 1e-3 > 1e-6 > wide.border_mass


def test_arguments_outside_their_range():
    box = ((-3, 3), (-3, 3))
    with pytest.raises(DomainError, match="cells"):
        solve_stationary_2d(rotating.sde, {}, box, cells=100)
    with pytest.raises(DomainError, match="walls"):
        solve_stationary_2d(rotating.sde, {}, box, walls="open")
    with pytest.raises(DomainError, match="box gives y"):
        solve_stationary_2d(rotating.sde, {}, ((-3, 3), (3, -3)))
    with pytest.raises(DomainError, match="coordinates"):
        solve_stationary_2d(SDE(x, -x, 1), {}, box)
    with pytest.raises(DomainError, match="lacks values for k"):
        solve_stationary_2d(SDE((x, y), [-k * x, -y], sp.Matrix([[1, 0], [0, 1]])), {}, box)
    with pytest.raises(NumericsError, match="degenerate"):
        solve_stationary_2d(SDE((x, y), [y, -y], sp.Matrix([[0], [1]])), {}, box)
    with pytest.raises(DomainError, match="outside the box"):
        rotating.solve(64).density(99, 0)
    with pytest.raises(NumericsError, match="not finite"):
        rotating.solve(64).mean(lambda x, y: np.full(np.broadcast_shapes(x.shape, y.shape), np.inf))
