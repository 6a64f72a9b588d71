"""Orders of mean passage times by comparison: the strong Markov property, and drifts of ordinary equations."""

from __future__ import annotations

import sympy as sp

from ....derivations.domain import Domain
from ....derivations.positivity import sign_on
from ....derivations.processes.boundary_classification import Fate
from ....derivations.ranges import Between
from ....derivations.statements.passage import MeanTimeOrder, Passage
from ...evidence import Finding, Kind
from ...judgement.continuity import continuous
from ...judgement.findings import proved, undecided
from ...judgement.ladder import holds
from ...meaning.local_laws import local_laws
from ...meaning.state_pieces import Unresolved
from ...witness import Task, witness

#: Seconds for one question to the ladder.
_SECONDS = 4.0


@witness(
    "comparison of passages",
    kind=Kind.ALGEBRA,
    statement=MeanTimeOrder,
    starts_from="starts, levels and drifts of the two passages, and Feller's test at the lower end",
)
def comparison_of_passages(statement: MeanTimeOrder, task: Task) -> Finding:
    """Prove an order of passages of one process from nested starts, or of two flows with ordered drifts."""
    quick, slow = statement.quicker, statement.slower
    domain = task.claim.domain
    for passage in (quick, slow):
        if not all(_positive(e, domain) for e in (passage.start, passage.level - passage.start)):
            return undecided(f"that 0 < {passage.start} < {passage.level} is not seen on the whole domain.")
    if quick.noiseless and slow.noiseless:
        return _flows(quick, slow, domain)
    if (quick.sde.state, quick.sde.drift, quick.sde.diffusion, quick.sde.calculus, quick.level) != (
        slow.sde.state, slow.sde.drift, slow.sde.diffusion, slow.sde.calculus, slow.level
    ):  # fmt: skip
        return undecided("the passages are of different processes or to different levels.")
    return _nested(quick, slow, domain)


def _nested(quick: Passage, slow: Passage, domain: Domain) -> Finding:
    """The way up from the lower start leads through the higher one, which takes a positive time more."""
    if not _positive(quick.start - slow.start, domain):
        return undecided("the starts are not seen to be ordered.")
    try:
        laws = local_laws(quick.sde, sp.Interval.open(0, sp.oo), domain)
    except Unresolved as error:
        return undecided(f"the noise is not seen to be positive: {error}")
    if len(laws) > 1:
        return undecided(f"at {laws[1].piece.low} the coefficients vanish or change their formula.")
    low = laws[0].ends[0]
    finite = laws[0].integrable(low)
    if laws[0].fates(low) != {Fate.INACCESSIBLE} or not _holds(finite, domain):
        return undecided(f"the mean time is not seen to be finite: integrable at 0 when {finite}.")
    return proved(
        "Strong Markov property: the passage from the lower start is one to the higher start and then the other one; "
        "0 is not reached and the zero-current density is integrable there, so that both mean times are finite."
    )


def _flows(quick: Passage, slow: Passage, domain: Domain) -> Finding:
    """With a larger drift all the way the flow takes less time for the same way."""
    if quick.start != slow.start or quick.level != slow.level or quick.sde.state != slow.sde.state:
        return undecided("the flows do not go the same way.")
    x, first, _ = quick.sde.scalar()
    second = slow.sde.scalar()[1]
    if not all(continuous(e) for e in (first, second)):
        # positive everywhere and with 0 as a limit
        return undecided("a drift that jumps may come arbitrarily close to 0, and the time may be infinite.")
    fixed = {s.name: r for s, r in domain.ranges.items() if s.name != x.name}
    way = Domain(**fixed, **{x.name: Between(slow.start, slow.level)})
    ends = all(_positive(second.subs(x, at), domain) for at in (slow.start, slow.level))
    if ends and _positive(second, way) and _positive(first - second, way):
        return proved("Comparison of drifts: that of the first flow is larger at every state on the same way.")
    return undecided("the drifts are not seen to be positive and ordered all the way.")


def _positive(expr: sp.Expr, domain: Domain) -> bool:
    return sign_on(domain, expr) == "positive" or _holds(sp.Gt(expr, 0, evaluate=False), domain)


def _holds(relation: object, domain: Domain) -> bool:
    return relation == sp.true or (
        isinstance(relation, sp.core.relational.Relational) and bool(holds(relation, domain, _SECONDS).answer)
    )
