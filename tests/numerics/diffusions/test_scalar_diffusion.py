"""Coordinates of scalar diffusions, and their Scharfetter-Gummel chains."""

import math

import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.errors import DomainError, NumericsError
from crossproof.derivations.processes.ito import transform
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.codegen import compile_expressions
from crossproof.numerics.diffusions.scalar_diffusion import ScalarDiffusion
from crossproof.numerics.diffusions.scharfetter_gummel import bernoulli, chain

x, z = real("x"), real("z")
s, k, c = positive("s k c")


@pytest.mark.parametrize(
    ("sde", "support", "f", "inverse"),
    [
        (SDE(x, 1 - x, sp.sqrt(x - 2)), (2, math.inf), sp.log(x - 2), 2 + sp.exp(z)),
        (SDE(x, 1 - x, x), (-math.inf, 3), -sp.log(3 - x), 3 - sp.exp(-z)),
        (SDE(x, 1 - x, sp.sqrt(x * (1 - x))), (0, 1), sp.log(x / (1 - x)), 1 / (1 + sp.exp(-z))),
        (SDE(x, sp.sin(x), 1 + x**2), (-1, 4), sp.log((x + 1) / (4 - x)), -1 + 5 / (1 + sp.exp(-z))),
        (SDE(x, 1 - x, x, "stratonovich"), (0, math.inf), sp.log(x), sp.exp(z)),
    ],
)
def test_coefficients_follow_ito(sde, support, f, inverse):
    process = ScalarDiffusion(sde, support=support)
    ito = SDE(x, sde.ito_drift[0], sde.diffusion[0])
    # transform checks its inverse by simplify alone: give it a positive distance to work with
    at = np.array([-1.3, 0.2, 1.7])
    b = sp.diff(f, x) * ito.drift[0] + sp.diff(f, x, 2) * ito.diffusion[0] ** 2 / 2
    rate = (sp.diff(f, x) * ito.diffusion[0]) ** 2
    drift, variance = compile_expressions([x], [b, rate], "numpy")(process.x(at))
    found = process(at)
    assert found[0] == pytest.approx(drift, rel=1e-12)
    assert found[1] == pytest.approx(variance, rel=1e-12)
    assert process.x(at) == pytest.approx([float(inverse.subs(z, v)) for v in at])
    assert process.z(float(process.x(at)[1])) == pytest.approx(0.2, abs=1e-12)
    assert process.slope(at) == pytest.approx([float(sp.diff(inverse, z).subs(z, v)) for v in at])


def test_the_logarithm_agrees_with_the_symbolic_transform():
    sde = SDE(s, s * (k - s), sp.sqrt(2 * c) * s)
    _, drift, rate = transform(sde, z, sp.log(s), sp.exp(z)).scalar()
    found = ScalarDiffusion(sde, {k: 1.5, c: 0.25})(np.array([-2.0, 0.5]))
    expected = compile_expressions([z], [drift.subs({k: 1.5, c: 0.25}), rate.subs(c, 0.25)], "numpy")(
        np.array([-2.0, 0.5])
    )
    assert found[0] == pytest.approx(expected[0], rel=1e-13)
    assert found[1] == pytest.approx(expected[1], rel=1e-13)


def test_far_down_the_logarithm_nothing_underflows():
    drift, rate = ScalarDiffusion(SDE(s, s * (k - s), s), {k: 2})(np.array([-500.0]))
    assert (drift[0], rate[0]) == pytest.approx((1.5, 1.0))


def test_arguments_outside_their_range():
    ou = SDE(x, -k * x, 1)
    with pytest.raises(DomainError, match="parameters lacks values for k"):
        ScalarDiffusion(ou)
    with pytest.raises(DomainError, match="coordinate = 'polar'"):
        ScalarDiffusion(ou, {k: 1}, coordinate="polar")
    with pytest.raises(DomainError, match="half line"):
        ScalarDiffusion(ou, {k: 1}, coordinate="log")
    with pytest.raises(DomainError, match="support"):
        ScalarDiffusion(ou, {k: 1}, support=(2.0, 1.0))
    with pytest.raises(DomainError, match="noise"):
        ScalarDiffusion(SDE(x, -x, 0))
    with pytest.raises(DomainError, match="outside the support"):
        ScalarDiffusion(SDE(s, -s, s)).z(-1.0)
    process = ScalarDiffusion(SDE(x, -x, x))
    with pytest.raises(NumericsError, match="x = 0"):
        process(np.array([-1.0, 0.0, 1.0]))
    for arguments in ((0.0, math.inf, 64), (1.0, 0.0, 64), (0.5, 1.0, 4)):
        with pytest.raises(DomainError, match=r"range|cells"):
            chain(process, *arguments)


def test_bernoulli_function():
    w = np.array([-1e5, -3.0, -1e-9, 0.0, 1e-9, 3.0, 1e5])
    assert bernoulli(w) == pytest.approx([1e5, 3 / (1 - math.exp(-3)), 1, 1, 1, 3 / math.expm1(3), 0], rel=1e-9)


@pytest.mark.parametrize("absorbing", [(False, False), (True, False), (True, True)])
def test_columns_sum_to_zero_and_rates_are_positive(absorbing):
    grid = chain(ScalarDiffusion(SDE(x, -50 * x**3, 1 + x**2)), -3, 3, 40, absorbing)
    lower, diagonal, upper = grid.generator()
    columns = diagonal.copy()
    columns[:-1] += lower
    columns[1:] += upper
    assert np.abs(columns).max() <= 1e-12 * np.abs(diagonal).max()
    assert min(lower.min(), upper.min()) >= 0
    assert (lower[0] == 0) == absorbing[0]
    symmetric, off = grid.symmetric()
    assert symmetric.size == 41 - sum(absorbing)
    assert off.size == symmetric.size - 1


def test_null_vector_is_the_density_at_the_nodes():
    grid = chain(ScalarDiffusion(SDE(x, -x, sp.sqrt(2))), -4, 4, 32)
    log_p = grid.log_stationary()
    assert log_p - log_p.max() == pytest.approx(-(grid.nodes**2) / 2, abs=1e-12)
    lower, diagonal, upper = grid.generator()
    p = np.exp(log_p - log_p.max()) * grid.volumes
    balance = diagonal * p
    balance[1:] += lower * p[:-1]
    balance[:-1] += upper * p[1:]
    assert np.abs(balance).max() < 1e-11


def test_point_masses_interpolate_polynomials():
    grid = chain(ScalarDiffusion(SDE(x, -x, 1)), -1, 1, 20)
    for at in (-0.99, 0.123, 0.97):
        assert grid.point_mass(at) @ grid.nodes**5 == pytest.approx(at**5, abs=1e-12)
