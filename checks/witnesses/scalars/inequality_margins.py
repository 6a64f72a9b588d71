"""Ball arithmetic on inequalities at exact points: margins, and signs on both sides of a threshold."""

from __future__ import annotations

import itertools

import sympy as sp

from ....derivations.statements.extrema import EquivalentConditions, Inequality
from ...evidence import Finding, Kind
from ...judgement.comparison import compare
from ...judgement.domain_signs import candidates, certified_sign, violates
from ...judgement.exact import value_text
from ...judgement.findings import refuted, undecided, undefined
from ...judgement.straddle import excess, straddle
from ...witness import Task, witness
from .inequalities import narrow_places


@witness(
    "smallest margin",
    kind=Kind.DETERMINISTIC,
    statement=Inequality,
    starts_from="ball arithmetic on both sides at exact points",
)
def smallest_margin(statement: Inequality, task: Task) -> Finding:
    """Certify the inequality at points of every scale: a failure refutes, and their absence decides nothing."""
    relation = statement.relation
    least, count, nowhere = float("inf"), 0, None
    narrow = itertools.islice(narrow_places(relation, task.claim.domain), 4 * task.effort.points)
    for point in itertools.chain(candidates(task.claim.domain, task.effort.points), narrow):
        if violates(relation, point):
            value = value_text(excess(relation), point)
            return refuted(
                "the inequality fails at a point.", point, relation, f"difference {value}", value, certified=True
            )
        found = compare(relation.lhs, relation.rhs, point)
        if found.outcome == "undefined" and nowhere is None:
            nowhere = undefined(f"{found.reason}.", point, relation)
        elif found.outcome == "differ":
            count += 1
            least = least if found.effect is None else min(least, found.effect)
    if nowhere is not None:
        return nowhere
    return undecided(f"no counterexample among {count} points; closest margin {least:.3g} of the larger side.")


@witness(
    "signs on both sides",
    kind=Kind.DETERMINISTIC,
    statement=EquivalentConditions,
    starts_from="ball arithmetic on the first condition, either side of the second",
)
def signs_on_both_sides(statement: EquivalentConditions, task: Task) -> Finding:
    """Around equality of either condition, the other one holds on the same side; certified signs at both points.

    That no point beside a threshold tells the conditions apart confirms nothing: they may differ elsewhere.
    """
    margin = sp.nsimplify(task.effort.resolution) / 100
    count = 0
    for near, other in ((statement.second, statement.first), (statement.first, statement.second)):
        for pair in straddle(near, task.claim.domain, margin, task.effort.points):
            for point, wanted in ((pair.inside, 1), (pair.outside, -1)):
                sign = certified_sign(excess(other), point)
                if sign == -wanted:
                    return refuted(
                        "one condition holds and the other fails beside a threshold.",
                        point,
                        f"{near} {'holds' if wanted == 1 else 'fails'}",
                        f"excess of {other}: {value_text(excess(other), point)}",
                        f"{float(margin):.3g}",
                        effect=float(margin),
                        certified=True,
                    )
                if sign is None:
                    return undecided(f"the sign of {excess(other)} was not certified beside the threshold of {near}.")
                count += 1
    if not count:
        return undecided("no parameter of the domain crosses the asserted threshold")
    return undecided(f"certified signs agree at {count} points beside the thresholds, which is no proof.")
