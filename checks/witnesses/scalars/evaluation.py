"""Ball arithmetic on scalar identities: both sides apart, as they are written, at exact points of every piece."""

from __future__ import annotations

import itertools
from typing import Any

import sympy as sp

from ....derivations.domain import Domain, Point
from ....derivations.errors import NumericsError
from ....derivations.expressions import canonical
from ....derivations.statements.scalar import Identity
from ....numerics.exact.values import value_at_precision
from ...evidence import Finding, Kind
from ...judgement.breakpoints import separators
from ...judgement.comparison import AGREEMENT_BITS
from ...judgement.definedness import CALCULUS, definedness, undefined_at
from ...judgement.domain_ranges import by_ranges
from ...judgement.exact import Residual, examine, far_points, value_text, without_meaning
from ...judgement.findings import confirmed, refuted, undecided
from ...judgement.pieces import hidden_jump
from ...judgement.points import distinct, simple
from ...witness import Task, witness

#: CPU time for all points in units of an algebra witness's: so much that the same points are visited on any machine,
#: and less where each point costs a quadrature.
_SHARE, _COSTLY_SHARE = 6, 1
#: What is smaller than this at all of so many simple points is not seen beside numbers of common size.
_SMALLEST, _SEEN = 2.0**-AGREEMENT_BITS, 4
#: What is left to the limits of functions that saturate.
_REST: dict[Any, Any] = {sp.erf: lambda u: sp.erfc(sp.Abs(u)), sp.tanh: sp.sech, sp.coth: sp.csch}


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
    apart = _apart(sides, domain)
    if apart is not None:
        return apart
    blind = _unseen(sides, domain)
    if blind is not None:
        return undecided(f"{agreement}, none of which sees {blind}.")
    jump = hidden_jump((statement.lhs, statement.rhs), domain)
    if jump is not None:
        return undecided(f"{agreement}, but a side may jump where {jump} = 0.")
    if not separators((statement.lhs, statement.rhs), domain)[1]:
        return undecided(f"{agreement} that was visited; a step function has more of them.")
    return confirmed(f"{agreement}, at the edges and at every scale.", found.resolution)


def _unseen(sides: Residual, domain: Domain) -> sp.Expr | None:
    """Return a part of a side that is too small at simple points for a wrong one to be told, or None."""
    parts = set[sp.Expr]()
    for e in map(canonical, (sides.stated, sides.found)):
        parts |= {f for f in e.atoms(sp.Function, sp.Pow) if f.free_symbols}
    for f in tuple(parts):
        parts |= {_REST[f.func](f.args[0])} if f.func in _REST else set()
    points = list(simple(domain, _SEEN))
    for part in sorted(parts, key=sp.default_sort_key):
        sizes = [size for point in points if (size := _size(part, point)) is not None]
        if sizes and not any(size > _SMALLEST for size in sizes):
            return part
    return None


def _size(part: sp.Expr, point: Point) -> Any:
    """Return an upper bound of the absolute value; None where there is none, or it is 0."""
    try:
        ball = value_at_precision(part, point, 64).ball
    except NumericsError:
        return None
    return None if ball.is_zero() else ball.abs_upper()


def _apart(sides: Residual, domain: Domain) -> Finding | None:
    """Refute sides of which one is above the other on the whole domain, by less than balls of any precision tell."""
    whole = sides.difference
    if sides.multiplied_out == 0:
        return None
    # as the distance from the limits of functions that saturate
    rest = whole.replace(sp.erf, lambda u: 1 - sp.erfc(u)).replace(sp.tanh, lambda u: 1 - 2 / (sp.exp(2 * u) + 1))
    for gap, sign in itertools.product((whole, sp.factor_terms(whole), sp.factor_terms(sp.expand(rest))), (1, -1)):
        above, reason = by_ranges(sign * gap, True, domain)
        for point in domain.points(4) if above else ():
            if all(undefined_at(side, point) is None for side in (sides.stated, sides.found)):
                return refuted(
                    f"one side is larger on the whole domain: {reason}.",
                    point,
                    f"{sides.what} = {value_text(sides.stated, point)}",
                    f"{sides.what} = {value_text(sides.found, point)}",
                    f"{gap}, {'above' if sign > 0 else 'below'} 0",
                    certified=True,
                )
    return None
