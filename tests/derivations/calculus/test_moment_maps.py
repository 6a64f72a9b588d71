"""Moment maps of random steps and of diffusions against moments that are known in closed form."""

import pytest
import sympy as sp

from crossproof.derivations.calculus.moment_maps import diffusion_moments, step_moments
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.sde import SDE

w, z, r = sp.symbols("w z r", real=True)
v, k, c = sp.symbols("v k c", positive=True)


def test_autoregression_reaches_its_stationary_moments():
    found = step_moments(r * w + z, w, {z: v}, 4)
    variance = v / (1 - r**2)
    moments = sp.Matrix([1, 0, variance, 0, 3 * variance**2])
    assert (found * moments - moments).applyfunc(sp.cancel) == sp.zeros(5, 1)


def test_multiplicative_noise_enters_the_second_moment_only():
    found = step_moments(w * (1 - z), w, {z: v}, 2)
    assert found == sp.ImmutableMatrix([[1, 0, 0], [0, 1, 0], [0, 0, 1 + v]])


def test_geometric_brownian_motion_has_diagonal_moments():
    x = sp.Symbol("x", positive=True)
    found = diffusion_moments(SDE(x, k * x, sp.sqrt(c) * x), 3)
    assert found == sp.diag(0, k, 2 * k + c, 3 * k + 3 * c)


def test_moments_that_do_not_close_are_refused():
    with pytest.raises(ClaimError, match="do not close"):
        step_moments(w + z * w**2, w, {z: v}, 2)
    with pytest.raises(ClaimError, match="do not close"):
        diffusion_moments(SDE(w, -(w**3), sp.Integer(1)), 2)
    with pytest.raises(ClaimError, match="at least 1"):
        step_moments(w, w, {z: v}, 0)
