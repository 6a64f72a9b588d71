"""Small starts on sampled paths: the logarithm of the process against the linear law that is asserted for it."""

from __future__ import annotations

import math

import sympy as sp
import torch
from scipy import stats

from ...derivations.domain import Point
from ...derivations.sde import SDE
from ...derivations.statements.attractivity import SmallStartLimit
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..judgement.findings import as_text
from ..judgement.straddle import generic_points
from ..simulations import ends, planned
from ..witness import Task, witness

#: Steps of the finer simulation.
_STEPS = 256


@witness(
    "coupled paths from small starts",
    kind=Kind.MONTE_CARLO,
    statement=SmallStartLimit,
    starts_from="the SDE itself, Euler-Maruyama on recorded increments with step halving",
)
def coupled_small_starts(statement: SmallStartLimit, task: Task) -> Finding:
    """log(X_t/X_0) - a t - c B_t on the same Brownian path vanishes as X_0 -> 0."""
    paths, start, worst = 4096, 1e-9, 0.0
    points = list(generic_points(task.claim.domain, max(task.effort.points // 2, 2)))
    quantile = float(stats.t.isf(task.level / (4 * len(points)), paths - 1))
    for number, point in enumerate(points):
        values = {k: sp.N(v, 17) for k, v in point.items()}
        rate, volatility = (float(e.subs(values)) for e in (statement.rate, statement.volatility))
        slope, noise = (
            float(e.subs({statement.sde.state[0]: start}).subs(values)) / start
            for e in (statement.sde.ito_drift[0], statement.sde.diffusion[0, 0])
        )
        horizon = 1 / max(noise**2, abs(slope))
        rest, brownian = _rests(statement, values, rate, volatility, start, horizon, paths, task, str(number))
        scale = max(abs(rate) * horizon, abs(volatility) * horizon**0.5)
        for name, weight in (("mean", torch.ones_like(brownian)), ("correlation with B", brownian)):
            coarse, fine = (weight * r for r in rest)
            value = 2 * fine - coarse  # Richardson: the Euler bias of the logarithm is of first order in the step
            centre = float(value.mean())
            half = quantile * float(value.std()) / paths**0.5 + float((fine - coarse).mean().abs())
            if abs(centre) > half:
                return Finding(
                    Outcome.REFUTED,
                    f"the {name} of log(X_t/X_0) - at - cB_t does not vanish for X_0 = {start:g}.",
                    effect=abs(centre) / scale,
                    level=task.level,
                    counterexample=Counterexample(
                        as_text(point),
                        f"{name} 0",
                        f"{name} {centre:.4g} +- {half:.2g}",
                        f"{abs(centre):.3g}",
                    ),
                )
            worst = max(worst, (abs(centre) + half) / scale)
    detail = f"mean and correlation with B of the rest below {worst:.2g} at {len(points)} points, X_0 = {start:g}."
    if worst > 2 * task.effort.resolution:
        return Finding(Outcome.UNDECIDED, detail)
    return Finding(Outcome.CONFIRMED, detail, resolution=worst, level=task.level)


def _rests(
    statement: SmallStartLimit,
    point: Point,
    rate: float,
    volatility: float,
    start: float,
    horizon: float,
    paths: int,
    task: Task,
    stream: str,
) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Return log(X_t/X_0) - at - cB_t with 128 and 256 Euler steps on the same paths, and B_t / sqrt(t)."""
    sde, brownian = statement.sde, sp.Dummy("B", real=True)
    both = SDE((*sde.state, brownian), [*sde.ito_drift, 0], [*sde.diffusion, 1])
    plan = planned(both, point, [start, 0.0], task, stream, horizon=horizon, steps=_STEPS, paths=paths)
    fine, coarse = ends(plan, task, 2)
    end = fine[:, 1]
    rests = [(x[:, 0] / start).log() - rate * horizon - volatility * end for x in (coarse, fine)]
    return rests, end / math.sqrt(horizon)
