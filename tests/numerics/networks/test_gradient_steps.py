"""Simulated gradient steps against moments of linear regression, with the control variate and without.

Each comparison is a z-test on 64 group means at |z| < 6 (level below 1e-6 with Student's tails); the wrong variants
are more than 20 standard errors away.
"""

import math

import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.errors import NumericsError
from crossproof.numerics.networks.gradient_steps import GradientRuns, gradient_steps
from crossproof.numerics.random.philox import key_words

w, x, noise = sp.symbols("w x noise", real=True)
LOSS = (w * x - noise) ** 2 / 2
N, STEPS, START, SIGMA = 32, 24, 1.5, 0.8
DATA = ((x, 1.0), (noise, SIGMA**2))


def runs(**changed: object) -> GradientRuns:
    arguments = {"start": START, "rate": 1 / N, "steps": STEPS, "paths": 25_600, "key": key_words(7, "steps")}
    return gradient_steps(LOSS, w, DATA, **(arguments | changed))  # type: ignore[arg-type]


def second_moment() -> float:
    factor = 1 - 2 / N + 3 / N**2
    rest = SIGMA**2 / N**2 / (1 - factor)
    return factor**STEPS * (START**2 - rest) + rest


def z(groups: np.ndarray, wanted: float) -> float:
    return float((groups.mean() - wanted) / (groups.std(ddof=1) / math.sqrt(len(groups))))


def test_moments_of_regression() -> None:
    found = runs()
    mean = START * (1 - 1 / N) ** STEPS
    assert found.centre == pytest.approx(mean, rel=1e-12)
    groups = found.mean(w**2, 64)
    assert abs(z(groups, second_moment())) < 6
    assert abs(z(groups, mean**2)) > 20
    spread = found.variance(w, 64)
    assert abs(z(spread, second_moment() - mean**2)) < 6
    assert abs(z(spread, 1.2 * (second_moment() - mean**2))) > 20


def test_the_companion_has_mean_zero_and_the_stated_variance() -> None:
    found = runs(paths=64_000)
    assert abs(z(found.companions.reshape(64, -1).mean(axis=1), 0.0)) < 6
    assert abs(z((found.companions**2).reshape(64, -1).mean(axis=1), found.variance_of_companion)) < 6


def test_the_control_variate_narrows_the_interval_several_times() -> None:
    found = runs()
    plain = (found.weights**2).reshape(64, -1).mean(axis=1)
    assert found.mean(w**2, 64).std() < plain.std() / 3


def test_runs_depend_on_their_key_alone() -> None:
    first, second, third = runs(paths=640), runs(paths=640), runs(paths=640, key=key_words(8, "steps"))
    assert np.array_equal(first.weights, second.weights)
    assert not np.array_equal(first.weights, third.weights)


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(NumericsError, match="rate must be positive"):
        runs(rate=0.0)
    with pytest.raises(NumericsError, match="non-finite"):
        runs(rate=1e300, paths=64)
    for loss in (LOSS * sp.Symbol("stray"), w * x**3, w * sp.exp(x)):
        with pytest.raises(NumericsError, match="degree at most 2"):
            gradient_steps(loss, w, DATA, start=1.0, rate=0.1, steps=1, paths=1, key=(1, 2))
