"""Strong orders of the schemes, observed against closed forms on one Brownian path for all step sizes.

The slope is the median over 8 independent batches of 512 paths, whose spread is asserted to be below 0.08: at a margin
of 0.2 a false alarm is an event of seven standard errors of the median, and an order that is off by a half is missed no
more often (0.3 from the margin).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest
import sympy as sp
import torch

from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.codegen import compile_expressions
from crossproof.numerics.random.increments import increments
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.schemes.one_step import OneStep
from crossproof.numerics.schemes.table import chart, one_step

x = real("x")
s = positive("s")
R = sp.Rational


TANH = SDE(x, -(R(1, 2) + x * R(16, 25)) * (1 - x**2), R(4, 5) * (1 - x**2))  # x = tanh(y0 - t/2 + 4 B/5)
FINE, BATCHES, PATHS = 256, 8, 512


class Brownian:
    """Brownian paths of the project's own increments on 256 steps of [0, 1], seen on coarser grids."""

    def __init__(self, m: int) -> None:
        paths = torch.arange(BATCHES * PATHS)
        draws = increments(paths, 0, 2 * m * FINE, law="gaussian", dtype="float64", key=key_words(7, "strong order", m))
        xi, zeta = draws.reshape(FINE, 2, m, -1).numpy().transpose(1, 0, 2, 3)
        h = 1 / FINE
        self.levels = {FINE: (np.sqrt(h) * xi, h**1.5 * (xi + zeta / np.sqrt(3)) / 2)}
        steps = FINE
        while steps > 8:
            dw, dz = self.levels[steps]
            steps //= 2
            # int_0^{2h} (W_s - W_0) ds adds the first increment over the second half
            self.levels[steps] = (dw[::2] + dw[1::2], dz[::2] + dz[1::2] + dw[::2] / (2 * steps))
        self.end = self.levels[8][0].sum(0)

    def draws(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the standardised xi and zeta, each of shape (steps, m, paths)."""
        dw, dz = self.levels[steps]
        xi = dw * np.sqrt(steps)
        return xi, np.sqrt(3) * (2 * dz * steps**1.5 - xi)


brownian = lru_cache(Brownian)


def run(step: OneStep, draws: tuple[np.ndarray, np.ndarray], start: tuple[float, ...]) -> np.ndarray:
    """Return the coordinates of the original equation at T = 1, of shape (d, paths)."""
    xi, zeta = draws
    noises = np.concatenate([xi, zeta], axis=1)[:, : len(step.noises)]
    update = compile_expressions([*step.state, *step.noises, step.dt], step.update, "numpy")
    begin = [float(q) for q in chart(step, [sp.Float(v) for v in start])]
    state = [np.full(xi.shape[2], v) for v in begin]
    for n in range(len(xi)):
        state = list(update(*state, *noises[n], 1 / len(xi)))
    return np.array(compile_expressions(step.state, step.readout, "numpy")(*state))


def observed_order(step: OneStep, start: tuple[float, ...], exact: np.ndarray, levels: tuple[int, ...]) -> float:
    """Return the median over the batches of the slope of the root mean square error at T = 1 against the step."""
    path = brownian(len(start))
    squares = [((run(step, path.draws(n), start) - exact) ** 2).reshape(-1, BATCHES, PATHS) for n in levels]
    errors = np.sqrt(np.array(squares).mean(axis=(1, 3)))
    found = np.polyfit(np.log(levels), np.log(errors), 1)[0]
    assert np.std(found) < 0.08
    return -float(np.median(found))


NUMERIC_GBM = SDE(s, R(3, 4) * s, R(1, 2) * s)
LOGISTIC = SDE(s, s * (R(3, 2) - 2 * s), 2 * s / 5)
WAVE = SDE(x, sp.sin(2 * x), 1)
STRATONOVICH_GBM = SDE(s, R(5, 8) * s, R(1, 2) * s, "stratonovich")
LEVELS = (32, 64, 128, 256)


def gbm(end: np.ndarray) -> np.ndarray:
    return np.exp(0.75 - 0.125 + 0.5 * end)


def tanh(end: np.ndarray) -> np.ndarray:
    return np.tanh(0.3 - 0.5 + 0.8 * end)


@pytest.mark.parametrize(("scheme", "order"), [("euler-maruyama", 0.5), ("milstein", 1.0), ("strong-1.5", 1.5)])
@pytest.mark.parametrize(
    ("sde", "start", "closed"),
    [(NUMERIC_GBM, 1.0, gbm), (STRATONOVICH_GBM, 1.0, gbm), (TANH, float(np.tanh(0.3)), tanh)],
)
def test_strong_order(
    scheme: str, order: float, sde: SDE, start: float, closed: Callable[[np.ndarray], np.ndarray]
) -> None:
    step = one_step(sde, scheme)
    assert float(step.strong_order) == order
    assert observed_order(step, (start,), closed(brownian(1).end), LEVELS) == pytest.approx(order, abs=0.2)


@pytest.mark.parametrize(("scheme", "order"), [("milstein", 1.0), ("strong-1.5", 1.5)])
def test_strong_order_with_diagonal_noise(scheme: str, order: float) -> None:
    pair = SDE([x, s], [TANH.drift[0], R(3, 4) * s], sp.Matrix([[TANH.diffusion[0], 0], [0, s / 2]]))
    step = one_step(pair, scheme)
    first, second = brownian(2).end
    exact = np.stack([tanh(first), gbm(second)])
    assert observed_order(step, (float(np.tanh(0.3)), 1.0), exact, LEVELS) == pytest.approx(order, abs=0.2)


def test_a_sign_error_in_milstein_shows_order_one_half() -> None:
    step = one_step(NUMERIC_GBM, "milstein")
    (xi,) = step.noises
    correction = s * step.dt * (xi**2 - 1) / 8
    wrong = OneStep(**{**vars(step), "update": (step.update[0] - 2 * correction,)})
    found = observed_order(wrong, (1.0,), gbm(brownian(1).end), LEVELS)
    assert found == pytest.approx(0.5, abs=0.2)
    assert found < 1 - 0.2


def test_the_second_gaussian_is_needed_for_order_three_halves() -> None:
    # drift and diffusion of the closed forms above commute, so that zeta drops out there: here it does not
    step, start = one_step(WAVE, "strong-1.5"), (0.2,)
    fine = run(step, brownian(1).draws(FINE), start)
    assert observed_order(step, start, fine, (8, 16, 32)) == pytest.approx(1.5, abs=0.2)
    wrong = OneStep(**{**vars(step), "update": (step.update[0].subs(step.noises[1], -step.noises[1]),)})
    assert observed_order(wrong, start, fine, (8, 16, 32)) == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("scheme", ["exact", "log-euler-maruyama", "logistic"])
def test_steps_without_error_on_geometric_brownian_motion(scheme: str) -> None:
    end = run(one_step(NUMERIC_GBM, scheme), brownian(1).draws(8), (1.0,))
    np.testing.assert_allclose(end, gbm(brownian(1).end), rtol=1e-13)


def test_logistic_step_has_strong_order_one() -> None:
    fine = run(one_step(LOGISTIC, "strong-1.5"), brownian(1).draws(FINE), (0.2,))
    assert observed_order(one_step(LOGISTIC, "logistic"), (0.2,), fine, (8, 16, 32)) == pytest.approx(1, abs=0.2)
