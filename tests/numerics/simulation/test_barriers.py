"""Exits with the bridge against closed forms and the scale function; watching the grid alone is rejected.

Each comparison is a z-test of a mean or a share over n independent paths at |z| < 5, level 6e-7. At the steps used here
exits watched on the grid alone are off by more than 20 standard errors, so that the same test rejects them with
certainty; the assertion is |z| > 10.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
import torch
from scipy.stats import norm

from crossproof.derivations.errors import DomainError, NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.diffusions.first_passage import exit_probability, mean_exit_time
from crossproof.numerics.random.increments import increments
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.simulation.barriers import Exits, exit_times
from crossproof.numerics.simulation.bridges import crossing_probability, passage_time

x, mu = real("x, mu")
s, sigma, k = positive("s, sigma, k")
DRIFTED = SDE(x, mu, sigma)
PARAMETERS = {mu: sp.Rational(2, 5), sigma: 1}
LOW, START, HIGH = -1.0, 0.2, 1.5


def z_mean(values: torch.Tensor, wanted: float) -> float:
    sample = values.to(torch.float64)
    return float((sample.mean() - wanted) / (sample.std() / math.sqrt(len(sample))))


def z_share(hit: torch.Tensor, wanted: float) -> float:
    return float((hit.double().mean() - wanted) / math.sqrt(wanted * (1 - wanted) / len(hit)))


def drifted(bridge: bool, dt: float = 0.25, **changed: object) -> Exits:
    arguments = {"low": LOW, "high": HIGH, "dt": dt, "steps": int(40 / dt), "paths": 60_000, "bridge": bridge}
    return exit_times(DRIFTED, PARAMETERS, START, key=key_words(1, "exits"), **(arguments | changed))  # type: ignore[arg-type]


def closed_forms() -> tuple[float, float]:
    rate = 2 * 0.4
    p = (1 - math.exp(-rate * (START - LOW))) / (1 - math.exp(-rate * (HIGH - LOW)))
    return p, (HIGH * p + LOW * (1 - p) - START) / 0.4


@pytest.mark.slow
def test_drifted_brownian_motion_exits_exactly_at_a_coarse_step() -> None:
    probability, mean = closed_forms()
    found = drifted(bridge=True)
    assert bool((found.side != 0).all())
    assert abs(z_share(found.side == 1, probability)) < 5
    assert abs(z_mean(found.time, mean)) < 5


def test_watching_the_grid_alone_is_rejected() -> None:
    found = drifted(bridge=False)
    assert abs(z_mean(found.time, closed_forms()[1])) > 10


@pytest.mark.slow
def test_another_drift_is_rejected() -> None:
    probability, _ = closed_forms()
    found = exit_times(
        DRIFTED, {mu: 0.5, sigma: 1}, START, low=LOW, high=HIGH, dt=0.25, steps=160, paths=60_000, key=key_words(2)
    )
    assert abs(z_share(found.side == 1, probability)) > 10


def test_distribution_of_the_hitting_time_of_one_barrier() -> None:
    found = drifted(bridge=True, low=-math.inf, dt=0.5, steps=4)
    grid = drifted(bridge=False, low=-math.inf, dt=0.5, steps=4)
    gap = HIGH - START
    for t in (0.3, 0.9, 2.0):  # inside a step too
        hit = norm.cdf((0.4 * t - gap) / math.sqrt(t)) + math.exp(0.8 * gap) * norm.cdf((-0.4 * t - gap) / math.sqrt(t))
        assert abs(z_share(found.time <= t, hit)) < 5
    assert abs(z_share(grid.time <= 2.0, hit)) > 10
    assert not bool((found.side < 0).any())


def test_ornstein_uhlenbeck_against_the_scale_function() -> None:
    def drift(y: np.ndarray) -> np.ndarray:
        return -2.0 * y

    def variance(y: np.ndarray) -> np.ndarray:
        return 0.0 * y + 0.49

    ends = {"low": -0.4, "high": 0.5}
    probability = exit_probability(drift, variance, start=0.1, **ends).value
    mean = mean_exit_time(drift, variance, start=0.1, **ends).value

    def simulated(scheme: str, bridge: bool, dt: float) -> Exits:
        equation, values = SDE(x, -k * x, sigma), {k: 2, sigma: 0.7}
        arguments = {"steps": int(20 / dt), "paths": 6_000, "scheme": scheme, "bridge": bridge}
        return exit_times(equation, values, 0.1, dt=dt, key=key_words(3), **ends, **arguments)  # type: ignore[arg-type]

    for scheme, dt in (("exact", 1 / 32), ("euler-maruyama", 1 / 256)):
        found = simulated(scheme, True, dt)
        assert abs(z_share(found.side == 1, probability)) < 5
        assert abs(z_mean(found.time, mean)) < 5
    assert abs(z_mean(simulated("exact", False, 1 / 32).time, mean)) > 10
    assert abs(z_mean(found.time, 0.5 * 0.4 / 0.49)) > 10  # Brownian motion without the drift


def test_multiplicative_noise_in_the_logarithm() -> None:
    # ln s is Brownian motion of drift mu - 1/2: exact at any step
    equation = SDE(s, mu * s, s)
    rate = 2 * (0.9 - 0.5)
    p = (1 - 2.0**-rate) / (1 - 6.0**-rate)
    found = exit_times(
        equation,
        {mu: 0.9},
        1.0,
        low=0.5,
        high=3.0,
        dt=0.125,
        steps=400,
        paths=40_000,
        key=key_words(4),
        scheme="log-euler-maruyama",
    )
    assert abs(z_share(found.side == 1, p)) < 5


def test_crossing_probability_of_a_sampled_bridge() -> None:
    # bridges of 256 steps, watched at the grid with the barrier moved by 0.5826 sqrt(v/256) (Broadie and others 1997)
    n, paths, barrier, end, variance = 256, 10_000, 0.9, 0.3, 0.7
    dw = increments(torch.arange(paths), 0, n, law="gaussian", dtype="float64", key=key_words(5)) * math.sqrt(
        variance / n
    )
    walk = dw.cumsum(0)
    share = torch.arange(1, n + 1)[:, None] / n
    top = (walk - share * walk[-1] + share * end).amax(0)
    wanted = float(crossing_probability(torch.zeros(1), torch.tensor([end]), barrier, variance))
    shifted = barrier - 0.5826 * math.sqrt(variance / n)
    assert wanted == pytest.approx(math.exp(-2 * 0.9 * 0.6 / 0.7), rel=1e-6)
    assert abs(z_share(top >= shifted, wanted)) < 5
    assert abs(z_share(top >= shifted, math.exp(-0.9 * 0.6 / 0.7))) > 10  # without the factor two


def test_crossing_is_certain_beyond_and_impossible_at_infinity() -> None:
    here, there = torch.tensor([0.0, 0.0]), torch.tensor([2.0, -1.0])
    assert crossing_probability(here, there, 1.0, 0.5).tolist() == [1.0, pytest.approx(math.exp(-8))]
    assert crossing_probability(here, there, math.inf, 0.5).tolist() == [0.0, 0.0]


def test_passage_time_on_the_barrier_is_finite() -> None:
    ones = torch.ones(3, dtype=torch.float64)
    share = passage_time(0 * ones, torch.tensor([1.0, 1.0, 2.0]).double(), 1.0, 0.5, ones * 0.3, ones * 0.9)
    assert bool(((share > 0) & (share < 1)).all())


def test_paths_do_not_depend_on_their_company() -> None:
    whole = drifted(bridge=True, paths=50)
    part = drifted(bridge=True, paths=20, first_path=30)
    assert torch.equal(whole.time[30:], part.time)
    assert torch.equal(whole.side[30:], part.side)


@pytest.mark.parametrize(
    ("changed", "error", "match"),
    [
        ({"low": 0.5}, DomainError, "low < start < high"),
        ({"dt": -0.1}, NumericsError, "dt=-0.1"),
        ({"dt": 2.0, "steps": 5}, NumericsError, "take dt <= 0.39"),
        ({"scheme": "weak-1"}, NumericsError, "Gaussian"),
    ],
)
def test_bad_arguments(changed: dict[str, object], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        drifted(bridge=True, **({"steps": 4} | changed))


def test_bad_equations() -> None:
    common = {"low": LOW, "high": HIGH, "dt": 0.1, "steps": 3, "paths": 10, "key": key_words(0)}
    with pytest.raises(NumericsError, match="one state variable"):
        exit_times(SDE([x, s], [0, 0], [1, 1]), {}, 0.0, **common)  # type: ignore[arg-type]
    with pytest.raises(NumericsError, match="sigma"):
        exit_times(DRIFTED, {mu: 1}, 0.0, **common)  # type: ignore[arg-type]
    with pytest.raises(NumericsError, match="non-finite"):
        exit_times(SDE(x, x**9 * 10**300, 1), {}, 0.5, **(common | {"low": -math.inf, "high": math.inf, "dt": 9.0}))  # type: ignore[arg-type]
    with pytest.raises(DomainError, match="not positive"):
        crossing_probability(torch.zeros(1), torch.zeros(1), 1.0, 0.0)


def test_a_control_variate_has_mean_zero_and_narrows_the_mean() -> None:
    """For constant drift and noise the time at one end is level - start - sigma B over the drift, all but exactly."""
    plain = drifted(bridge=True, low=-math.inf, steps=1000, paths=20_000)
    found = drifted(bridge=True, low=-math.inf, steps=1000, paths=20_000, control=sigma / mu)
    assert bool((plain.control == 0).all())
    assert bool((plain.time == found.time).all())
    assert abs(z_mean(found.control, 0.0)) < 5
    assert abs(z_mean(found.time + found.control, (HIGH - START) / 0.4)) < 5
    assert float((found.time + found.control).std()) < float(found.time.std()) / 5
    with pytest.raises(NumericsError, match="needs one noise"):
        exit_times(SDE(x, mu, [[1, 1]]), {mu: 1}, 0.0, high=1.0, dt=0.1, steps=1, paths=1, key=(1, 2), control=mu)
