"""Mode amplitudes of real weight matrices: per-sample autograd gradients on random data, derivatives by autograd."""

from __future__ import annotations

import numpy as np

from ....derivations.errors import WitnessError
from ....derivations.statements.modes import DEPTH, ModeCoefficient, ModeDependence, ModeTarget
from ....numerics.exact.balls import midpoint
from ...evidence import Finding, Kind, Outcome
from ...judgement.findings import confirmed, refuted, undecided
from ...statistics.means import ROUNDING, Comparison, compare_mean
from ...witness import Task, witness
from .experiments import Experiment, experiments, sampler
from .sizes import in_each_size

_STARTS_FROM = (
    "the loss and data: per-sample autograd gradients of real weight matrices, autograd gradient and Hessian of the "
    "amplitude"
)


def _compare(target: ModeTarget, pair: tuple[Experiment, ...], task: Task, asserted: float, share: int) -> Comparison:
    """Compare the sampled quantity (or its difference over a pair) with `asserted`."""
    draw = sampler(target, pair, task)
    scale = abs(asserted)
    if scale == 0:
        # the size of the quantity's single contributions: what it would be without cancellation
        pilot = sampler(target, pair[:1], task)(task.effort.looks)
        scale = float(np.abs(pilot).mean())
        if scale < ROUNDING:
            raise WitnessError("every sample of the quantity is 0 up to rounding, so nothing sets its scale")
    return compare_mean(
        draw,
        asserted,
        scale=scale,
        resolution=task.effort.resolution,
        level=task.level / share,
        looks=task.effort.looks,
    )


def _conclude(
    target: ModeTarget, results: list[Comparison], pairs: list[tuple[Experiment, ...]], task: Task
) -> Finding:
    depths = ", ".join(str(p[0].depth) for p in pairs)
    worst = max(r.resolution for r in results)
    if all(r.outcome is Outcome.CONFIRMED for r in results):
        return confirmed(
            f"{target.describe()} measured in random networks of depth {depths}: no deviation above {worst:.2%}.",
            worst,
            level=task.level,
        )
    return undecided(
        f"{target.describe()} in random networks of depth {depths}: deviations up to {worst:.2%} are not excluded "
        f"after {task.effort.looks} looks."
    )


@witness("sampled mode derivatives", kind=Kind.MONTE_CARLO, statement=ModeCoefficient, starts_from=_STARTS_FROM)
def sampled_coefficient(statement: ModeCoefficient, task: Task) -> Finding:
    """Compare the asserted coefficient with its estimate in one random network a depth."""
    return in_each_size(_sampled_coefficient, statement, task, (2,))


def _sampled_coefficient(statement: ModeCoefficient, task: Task) -> Finding:
    target = statement.target
    pairs = experiments(target, task)
    if not pairs:
        return undecided("none of the random networks lies in the domain.")
    results = []
    for pair in pairs:
        point = pair[0].point
        asserted = midpoint(statement.value.subs(point).doit(), {})
        result = _compare(target, pair, task, asserted, len(pairs))
        results.append(result)
        if result.outcome is Outcome.REFUTED:
            deviation = abs(result.estimate - asserted)
            return refuted(
                f"{target.describe()} measured in a random network of depth {pair[0].depth} deviates.",
                point,
                f"{target.describe()} = {asserted:.6g}",
                f"{result.estimate:.6g} +- {result.half_width:.2g}",
                f"{result.estimate - asserted:.6g}",
                effect=deviation / max(abs(asserted), abs(result.estimate)),
                level=task.level,
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
    pairs = experiments(target, task, lambda values, fresh: values | {s: 2 * fresh[s] for s in others})
    if not pairs:
        return undecided("none of the random networks lies in the domain.")
    results = []
    for pair in pairs:
        result = _compare(target, pair, task, 0.0, len(pairs))
        results.append(result)
        if result.outcome is Outcome.REFUTED:
            changes = ", ".join(f"{s} = {pair[1].point[s]}" for s in others if s in pair[1].point)
            scale = float(np.abs(sampler(target, pair[:1], task)(task.effort.looks)).mean())
            return refuted(
                f"two networks of depth {pair[0].depth} with equal {', '.join(map(str, statement.variables))} "
                f"differ in {target.describe()}.",
                pair[0].point,
                f"{target.describe()} unchanged when {changes}",
                f"it changes by {result.estimate:.6g} +- {result.half_width:.2g}",
                f"{result.estimate:.6g}",
                effect=abs(result.estimate) / scale,
                level=task.level,
            )
    return _conclude(target, results, pairs, task)
