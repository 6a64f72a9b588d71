"""Monte Carlo on processes: coupled simulations on the same Brownian increments, with steps halved."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import sympy as sp
import torch

from ...derivations.domain import Point
from ...derivations.errors import NumericsError
from ...derivations.ito import noise, transform
from ...derivations.sde import SDE
from ...derivations.statements.processes import (
    AlmostSureDecay,
    ExpectationAtAllTimes,
    PathSolution,
    SDETransform,
)
from ...numerics.balls import midpoint
from ...numerics.paths import brownian_increments, function_of_state, path_values
from ...numerics.sde import simulate
from ..deterministic import generic_points
from ..evidence import Finding, Kind, Outcome
from ..richardson import STEPS, combine_comparisons, extrapolate, refinements, remaining_bias
from ..statistics import compare_mean
from ..witness import Task, witness
from .process_quadrature import moderate_points

#: Pair of end values (claimed, simulated) on given increments, for the horizon they span.
Pair = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]


@witness(
    "coupled simulation of a transform",
    kind=Kind.MONTE_CARLO,
    statement=SDETransform,
    starts_from="source and target equations on the same Brownian increments",
    applies=lambda statement: statement.source.noises == 1 and statement.target.noises == 1,
)
def coupled_transform(statement: SDETransform, task: Task) -> Finding:
    """Compare the laws of f(X_T) and Z_T at several starts."""
    trials: list[tuple[Point, float, Pair]] = []
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
    trials: list[tuple[Point, float, Pair]] = []
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
            paths = max(task.effort.samples // 2, 128)
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
                for d in refinements(dw, levels)
            ]
            return [function_of_state(simulated, observable, at, e) for e in ends]

        result = compare_mean(
            lambda look, d=draw: extrapolate(d(look)),  # type: ignore[misc]
            asserted,
            scale=max(abs(asserted), 1e-12),
            resolution=task.effort.resolution,
            level=task.level / len(points),
            looks=task.effort.looks,
            bias=remaining_bias(draw(-1, 3)),
        )
        results.append((point, "the expectation", asserted, result, max(abs(asserted), 1e-12)))
    return combine_comparisons(task, results, "Euler-Maruyama with steps halved")


@witness(
    "simulated decay",
    kind=Kind.MONTE_CARLO,
    statement=AlmostSureDecay,
    starts_from="the equation, simulated for growing times",
)
def simulated_decay(statement: AlmostSureDecay, task: Task) -> Finding:
    """Simulate until the function has decayed on average below the resolution; never refutes a limit.

    Noise alone can drive every function of the process to 0, so points with the strongest drift are asked too.
    """
    sde = statement.sde
    generator = task.generator()
    candidates = []
    for point in generic_points(task.claim.domain, 40):
        noise, pull = (float(m.subs(point).norm()) for m in (sde.covariance, sde.ito_drift))
        if noise <= 16 and statement.function.subs(point) != 0:
            candidates.append((noise, pull, point))
    # strong noise decides soonest; stronger still would need smaller steps
    candidates.sort(key=lambda c: -c[0])
    strong = candidates[: max(len(candidates) // 2, 1)]
    chosen = [*strong[:2], *sorted(strong[2:], key=lambda c: -c[1])[:2]]
    latest, largest = 0, 0.0
    for _, _, point in chosen:
        begin = torch.tensor([[float(point[x]) for x in sde.state]], dtype=torch.float64, device=task.device)
        initial = abs(float(function_of_state(sde, statement.function, point, begin)[0]))
        states = begin.expand(256, -1)
        reached = math.inf
        for elapsed in range(1, 17):
            states = simulate(sde, point, states, horizon=1.0, steps=256, generator=generator)
            shares = (function_of_state(sde, statement.function, point, states).abs() / initial).clamp(max=1.0)
            reached = float(shares.mean() + 6 * shares.std() / len(shares) ** 0.5)
            if reached < task.effort.resolution:
                latest, largest = max(latest, elapsed), max(largest, reached)
                break
        if not reached < task.effort.resolution:
            where = ", ".join(f"{s} = {v}" for s, v in point.items())
            return Finding(Outcome.UNDECIDED, f"simulation: no decay to the resolution within t = 16 at {where}.")
    if not chosen:
        return Finding(Outcome.UNDECIDED, "simulation: no point of the domain has noise of moderate size.")
    return Finding(
        Outcome.CONFIRMED,
        f"simulation: by t = {latest} the mean of min(|f|/|f(0)|, 1) is below {largest:.2g} at {len(chosen)} points.",
        resolution=task.effort.resolution,
    )


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
            paths = max(task.effort.samples // 8, 128)
            dw = brownian_increments(STEPS, paths, 1, to, task.generator(f"{key}/{look}"))
            ends = [p(d) for d in refinements(dw, levels)]
            return [(phi(stated), phi(found)) for stated, found in ends]

        pilot = draw(-1, 3)
        for name, power in (("mean", 1), ("mean square", 2)):
            scale = float((pilot[0][1].abs() ** power).mean())
            result = compare_mean(
                lambda look, d=draw, q=power: extrapolate([a**q - b**q for a, b in d(look)]),  # type: ignore[misc]
                0.0,
                scale=scale,
                resolution=task.effort.resolution,
                level=task.level / (2 * len(trials)),
                looks=task.effort.looks,
                bias=remaining_bias([a**power - b**power for a, b in pilot]),
            )
            label = f"difference in {what}, {name} of a bounded function"
            results.append((point, label, 0.0, result, scale))
    return combine_comparisons(task, results, "coupled Euler-Maruyama with steps halved")
