"""Intervals from independent paths: their coverage, streams, batches of one path, and what they are warned of."""

from __future__ import annotations

import numpy as np
import pytest

import crossproof as cp
from crossproof.numerics.trajectories.replication import jackknife


def covered(hits: list[bool], confidence: float) -> None:
    """Level 1e-3 for the right coverage; a standard error too small by a third, of coverage 0.81, always fails."""
    error = (confidence * (1 - confidence) / len(hits)) ** 0.5
    assert abs(np.mean(hits) - confidence) < 3.3 * error, np.mean(hits)


def test_intervals_of_time_averages_cover(ou) -> None:
    squares = ou(paths=400 * 40, times=41, seed=5)[..., 0].reshape(400, 40, 41) ** 2
    covered([cp.estimate_time_average(x).covers(0.5) for x in squares], 0.95)


def test_a_standard_error_over_all_times_does_not_cover(ou) -> None:
    """Times of one path are no replicates: an interval that takes them for such fails the same check."""
    squares = ou(paths=400 * 40, times=41, seed=5)[..., 0].reshape(400, 40 * 41) ** 2
    half = 1.96 * squares.std(axis=1) / squares.shape[1] ** 0.5
    with pytest.raises(AssertionError):
        covered(list(np.abs(squares.mean(axis=1) - 0.5) < half), 0.95)


def test_intervals_of_batches_cover(ou) -> None:
    paths = ou(paths=300, times=32 * 60, dt=0.25, seed=6)
    covered([cp.estimate_time_average(x[None]).covers(0.0) for x in paths], 0.95)
    found = cp.estimate_time_average(paths[:1])
    assert (found.paths, found.caveats) == (1, ())
    assert found.method == "batch means of 32 batches"


def test_batches_that_are_too_short_are_noticed(ou) -> None:
    found = cp.estimate_time_average(ou(paths=1, times=320, dt=0.02, seed=3))
    assert any("batches are correlated" in c for c in found.caveats)


def test_a_stream_gives_what_the_array_gives(ou) -> None:
    paths = 1e6 + ou(paths=301, times=41)
    whole = cp.estimate_autocorrelation(paths, 0.1, [1, 10])
    chunks = (paths[k : k + 70] for k in range(0, 301, 70))
    streamed = cp.estimate_autocorrelation(chunks, 0.1, [1, 10])
    # only the origin differs, which is the mean of the first chunk
    np.testing.assert_allclose(streamed.value, whole.value, rtol=1e-9)
    np.testing.assert_allclose(streamed.standard_error, whole.standard_error, rtol=1e-7)
    assert streamed.paths == whole.paths == 301


def test_the_jackknife_takes_off_the_bias_of_a_square() -> None:
    """E (mean)^2 = 1/n for centred samples: unequal groups too."""
    rng = np.random.default_rng(0)
    counts = np.array([3.0, 4, 5, 4, 4])
    found, plain = [], []
    for _ in range(4000):
        sums = rng.standard_normal(5)[:, None] * counts[:, None] ** 0.5
        found.append(jackknife(sums, counts, lambda m: m[0] ** 2)[0])
        plain.append((sums.sum() / 20) ** 2)
    assert abs(np.mean(plain) - 0.05) < 0.005
    assert abs(np.mean(found)) < 0.005


def test_paths_that_rule_the_variance_are_noticed() -> None:
    """The mean of a Pareto law of index 0.6 does not exist."""
    samples = np.random.default_rng(2).pareto(0.6, 4000)
    mean, _ = cp.estimate_moments(samples)
    assert any("more than half of the variance" in c for c in mean.caveats)
    assert cp.estimate_moments(np.random.default_rng(2).exponential(size=4000))[0].caveats == ()


def test_few_paths_and_one_path_in_a_stream() -> None:
    paths = np.random.default_rng(0).normal(size=(3, 10))
    assert "only 3 replicates" in cp.estimate_time_average(paths).caveats[0]
    with pytest.raises(cp.DomainError, match="single path"):
        cp.estimate_time_average(iter([paths[:1]]))
    with pytest.raises(cp.DomainError, match="empty stream"):
        cp.estimate_time_average(iter([]))
    with pytest.raises(cp.DomainError, match="after"):
        cp.estimate_time_average(iter([paths, paths[:, :5]]))
