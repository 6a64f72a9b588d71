"""Monte Carlo on processes: coupled simulations on the same Brownian increments, with steps halved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.expressions import canonical
from ....derivations.processes.ito import canonical_sde, noise
from ....derivations.processes.power_problems import power_problem
from ....derivations.processes.sde import SDE
from ....derivations.statements.processes import ExpectationAtAllTimes, PathSolution, SDETransform
from ....numerics.exact.balls import midpoint
from ....numerics.simulation.paths import brownian_increments, function_of_state, path_values
from ...evidence import Finding, Kind, Outcome
from ...judgement.breakpoints import unvisited
from ...judgement.deterministic import generic_points
from ...judgement.findings import undecided
from ...meaning.processes import path_unsettled, start_unsettled, transform_unsettled
from ...statistics.richardson import STEPS, combine_comparisons, compare_extrapolated, refinements
from ...witness import Task, witness
from ..simulations import ends, planned
from .quadrature import moderate_points

#: End values (claimed, simulated) on some paths of a stream, with the finest step, twice the step, ...
Draw = Callable[[int, str, int], list[tuple[torch.Tensor, torch.Tensor]]]


@dataclass(frozen=True)
class _Trial:
    """A point of the domain with the value from which the claimed and the simulated quantity start there."""

    point: Point
    start: float
    draw: Draw


@witness(
    "coupled simulation of a transform",
    kind=Kind.MONTE_CARLO,
    statement=SDETransform,
    starts_from="source and target equations on the same Brownian increments",
    applies=lambda statement: statement.source.noises == 1 and statement.target.noises == 1,
)
def coupled_transform(statement: SDETransform, task: Task) -> Finding:
    """Compare the laws of f(X_T) and Z_T at several starts."""
    if transform_unsettled(statement, task.claim.domain) is not None:
        return undecided("coupled simulation: f is not shown to have two continuous derivatives on the whole domain.")
    source, target, f = statement.source, statement.target, statement.function
    trials: list[_Trial] = []
    for point in generic_points(task.claim.domain, 40):
        row = noise(source, f)[0, 0].subs(point)
        target_row = target.diffusion[0, 0].subs(statement.image, f).subs(point)
        if f.subs(point) == 0 or row == target_row == 0 == source.ito_drift.subs(point).norm():
            continue
        # a target that is wrong may move faster than the source, and explode within the time that suits that
        image = {**point, statement.image: f.subs(point)}
        horizon = min(short_horizon(source, point), short_horizon(target, image))
        sign = -1 if float(row) * float(target_row) < 0 else 1
        both = SDE(
            (*source.state, *target.state),
            [*source.ito_drift, *target.ito_drift],
            [*source.diffusion, sign * target.diffusion[0, 0]],
        )
        start = float(f.subs(point))
        initial = [*(float(point[x]) for x in source.state), start]

        def draw(
            paths: int,
            stream: str,
            levels: int,
            at: Point = point,
            to: float = horizon,
            pair: SDE = both,
            begin: Sequence[float] = initial,
        ) -> list[tuple[torch.Tensor, torch.Tensor]]:
            values = {s: v for s, v in at.items() if s not in source.state}
            plan = planned(pair, values, begin, task, stream, horizon=to, steps=STEPS, paths=paths)
            return [(x[:, -1], function_of_state(source, f, at, x[:, :-1])) for x in ends(plan, task, levels)]

        trials.append(_Trial(point, start, draw))
        if len(trials) == 2:
            break
    found = _couple(task, trials, "the law of f(X_T)")
    coefficients = [e.subs(statement.image, f) for e in (*target.drift, *target.diffusion)]
    wall = unvisited([*coefficients, *source.drift, *source.diffusion], task.claim.domain, [t.point for t in trials])
    if found.outcome is Outcome.CONFIRMED and wall is not None:
        return undecided(f"coupled simulation: the laws agree, from starts on one side of {wall} = 0 only.")
    return found


@witness(
    "closed form on sampled paths",
    kind=Kind.MONTE_CARLO,
    statement=PathSolution,
    starts_from="the equation, simulated on the Brownian increments on which the closed form is evaluated",
    applies=lambda statement: bool(statement.sde.diffusion[0, 0] != 0),
)
def closed_form(statement: PathSolution, task: Task) -> Finding:
    """Compare the claimed functional with the simulated equation path by path."""
    if path_unsettled(statement, task.claim.domain) is not None:
        return undecided("closed form on sampled paths: it is not shown to be smooth wherever paths may go.")
    trials: list[_Trial] = []
    x = statement.sde.state[0]
    for point in generic_points(task.claim.domain, 40):
        start = statement.start.subs(point)
        here = {**point, x: start}
        if statement.sde.diffusion[0, 0].subs(x, start).subs(point) == 0:
            continue
        horizon = short_horizon(statement.sde, here)

        def draw(
            paths: int, stream: str, levels: int, at: Point = point, to: float = horizon, begin: float = float(start)
        ) -> list[tuple[torch.Tensor, torch.Tensor]]:
            plan = planned(statement.sde, at, begin, task, stream, horizon=to, steps=STEPS, paths=paths)
            dw = brownian_increments(STEPS, paths, 1, to, plan.key, task.device)
            stated = [path_values(statement, at, d, to) for d in refinements(dw, levels)]
            return [(claimed, end[:, 0]) for claimed, end in zip(stated, ends(plan, task, levels), strict=True)]

        trials.append(_Trial(point, float(start), draw))
        if len(trials) == 2:
            break
    return _couple(task, trials, "the law of X(T)")


@witness(
    "simulated expectation",
    kind=Kind.MONTE_CARLO,
    statement=ExpectationAtAllTimes,
    starts_from="the equation, simulated (in the logarithm for a positive state)",
)
def simulated_expectation(statement: ExpectationAtAllTimes, task: Task) -> Finding:
    """Compare the mean of phi(X_t) with the asserted value at two points, where moments are finite."""
    problem = power_problem(statement, task.claim.domain)
    if problem is None or not problem.unbounded:
        return undecided("simulation: the moments are not known to be finite, or an end may be reached.")
    outside = start_unsettled(canonical_sde(statement.sde), canonical(statement.start), task.claim.domain)
    if outside is not None:
        return outside
    sde, observable = statement.sde, statement.observable
    scheme = "log-euler-maruyama" if sde.state[0].is_positive else "euler-maruyama"
    points = list(moderate_points(statement, task, limit=0.6, count=2))
    results = []
    for number, (point, start, horizon) in enumerate(points):
        try:
            asserted = midpoint(statement.value, point)
        except NumericsError:
            continue

        def draw(
            look: int, levels: int = 2, at: Point = point, to: float = horizon, begin: float = start, key: int = number
        ) -> list[torch.Tensor]:
            paths, stream = max(task.effort.samples, 128), f"{key}/{look}"
            plan = planned(sde, at, begin, task, stream, horizon=to, steps=STEPS, paths=paths, scheme=scheme)
            return [function_of_state(sde, observable, at, end) for end in ends(plan, task, levels)]

        pilot = draw(-1, 3)
        scale = max(abs(asserted), float(pilot[0].abs().mean()))
        level = task.level / len(points)
        result = compare_extrapolated(task, draw, pilot, asserted, scale=scale, level=level)
        results.append((point, "the expectation", asserted, result, scale))
    return combine_comparisons(task, results, "Euler-Maruyama with steps halved")


def short_horizon(sde: SDE, point: Point) -> float:
    """Return a time over which neither noise nor drift moves a coordinate far, relative to its start."""
    horizon = 0.5
    for i, symbol in enumerate(sde.state):
        size = abs(float(point[symbol])) or 1.0
        variance = float(sde.covariance[i, i].subs(point))
        drift = abs(float(sde.ito_drift[i].subs(point)))
        horizon = min(
            horizon,
            *(0.12 * size**2 / v for v in [variance] if v),
            *(0.4 * size / b for b in [drift] if b),
            0.5,
        )
    return horizon


def _couple(task: Task, trials: list[_Trial], what: str) -> Finding:
    results = []
    for number, trial in enumerate(trials):
        ((_, first),) = trial.draw(2048, f"{number}/scale", 1)
        size = float(((first - trial.start) ** 2).mean().sqrt())
        if size == 0:
            continue

        def draw(
            look: int, levels: int = 2, t: _Trial = trial, s: float = size, key: int = number
        ) -> list[tuple[torch.Tensor, torch.Tensor]]:
            pairs = t.draw(max(task.effort.samples // 4, 128), f"{key}/{look}", levels)
            return [tuple(torch.atan((z - t.start) / s) for z in pair) for pair in pairs]  # type: ignore[misc]

        pilot = draw(-1, 3)
        for name, power in (("mean", 1), ("mean square", 2)):
            scale = float((pilot[0][1].abs() ** power).mean())
            result = compare_extrapolated(
                task,
                lambda look, d=draw, q=power: [a**q - b**q for a, b in d(look)],  # type: ignore[misc]
                [a**power - b**power for a, b in pilot],
                0.0,
                scale=scale,
                level=task.level / (2 * len(trials)),
            )
            label = f"difference in {what}, {name} of a bounded function"
            results.append((trial.point, label, 0.0, result, scale))
    return combine_comparisons(task, results, "coupled Euler-Maruyama with steps halved")
