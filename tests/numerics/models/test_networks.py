"""Deep linear networks in symbols: gradients and noise by autograd, saddles by their Hessian, and the refined model."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
import torch
from sympy.stats import E, Normal

from crossproof.derivations.errors import DomainError
from crossproof.derivations.symbols import real
from crossproof.numerics.models.networks import ScalarNetwork, flattened
from crossproof.numerics.models.refined import refined_model
from crossproof.numerics.models.run import model_states
from crossproof.numerics.networks.linear import per_sample_gradients

HALF = sp.Rational(1, 2)
NETWORK = ScalarNetwork(3, 2, sp.Rational(3, 2), HALF, HALF)
POINT = dict(zip(NETWORK.state, (sp.Rational(k, 5) for k in (3, -2, 4, 1, -3, 5, 2, -1)), strict=True))


def numbers(entries: sp.Matrix) -> np.ndarray:
    return np.array(entries.subs(POINT).evalf().tolist(), dtype=float)[:, 0]


def test_gradients_of_samples_are_those_of_autograd() -> None:
    """2 c ((p - s) x^2 - e x) grad p for inputs x and label errors e."""
    x, e = np.array([0.3, -1.2, 2.0]), np.array([0.1, -0.4, 0.7])
    flat = torch.tensor([[float(v) for v in POINT.values()]], dtype=torch.float64)
    weights = [w[0] for w in NETWORK.weights(flat)]
    labels = torch.tensor(1.5 * x + e)[:, None]
    found = flattened(per_sample_gradients(weights, torch.tensor(x)[:, None], labels, 0.5)).numpy()
    p = float(NETWORK.product.subs(POINT))
    wanted = ((p - 1.5) * x**2 - e * x)[:, None] * numbers(NETWORK.slope)
    assert found == pytest.approx(wanted, rel=1e-12)


def test_the_root_is_that_of_the_covariance_of_those_gradients() -> None:
    x, e = Normal("x", 0, 1), Normal("e", 0, HALF)
    gap = NETWORK.product.subs(POINT) - NETWORK.teacher
    sample = gap * x**2 - e * x
    variance = sp.simplify(E(sample**2) - E(sample) ** 2)
    assert sp.simplify(NETWORK.root.subs(POINT) - sp.sqrt(variance) * NETWORK.slope.subs(POINT)) == sp.zeros(8, 1)
    assert [sp.diff(NETWORK.loss, w).subs(POINT) for w in NETWORK.state] == list(gap * NETWORK.slope.subs(POINT))


@pytest.mark.parametrize(("depth", "flat"), [(2, False), (3, True), (4, True)])
def test_the_saddle_has_descent_and_from_depth_three_flat_directions(depth: int, flat: bool) -> None:
    network = ScalarNetwork(depth, 2)
    start = network.near_saddle(1e-9)
    point = dict(zip(network.state, start, strict=True))
    slopes = [float(sp.diff(network.loss, w).subs(point)) for w in network.state]
    hessian = np.array(sp.hessian(network.loss, network.state).subs(point).tolist(), dtype=float)
    eigenvalues = np.linalg.eigvalsh(hessian)
    assert max(map(abs, slopes)) < 1e-8
    assert eigenvalues[0] == pytest.approx(-1, abs=1e-7)
    assert bool((np.abs(eigenvalues) < 1e-7).any()) is flat


def test_the_sharpness_is_that_of_the_minimum() -> None:
    network = ScalarNetwork(3, 1)
    point = dict(zip(network.state, (2, HALF, 1), strict=True))
    hessian = np.array(sp.hessian(network.loss, network.state).subs(point).tolist(), dtype=float)
    assert float(network.sharpness.subs(point)) == pytest.approx(np.linalg.eigvalsh(hessian)[-1], rel=1e-12)
    point[network.state[0]] = 3  # off the minimum the Hessian has another part
    hessian = np.array(sp.hessian(network.loss, network.state).subs(point).tolist(), dtype=float)
    assert float(network.sharpness.subs(point)) != pytest.approx(np.linalg.eigvalsh(hessian)[-1], rel=1e-3)


def test_layers_and_states_are_the_same_numbers() -> None:
    flat = torch.arange(16.0, dtype=torch.float64).reshape(2, 8)
    assert bool((flattened(NETWORK.weights(flat)) == flat).all())
    with pytest.raises(DomainError, match=r"\(paths, 8\)"):
        NETWORK.weights(flat[:, :7])


@pytest.mark.parametrize("wrong", [{"depth": 1}, {"depth": 2, "width": 0}, {"depth": 2, "label_noise": -1}])
def test_what_is_no_network_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(DomainError, match="give"):
        ScalarNetwork(**wrong)
    with pytest.raises(DomainError, match="never left"):
        ScalarNetwork(2).near_saddle(0.0)


def test_the_refined_model_has_every_term_at_once() -> None:
    """Sharpening along y, noise along z, an idle x: y ends at the edge, z has the transform of jumps and waits.

    E cos(k Z_t) = E_b(-(eta k^2/2)^(a/2) t^b): z-test at level 6e-7, with the step of its own time; without waits it is
    rejected. Without the central flow, y runs beyond the edge in more than half of the paths.
    """
    x, y, z = real("x, y, z")
    loss, edge = (1 + y) * x**2 / 2 - y / 2, 3.0
    root = sp.Matrix([0, 0, 1])
    options = {"rate": HALF, "alpha": 1.4, "beta": 0.8}
    model = refined_model([x, y, z], loss, root, sharpness=1 + y, **options)
    run = {"horizon": 12.0, "steps": 60, "paths": 3000, "seed": 1}
    found = model_states(model, {}, [0.0, 2.0, 0.0], **run)[0][0].numpy()
    own = 12.0**0.8 / 60
    assert found[:, 1].max() <= edge + 0.5 * own + 1e-9
    without = refined_model([x, y, z], loss, root, **options)
    free = model_states(without, {}, [0.0, 2.0, 0.0], **(run | {"paths": 300}))[0][0].numpy()
    assert np.median(free[:, 1]) > edge + 0.2
    k = 0.4
    size = (0.5 * k * k / 2) ** 0.7
    wave = np.cos(k * found[:, 2])
    series = sum((-size * 12.0**0.8) ** n / math.gamma(1 + 0.8 * n) for n in range(60))
    error = 5 * wave.std() / math.sqrt(3000) + size * own
    assert abs(wave.mean() - series) < error
    assert abs(wave.mean() - math.exp(-size * 12.0)) > error
