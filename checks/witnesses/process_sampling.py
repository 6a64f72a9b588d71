"""Monte Carlo on processes: coupled simulations on the same Brownian increments, with steps halved."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import sympy as sp
import torch
from numpy.typing import NDArray

from ...derivations.domain import Point
from ...derivations.errors import NumericsError
from ...derivations.ito import noise, transform
from ...derivations.sde import SDE
from ...derivations.statements.processes import (
    AlmostSureDecay,
    DeterminantDrift,
    DeterminantNoiseFree,
    DeterminantPath,
    ExpectationAtAllTimes,
    PathSolution,
    SDETransform,
)
from ...numerics.balls import midpoint
from ...numerics.paths import MatrixProblem, brownian_increments, coarsen, function_of_state, path_values
from ...numerics.sde import simulate
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..exact import as_text
from ..statistics import Comparison, compare_mean
from ..witness import Task, witness
from .process_quadrature import generic_points, moderate_points

#: Pair of end values (claimed, simulated) on given increments, for the horizon they span.
Pair = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]

STEPS = 64
SHAPES = ((1, 1, 2), (2, 1, 2), (1, 2, 3))


@witness(
    "coupled simulation of a transform",
    kind=Kind.MONTE_CARLO,
    statement=SDETransform,
    starts_from="source and target equations on the same Brownian increments",
    applies=lambda statement: statement.source.noises == 1 and statement.target.noises == 1,
)
def coupled_transform(statement: SDETransform, task: Task) -> Finding:
    """Compare the laws of f(X_T) and Z_T at several starts."""
    trials = []
    for point in generic_points(task.claim.domain, 40):
        horizon = short_horizon(statement.source, point)
        row = noise(statement.source, statement.function)[0, 0].subs(point)
        target_row = statement.target.diffusion[0, 0].subs(statement.image, statement.function).subs(point)
        if (
            statement.function.subs(point) == 0
            or row == target_row == 0 == statement.source.ito_drift.subs(point).norm()
        ):
            continue
        sign = -1.0 if float(row) * float(target_row) < 0 else 1.0

        def pair(
            dw: torch.Tensor, at: Point = point, to: float = horizon, flip: float = sign
        ) -> tuple[torch.Tensor, torch.Tensor]:
            start = torch.tensor([[float(at[s]) for s in statement.source.state]], dtype=torch.float64)
            start = start.to(dw.device).expand(dw.shape[1], -1)
            z0 = function_of_state(statement.source, statement.function, at, start)[:, None]
            common = {"horizon": to, "steps": dw.shape[0], "generator": torch.Generator()}
            parameters = {s: v for s, v in at.items() if s not in statement.source.state}
            x = simulate(statement.source, parameters, start, increments=dw, **common)  # type: ignore[arg-type]
            z = simulate(statement.target, parameters, z0, increments=flip * dw, **common)  # type: ignore[arg-type]
            return z[:, 0], function_of_state(statement.source, statement.function, at, x)

        trials.append((point, horizon, pair))
        if len(trials) == 2:
            break
    return _couple(task, trials, "the law of f(X_T)")


@witness(
    "closed form on sampled paths",
    kind=Kind.MONTE_CARLO,
    statement=PathSolution,
    starts_from="the equation, simulated on the Brownian increments on which the closed form is evaluated",
    applies=lambda statement: bool(statement.sde.diffusion[0, 0] != 0),
)
def closed_form(statement: PathSolution, task: Task) -> Finding:
    """Compare the claimed functional with the simulated equation path by path."""
    trials = []
    x = statement.sde.state[0]
    for point in generic_points(task.claim.domain, 40):
        start_value = statement.start.subs(point)
        here = {**point, x: start_value}
        if statement.sde.diffusion[0, 0].subs(x, start_value).subs(point) == 0:
            continue
        horizon = short_horizon(statement.sde, here)

        def pair(
            dw: torch.Tensor, at: Point = point, to: float = horizon, x0: float = float(start_value)
        ) -> tuple[torch.Tensor, torch.Tensor]:
            start = torch.full((dw.shape[1], 1), x0, dtype=torch.float64, device=dw.device)
            end = simulate(
                statement.sde,
                at,
                start,
                horizon=to,
                steps=dw.shape[0],
                generator=torch.Generator(),
                increments=dw,
            )
            return path_values(statement, at, dw, to), end[:, 0]

        trials.append((point, horizon, pair))
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
    """Compare the mean of phi(X_t) with the asserted value at two points of the domain."""
    x = statement.sde.state[0]
    simulated, inverse = statement.sde, x
    if x.is_positive:
        y = sp.Symbol("log_state", real=True)
        inverse = sp.exp(y)
        simulated = transform(statement.sde, y, sp.log(x), inverse)
    observable = statement.observable.subs(x, inverse)
    points = list(moderate_points(statement, task, limit=0.6, count=2))
    results = []
    for number, (point, start, horizon) in enumerate(points):
        try:
            asserted = midpoint(statement.value, point)
        except NumericsError:
            continue
        initial = float(np.log(start)) if x.is_positive else start

        def draw(
            look: int,
            levels: int = 2,
            at: Point = point,
            to: float = horizon,
            x0: float = initial,
            key: int = number,
        ) -> list[torch.Tensor]:
            paths = max(task.effort.samples // 4, 128)
            dw = brownian_increments(STEPS, paths, simulated.noises, to, task.generator(f"{key}/{look}"))
            begin = torch.full((paths, 1), x0, dtype=torch.float64, device=dw.device)
            ends = [
                simulate(
                    simulated,
                    at,
                    begin,
                    horizon=to,
                    steps=d.shape[0],
                    generator=torch.Generator(),
                    increments=d,
                )
                for d in _refinements(dw, levels)
            ]
            return [function_of_state(simulated, observable, at, e) for e in ends]

        result = compare_mean(
            lambda look, d=draw: _extrapolate(d(look)),  # type: ignore[misc]
            asserted,
            scale=max(abs(asserted), 1e-12),
            resolution=task.effort.resolution,
            level=task.level / len(points),
            looks=task.effort.looks,
            bias=_bias(draw(-1, 3)),
        )
        results.append((point, "the expectation", asserted, result, max(abs(asserted), 1e-12)))
    return _combine(task, results, "Euler-Maruyama with steps halved")


@witness(
    "simulated decay",
    kind=Kind.MONTE_CARLO,
    statement=AlmostSureDecay,
    starts_from="the equation, simulated for growing times",
)
def simulated_decay(statement: AlmostSureDecay, task: Task) -> Finding:
    """Simulate until the function has decayed on average below the resolution; never refutes a limit."""
    sde = statement.sde
    generator = task.generator()
    candidates = []
    for point in generic_points(task.claim.domain, 40):
        strength = float(sde.covariance.subs(point).norm())
        if strength <= 16 and statement.function.subs(point) != 0:
            candidates.append((strength, point))
    # strong noise decides soonest; stronger still would need smaller steps
    for _, point in sorted(candidates, key=lambda c: -c[0])[:4]:
        begin = torch.tensor([[float(point[x]) for x in sde.state]], dtype=torch.float64, device=task.device)
        initial = abs(float(function_of_state(sde, statement.function, point, begin)[0]))
        states = begin.expand(256, -1)
        for elapsed in range(1, 17):
            states = simulate(sde, point, states, horizon=1.0, steps=256, generator=generator)
            shares = (function_of_state(sde, statement.function, point, states).abs() / initial).clamp(
                max=1.0
            )
            reached = float(shares.mean() + 6 * shares.std() / len(shares) ** 0.5)
            if reached < task.effort.resolution:
                return Finding(
                    Outcome.CONFIRMED,
                    f"simulation: by t = {elapsed} the mean of min(|f|/|f(0)|, 1) is below {reached:.2g}.",
                    resolution=task.effort.resolution,
                )
            if elapsed == 2 and reached > 0.5:
                break
    return Finding(
        Outcome.UNDECIDED, "simulation: at no point was decay to the resolution seen within t = 16."
    )


@witness(
    "matrix simulation, drift",
    kind=Kind.MONTE_CARLO,
    statement=DeterminantDrift,
    starts_from="d Theta = Theta (J dt + sqrt(v) d xi) on real matrices of several shapes",
    applies=lambda statement: bool(statement.flow.variance != 0),
)
def matrix_drift(statement: DeterminantDrift, task: Task) -> Finding:
    """Compare the mean of det(T)/det(0) with exp(rate T), which a linear drift implies."""
    t = sp.Symbol("t", nonnegative=True)
    return _matrix(task, statement, sp.exp(statement.rate * t), t, spread=False)


@witness(
    "matrix simulation, noise",
    kind=Kind.MONTE_CARLO,
    statement=DeterminantNoiseFree,
    starts_from="d Theta = Theta (J dt + sqrt(v) d xi) on real matrices of several shapes",
)
def matrix_noise(statement: DeterminantNoiseFree, task: Task) -> Finding:
    """Compare the variance of det(T)/det(0), extrapolated to vanishing steps, with zero."""
    return _matrix(task, statement, None, sp.Symbol("t", nonnegative=True), spread=True)


@witness(
    "matrix simulation, path",
    kind=Kind.MONTE_CARLO,
    statement=DeterminantPath,
    starts_from="d Theta = Theta (J dt + sqrt(v) d xi) on real matrices of several shapes",
)
def matrix_path(statement: DeterminantPath, task: Task) -> Finding:
    """Compare mean and mean-square deviation of det(T)/det(0) with the asserted factor and zero."""
    return _matrix(task, statement, statement.factor, statement.time, spread=True)


def _matrix(
    task: Task,
    statement: DeterminantDrift | DeterminantNoiseFree | DeterminantPath,
    factor: sp.Expr | None,
    time: sp.Symbol,
    *,
    spread: bool,
) -> Finding:
    results = []
    generic = next(generic_points(task.claim.domain, 1))
    comparisons = len(SHAPES) * ((factor is not None) + spread)
    for number, shape in enumerate(SHAPES):
        problem = MatrixProblem(*shape)
        point = {**generic, **problem.values(statement.flow)}
        variance = float(statement.flow.variance.subs(point))
        horizon = sp.Rational(3, 4) / sp.ceiling(1 + variance * shape[1] * problem.gram_trace)
        point = {**point, time: horizon}
        asserted = None if factor is None else float(factor.subs(point))

        def draw(
            look: int,
            levels: int = 2,
            p: MatrixProblem = problem,
            v: float = variance,
            to: float = float(horizon),
            key: int = number,
        ) -> list[torch.Tensor]:
            paths = max(task.effort.samples // 25, 128)
            dw = brownian_increments(STEPS, paths, p.n * p.k, to, task.generator(f"{key}/{look}"))
            return [p.ratios(v, to / len(d), d) for d in _refinements(dw, levels)]

        pilot = draw(-1, 3)
        centre = asserted if asserted is not None else float(_extrapolate(pilot).mean())
        moved = max(abs(1 - centre), 0.05)
        jobs: list[tuple[str, float, float, Callable[[torch.Tensor], torch.Tensor]]] = []
        if asserted is not None:
            jobs.append(("the mean of det(T)/det(0)", asserted, moved, lambda r: r))
        if spread:
            jobs.append(
                ("the mean square spread of det(T)/det(0)", 0.0, moved**2, lambda r, c=centre: (r - c) ** 2)  # type: ignore[misc]
            )
        for what, value, scale, functional in jobs:
            result = compare_mean(
                lambda look, f=functional, d=draw: _extrapolate([f(e) for e in d(look)]),  # type: ignore[misc]
                value,
                scale=scale,
                resolution=task.effort.resolution,
                level=task.level / comparisons,
                looks=task.effort.looks,
                bias=_bias([functional(e) for e in pilot]),
            )
            results.append((point, what, value, result, scale))
    return _combine(task, results, f"simulated matrices of the shapes (p, k, n) {SHAPES}")


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


def _couple(task: Task, trials: list[tuple[Point, float, Pair]], what: str) -> Finding:
    results = []
    for number, (point, horizon, pair) in enumerate(trials):
        pilot_dw = brownian_increments(STEPS, 2048, 1, horizon, task.generator(f"{number}/scale"))
        first = pair(pilot_dw)[1]
        start = float(pair(pilot_dw[:2] * 0)[1].mean())
        size = float(((first - start) ** 2).mean().sqrt())
        if size == 0:
            continue

        def bounded(z: torch.Tensor, x0: float = start, s: float = size) -> torch.Tensor:
            return torch.atan((z - x0) / s)

        def draw(
            look: int,
            levels: int = 2,
            p: Pair = pair,
            to: float = horizon,
            key: int = number,
            phi: Callable[[torch.Tensor], torch.Tensor] = bounded,
        ) -> list[tuple[torch.Tensor, torch.Tensor]]:
            paths = max(task.effort.samples // 16, 128)
            dw = brownian_increments(STEPS, paths, 1, to, task.generator(f"{key}/{look}"))
            ends = [p(d) for d in _refinements(dw, levels)]
            return [(phi(stated), phi(found)) for stated, found in ends]

        pilot = draw(-1, 3)
        for name, power in (("mean", 1), ("mean square", 2)):
            scale = float((pilot[0][1].abs() ** power).mean())
            result = compare_mean(
                lambda look, d=draw, q=power: _extrapolate([a**q - b**q for a, b in d(look)]),  # type: ignore[misc]
                0.0,
                scale=scale,
                resolution=task.effort.resolution,
                level=task.level / (2 * len(trials)),
                looks=task.effort.looks,
                bias=_bias([a**power - b**power for a, b in pilot]),
            )
            label = f"difference in {what}, {name} of a bounded function"
            results.append((point, label, 0.0, result, scale))
    return _combine(task, results, "coupled Euler-Maruyama with steps halved")


def _refinements(increments: torch.Tensor, levels: int = 3) -> list[torch.Tensor]:
    """Return the increments of the same paths at the step, twice the step, ..."""
    found = [increments]
    for _ in range(levels - 1):
        found.append(coarsen(found[-1]))
    return found


def _extrapolate(values: Sequence[torch.Tensor]) -> NDArray[np.float64]:
    """Return samples whose mean has no error of first order in the step, from values at the two finest steps."""
    found: NDArray[np.float64] = (2 * values[0] - values[1]).cpu().numpy()
    return found


def _bias(values: Sequence[torch.Tensor]) -> float:
    """Bound the bias left after extrapolation by half its change from one step size to the next.

    What is left of second order is a third of that change.
    """
    fine, middle, coarse = values
    change = (2 * middle - coarse) - (2 * fine - middle)
    return float(change.mean().abs() + change.std() / len(change) ** 0.5) / 2


def _combine(task: Task, results: list[tuple[Point, str, float, Comparison, float]], method: str) -> Finding:
    if not results:
        return Finding(Outcome.UNDECIDED, f"{method}: no point of the domain could be simulated.")
    for point, what, stated, result, scale in results:
        if result.outcome is Outcome.REFUTED:
            return Finding(
                Outcome.REFUTED,
                f"{method}: {what} lies outside the interval around the sample mean.",
                effect=abs(result.estimate - stated) / scale,
                level=task.level,
                counterexample=Counterexample(
                    as_text(point),
                    f"{what} = {stated:.6g}",
                    f"{what} = {result.estimate:.6g} +- {result.half_width:.2g}",
                    f"{stated - result.estimate:.4g}",
                ),
            )
    worst = max(r.resolution for _, _, _, r, _ in results)
    if any(r.outcome is not Outcome.CONFIRMED for _, _, _, r, _ in results):
        return Finding(Outcome.UNDECIDED, f"{method}: the intervals reach {worst:.2g}, which is too wide.")
    return Finding(
        Outcome.CONFIRMED,
        f"{method}: {len(results)} comparisons agree within {worst:.2g}.",
        resolution=worst,
        level=task.level,
    )
