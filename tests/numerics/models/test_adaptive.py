"""RMSprop and Adam in continuous time: scaling, flat motion, averages of gradients; torch's optimisers in the limit."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
import torch

from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.diffusions.lyapunov import covariance_at, linear_coefficients, time_correlation
from crossproof.numerics.models.adaptive import adam_langevin, rmsprop_langevin
from crossproof.numerics.models.run import model_states

x, y = real("x, y")
eta, b1, b2, eps, s, c, h = positive("eta, beta1, beta2, epsilon, sigma, c, h")
VALUES = {eta: 0.02, b1: 0.9, b2: 0.95, eps: 0.1, s: 0.5, h: 1.0}


def scaled(epsilon: sp.Expr) -> list[sp.Expr]:
    """Return what changes in drift and noise when loss and noise are c times as large, and s c^2 times."""
    options = {"rate": eta, "decay": b2, "epsilon": epsilon}
    one = rmsprop_langevin([x, y], x**4 + x * y, s, **options)
    other = rmsprop_langevin([x, y], c * (x**4 + x * y), c * s, **options)
    squares = {u: c**2 * u for u in one.state[2:]}
    shown = [e.subs(squares, simultaneous=True) for e in (*other.drift[:2], *other.diffusion[:2, :])]
    speeds = [e.subs(squares, simultaneous=True) / c**2 for e in other.drift[2:]]
    return [sp.simplify(a - b) for a, b in zip((*shown, *speeds), (*one.drift[:2], *one.diffusion[:2, :], *one.drift[2:]), strict=True)]  # fmt: skip  # noqa: E501


def test_rmsprop_forgets_the_scale_of_the_loss() -> None:
    assert all(e == 0 for e in scaled(sp.S.Zero))
    assert any(e != 0 for e in scaled(eps))


def test_rmsprop_on_flat_ground_diffuses_at_the_same_rate_whatever_the_noise() -> None:
    sde = rmsprop_langevin([x, y], h * y**2 / 2, s, rate=eta, decay=b2)
    rest = sde.state[2]
    assert sp.solve(sde.drift[2], rest) == [s**2]
    assert sp.simplify(sde.covariance[0, 0].subs(rest, s**2) - eta) == 0


def test_simulated_rmsprop_on_flat_ground() -> None:
    """Var x = eta t (s/(s + epsilon))^2 from s at rest: z-test of the variance of 20 000 Gaussians, level 6e-7.

    At epsilon = 0 it would be 1.44 times as large, 40 standard errors.
    """
    sde = rmsprop_langevin([x, y], h * y**2 / 2, s, rate=eta, decay=b2, epsilon=eps)
    found, _ = model_states(
        sde, {k: VALUES[k] for k in (eta, b2, eps, s, h)}, [0.0, 0.0, 0.25, 0.25], horizon=1.0, steps=100,
        paths=20_000, seed=3,
    )  # fmt: skip
    wanted, error = 0.02 / 1.44, math.sqrt(2 / 20_000)
    assert abs(float(found[0, :, 0].var()) / wanted - 1) < 5 * error
    assert abs(float(found[0, :, 0].var()) / 0.02 - 1) > 20 * error


def test_adam_averages_gradients_over_its_memory() -> None:
    """On flat ground m is Ornstein-Uhlenbeck: variance (1 - b1) s^2 / 2, correlation exp(-(1 - b1) t / eta)."""
    sde = adam_langevin([x, y], h * y**2 / 2, s, rate=eta, momentum=b1, decay=b2)
    alone = SDE(sde.state[2], sde.drift[2], sde.diffusion[2, 0])
    a, root = linear_coefficients(alone, VALUES)
    assert time_correlation(a, root, 0.1).value[0, 0] == pytest.approx(0.05 * 0.25 * math.exp(-0.5), rel=1e-12)


def test_adam_diffuses_on_flat_ground_as_rmsprop() -> None:
    sde = adam_langevin([x, y], h * y**2 / 2, s, rate=eta, momentum=b1, decay=b2, epsilon=eps)
    rest = {sde.state[4]: s**2}
    pair = SDE([x, sde.state[2]], [e.subs(rest) for e in (sde.drift[0], sde.drift[2])], sde.diffusion[[0, 2], 0])
    a, root = linear_coefficients(pair, VALUES)
    gained = covariance_at(a, root, 40.0).value[0, 0] - covariance_at(a, root, 20.0).value[0, 0]
    assert gained == pytest.approx(20 * 0.02 / 1.44, rel=1e-9)


def descended(optimiser: str, rate: float, horizon: float) -> np.ndarray:
    weights = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    squares = torch.full((2,), 0.25, dtype=torch.float64)
    made = torch.optim.RMSprop([weights], lr=rate, alpha=1 - 2 * rate, eps=0.5)
    made.state[weights] = {"step": torch.tensor(0.0), "square_avg": squares}
    if optimiser == "adam":
        made = torch.optim.Adam([weights], lr=rate, betas=(1 - 4 * rate, 1 - 2 * rate), eps=0.5)
        # far from the first step, where the corrections are 1
        made.state[weights] = {
            "step": torch.tensor(1e6), "exp_avg": torch.zeros(2, dtype=torch.float64),
            "exp_avg_sq": squares,
        }  # fmt: skip
    for _ in range(round(horizon / rate)):
        made.zero_grad()
        (weights[0] ** 2 + weights[1] ** 4 / 4).backward()
        made.step()
    return weights.detach().numpy()


@pytest.mark.parametrize("optimiser", ["rmsprop", "adam"])
def test_torch_optimisers_tend_to_the_model(optimiser: str) -> None:
    """Without noise, memories of a fixed time: the distance to torch's own steps is halved with the rate."""
    loss, options = x**2 + y**4 / 4, {"rate": eta, "decay": 1 - 2 * eta, "epsilon": sp.Rational(1, 2)}
    model = rmsprop_langevin([x, y], loss, 0, **options)
    start = [1.0, -2.0, 0.25, 0.25]
    if optimiser == "adam":
        model = adam_langevin([x, y], loss, 0, momentum=1 - 4 * eta, **options)
        start = [1.0, -2.0, 0.0, 0.0, 0.25, 0.25]
    found, _ = model_states(model, {}, start, horizon=1.0, steps=5000, paths=1)
    limit = found[0, 0, :2].numpy()
    far, near = (np.abs(descended(optimiser, rate, 1.0) - limit).max() for rate in (0.02, 0.01))
    assert near < 0.05
    assert 1.6 < far / near < 2.5
