"""Small starts on sampled paths: the logarithm of the process against the linear law that is asserted for it."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import sympy as sp
import torch
from numpy.typing import NDArray

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.processes.sde import SDE
from ....derivations.statements.attractivity import SmallStartLimit
from ...evidence import Finding, Kind
from ...judgement.straddle import generic_points
from ...statistics.means import compare_mean
from ...statistics.richardson import combine_comparisons, extrapolate, remaining_bias
from ...witness import Task, witness
from ..simulations import ends, planned
from .near_linear import LinearPart, linear_part

#: Steps of the finest simulation, and paths of one look.
_STEPS, _PATHS = 256, 4096
#: Where paths start, and how far from 0 the equation must be as close to a linear one as is resolved; in the time of a
#: run the logarithm moves by about 2 with deviation 1, and the two are 13.8 apart.
_START, _RADIUS = 1e-12, sp.Rational(1, 10**6)


@witness(
    "coupled paths from small starts",
    kind=Kind.MONTE_CARLO,
    statement=SmallStartLimit,
    starts_from="the SDE itself, Euler-Maruyama on recorded increments with step halving",
)
def coupled_small_starts(statement: SmallStartLimit, task: Task) -> Finding:
    """log(X_t/X_0) - a t - c B_t on the same Brownian path has mean 0 and no correlation with B.

    No limit is scanned: the equation is enclosed on all of the interval (0, _RADIUS), so that smaller starts change the
    logarithm by no more than the bound on its departure from a linear equation, which is part of the bias.
    """
    points = list(generic_points(task.claim.domain, max(task.effort.points // 2, 2)))
    results = []
    for number, point in enumerate(points):
        linear = linear_part(statement.sde, (0,), point, _RADIUS)
        if linear.departure > task.effort.resolution / 10:
            raise NumericsError(
                f"from 0 to {float(_RADIUS):g} the equation departs from a linear one by up to {linear.departure:.2g}"
            )
        rests = _Rests(statement, point, linear, task, str(number))
        pilot = rests.draw(-1)
        for name, correlated in (("the mean of log(X_t/X_0) - at - cB_t", False), ("its correlation with B", True)):

            def samples(look: int, of: _Rests = rests, correlated: bool = correlated) -> NDArray[np.float64]:
                return extrapolate(of.weighted(of.draw(look), correlated)[:2])

            result = compare_mean(
                samples,
                0.0,
                scale=rests.scale,
                resolution=task.effort.resolution,
                level=task.level / (2 * len(points)),
                looks=task.effort.looks,
                # a drift of the logarithm over the horizon, and a volatility: at most one unit each
                bias=remaining_bias(rests.weighted(pilot, correlated)) + 2 * linear.departure,
                size=-math.log(_START),
            )
            results.append((point, name, 0.0, result, rests.scale))
    return combine_comparisons(task, results, "coupled paths from small starts")


class _Rests:
    """log(X_t/X_0) - a t - c B_t at three step sizes on the same paths, and B_t / sqrt(t)."""

    def __init__(self, statement: SmallStartLimit, point: Point, linear: LinearPart, task: Task, stream: str) -> None:
        self.point, self.task, self.stream = point, task, stream
        self.horizon = 1 / max(linear.noise**2, linear.drift)
        values = {k: sp.N(v, 17) for k, v in point.items()}
        self.rate, self.volatility = (float(e.subs(values)) for e in (statement.rate, statement.volatility))
        #: Size of log(X_t/X_0), as asserted or as the noise has it.
        deviation = max(abs(self.volatility), linear.noise) * math.sqrt(self.horizon)
        self.scale = max(abs(self.rate) * self.horizon, deviation)
        brownian = sp.Dummy("B", real=True)
        sde = statement.sde
        self.both = SDE((*sde.state, brownian), [*sde.ito_drift, 0], [*sde.diffusion, 1])
        self.draw = cache(self._draw)

    def _draw(self, look: int) -> tuple[list[torch.Tensor], torch.Tensor]:
        plan = planned(
            self.both,
            {k: sp.N(v, 17) for k, v in self.point.items()},
            [_START, 0.0],
            self.task,
            f"{self.stream}|{look}",
            horizon=self.horizon,
            steps=_STEPS,
            paths=_PATHS,
        )
        states = ends(plan, self.task, 3)
        end = states[0][:, 1]
        known = self.rate * self.horizon + self.volatility * end
        return [(x[:, 0] / _START).log() - known for x in states], end / math.sqrt(self.horizon)

    @staticmethod
    def weighted(drawn: tuple[list[torch.Tensor], torch.Tensor], correlated: bool) -> list[torch.Tensor]:
        """Return the rests, multiplied by the Brownian motion where their correlation with it is wanted."""
        rests, brownian = drawn
        return [r * brownian for r in rests] if correlated else rests
