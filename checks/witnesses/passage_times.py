"""Orders of mean passage times: quadrature of scale and speed, and simulated paths with bridges at the level."""

from __future__ import annotations

import math

import numpy as np
import sympy as sp
from scipy import integrate

from ...derivations.domain import Point
from ...derivations.statements.passage import MeanTimeOrder, Observation, Passage
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..judgement.deterministic import generic_points
from ..judgement.findings import as_text
from ..statistics import GROUPS, half_width
from ..witness import Task, witness

_TOLERANCE = 1e-8
#: Simulated horizon in units of the time without noise, and the least number of its steps.
_HORIZON, _STEPS = 8, 400
_POINTS = 2
#: Looks at one point, each with independent paths, twice as many as before and at half the step.
_LOOKS = 3


@witness(
    "mean passage times",
    kind=Kind.DETERMINISTIC,
    statement=MeanTimeOrder,
    starts_from="scale function and speed measure of each equation, by adaptive quadrature",
)
def mean_passage_times(statement: MeanTimeOrder, task: Task) -> Finding:
    """Compare the two mean times at points of the domain."""
    smallest, count = math.inf, 0
    for point in (
        *task.claim.domain.points(task.effort.points),
        *generic_points(task.claim.domain, task.effort.points),
    ):
        quick, slow = (_mean_time(p, point) for p in (statement.quicker, statement.slower))
        gap = (slow[0] - quick[0]) / slow[0] if math.isfinite(slow[0]) else 1.0
        error = quick[1] + slow[1]
        if gap < -error:
            return _refuted(point, quick[0], slow[0], -gap, None, "mean passage times")
        if gap <= error:
            return Finding(Outcome.UNDECIDED, f"mean passage times: equal within {error:.1g} at {as_text(point)}.")
        smallest, count = min(smallest, gap), count + 1
    return Finding(
        Outcome.CONFIRMED,
        f"mean passage times: the order holds at {count} points, with a relative gap of at least {smallest:.2g}.",
        resolution=1e-6,
    )


@witness(
    "simulated passages",
    kind=Kind.MONTE_CARLO,
    statement=MeanTimeOrder,
    starts_from="paths of each equation, simulated in the logarithm, with Brownian bridges at the level",
)
def simulated_passages(statement: MeanTimeOrder, task: Task) -> Finding:
    """Compare simulated mean times; halved steps bound the bias, and undecided looks are repeated on a finer scale."""
    margins = []
    for point in generic_points(task.claim.domain, _POINTS):
        for look in range(_LOOKS):
            quick, slow = (_simulated(p, point, task, look, name) for name, p in _named(statement))
            gap, error = slow[0] - quick[0], quick[1] + slow[1]
            if gap < -error:
                return _refuted(point, quick[0], slow[0], -gap / slow[0], task.level, "simulated passages")
            if gap > error:
                break
        else:
            return Finding(
                Outcome.UNDECIDED,
                f"simulated passages: {quick[0]:.4g} and {slow[0]:.4g} differ by less than the error {error:.2g} at "
                f"{as_text(point)}.",
            )
        margins.append(error / slow[0])
    return Finding(
        Outcome.CONFIRMED,
        f"simulated passages: the order holds at {len(margins)} generic points, resolved to {max(margins):.2g} of the "
        "slower time.",
        resolution=max(margins),
        level=task.level,
    )


@witness(
    "completeness of the report",
    kind=Kind.DETERMINISTIC,
    statement=Observation,
    starts_from="the document's description of its experiment",
)
def completeness_of_the_report(statement: Observation, task: Task) -> Finding:
    """Leave an experiment undecided that cannot be repeated as it was made."""
    return Finding(
        Outcome.UNDECIDED,
        f"the experiment cannot be repeated as it was made; to decide it, give {'; '.join(statement.missing)}.",
    )


def _named(statement: MeanTimeOrder) -> tuple[tuple[str, Passage], tuple[str, Passage]]:
    return ("quicker", statement.quicker), ("slower", statement.slower)


def _numbers(passage: Passage, point: Point) -> tuple[float, float]:
    start, level = (float(sp.N(e.subs(point))) for e in (passage.start, passage.level))
    return start, level


def _flow_time(passage: Passage, point: Point) -> tuple[float, float]:
    """Return the time of the ordinary equation and its relative error."""
    x, drift, _ = passage.sde.scalar()
    rate = sp.lambdify(x, drift.subs(point), "numpy")
    start, level = _numbers(passage, point)
    value, error = integrate.quad(
        lambda z: math.exp(z) / rate(math.exp(z)), math.log(start), math.log(level), epsabs=0, epsrel=1e-10, limit=200
    )
    return float(value), float(error / value) + 1e-12


def _mean_time(passage: Passage, point: Point) -> tuple[float, float]:
    """Return the mean time and its relative error."""
    from ...numerics.boundaries import absorbing
    from ...numerics.passages import mean_passage_time
    from ...numerics.scalar_diffusion import ScalarDiffusion

    if passage.noiseless:
        return _flow_time(passage, point)
    start, level = _numbers(passage, point)
    found = mean_passage_time(ScalarDiffusion(passage.sde, point), start, high=absorbing(level), tolerance=_TOLERANCE)
    return found.value, found.error


def _simulated(passage: Passage, point: Point, task: Task, look: int, name: str) -> tuple[float, float]:
    r"""Return the mean time and the half width of its interval, the bias of the step included.

    The control variate :math:`\int (\sigma/b)(X)\,dB` is the noise by which a passage is ahead of time to first order;
    it has mean 0 and leaves about a tenth of the standard deviation where the noise is weak.
    """
    from ...derivations.sde import SDE
    from ...numerics.barriers import exit_times

    if passage.noiseless:
        value, error = _flow_time(passage, point)
        return value, error * value
    start, top = _numbers(passage, point)
    x, drift, _ = passage.sde.scalar()
    silent = SDE(x, drift, sp.Integer(0))
    horizon = _HORIZON * _flow_time(Passage(silent, passage.start, passage.level), point)[0]
    paths = task.effort.samples // 16 // GROUPS * GROUPS * 2**look
    level = task.level / (_POINTS * _LOOKS * 4)  # two passages, each at two steps
    means, halves = [], []
    for halving in (1, 2):
        steps = _STEPS * halving * 2**look
        found = exit_times(
            passage.sde,
            {s: v for s, v in point.items() if s in passage.sde.free_symbols},
            start,
            high=top,
            dt=horizon / steps,
            steps=steps,
            paths=paths,
            key=task.key(f"{name}|{look}|{halving}|{as_text(point)}|{passage.latex()}"),
            scheme="log-euler-maruyama",
            control=passage.sde.diffusion[0, 0] / drift,
            device=task.device,
        )
        # a path that is still under way counts with the horizon; the share is reported as part of the error
        times = (found.time.clamp(max=horizon) + found.control).cpu().numpy()
        late = float((found.side == 0).double().mean())
        groups = np.asarray(times.reshape(GROUPS, -1).mean(axis=1))
        means.append(float(groups.mean()))
        halves.append(half_width(groups, level))
    # the finer mean is off by about its distance from the coarser one, which is known up to both half widths
    bias = 2 * (abs(means[1] - means[0]) + sum(halves))
    return means[1], halves[1] + bias + late * horizon


def _refuted(point: Point, quick: float, slow: float, effect: float, level: float | None, method: str) -> Finding:
    return Finding(
        Outcome.REFUTED,
        f"{method}: the passage said to be quicker takes longer on average.",
        effect=effect,
        level=level,
        counterexample=Counterexample(
            as_text(point),
            "mean time of the first passage < mean time of the second",
            f"{quick:.8g} against {slow:.8g}",
            f"{quick - slow:.4g}",
        ),
    )
