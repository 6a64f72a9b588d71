"""Document 004, Figure 7: two neurons become identical under label noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ...numerics.networks.draws import PhiloxDraws
from ..reproduce import Array, Curve, Panel, Picture, experiment

#: The document gives none of these: samples, of inputs and labels N(0, 1); learning rates and noises, of which one is
#: varied; steps, replicas, and the spread of the start around w = 1, v = 1/2. Two draws of the data are looked at.
SAMPLES, STEPS, REPLICAS, SPREAD = 24, 6_000, 16, 0.01
RATE, NOISE = 0.3, 1.0
RATES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
NOISES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
_NAME = "reproduce 004.fig7"
_CHUNK, _EVERY = 100, 50
#: Speeds are taken from this step on, and as long as distances are far above the rounding of the weights.
_FROM, _FLOOR = 500, -25.0
#: Size of weights of a run that diverges.
_LOST = 1e6
#: Distance that stands for equal weights.
_EQUAL = 1e-20


@dataclass(frozen=True)
class Pairs:
    """Steps, and log distances of both neurons: of trained pairs, and of the equation linearised at identical neurons.

    Shapes (t,) and (t, settings, replicas).
    """

    steps: Array
    trained: Array
    linearised: Array


def train(rates: Array, noises: Array, seed: int, draw: int, steps: int = STEPS, replicas: int = REPLICAS) -> Pairs:
    """Return pairs under gradient descent on mean (f - y - e)^2, f = sum_i v_i tanh(w_i x), e drawn at every step.

    The data are draw number `draw`. Replicas that diverge have a distance that is not a number from then on.
    """
    many = len(rates) * replicas
    draws = PhiloxDraws(many, seed, _NAME, torch.float64)
    data = PhiloxDraws(SAMPLES, seed + draw, _NAME, torch.float64).normals("samples", 0, 1, 2)[0].numpy()
    x, y = data[0][:, None, None], data[1][:, None]
    rate, noise = np.repeat(rates, replicas), np.repeat(noises, replicas)
    start = draws.normals("initial", 0, 1, 2)[0].numpy()
    # columns: two trained neurons, and one that stands for two identical ones
    weights = np.stack([np.full((3, many), 1.0), np.full((3, many), 0.5)])
    weights[:, 0] += SPREAD * start
    weights[:, 1] -= SPREAD * start
    size = np.sqrt((start**2).sum(0))
    tangent, grown = start / size, np.log(SPREAD * size)
    found = []
    for n in range(steps):
        weights = np.where(np.abs(weights) < _LOST, weights, np.nan)
        if n % _CHUNK == 0:
            errors, others = (noise * draws.normals(s, n, _CHUNK, SAMPLES).numpy() for s in ("label noise", "langevin"))
        if n % _EVERY == 0:
            apart = np.sqrt(((weights[:, 0] - weights[:, 1]) ** 2).sum(0)) / 2
            found.append([np.log(np.maximum(apart, _EQUAL)), grown])
        value = np.tanh(weights[0] * x)
        slope = x * (1 - value**2)
        both = (weights[1, :2] * value[:, :2]).sum(1) - y - errors[n % _CHUNK]
        tied = 2 * weights[1, 2] * value[:, 2] - y - others[n % _CHUNK]
        gaps = np.stack([both, both, tied], axis=1) * (2 * rate / SAMPLES)
        moved = np.stack([(gaps * slope).sum(0) * weights[1], (gaps * value).sum(0)])
        mixed = (gaps[:, 2] * slope[:, 2]).sum(0)
        bent = (gaps[:, 2] * -2 * x[:, 0] * value[:, 2] * slope[:, 2]).sum(0) * weights[1, 2]
        tangent = tangent - np.stack([mixed * tangent[1] + bent * tangent[0], mixed * tangent[0]])
        size = np.sqrt((tangent**2).sum(0))
        tangent, grown = tangent / size, grown + np.log(size)
        weights = weights - moved
    result = np.array(found).reshape(len(found), 2, len(rates), replicas)
    return Pairs(_EVERY * np.arange(len(found), dtype=float), result[:, 0], result[:, 1])


def speeds(made: Pairs, which: Array) -> tuple[Array, Array]:
    """Return mean and standard error over replicas of the fall of a log distance a step, one a setting.

    It is taken up to where half of the trained pairs have come to the floor, or the end.
    """
    first = int(np.searchsorted(made.steps, _FROM))
    found = []
    for k in range(which.shape[1]):
        deep = np.flatnonzero(np.median(made.trained[:, k], axis=-1) < _FLOOR)
        last = max(int(deep[0]), first + 1) if deep.size else len(made.steps) - 1
        fall = (which[first, k] - which[last, k]) / (made.steps[last] - made.steps[first])
        found.append((fall.mean(), fall.std() / np.sqrt(fall.size)))
    means, deviations = np.array(found).T
    return means, deviations


def _against(label: str, values: tuple[float, ...], runs: list[Pairs]) -> tuple[Panel, list[str]]:
    x, curves, findings = np.array(values), [], []
    for number, made in enumerate(runs, 1):
        (seen, error), (expected, other) = (speeds(made, which) for which in (made.trained, made.linearised))
        curves += [
            Curve(f"data {number}, trained pairs", x, seen, "points", (seen - 1.96 * error, seen + 1.96 * error)),
            Curve("", x, expected, "dashed", (expected - 1.96 * other, expected + 1.96 * other)),
        ]
        top = int(np.nanargmax(seen))
        words = (
            f"fastest at {x[top]:g}, {seen[top]:.4f} a step, predicted {expected[top]:.4f}; at {x[-1]:g} {seen[-1]:.4f}"
        )
        findings.append(f"{label}, data {number}: {words if seen[top] > 3 * error[top] else 'no collapse'}.")
    title, y_label = f"speed of collapse against the {label}", "fall of log distance a step"
    return Panel(title, label, y_label, tuple(curves), levels=(("no collapse", 0.0),)), findings


@experiment(
    "004.fig7",
    "Two neurons become identical",
    claims=("004.g.invariant", "004.g.monotone", "004.g.monotone.beyond"),
)
def identical(seed: int) -> Picture:
    """Distances along training, and the speed of their fall against learning rate and noise, for two draws of data."""
    by_rate = [train(np.array(RATES), np.full(len(RATES), NOISE), seed, draw) for draw in (0, 1)]
    by_noise = [train(np.full(len(NOISES), RATE), np.array(NOISES), seed, draw) for draw in (0, 1)]
    curves = []
    for rate in (0.1, 0.3, 0.5, 1.0):
        seen, expected = (which[:, RATES.index(rate)] for which in (by_rate[1].trained, by_rate[1].linearised))
        band = tuple(np.quantile(seen, q, axis=1) for q in (0.1, 0.9))
        curves += [
            Curve(f"learning rate {rate:g}", by_rate[1].steps, np.median(seen, axis=1), "line", (band[0], band[1])),
            Curve("", by_rate[1].steps, np.median(expected, axis=1), "dashed"),
        ]
    distance = Panel("distance of both neurons, data 2", "step", "log distance", tuple(curves))
    one, found = _against("learning rate", RATES, by_rate)
    other, more = _against("label noise", NOISES, by_noise)
    return Picture(
        (distance, one, other),
        (*found, *more, "For linear neurons the ratio of difference and mean would not move along w^(1) = w^(2)."),
        "f = v_1 tanh(w_1 x) + v_2 tanh(w_2 x), gradient descent on mean (f - y - e)^2, x, y ~ N(0, 1) fixed, e ~ "
        "N(0, sigma^2) drawn at every step, as printed; the document gives no activation, number of samples, data, "
        f"learning rates, noises, start nor steps: tanh, {SAMPLES} samples drawn twice, rate {RATE:g} or noise "
        f"{NOISE:g} where the other is varied, starts {SPREAD:g} around w = 1, v = 1/2, {STEPS} steps, {REPLICAS} "
        "replicas. Whether the neurons become equal depends on the data. Dashed: the growth of a small difference "
        "along runs of two equal neurons, with noise of its own; pairs that move apart leave it. Bands from 10 % to "
        "90 % of the replicas, bars 95 % intervals of means",
    )
