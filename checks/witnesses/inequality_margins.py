"""Ball arithmetic on inequalities at exact points: margins, and signs on both sides of a threshold."""

from __future__ import annotations

import sympy as sp

from ...derivations.errors import NumericsError
from ...derivations.statements.extrema import (
    EquivalentConditions,
    Inequality,
)
from ...numerics.balls import midpoint, sign
from ..evidence import Finding, Kind, Outcome
from ..judgement.exact import value_text
from ..judgement.straddle import excess, straddle
from ..witness import Task, witness
from .extrema_numerics import contradicted, inside_and_at_edges


@witness(
    "smallest margin",
    kind=Kind.DETERMINISTIC,
    statement=Inequality,
    starts_from="ball arithmetic on both sides at exact points",
)
def smallest_margin(statement: Inequality, task: Task) -> Finding:
    """Certify the inequality at points inside and near the edges of the domain; report the smallest margin."""
    gap = excess(statement.relation)
    least = float("inf")
    for point in inside_and_at_edges(task, 48):
        try:
            if sign(gap, point) == -1:
                return contradicted(point, str(statement.relation), f"difference {value_text(gap, point)}", 0.0)
            sides = [abs(midpoint(e, point)) for e in (statement.relation.lhs, statement.relation.rhs)]
            least = min(least, midpoint(gap, point) / max(sides))
        except NumericsError:
            continue
    if not 0 < least < float("inf"):
        return Finding(Outcome.UNDECIDED, "no point certified the inequality strictly.")
    return Finding(Outcome.CONFIRMED, f"smallest margin of the scan: {least:.3g} of the larger side.", resolution=least)


@witness(
    "signs on both sides",
    kind=Kind.DETERMINISTIC,
    statement=EquivalentConditions,
    starts_from="ball arithmetic on the first condition, either side of the second",
)
def signs_on_both_sides(statement: EquivalentConditions, task: Task) -> Finding:
    """Around equality of the second condition, the first holds on the same side."""
    margin = sp.nsimplify(task.effort.resolution) / 100
    first = excess(statement.first)
    pairs = list(straddle(statement.second, task.claim.domain, margin, task.effort.points))
    for pair in pairs:
        for point, wanted in ((pair.inside, 1), (pair.outside, -1)):
            if sign(first, point) == -wanted:
                return contradicted(
                    point,
                    f"{statement.second} {'holds' if wanted == 1 else 'fails'}",
                    f"excess of {statement.first}: {value_text(first, point)}",
                    float(margin),
                )
    if not pairs:
        return Finding(Outcome.UNDECIDED, "no parameter of the domain crosses the asserted threshold")
    return Finding(
        Outcome.CONFIRMED,
        f"certified signs agree at {2 * len(pairs)} points {float(margin):.2%} from equality.",
        resolution=float(margin),
    )
