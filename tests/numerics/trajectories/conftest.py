"""Exact samples of processes with closed forms, and the check that a statistic reproduces one and rejects another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import ArrayLike
from scipy import linalg

from crossproof import PathEstimate

Array = np.ndarray

#: Probability that a right reference falls out of an interval: of a thousand seeds one fails a test of one entry.
LEVEL = 1e-3


def exact_linear(
    drift: ArrayLike,
    diffusivity: ArrayLike,
    *,
    paths: int,
    times: int,
    dt: float,
    seed: int,
    start: Array | None = None,
) -> Array:
    """Return stationary (or started) paths of dx = A x dt + sqrt(2 D) dB without discretisation error."""
    a, d = np.atleast_2d(drift), np.atleast_2d(diffusivity)
    c = linalg.solve_continuous_lyapunov(a, -2 * d)
    flow = linalg.expm(a * dt)
    noise = np.linalg.cholesky(c - flow @ c @ flow.T)
    rng = np.random.default_rng(seed)
    found = np.empty((times, paths, len(a)))
    first = rng.standard_normal((paths, len(a))) @ np.linalg.cholesky(c).T
    found[0] = first if start is None else start
    for k in range(1, times):
        found[k] = found[k - 1] @ flow.T + rng.standard_normal((paths, len(a))) @ noise.T
    return found.transpose(1, 0, 2)


@pytest.fixture
def ou() -> Callable[..., Array]:
    """Ornstein-Uhlenbeck paths of rate 1 and variance 1/2, or other linear ones."""

    def draw(drift: ArrayLike = -1.0, diffusivity: ArrayLike = 0.5, **sizes: object) -> Array:
        given: dict = {"paths": 2000, "times": 101, "dt": 0.1, "seed": 1, **sizes}
        return exact_linear(drift, diffusivity, **given)

    return draw


@pytest.fixture
def reproduces(record_property: Callable[[str, object], None]) -> Callable[[PathEstimate, ArrayLike, ArrayLike], None]:
    """Assert that an estimate at LEVEL covers the reference, and excludes a wrong one in every entry that differs.

    Value, interval and reference are properties of the test in ``pytest --junitxml``.
    """

    def check(estimate: PathEstimate, reference: ArrayLike, wrong: ArrayLike) -> None:
        assert estimate.level == LEVEL
        sides = (estimate.value, estimate.low, estimate.high, reference)
        record_property(estimate.name, [np.asarray(side).tolist() for side in sides])
        assert estimate.covers(reference), f"{estimate} misses {reference}"
        low, high = np.asarray(estimate.low), np.asarray(estimate.high)
        other = np.broadcast_to(wrong, low.shape)
        differs = other != np.broadcast_to(reference, low.shape)
        assert differs.any()
        assert np.all(((other < low) | (other > high))[differs]), f"{estimate} does not exclude {wrong}"

    return check
