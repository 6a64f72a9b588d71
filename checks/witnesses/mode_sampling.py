"""Mode amplitudes of real weight matrices: per-sample autograd gradients on random data, derivatives by autograd.

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

from ...derivations.domain import Point
from ...derivations.errors import DomainError, WitnessError
from ...derivations.statements.modes import (
    DEPTH,
    LABEL_NOISE,
    STEP,
    ModeCoefficient,
    ModeDependence,
    ModeQuantity,
    ModeTarget,
)
from ...numerics.balls import midpoint
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..exact import as_text
from ..statistics import GROUPS, Comparison, compare_mean
from ..witness import Task, witness

if TYPE_CHECKING:
    import torch

    from ...numerics.mode_amplitudes import ModeNetwork
    from ...numerics.random_stream import RandomStream

_STARTS_FROM = (
    "the loss and data: per-sample autograd gradients of real weight matrices, autograd gradient and Hessian of the "
    "amplitude"
)
_DEPTHS = (2, 3, 4)
#: Random networks tried per depth before the domain is given up.
_TRIES = 20
#: Samples whose per-sample gradients are held at a time, which bounds the memory.
_CHUNK = 1 << 14
#: Floating-point allowance relative to the scale of a comparison.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class _Experiment:
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


def _experiment(target: ModeTarget, values: Point, task: Task, stream: str) -> _Experiment | None:
    """Return the network with these values, or None when they lie outside the domain."""
    from ...numerics.mode_amplitudes import aligned_network

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
    return _Experiment(point, depth, network, noise, step)


def _experiments(
    target: ModeTarget, task: Task, change: Callable[[Point, Point], Point] | None = None
) -> list[tuple[_Experiment, ...]]:
    """Return one experiment a depth, or a pair when `change` makes a second point from two random ones."""
    setting = target.setting
    made = []
    for depth in (int(setting.depth),) if setting.depth.is_Integer else _DEPTHS:
        if target.layer is not None and target.layer >= depth:
            continue
        draws = task.draws(f"point {depth}")
        for _ in range(_TRIES):
            values = _random_values(target, depth, draws)
            several = [values] if change is None else [values, change(values, _random_values(target, depth, draws))]
            found = [_experiment(target, v, task, f"{depth}") for v in several]
            whole = tuple(e for e in found if e is not None)
            if len(whole) == len(several):
                made.append(whole)
                break
    return made


def _observe(target: ModeTarget, experiment: _Experiment, x: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """Return one value a sample, whose expectation is the quantity; `noise` is standard Gaussian."""
    from ...numerics import mode_amplitudes as modes

    network, step = experiment.network, experiment.step
    weights = network.weights
    alpha, beta = target.first[0] - 1, target.first[1] - 1
    f = modes.amplitude(network, alpha, beta)
    y = x @ network.teacher.T + experiment.label_noise * noise
    directions = modes.gradient_noise(network, x, y)
    match target.quantity:
        case ModeQuantity.COVARIATION:
            assert target.second is not None
            one = modes.slopes(f, weights, directions)
            if target.second == target.first:
                return step * one * one
            g = modes.amplitude(network, target.second[0] - 1, target.second[1] - 1)
            return step * one * modes.slopes(g, weights, directions)
        case ModeQuantity.IMBALANCE_DRIFT:
            assert target.layer is not None
            f = modes.imbalance(network, target.layer, alpha, beta)
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


def _sampler(target: ModeTarget, pair: tuple[_Experiment, ...], task: Task) -> Callable[[int], NDArray[np.float64]]:
    """Return ``draw(look)``: values of the quantity, or differences of a pair of networks on the same samples."""
    import torch

    from ...numerics.mode_amplitudes import gaussian_nets

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
        made: NDArray[np.float64] = np.concatenate(parts)
        return made

    return draw


def _compare(target: ModeTarget, pair: tuple[_Experiment, ...], task: Task, asserted: float, share: int) -> Comparison:
    """Compare the sampled quantity (or its difference over a pair) with `asserted`."""
    draw = _sampler(target, pair, task)
    scale = abs(asserted)
    if scale == 0:
        # the size of the quantity's single contributions: what it would be without cancellation
        pilot = _sampler(target, pair[:1], task)(task.effort.looks)
        scale = float(np.abs(pilot).mean())
        if scale < _ROUNDING:
            raise WitnessError("every sample of the quantity is 0 up to rounding, so nothing sets its scale")
    return compare_mean(
        draw,
        asserted,
        scale=scale,
        resolution=task.effort.resolution,
        level=task.level / share,
        looks=task.effort.looks,
        bias=_ROUNDING * scale,
    )


def _conclude(
    target: ModeTarget, results: list[Comparison], pairs: list[tuple[_Experiment, ...]], task: Task
) -> Finding:
    depths = ", ".join(str(p[0].depth) for p in pairs)
    worst = max(r.resolution for r in results)
    if all(r.outcome is Outcome.CONFIRMED for r in results):
        return Finding(
            Outcome.CONFIRMED,
            f"{target.describe()} measured in random networks of depth {depths}: no deviation above {worst:.2%}.",
            resolution=worst,
            level=task.level,
        )
    return Finding(
        Outcome.UNDECIDED,
        f"{target.describe()} in random networks of depth {depths}: deviations up to {worst:.2%} are not excluded "
        f"after {task.effort.looks} looks.",
        level=task.level,
    )


@witness("sampled mode derivatives", kind=Kind.MONTE_CARLO, statement=ModeCoefficient, starts_from=_STARTS_FROM)
def sampled_coefficient(statement: ModeCoefficient, task: Task) -> Finding:
    """Compare the asserted coefficient with its estimate in one random network a depth."""
    target = statement.target
    pairs = _experiments(target, task)
    if not pairs:
        return Finding(Outcome.UNDECIDED, "None of the random networks lies in the domain.")
    results = []
    for pair in pairs:
        point = pair[0].point
        asserted = midpoint(statement.value.subs(point).doit(), {})
        result = _compare(target, pair, task, asserted, len(pairs))
        results.append(result)
        if result.outcome is Outcome.REFUTED:
            deviation = abs(result.estimate - asserted)
            return Finding(
                Outcome.REFUTED,
                f"{target.describe()} measured in a random network of depth {pair[0].depth} deviates.",
                effect=deviation / max(abs(asserted), abs(result.estimate)),
                level=task.level,
                counterexample=Counterexample(
                    as_text(point),
                    f"{target.describe()} = {asserted:.6g}",
                    f"{result.estimate:.6g} +- {result.half_width:.2g}",
                    f"{result.estimate - asserted:.6g}",
                ),
            )
    return _conclude(target, results, pairs, task)


@witness(
    "sampled mode derivatives, dependence",
    kind=Kind.MONTE_CARLO,
    statement=ModeDependence,
    starts_from=_STARTS_FROM,
)
def sampled_dependence(statement: ModeDependence, task: Task) -> Finding:
    """Compare the quantity in pairs of networks that share the named variables, on common samples."""
    target = statement.target
    others = [s for s in statement.others if s != DEPTH]
    pairs = _experiments(target, task, lambda values, fresh: values | {s: 2 * fresh[s] for s in others})
    if not pairs:
        return Finding(Outcome.UNDECIDED, "None of the random networks lies in the domain.")
    results = []
    for pair in pairs:
        result = _compare(target, pair, task, 0.0, len(pairs))
        results.append(result)
        if result.outcome is Outcome.REFUTED:
            changes = ", ".join(f"{s} = {pair[1].point[s]}" for s in others if s in pair[1].point)
            scale = float(np.abs(_sampler(target, pair[:1], task)(task.effort.looks)).mean())
            return Finding(
                Outcome.REFUTED,
                f"Two networks of depth {pair[0].depth} with equal {', '.join(map(str, statement.variables))} "
                f"differ in {target.describe()}.",
                effect=abs(result.estimate) / scale,
                level=task.level,
                counterexample=Counterexample(
                    as_text(pair[0].point),
                    f"{target.describe()} unchanged when {changes}",
                    f"it changes by {result.estimate:.6g} +- {result.half_width:.2g}",
                    f"{result.estimate:.6g}",
                ),
            )
    return _conclude(target, results, pairs, task)
