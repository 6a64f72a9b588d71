"""Gradient-noise covariance of linear regression, and what too few gradients make of singular values."""

from __future__ import annotations

import numpy as np
import torch

import crossproof as cp

LEVEL = 1e-3


def gradients(n: int, w: np.ndarray, noise: float, seed: int) -> np.ndarray:
    """Return autograd's gradients of (theta.x - y)^2/2 for y = theta_0.x + noise, with w = theta - theta_0."""
    rng = np.random.default_rng(seed)
    x = torch.tensor(rng.standard_normal((n, len(w))))
    y = torch.tensor(noise * rng.standard_normal(n))
    theta = torch.tensor(w).expand(n, -1).clone().requires_grad_()
    loss = ((theta * x).sum(dim=1) - y).square().sum() / 2
    return torch.autograd.grad(loss, theta)[0].numpy()


def test_the_covariance_of_linear_regression(reproduces) -> None:
    """(|w|^2 + s^2) I + w w^T for Gaussian inputs and label noise s; its singular values are |w|^2 + s^2, + |w|^2."""
    w = np.array([1.0, 2.0, -1.0])
    found = gradients(60000, w, 1.5, seed=1)
    covariance, values = cp.estimate_gradient_noise(iter(np.split(found, 4)), level=LEVEL)
    exact = (w @ w + 1.5**2) * np.eye(3) + np.outer(w, w)
    reproduces(covariance, exact, exact + 1.3)
    assert np.all(np.abs(covariance.value - exact) < 0.02 * exact.max())
    base = w @ w + 1.5**2
    reproduces(values, [base + w @ w, base, base], [base, 1.1 * base, 0.9 * base])
    assert any("not told apart" in c for c in values.caveats)


def test_a_batch_has_less_noise(reproduces) -> None:
    w = np.array([1.0, 0.0])
    batches = gradients(32000, w, 1.0, seed=2).reshape(4000, 8, 2).mean(axis=1)
    covariance, _ = cp.estimate_gradient_noise(batches, level=LEVEL)
    reproduces(covariance, np.array([[3.0, 0], [0, 2.0]]) / 8, np.array([[3.0, 0], [0, 2.0]]) / 7)


def test_too_few_gradients_spread_equal_values() -> None:
    """100 gradients of 50 parameters, covariance I: the largest value is near (1 + sqrt(1/2))^2 = 2.9."""
    _, values = cp.estimate_gradient_noise(np.random.default_rng(3).standard_normal((100, 50)), level=LEVEL)
    assert values.low[0] > 1.0
    assert "spread equal values over 0.086 to 2.9" in values.caveats[0]
    assert np.all(np.diff(values.value) <= 0)
    _, rank = cp.estimate_gradient_noise(np.random.default_rng(3).standard_normal((20, 30)))
    assert "only 19 can differ from 0" in rank.caveats[0]
    assert np.all(np.abs(rank.value[19:]) < 1e-12)
