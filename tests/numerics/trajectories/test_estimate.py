"""The record of an estimate, differences of two, and arguments that no statistic accepts."""

from __future__ import annotations

import math

import numpy as np
import pytest

import crossproof as cp

RNG = np.random.default_rng(0)
PATHS, SAMPLES, MATRICES = RNG.normal(size=(70, 20)), RNG.normal(size=400), RNG.normal(size=(70, 8, 2, 2))
TWICE = np.stack([SAMPLES, SAMPLES], axis=1)


def test_an_estimate_says_what_it_is() -> None:
    found = cp.estimate_exit_time(np.array([1.0, 2.0, 3.0, math.inf]), horizon=4.0)
    assert str(found).splitlines() == [
        "mean exit time up to 4 = 2.5 [0.4457, 4.554] (95 % confidence, 4 paths)",
        "  caveat: 1 of 4 paths are still inside: a lower bound of the mean exit time",
        "  caveat: only 4 replicates: the interval trusts them to be close to Gaussian",
    ]
    assert "shape (20,)" in str(cp.estimate_autocorrelation(PATHS, 1.0, list(range(20))))


def test_differences_cover_and_are_significant() -> None:
    """Level 1e-3; a difference of 0.2 with standard error 0.022 is always found."""
    one, other = (cp.estimate_moments(RNG.normal(size=4000) + shift)[0] for shift in (0.2, 0.0))
    apart = cp.difference(one, other, level=1e-3)
    assert apart.covers(0.2)
    assert not apart.covers(0.0)
    again = cp.difference(other, cp.estimate_moments(RNG.normal(size=4000))[0], level=1e-3)
    assert again.covers(0.0)
    with pytest.raises(cp.DomainError, match="shape"):
        cp.difference(one, cp.estimate_moments(RNG.normal(size=(50, 2)))[0])
    endless = cp.estimate_tail_index(RNG.uniform(size=400), method="moment")
    with pytest.raises(cp.DomainError, match="not finite"):
        cp.difference(endless, endless)


STATISTICS = {
    "time average": lambda p, **o: cp.estimate_time_average(p, **o),
    "autocorrelation": lambda p, **o: cp.estimate_autocorrelation(p, 0.1, [1], **o),
    "autocorrelation time": lambda p, **o: cp.estimate_autocorrelation_time(p, 0.1, **o),
    "memory": lambda p, **o: cp.estimate_memory(p, 1, **o),
    "gap": lambda p, **o: cp.estimate_spectral_gap(p, 0.1, 1, **o),
    "mixing": lambda p, **o: cp.estimate_mixing_time(p, 0.1, distance=0.5, **o),
    "msd": lambda p, **o: cp.estimate_msd(p, 0.1, [1], **o),
    "exponent": lambda p, **o: cp.estimate_msd_exponent(p, 0.1, [1, 2, 4], **o),
    "entropy": lambda p, **o: cp.estimate_entropy_production(p, 0.1, **o),
    "growth": lambda p, **o: cp.estimate_lyapunov(p, 0.1, **o),
    "moments": lambda p, **o: cp.estimate_moments(p, **o),
    "noise": lambda p, **o: cp.estimate_gradient_noise(p, **o),
}


@pytest.mark.parametrize("name", STATISTICS)
def test_bad_paths_and_levels_are_refused(name: str) -> None:
    statistic = STATISTICS[name]
    broken = PATHS.copy()
    broken[3, 4] = math.nan
    for paths, options, message in (
        (broken, {}, "not finite"),
        (PATHS > 0, {}, "array of real numbers"),
        ("paths", {}, "array of real numbers"),
        (np.zeros((2, 3, 4, 5, 6)), {}, "shape"),
        (PATHS, {"level": 0.0}, "level=0.0"),
        (PATHS, {"level": "low"}, "level='low'"),
    ):
        with pytest.raises(cp.DomainError, match=message):
            statistic(paths, **options)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cp.estimate_time_average(PATHS, burn_in=20), "burn_in=20"),
        (lambda: cp.estimate_time_average(PATHS, lambda s: s[:, 0]), "function gave"),
        (lambda: cp.estimate_time_average(PATHS[:1]), "32 batches"),
        (lambda: cp.estimate_density(SAMPLES, [1.0, 0.0]), "edges"),
        (lambda: cp.estimate_density(PATHS, [0.0, 1.0]), r"\(n,\)"),
        (lambda: cp.estimate_autocorrelation(PATHS, 0.0, [1]), "dt=0.0"),
        (lambda: cp.estimate_autocorrelation(PATHS, 0.1, [3, 1]), r"lags=\[3, 1\]"),
        (lambda: cp.estimate_autocorrelation(PATHS, 0.1, [20]), "21 times"),
        (lambda: cp.estimate_autocorrelation(np.ones((9, 9)), 0.1, [1]), "never moves"),
        (lambda: cp.estimate_autocorrelation_time(PATHS, 0.1, window=20), "window=20"),
        (lambda: cp.estimate_memory(PATHS, 0), "lag=0"),
        (lambda: cp.estimate_spectral_gap(PATHS, 0.1, 1, degree=0), "degree=0"),
        (lambda: cp.estimate_spectral_gap(np.stack([PATHS, PATHS], -1), 0.1, 1), "depend on each other"),
        (lambda: cp.estimate_mixing_time(PATHS, 0.1, distance=0.1), "distance=0.1"),
        (lambda: cp.estimate_mixing_time(PATHS[:9], 0.1), "64 paths"),
        (lambda: cp.estimate_gradient_noise(RNG.normal(size=(3, 721))), "721 coordinates"),
        (lambda: cp.estimate_wasserstein(SAMPLES, SAMPLES[:9]), "n >= 32"),
        (lambda: cp.estimate_wasserstein(SAMPLES, PATHS), "coordinates"),
        (lambda: cp.estimate_wasserstein(SAMPLES, SAMPLES, method="fast"), "method='fast'"),
        (lambda: cp.estimate_wasserstein(SAMPLES, SAMPLES, directions=1), "directions=1"),
        (lambda: cp.estimate_mmd(SAMPLES, SAMPLES, bandwidth=0.0), "bandwidth=0.0"),
        (lambda: cp.estimate_mmd(np.zeros(9000), SAMPLES), "8192"),
        (lambda: cp.estimate_kl(SAMPLES, SAMPLES, neighbours=0), "neighbours=0"),
        (lambda: cp.estimate_kl(SAMPLES.round(1), SAMPLES), "repeat"),
        (
            lambda: cp.estimate_kl(np.stack([SAMPLES, SAMPLES], 1), np.stack([SAMPLES] * 2, 1), method="gaussian"),
            "sing",
        ),
        (lambda: cp.estimate_rotation(PATHS, 0.1), "one coordinate"),
        (lambda: cp.estimate_entropy_production(PATHS, 0.1, force=lambda x: -x), "together"),
        (lambda: cp.estimate_entropy_production(PATHS, 0.1, force=lambda x: -x, diffusivity=[[0.0]]), "positive"),
        (lambda: cp.estimate_entropy_production(PATHS, 0.1, force=lambda x: x[0], diffusivity=[[1.0]]), "force gave"),
        (lambda: cp.estimate_msd_exponent(PATHS, 0.1, [1, 2]), "3 at least"),
        (lambda: cp.estimate_msd_exponent(np.ones((9, 9)), 0.1, [1, 2, 4]), "do not move"),
        (lambda: cp.estimate_msd(PATHS, 0.1, [1], average="all"), "average='all'"),
        (lambda: cp.estimate_lyapunov(np.zeros((9, 9)), 0.1), "reach 0"),
        (lambda: cp.estimate_lyapunov_spectrum(np.zeros((9, 9, 2, 2)), 0.1), "singular"),
        (lambda: cp.estimate_lyapunov_spectrum(MATRICES[:, :, :1], 0.1), "shape"),
        (lambda: cp.estimate_tail_index(SAMPLES, largest=200), "largest=200"),
        (lambda: cp.estimate_tail_index(np.zeros(400)), "not 0"),
        (lambda: cp.estimate_tail_index(np.ones(400)), "equal largest"),
        (lambda: cp.estimate_exit_time([1.0, math.inf]), "horizon=inf"),
        (lambda: cp.estimate_exit_time([1.0, -1.0]), ">= 0"),
        (lambda: cp.estimate_exit_rate([1.0, 5.0], horizon=3.0, after=3.0), "after=3.0"),
        (lambda: cp.estimate_exit_rate([1.0, 2.0], horizon=3.0, after=2.5), "no path is inside"),
        (lambda: cp.first_exits(PATHS, 0.1, lambda x: x[..., 0]), "booleans"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(call, message: str) -> None:
    with pytest.raises(cp.DomainError, match=message):
        call()
