"""Exact sums and their statistics: any order of merging, no cancellation, no path dropped silently."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from crossproof.derivations.errors import NumericsError
from crossproof.numerics.kernels.exact_sums import Part, exact, pair_index, sum_count
from crossproof.numerics.kernels.summaries import Exit, Request, Summaries, summarise


def of_states(states: np.ndarray, request: Request | None = None, nonfinite: int = 0) -> Summaries:
    """Return the summaries of final states (paths, d)."""
    request = request or Request()
    n, d = states.shape
    part = Part.empty(1, d, request)
    for i in range(d):
        for k in range(4):
            part.sums[0, 4 * i + k] = math.fsum(states[:, i] ** (k + 1))
        for j in range(i + 1, d):
            part.sums[0, pair_index(d, i, j)] = math.fsum(states[:, i] * states[:, j])
    part.below[0] = [(states[:, i] <= x).sum() for i, row in enumerate(request.cdf) for x in row]
    part.nonfinite[0] = nonfinite
    plan = SimpleNamespace(
        grid=1, paths=n + nonfinite, dt=0.5, request=request, one_step=SimpleNamespace(readout=(0,) * d)
    )
    return summarise(plan, [part])


STATES = np.random.default_rng(0).normal(size=(1001, 3)) @ np.array([[1, 0.5, 0], [0, 2, 0], [0, 1, 1]]) + 3


@pytest.mark.parametrize("value", [0.0, 1.0, -1.5, 5e-324, -1.7976931348623157e308, 0.1])
def test_exact_integers(value: float) -> None:
    assert Fraction(exact(value), 1 << 1074) == Fraction(value)


def test_statistics_are_those_of_the_states() -> None:
    got = of_states(STATES)
    np.testing.assert_allclose(got.mean[0], [math.fsum(c) / 1001 for c in STATES.T], rtol=1e-15)
    np.testing.assert_allclose(got.covariance[0], np.cov(STATES.T), rtol=1e-12)
    np.testing.assert_allclose(got.variance[0], STATES.var(0, ddof=1), rtol=1e-12)
    np.testing.assert_allclose(got.standard_error[0], STATES.std(0, ddof=1) / math.sqrt(1001), rtol=1e-12)
    for k in (2, 3, 4):
        np.testing.assert_allclose(got.moment(k)[0], (STATES**k).mean(0), rtol=1e-14)
        np.testing.assert_allclose(got.central_moment(k)[0], ((STATES - STATES.mean(0)) ** k).mean(0), atol=1e-10)
    assert sum_count(3) == 15


def test_merging_in_any_order_gives_the_same_bits() -> None:
    wide = STATES * 10.0 ** np.arange(-9, 9, 18 / 1001)[:, None]
    parts = [of_states(chunk) for chunk in np.array_split(wide, 7)]
    forward, backward = parts[0], parts[-1]
    for part in parts[1:]:
        forward = forward.merge(part)
    for part in reversed(parts[:-1]):
        backward = part.merge(backward)
    tree = parts[3].merge(parts[0]).merge(parts[6].merge(parts[2])).merge(parts[5].merge(parts[1].merge(parts[4])))
    assert forward.sums == backward.sums == tree.sums
    assert forward.mean.tobytes() == tree.mean.tobytes()
    assert forward.paths.tolist() == [1001]


def test_variance_far_from_the_origin() -> None:
    """Centred exactly: the only loss is the rounding of x^2, 1e-16 of it."""
    shifted = np.round(STATES[:, :1] * 2**20) / 2**20 + 2.0**16
    np.testing.assert_allclose(of_states(shifted).variance[0], shifted.var(0, ddof=1), rtol=1e-5)


def test_distribution_function_and_quantiles() -> None:
    points = tuple(np.linspace(-2, 8, 81).tolist())
    got = of_states(STATES[:, :1], Request(cdf=(points,)))
    np.testing.assert_array_equal(got.cdf()[0], [(STATES[:, 0] <= x).mean() for x in points])
    for p in (0.1, 0.5, 0.9):
        assert got.quantile(p)[0] == pytest.approx(np.quantile(STATES[:, 0], p), abs=0.13)
    with pytest.raises(NumericsError, match="widen"):
        of_states(STATES[:, :1], Request(cdf=((3.0, 4.0),))).quantile(0.01)
    with pytest.raises(NumericsError, match="probability"):
        got.quantile(1.5)


def test_nonfinite_paths_are_neither_dropped_nor_averaged() -> None:
    got = of_states(STATES, nonfinite=2)
    for ask in (lambda: got.mean, lambda: got.covariance, lambda: got.central_moment(3), lambda: got.standard_error):
        with pytest.raises(NumericsError, match="2 of 1003 paths became non-finite"):
            ask()
    np.testing.assert_allclose(got.finite_part().mean[0], STATES.mean(0))
    assert got.merge(of_states(STATES)).nonfinite.tolist() == [2]


def test_a_sum_that_is_not_finite_is_a_defect() -> None:
    with np.errstate(all="ignore"), pytest.raises(NumericsError, match="defect"):
        of_states(STATES * np.nan)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Request(cdf=((1.0, 0.5),)), "ascending"),
        (lambda: Request(cdf=((0.0,), (1.0,))), "1 coordinates"),
        (lambda: Request(cdf=((math.inf,),)), "finite"),
        (lambda: Request(cdf=((math.nan,),)), "cdf.*real numbers"),
        (lambda: Request(cdf=(0.5,)), "cdf.*real numbers"),  # type: ignore[arg-type]
        (lambda: Request(exit=(0.0, 1.0)), "give an Exit"),  # type: ignore[arg-type]
        (lambda: Request(exit=Exit((1.0,), (0.0,))), "lower < upper"),
        (lambda: Request(exit=Exit((1j,), (0.0,))), "lower.*real numbers"),  # type: ignore[arg-type]
        (lambda: Request(exit=Exit((0.0, 0.0), (1.0, 1.0))), "1 coordinates"),
        (lambda: Request(exit=Exit((0.0,), (1.0,), (-1,))), ">= 0"),
        (lambda: Request(exit=Exit((0.0,), (1.0,), (2.5,))), "by_steps"),  # type: ignore[arg-type]
    ],
)
def test_requests_that_do_not_fit(make: Callable[[], Request], match: str) -> None:
    with pytest.raises(NumericsError, match=match):
        make().check(1)


def test_what_was_not_asked_for() -> None:
    got = of_states(STATES)
    with pytest.raises(NumericsError, match="cdf"):
        got.cdf(0)
    with pytest.raises(NumericsError, match="no exit"):
        _ = got.hit_probability
    with pytest.raises(NumericsError, match="order"):
        got.moment(5)
    with pytest.raises(NumericsError, match="merged"):
        got.merge(of_states(STATES[:, :2]))
