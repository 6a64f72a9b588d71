"""Random networks of a claim's domain, and samples whose expectation is a quantity of their mode amplitudes.

A network is built on the balanced aligned manifold with random rotations everywhere and wider hidden layers. For each
sample, N is the autograd gradient minus the population gradient; the covariation rate is the mean product of
directional derivatives of the amplitudes along N, the Ito drift the mean of half the second derivative along N, both
times learning rate over batch size. Samples come in independently scrambled Sobol' nets of Gaussians.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from ....derivations.domain import Point
from ....derivations.errors import DomainError
from ....derivations.statements.modes import DEPTH, LABEL_NOISE, STEP, ModeQuantity, ModeTarget
from ...statistics.means import GROUPS
from ...witness import Task

if TYPE_CHECKING:
    import torch

    from ....numerics.networks.aligned import ModeNetwork
    from ....numerics.random.random_stream import RandomStream

_DEPTHS = (2, 3, 4)
#: Random networks tried per depth before the domain is given up.
_TRIES = 20
#: Samples whose per-sample gradients are held at a time, which bounds the memory.
_CHUNK = 1 << 14


@dataclass(frozen=True)
class Experiment:
    """One network of the claim's domain."""

    point: Point
    depth: int
    network: ModeNetwork
    label_noise: float
    step: float


def _random_values(target: ModeTarget, depth: int, draws: RandomStream) -> Point:
    """Return random values: students below their teacher, so that no two parts of a drift cancel.

    The imbalance is a difference of modes: there the first one is nearly learned and the others are far from it.
    """
    setting = target.setting

    def rational(low: float, high: float) -> sp.Rational:
        value = Fraction(low + (high - low) * float(draws.uniform(1))).limit_denominator(64)
        return sp.Rational(value.numerator, value.denominator)

    values: Point = {DEPTH: sp.Integer(depth), LABEL_NOISE: rational(0.3, 0.9), STEP: rational(0.4, 1.0)}
    apart = target.quantity is ModeQuantity.IMBALANCE_DRIFT
    for i, (s, stilde) in enumerate(zip(setting.amplitudes, setting.teacher, strict=True)):
        low, high = ((0.75, 0.9) if i == 0 else (0.3, 0.4)) if apart else (0.3, 0.7)
        values[stilde] = rational(3.0, 4.0) if apart and i > 0 else rational(1.0, 2.0)
        values[s] = values[stilde] * rational(low, high)
    return values


def _experiment(target: ModeTarget, values: Point, task: Task, stream: str) -> Experiment | None:
    """Return the network with these values, or None when they lie outside the domain."""
    from ....numerics.networks.modes import aligned_network

    setting = target.setting
    point = {s: values[s] for s in task.claim.domain.symbols if s in values}
    try:
        task.claim.domain.check(point)
    except DomainError:
        return None
    depth, n = int(values[DEPTH]), setting.modes
    square = target.quantity is ModeQuantity.IMBALANCE_DRIFT
    widths = [n if square or k == depth else n + 1 + k % 2 for k in range(depth + 1)]
    network = aligned_network(
        [float(values[s]) for s in setting.amplitudes],
        [float(values[s]) for s in setting.teacher],
        widths,
        task.draws(f"network {stream}"),
    )
    noise, step = (float(e.subs(values)) for e in (setting.label_noise, setting.step))
    return Experiment(point, depth, network, noise, step)


def experiments(
    target: ModeTarget, task: Task, change: Callable[[Point, Point], Point] | None = None
) -> list[tuple[Experiment, ...]]:
    """Return one experiment a depth, or a pair when `change` makes a second point from two random ones.

    What has one value in the domain has it in every network.
    """
    setting = target.setting
    fixed = {s: given.value(0, {}) for s, given in task.claim.domain.ranges.items() if given.size == 1}
    depths = (fixed[DEPTH],) if DEPTH in fixed else _DEPTHS
    made = []
    for depth in map(int, (setting.depth,) if setting.depth.is_Integer else depths):
        if target.layer is not None and target.layer >= depth:
            continue
        draws = task.draws(f"point {depth}")
        for _ in range(_TRIES):
            values = _random_values(target, depth, draws) | fixed
            several = [values] if change is None else [values, change(values, _random_values(target, depth, draws))]
            found = [_experiment(target, v, task, f"{depth}") for v in several]
            whole = tuple(e for e in found if e is not None)
            if len(whole) == len(several):
                made.append(whole)
                break
    return made


def _observe(target: ModeTarget, experiment: Experiment, x: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """Return one value a sample, whose expectation is the quantity; `noise` is standard Gaussian."""
    from ....numerics.networks import modes
    from ....numerics.networks.aligned import amplitude, imbalance

    network, step = experiment.network, experiment.step
    weights = network.weights
    alpha, beta = target.first[0] - 1, target.first[1] - 1
    f = amplitude(network, alpha, beta)
    y = x @ network.teacher.T + experiment.label_noise * noise
    directions = modes.gradient_noise(network, x, y)
    match target.quantity:
        case ModeQuantity.COVARIATION:
            assert target.second is not None
            one = modes.slopes(f, weights, directions)
            if target.second == target.first:
                return step * one * one
            g = amplitude(network, target.second[0] - 1, target.second[1] - 1)
            return step * one * modes.slopes(g, weights, directions)
        case ModeQuantity.IMBALANCE_DRIFT:
            assert target.layer is not None
            f = imbalance(network, target.layer, alpha, beta)
            return step * modes.half_curvatures(f, weights, directions)
        case ModeQuantity.ITO_DRIFT:
            return step * modes.half_curvatures(f, weights, directions)
        case ModeQuantity.LABEL_ITO_DRIFT:
            # what the label noise adds to a sample's gradient; products with the rest are odd in eps and average out
            silent = modes.gradient_noise(network, x, x @ network.teacher.T)
            added = tuple(loud - quiet for loud, quiet in zip(directions, silent, strict=True))
            return step * modes.half_curvatures(f, weights, added)
        case ModeQuantity.GRADIENT_DRIFT | ModeQuantity.DRIFT:
            mean = modes.population_gradient(network)
            sampled = tuple(g + m for g, m in zip(directions, mean, strict=True))
            drift = -modes.slopes(f, weights, sampled)
            if target.quantity is ModeQuantity.DRIFT:
                drift = drift + step * modes.half_curvatures(f, weights, directions)
            return drift


def sampler(target: ModeTarget, pair: tuple[Experiment, ...], task: Task) -> Callable[[int], NDArray[np.float64]]:
    """Return ``draw(look)``: values of the quantity, or differences of a pair of networks on the same samples."""
    import torch

    from ....numerics.networks.modes import gaussian_nets

    first = pair[0].network.weights[0].shape[1]
    last = pair[0].network.weights[-1].shape[0]
    size = 1 << max(task.effort.samples // GROUPS - 1, 1).bit_length()

    def draw(look: int) -> NDArray[np.float64]:
        z = gaussian_nets(GROUPS, size, first + last, task.draws(f"samples {pair[0].depth} {look}"))
        parts = []
        for chunk in torch.split(z, _CHUNK):
            x, noise = chunk[:, :first], chunk[:, first:]
            values = _observe(target, pair[0], x, noise)
            for other in pair[1:]:
                values = _observe(target, other, x, noise) - values
            parts.append(values.cpu().numpy())
            task.note_samples("autograd on random networks", len(chunk))
        made: NDArray[np.float64] = np.concatenate(parts)
        return made

    return draw
