"""Ball arithmetic on scalar identities: both sides apart, as they are written, at exact points of every piece."""

from __future__ import annotations

import itertools

from ....derivations.statements.scalar import Identity
from ...evidence import Finding, Kind
from ...judgement.breakpoints import separators
from ...judgement.definedness import CALCULUS, definedness
from ...judgement.exact import Residual, examine, far_points, without_meaning
from ...judgement.findings import confirmed, undecided
from ...judgement.points import distinct, simple
from ...witness import Task, witness

#: CPU time for all points in units of an algebra witness's: so much that the same points are visited on any machine,
#: and less where each point costs a quadrature.
_SHARE, _COSTLY_SHARE = 6, 1


@witness(
    "ball arithmetic",
    kind=Kind.DETERMINISTIC,
    statement=Identity,
    starts_from="the two sides of the identity as printed, evaluated apart with rising precision",
)
def ball_arithmetic(statement: Identity, task: Task) -> Finding:
    """Enclose both sides at exact points: simple and generic ones, at the edges, on every piece and at every scale."""
    domain = task.claim.domain
    sides = Residual("the value", statement.rhs, statement.lhs)
    points = distinct(itertools.chain(simple(domain, 2 * task.effort.points), far_points(sides, domain)))
    share = _COSTLY_SHARE if statement.lhs.has(*CALCULUS) or statement.rhs.has(*CALCULUS) else _SHARE
    found = examine(sides, domain, points, "ball arithmetic", seconds=share * task.effort.algebra_seconds)
    if found.finding is not None:
        return found.finding
    if found.open or not found.points:
        return undecided(f"the sides agree at {found.points} exact points; nothing is told {found.open}.")
    meaning = definedness((statement.lhs, statement.rhs), domain)
    if meaning.status == "undefined":
        return without_meaning(meaning, "ball arithmetic")
    agreement = f"both sides agree to {found.resolution:.1e} at {found.points} exact points of every piece"
    if meaning.status == "open" and not meaning.sampled:
        return undecided(f"{agreement}, but {meaning.reason}.")
    if not separators((statement.lhs, statement.rhs), domain)[1]:
        return undecided(f"{agreement} that was visited; a step function has more of them.")
    return confirmed(f"{agreement}, at the edges and at every scale.", found.resolution)
