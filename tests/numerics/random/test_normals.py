"""The polynomial Box-Muller: accuracy on its whole range, and the law of what it gives.

Each statistical check is at |z| < 5.5 (level 3.8e-8 a look, fewer than 200 looks: 8e-6 in all); a variance off by
2 per cent, a cut tail and a correlation of 0.02 are rejected by the same checks.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

from crossproof.derivations.errors import NumericsError
from crossproof.numerics.random.increments import draws_per_block, increments
from crossproof.numerics.random.normals import direction_float32, direction_float64, radius_float32, radius_float64
from crossproof.numerics.random.philox import key_words

EDGES = [0, 1, 2, 2**23, 2**31 - 1, 2**31, 3037000499, 3037000500, 2**32 - 129, 2**32 - 2, 2**32 - 1]
MOMENTS = {k: math.prod(range(k - 1, 0, -2)) if k % 2 == 0 else 0 for k in range(1, 17)}


def random_words(count: int, seed: int) -> torch.Tensor:
    return torch.randint(0, 2**32, (count,), generator=torch.Generator().manual_seed(seed))


def test_radius_float32() -> None:
    w = torch.cat([torch.tensor(EDGES), random_words(200_000, 0), torch.arange(2**32 - 100_000, 2**32)])
    exact = torch.sqrt(-2 * torch.log((w.double() + 0.5) / 2**32))
    found = radius_float32(w)
    assert found.dtype == torch.float32
    assert bool((found >= 0).all())  # also where u rounds to 1, and never NaN
    assert float((found.double() - exact).abs().max()) < 4e-4  # near u = 1: u has 24 bits, radius 3e-4
    large = exact > 0.1
    assert float((found.double() / exact - 1).abs()[large].max()) < 4e-6
    assert float(found.max()) == pytest.approx(math.sqrt(66 * math.log(2)), rel=1e-6)


def test_radius_float64() -> None:
    high, low = random_words(200_000, 1), random_words(200_000, 2)
    high[: len(EDGES)], low[: len(EDGES)] = torch.tensor(EDGES), torch.tensor(EDGES)
    k = [(int(h) << 21) | (int(w) >> 11) for h, w in zip(high, low, strict=True)]
    exact = np.array([math.sqrt(-2 * math.log1p(-(2**53 - j - 0.5) / 2**53)) if j > 2**52 else 0 for j in k])
    below = np.array([j <= 2**52 for j in k])
    exact[below] = np.sqrt(-2 * np.log((np.array(k, dtype=np.float64)[below] + 0.5) / 2**53))
    found = radius_float64(high, low).numpy()
    assert np.nanmax(np.abs(found - exact)) < 2e-8
    assert np.abs(found / np.maximum(exact, 1e-300) - 1)[exact > 1e-3].max() < 1e-9
    assert np.abs(found / np.maximum(exact, 1e-300) - 1)[exact > 1].max() < 2e-15
    assert float(radius_float64(torch.tensor([0]), torch.tensor([0]))) == pytest.approx(math.sqrt(108 * math.log(2)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_directions_are_the_encoded_angles(dtype: str) -> None:
    w, low = random_words(100_000, 3), random_words(100_000, 4)
    c, s = direction_float32(w) if dtype == "float32" else direction_float64(w, low)
    bits = (w & 0x3FFFFFFF).double() + (0 if dtype == "float32" else low.double() / 2**32)
    t = torch.where(bits >= 2**29, bits - 2**30, bits) / 2**30 * (math.pi / 2)
    cosine, sine = torch.where(w >= 2**31, -torch.cos(t), torch.cos(t)), torch.sin(t)
    swap = (w & 2**30) != 0
    error = 2e-7 if dtype == "float32" else 4e-16
    assert float((c.double() - torch.where(swap, sine, cosine)).abs().max()) < error
    assert float((s.double() - torch.where(swap, cosine, sine)).abs().max()) < error


def worst_moment(z: np.ndarray) -> float:
    """Return the greatest |z| of the moments to order 8."""
    scores = []
    for k in range(1, 9):
        error = math.sqrt((MOMENTS[2 * k] - MOMENTS[k] ** 2) / z.size)
        scores.append(abs(float((z**k).mean()) - MOMENTS[k]) / error)
    return max(scores)


def worst_tail(z: np.ndarray) -> float:
    """Return the greatest |z| of the counts beyond -4, ..., 4."""
    scores = []
    for point in range(-4, 5):
        p = stats.norm.cdf(point)
        scores.append(abs(float((z <= point).mean()) - p) / math.sqrt(p * (1 - p) / z.size))
    return max(scores)


@pytest.fixture(scope="module", params=["float32", "float64"])
def draws(request: pytest.FixtureRequest) -> np.ndarray:
    paths = torch.arange(250_000)
    kind = request.param
    return increments(paths, 0, 8, law="gaussian", dtype=kind, key=key_words(4, "normals")).double().numpy()


def test_moments_and_tails(draws: np.ndarray) -> None:
    assert worst_moment(draws) < 5.5
    assert worst_tail(draws) < 5.5
    assert worst_moment(draws * math.sqrt(1.02)) > 5.5
    assert worst_tail(np.clip(draws, -3.9, 3.9)) > 5.5


def worst_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Return the greatest |z| of the correlations of rows of a and of b, of their squares and of both."""
    n = a.shape[1]
    square = (a**2 - 1) / math.sqrt(2), (b**2 - 1) / math.sqrt(2)
    pairs = [(a, b), square, (a, square[1])]
    return max(float(np.abs(p @ q.T / math.sqrt(n)).max()) for p, q in pairs)


def test_serial_and_cross_stream_correlation(draws: np.ndarray) -> None:
    for lag in range(1, 5):
        assert worst_correlation(draws[0:1], draws[lag : lag + 1]) < 5.5
    assert worst_correlation(draws[:4, :-1], draws[:4, 1:]) < 5.5  # neighbouring paths
    kind = "float32" if np.all(draws == draws.astype(np.float32)) else "float64"
    other = increments(torch.arange(250_000), 0, 4, law="gaussian", dtype=kind, key=key_words(4, "normals", 1))
    assert worst_correlation(draws[:4], other.double().numpy()) < 5.5
    mixed = 0.01 * draws[:4] + math.sqrt(1 - 1e-4) * other.double().numpy()
    mixed[0] = 0.02 * draws[0] + math.sqrt(1 - 4e-4) * mixed[0]
    assert worst_correlation(draws[:4], mixed) > 5.5


@pytest.mark.parametrize("law", ["gaussian", "two-point", "three-point"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_draws_are_counted_across_blocks(law: str, dtype: str) -> None:
    arguments = {"law": law, "dtype": dtype, "key": key_words(5)}
    paths, size = torch.arange(10), draws_per_block(law, dtype)  # type: ignore[arg-type]
    whole = increments(paths, 0, 2 * size + 3, **arguments)  # type: ignore[arg-type]
    for first, count in ((0, 1), (size - 1, 3), (size + 1, size)):
        part = increments(paths, first, count, **arguments)  # type: ignore[arg-type]
        assert torch.equal(part, whole[first : first + count])
    assert whole.dtype == getattr(torch, dtype)


@pytest.mark.parametrize(("law", "fourth"), [("two-point", 1.0), ("three-point", 3.0)])
def test_discrete_laws(law: str, fourth: float) -> None:
    z = increments(torch.arange(100_000), 0, 4, law=law, dtype="float64", key=key_words(6)).numpy()  # type: ignore[arg-type]
    n = z.size
    assert abs(z.mean()) * math.sqrt(n) < 5.5
    assert abs((z**3).mean()) * math.sqrt(n) < 5.5 * 3
    assert abs((z**2).mean() - 1) * math.sqrt(n) <= 5.5 * math.sqrt(fourth - 1) + 1e-9
    assert abs((z**4).mean() - fourth) * math.sqrt(n) <= 5.5 * 3 * math.sqrt(fourth - 1) + 1e-9
    assert set(np.round(np.unique(z), 9)) == ({-1.0, 1.0} if fourth == 1 else {-1.732050808, 0.0, 1.732050808})


def test_refuses_draws_that_are_not_there() -> None:
    with pytest.raises(NumericsError, match="first must be >= 0"):
        increments(torch.arange(2), -1, 1, law="gaussian", dtype="float32", key=(0, 0))
