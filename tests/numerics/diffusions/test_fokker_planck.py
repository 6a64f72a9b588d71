"""The time-dependent Fokker-Planck solver against closed forms, its errors included."""

import math
import time

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from crossproof.derivations.errors import DomainError, NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.diffusions.boundaries import NATURAL, Boundary, absorbing, reflecting
from crossproof.numerics.diffusions.fokker_planck import solve_fokker_planck, solve_mean
from crossproof.numerics.diffusions.scalar_diffusion import ScalarDiffusion
from crossproof.numerics.diffusions.stationary import stationary_law

x = real("x")
s = positive("s")
brownian = ScalarDiffusion(SDE(x, 0 * x, 1))
a, v = sp.Rational(1), sp.Rational(1, 2)
LOGISTIC = ScalarDiffusion(SDE(s, 2 * s * ((a + v / 2) - s), 2 * sp.sqrt(v) * s))


def logistic_mean(alpha, rate, start, horizon):
    r"""Return E[s_T] of ds = 2 s (alpha - s) dt + 2 sqrt(rate) s dB to 20 digits, by no grid.

    The Laplace transform in T solves (lambda - L) u = s: the particular solution s 2F2 / (lambda - 2 alpha), minus
    the multiple of Kummer's solution s^mu M that leaves u bounded at infinity; it is inverted by Talbot's contour.
    """
    with mpmath.workdps(30):
        alpha, rate, start = mpmath.mpf(alpha), mpmath.mpf(rate), mpmath.mpf(start)

        def transform(p):
            total = 1 - alpha / rate
            up = (total + mpmath.sqrt(total**2 + 2 * p / rate)) / 2
            down = total - up
            c, at = 2 * up + alpha / rate, start / rate
            particular = start / (p - 2 * alpha) * mpmath.hyper([1, 1], [2 - up, 2 - down], at)
            growth = rate * mpmath.gamma(2 - up) * mpmath.gamma(2 - down) * mpmath.gamma(up)
            growth /= (p - 2 * alpha) * rate**up * mpmath.gamma(c)
            return particular - growth * start**up * mpmath.hyp1f1(up, c, at)

        return float(mpmath.invertlaplace(transform, horizon, method="talbot", degree=40))


def two_barriers(x0, low, high, t):
    width = high - low
    n = np.arange(1, 400)
    terms = 2 / (n * np.pi) * (1 - (-1.0) ** n) * np.sin(n * np.pi * (x0 - low) / width)
    return float((terms * np.exp(-(n**2) * np.pi**2 * t / (2 * width**2))).sum())


def folded(x0, t):
    d = x0 / math.sqrt(t)
    return math.sqrt(2 * t / math.pi) * math.exp(-d * d / 2) + x0 * (1 - 2 * stats.norm.cdf(-d))


def ou(k):
    return ScalarDiffusion(SDE(x, -k * x, sp.sqrt(2)))


# (name, law as a function of cells, closed form)
BATTERY = [
    ("OU mean", lambda n: solve_fokker_planck(ou(1), 1.5, 0.7, cells=n).expectation(lambda y: y), 1.5 * math.exp(-0.7)),
    (
        "OU second moment after long",
        lambda n: solve_fokker_planck(ou(2), -1, 40.0, cells=n).expectation(lambda y: y**2),
        0.5,
    ),
    (
        "OU from six deviations",
        lambda n: solve_fokker_planck(ou(1), 6.0, 1.0, cells=n).expectation(lambda y: y**2),
        36 * math.exp(-2) + 1 - math.exp(-2),
    ),
    (
        "OU from ten deviations",
        lambda n: solve_fokker_planck(ou(1), 10.0, 1.0, cells=2 * n).expectation(lambda y: y),
        10 * math.exp(-1),
    ),
    (
        "OU distribution function",
        lambda n: solve_fokker_planck(ou(1), 1.5, 0.7, cells=n).cdf(0.2),
        stats.norm.cdf(0.2, 1.5 * math.exp(-0.7), math.sqrt(1 - math.exp(-1.4))),
    ),
    (
        "OU density",
        lambda n: solve_fokker_planck(ou(1), 1.5, 0.7, cells=n).density(0.2),
        stats.norm.pdf(0.2, 1.5 * math.exp(-0.7), math.sqrt(1 - math.exp(-1.4))),
    ),
    (
        "geometric Brownian motion in the logarithm",
        lambda n: solve_fokker_planck(ScalarDiffusion(SDE(s, s / 2, s)), 0.3, 1.0, cells=n).expectation(lambda y: y),
        0.3 * math.exp(0.5),
    ),
    (
        "square root process in the logarithm",
        lambda n: solve_fokker_planck(ScalarDiffusion(SDE(s, 3 - s, sp.sqrt(s))), 0.4, 0.8, cells=n).cdf(2.0),
        # 4 k X_T / (sigma^2 (1 - e^{-kT})) is noncentral chi-squared
        stats.ncx2.cdf(8 / (1 - math.exp(-0.8)), 12, 1.6 * math.exp(-0.8) / (1 - math.exp(-0.8))),
    ),
    (
        "Student noise",
        lambda n: solve_fokker_planck(
            ScalarDiffusion(SDE(x, -4 * x, sp.sqrt(1 + x**2))), 0.5, 0.3, cells=n
        ).expectation(lambda y: y**2),
        1 / 7 + (0.25 - 1 / 7) * math.exp(-2.1),
    ),
    (
        "Jacobi process in the logit",
        lambda n: solve_fokker_planck(
            ScalarDiffusion(SDE(x, 4 * (sp.Rational(1, 3) - x), sp.sqrt(x * (1 - x))), support=(0, 1)),
            0.6,
            0.4,
            cells=n,
        ).expectation(lambda y: y),
        1 / 3 + (0.6 - 1 / 3) * math.exp(-1.6),
    ),
    (
        "one absorbing end",
        lambda n: solve_fokker_planck(brownian, 1.0, 2.0, low=absorbing(0), cells=n).survival(),
        1 - 2 * stats.norm.cdf(-1 / math.sqrt(2)),
    ),
    (
        "absorbed by a drift",
        lambda n: solve_fokker_planck(
            ScalarDiffusion(SDE(x, -1 + 0 * x, 1)), 1.0, 1.5, low=absorbing(0), cells=n
        ).absorbed("low"),
        stats.norm.cdf(0.5 / math.sqrt(1.5)) + math.exp(2) * stats.norm.cdf(-2.5 / math.sqrt(1.5)),
    ),
    (
        "two absorbing ends",
        lambda n: solve_fokker_planck(brownian, 0.3, 0.8, low=absorbing(-1), high=absorbing(2), cells=n).survival(),
        two_barriers(0.3, -1, 2, 0.8),
    ),
    (
        "reflecting end",
        lambda n: solve_fokker_planck(brownian, 0.5, 2.0, low=reflecting(0), cells=n).expectation(lambda y: y),
        folded(0.5, 2.0),
    ),
    (
        "logistic with multiplicative noise",
        lambda n: solve_fokker_planck(LOGISTIC, 0.05, 1.0, cells=n).expectation(lambda y: y),
        logistic_mean("1.25", "0.5", "0.05", 1),
    ),
]


@pytest.mark.parametrize(("name", "answer", "exact"), BATTERY, ids=[b[0] for b in BATTERY])
def test_true_error_is_below_the_estimate_which_is_not_vacuous(name, answer, exact):
    for cells in (128, 256, 512):
        found = answer(cells)
        true = abs(found.value - exact)
        assert true <= found.error, cells
        if cells > 128:
            assert found.error <= max(100 * true, 1e-5 * abs(exact)), cells
    assert found.error < 1e-5 * max(1, abs(exact))


@settings(max_examples=30, deadline=None)
@given(st.floats(-2, 4), st.floats(-1, 2), st.floats(-3, 3), st.floats(-5, 3), st.floats(-2, 2))
def test_errors_are_honest_for_any_ornstein_uhlenbeck_process(log_rate, log_noise, start, log_time, at):
    """From short times to far beyond relaxation; the noise may be too small for the grid, which is said."""
    rate, noise, horizon = math.exp(log_rate), math.exp(log_noise), math.exp(log_time)
    process = ScalarDiffusion(SDE(x, -rate * x, noise))
    try:
        law = solve_fokker_planck(process, start, horizon, cells=256)
    except NumericsError:
        with pytest.raises(NumericsError, match="resolve"):
            solve_fokker_planck(process, start, horizon, cells=256)
        return
    mean = start * math.exp(-rate * horizon)
    variance = noise**2 * -math.expm1(-2 * rate * horizon) / (2 * rate)
    found = law.expectation(lambda y: y)
    assert abs(found.value - mean) <= found.error
    found = law.expectation(lambda y: y**2)
    assert abs(found.value - mean**2 - variance) <= found.error
    quantile = mean + at * math.sqrt(variance)
    found = law.cdf(quantile)
    assert abs(found.value - stats.norm.cdf(at)) <= found.error


def test_long_times_reach_the_stationary_law():
    well = ScalarDiffusion(SDE(x, x - x**3, sp.sqrt(1 + x**2) / 2))
    late = solve_fokker_planck(well, 1.0, 400.0).expectation(lambda y: y**2)
    limit, error = stationary_law(well).mean(lambda y: y**2)
    assert abs(late.value - limit) <= late.error + error < 1e-8


def test_a_wrong_drift_is_seen():
    wrong = ScalarDiffusion(SDE(s, 2 * s * (sp.Rational(126, 100) - s), 2 * sp.sqrt(v) * s))
    found = solve_fokker_planck(wrong, 0.05, 1.0).expectation(lambda y: y)
    assert abs(found.value - logistic_mean("1.25", "0.5", "0.05", 1)) > 1e3 * found.error


def test_the_mean_of_the_logistic_equation_to_1e_minus_5():
    exact = logistic_mean("1.25", "0.5", "0.05", 1)
    found = solve_mean(LOGISTIC, 0.05, 1.0, tolerance=1e-5)
    assert abs(found.value / exact - 1) <= found.error / exact <= 1e-5
    sharp = solve_mean(LOGISTIC, 0.05, 1.0, tolerance=1e-9)
    assert abs(sharp.value / exact - 1) <= 1e-9


def test_a_solve_is_a_matter_of_milliseconds():
    solve_mean(LOGISTIC, 0.05, 1.0)
    times = []
    for _ in range(5):
        began = time.thread_time()
        solve_mean(LOGISTIC, 0.05, 1.0)
        times.append(time.thread_time() - began)
    # ten times the aim, for machines under load
    assert min(times) < 0.1


def test_mass_is_conserved_and_leakage_small():
    law = solve_fokker_planck(LOGISTIC, 0.05, 1.0)
    assert law.mass_defect < 1e-12
    assert law.leakage < 1e-11
    assert law.range[0] < 0.05 < law.range[1]
    stopped = solve_fokker_planck(brownian, 0.3, 0.8, low=absorbing(-1), high=absorbing(2))
    total = stopped.absorbed("low").value + stopped.absorbed("high").value + stopped.survival().value
    assert total == pytest.approx(1, abs=1e-9)
    assert stopped.leakage == 0


def test_far_barriers_are_never_reached():
    far = solve_fokker_planck(brownian, 0.0, 1e-4, low=absorbing(-50), high=reflecting(50))
    assert far.survival().value == pytest.approx(1, abs=1e-9)
    second = far.expectation(lambda y: y**2)
    assert abs(second.value - 1e-4) <= second.error


def test_distribution_function_at_and_beyond_the_ends():
    law = solve_fokker_planck(brownian, 0.3, 0.8, low=absorbing(-1), high=absorbing(2))
    assert law.cdf(-5).value == law.absorbed("low").value
    assert law.cdf(9).value == pytest.approx(1 - law.absorbed("high").value, abs=1e-9)
    assert law.density(7).value == 0


def test_linear_and_logarithmic_coordinates_agree():
    sde = SDE(s, 3 - s, sp.sqrt(s))
    log = solve_mean(ScalarDiffusion(sde), 4.0, 0.02, tolerance=1e-8)
    linear = solve_mean(ScalarDiffusion(sde, coordinate="linear"), 4.0, 0.02, tolerance=1e-8)
    assert log.value == pytest.approx(3 + math.exp(-0.02), rel=1e-8)
    assert log.value == pytest.approx(linear.value, rel=2e-8)


def test_a_natural_end_that_is_reached_is_refused():
    # the square root process with a small drift reaches 0; in the linear coordinate the noise vanishes there
    sde = SDE(s, sp.Rational(1, 10) - s, sp.sqrt(s))
    with pytest.raises(NumericsError, match=r"finite and positive|is reached"):
        solve_fokker_planck(ScalarDiffusion(sde, coordinate="linear"), 0.3, 1.0)
    with pytest.raises(NumericsError, match=r"is reached|finite and positive"):
        solve_fokker_planck(ScalarDiffusion(sde), 0.3, 1.0)


def test_explosion_is_refused():
    with pytest.raises(NumericsError, match=r"is reached|finite and positive|too large"):
        solve_fokker_planck(ScalarDiffusion(SDE(x, x**3, 1)), 1.0, 5.0)


def test_noise_too_small_for_the_grid_is_refused():
    thin = ScalarDiffusion(SDE(x, -x, sp.Rational(1, 100)))
    with pytest.raises(NumericsError, match="do not resolve; give at least"):
        solve_fokker_planck(thin, 1.0, 1.0)
    with pytest.raises(NumericsError, match="too weak"):
        solve_fokker_planck(thin, 1.0, 1.0, cells=8192)


def test_arguments_outside_their_range():
    for arguments, what in [
        ({"cells": 100}, "cells"),
        ({"cells": 32}, "cells"),
        ({"margin": 0.5}, "margin"),
        ({"low": absorbing(1)}, "low < start < high"),
        ({"low": absorbing(1), "high": reflecting(-1)}, "low < high"),
    ]:
        with pytest.raises(DomainError, match=what):
            solve_fokker_planck(brownian, 0.0, 1.0, **arguments)
    for horizon in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(DomainError, match="horizon"):
            solve_fokker_planck(brownian, 0.0, horizon)
    for start in (-1.0, 0.0, math.nan, math.inf):
        with pytest.raises(DomainError, match=r"start=nan|support"):
            solve_fokker_planck(LOGISTIC, start, 1.0)
    with pytest.raises(DomainError, match="tolerance"):
        solve_mean(brownian, 0.0, 1.0, tolerance=0)
    with pytest.raises(NumericsError, match="tolerance"):
        solve_mean(brownian, 0.0, 1.0)  # a mean of zero has no relative error
    with pytest.raises(NumericsError, match="observable"):
        solve_fokker_planck(brownian, 0.0, 1.0).expectation(np.log)
    with pytest.raises(DomainError, match="absorb"):
        solve_fokker_planck(brownian, 0.0, 1.0).absorbed("low")
    with pytest.raises(DomainError, match="x=nan"):
        solve_fokker_planck(brownian, 0.0, 1.0).cdf(math.nan)


def test_boundaries_are_checked():
    with pytest.raises(DomainError, match="kind"):
        Boundary("sticky", 0.0)
    with pytest.raises(DomainError, match="place"):
        Boundary("absorbing")
    with pytest.raises(DomainError, match="leave place out"):
        Boundary("natural", 1.0)
    assert NATURAL.natural
