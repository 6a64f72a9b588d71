"""Orders of mean passage times, by quadrature of scale and speed.

A simulation is no witness here: it bounds a mean time from below only, as late passages may make up any part of it.
"""

from __future__ import annotations

import math

import sympy as sp
from scipy import integrate

from ....derivations.domain import Point
from ....derivations.statements.passage import MeanTimeOrder, Observation, Passage
from ...evidence import Finding, Kind
from ...judgement.deterministic import generic_points
from ...judgement.findings import as_text, refuted, undecided
from ...witness import Task, witness

_TOLERANCE = 1e-8
#: Error bounds of the quadrature by which the two times must differ in the wrong order.
_BOUNDS = 10
#: Relative rounding of a time by quadrature.
_ROUNDING = 1e-12


@witness(
    "mean passage times",
    kind=Kind.DETERMINISTIC,
    statement=MeanTimeOrder,
    starts_from="scale function and speed measure of each equation, by adaptive quadrature",
)
def mean_passage_times(statement: MeanTimeOrder, task: Task) -> Finding:
    """Compare the two mean times at points of the domain, which may refute their order and never confirms it."""
    smallest, where, count = math.inf, "", 0
    states = {*statement.quicker.sde.state, *statement.slower.sde.state}
    for whole in (
        *task.claim.domain.points(task.effort.points),
        *generic_points(task.claim.domain, task.effort.points),
    ):
        point = {s: v for s, v in whole.items() if s not in states}  # a state with a range is not held fixed
        quick, slow = (_mean_time(p, point) for p in (statement.quicker, statement.slower))
        if math.isinf(quick[0]) and math.isinf(slow[0]):
            return undecided(f"both are infinite at {as_text(point)}.")
        gap = (slow[0] - quick[0]) / slow[0] if math.isfinite(slow[0]) else 1.0
        if gap < -_BOUNDS * (quick[1] + slow[1]):
            return refuted(
                "mean passage times: the passage said to be quicker takes longer on average.",
                point,
                "mean time of the first passage < mean time of the second",
                f"{quick[0]:.8g} against {slow[0]:.8g}",
                f"{quick[0] - slow[0]:.4g}",
                effect=-gap if math.isfinite(gap) else None,
            )
        if gap < smallest:
            smallest, where = gap, str(as_text(point))
        count += 1
    return undecided(
        f"no counterexample among {count} points; the closest is a relative gap of {smallest:.2g} "
        f"at {where}. Points prove no order on the whole domain."
    )


@witness(
    "completeness of the report",
    kind=Kind.DETERMINISTIC,
    statement=Observation,
    starts_from="the document's description of its experiment",
)
def completeness_of_the_report(statement: Observation, task: Task) -> Finding:
    """Leave an experiment undecided that cannot be repeated as it was made."""
    return undecided(
        f"the experiment cannot be repeated as it was made; to decide it, give {'; '.join(statement.missing)}."
    )


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
    return float(value), float(error / value) + _ROUNDING


def _mean_time(passage: Passage, point: Point) -> tuple[float, float]:
    """Return the mean time and its relative error."""
    from ....numerics.diffusions.boundaries import absorbing
    from ....numerics.diffusions.passages import mean_passage_time
    from ....numerics.diffusions.scalar_diffusion import ScalarDiffusion

    if passage.noiseless:
        return _flow_time(passage, point)
    start, level = _numbers(passage, point)
    found = mean_passage_time(ScalarDiffusion(passage.sde, point), start, high=absorbing(level), tolerance=_TOLERANCE)
    return found.value, found.error
