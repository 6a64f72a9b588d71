"""Exact algebra on point masses: fixed points, and densities that are excluded on either side."""

from __future__ import annotations

import sympy as sp

from ...derivations.domain import Point
from ...derivations.fokker_planck import (
    ends,
    integrable_at,
    possible_signs,
    stationary_slope,
)
from ...derivations.statements.stationary import DiracLaw
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..judgement.exact import certified_gap, vanishes
from ..judgement.findings import as_text, undecided
from ..witness import Task, witness


@witness(
    "exclusion of densities",
    kind=Kind.ALGEBRA,
    statement=DiracLaw,
    starts_from="zeros of drift and noise, and exponents of the zero-current density on both sides of the point",
)
def exclusion(statement: DiracLaw, task: Task) -> Finding:
    """Prove that the point is fixed and that no probability density is stationary on either side of it.

    An invariant probability on an open interval where the noise does not vanish has the zero-current density.
    """
    domain, x = task.claim.domain, statement.sde.state[0]
    drift, rate = statement.sde.ito_drift[0], statement.sde.covariance[0, 0]
    support = statement.support
    for end, closed in ((support.start, not support.left_open), (support.end, not support.right_open)):
        if not closed or end.is_infinite or end == statement.point:
            continue
        for point in domain.points(task.effort.points):
            if all(e.subs(point).subs(x, end.subs(point)) == 0 for e in (drift, rate)):
                return Finding(
                    Outcome.REFUTED,
                    f"Drift and noise vanish at {end} too, so that the Dirac mass there is stationary as well.",
                    effect=1.0,
                    counterexample=Counterexample(
                        as_text(point), f"only the mass at {statement.point}", f"also the mass at {end}", "1"
                    ),
                )
    moved = _not_fixed(statement, task)
    if moved is not None:
        return moved
    if not all(vanishes(e.subs(x, statement.point)) for e in (drift, rate)):
        return undecided(f"drift and noise do not both reduce to zero at {statement.point}")
    slope = stationary_slope(statement.sde)
    t = sp.Dummy("t", positive=True)
    for side in (
        sp.Interval.open(support.start, statement.point),
        sp.Interval.open(statement.point, support.end),
    ):
        if side is sp.S.EmptySet:
            continue
        low, high = side.start, side.end
        if high.is_infinite:
            inside = low + t
        elif low.is_infinite:
            inside = high - t
        else:
            inside = low + (high - low) * t / (1 + t)
        if possible_signs(sp.factor(rate.subs(x, inside)), domain) != {1}:
            return undecided(f"the noise is not seen to be positive on {side}")
        if sp.false not in [integrable_at(slope, x, end, domain) for end in ends(side)]:
            return undecided(f"a stationary density on {side} is not excluded")
    return Finding(
        Outcome.PROVED,
        "The point is fixed; on either side the noise is positive and the only zero-current density has infinite "
        "mass, which leaves the Dirac mass.",
    )


def _inside(statement: DiracLaw, point: Point) -> bool:
    """Return whether the mass is certain to lie strictly inside the support at these parameters."""
    place, low, high = (e.subs(point) for e in (statement.point, statement.support.start, statement.support.end))
    return bool((low < place) == True and (place < high) == True)  # noqa: E712  (a SymPy relation)


def _not_fixed(statement: DiracLaw, task: Task) -> Finding | None:
    """Refute a point that lies off the support, or inside it where drift or noise is certified not to vanish."""
    domain, x, support = task.claim.domain, statement.sde.state[0], statement.support
    for point in domain.points(task.effort.points):
        place, low, high = (e.subs(point) for e in (statement.point, support.start, support.end))
        if (place < low) == True or (place > high) == True:  # noqa: E712  (a SymPy relation)
            return Finding(
                Outcome.REFUTED,
                "The point lies outside the support.",
                effect=1.0,
                counterexample=Counterexample(as_text(point), f"mass at {place}", f"support {support}", str(place)),
            )
    if any(not end.is_infinite and vanishes(statement.point - end) for end in (support.start, support.end)):
        return None  # at an end a boundary condition, which the coefficients do not tell, may hold the mass
    for name, e in (("drift", statement.sde.ito_drift[0]), ("noise", statement.sde.covariance[0, 0])):
        gap = certified_gap(e.subs(x, statement.point), domain, 4 * task.effort.points)
        # where the point meets an end for some parameters only, the same holds for these
        if gap is not None and _inside(statement, gap[0]):
            return Finding(
                Outcome.REFUTED,
                f"The {name} does not vanish at {statement.point}, so that a mass there does not stay.",
                effect=1.0,
                counterexample=Counterexample(
                    as_text(gap[0]), f"a stationary mass at {statement.point}", f"{name} {gap[1]} there", str(gap[1])
                ),
            )
    return None
