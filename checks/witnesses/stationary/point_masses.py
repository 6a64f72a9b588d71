"""Exact algebra on point masses: fixed points, and densities that are excluded on either side."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import sympy as sp

from ....derivations.domain import Domain, Point
from ....derivations.processes.boundary_classification import Fate
from ....derivations.processes.sde import SDE
from ....derivations.statements.stationary import DiracLaw
from ...evidence import Finding, Kind
from ...judgement.domain_signs import strict_sign
from ...judgement.exact import certified_gap
from ...judgement.findings import proved, refuted, undecided
from ...judgement.normal_forms import vanishes
from ...meaning.local_laws import integrable, local_laws
from ...meaning.state_pieces import Unresolved
from ...witness import Task, witness

#: Seconds for the sign of a coefficient at an end.
_SECONDS = 2.0


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
    x = statement.sde.state[0]
    drift, rate = statement.sde.ito_drift[0], statement.sde.covariance[0, 0]
    domain = Domain(**{s.name: r for s, r in task.claim.domain.ranges.items() if s != x})
    moved = _second_mass(statement, domain, task) or _not_fixed(statement, domain, task)
    if moved is not None:
        return moved
    if not all(vanishes(e.subs(x, statement.point)) for e in (drift, rate)):
        return undecided(f"drift and noise do not both reduce to zero at {statement.point}")
    for side in _sides(statement):
        try:
            laws = local_laws(statement.sde, side, domain)
        except Unresolved as error:
            return undecided(f"the noise is not seen to be positive on {side}: {error}")
        if len(laws) > 1:
            return undecided(f"at {laws[1].piece.low} the coefficients vanish or change their formula")
        if integrable(laws, domain) != sp.false:
            return _second_law(statement, side, domain, task) or undecided(
                f"a stationary density on {side} is not excluded"
            )
    for end in _closed_ends(statement):
        if not vanishes(statement.point - end) and not _moves(drift.subs(x, end), rate.subs(x, end), domain):
            return undecided(f"it is not seen that drift or noise moves a mass at the end {end} for all parameters")
    return proved(
        "The point is fixed; on either side the noise is positive and the only zero-current density has infinite "
        "mass, which leaves the Dirac mass."
    )


def _closed_ends(statement: DiracLaw) -> list[sp.Expr]:
    support = statement.support
    ends = ((support.start, support.left_open), (support.end, support.right_open))
    return [e for e, is_open in ends if not is_open and not e.is_infinite]


def _moves(drift: sp.Expr, rate: sp.Expr, domain: Domain) -> bool:
    """Return whether drift or variance rate is seen to vanish for no parameters."""
    return any(strict_sign(e, domain, _SECONDS) in ("positive", "negative") for e in (drift, rate))


def _sides(statement: DiracLaw) -> Iterator[sp.Interval]:
    support = statement.support
    for side in (
        sp.Interval.open(support.start, statement.point),
        sp.Interval.open(statement.point, support.end),
    ):
        if side is not sp.S.EmptySet:
            yield side


def _second_law(statement: DiracLaw, side: sp.Interval, domain: Domain, task: Task) -> Finding | None:
    """Refute by parameters at which a density is integrable on one side and the process stays there."""
    sde = statement.sde
    for point in domain.points(4 * task.effort.points):
        here = SDE(sde.state, sde.drift.subs(point), sde.diffusion.subs(point), sde.calculus)
        try:
            laws = local_laws(here, side.subs(point), Domain())
        except Unresolved:
            continue
        stays = all(law.fates(end) <= {Fate.INACCESSIBLE, Fate.KEPT} for law in laws for end in law.ends)
        if len(laws) == 1 and stays and integrable(laws, Domain()) == sp.true:
            return refuted(
                "There is a stationary probability density beside the point mass: without current, integrable at both "
                "ends, which the process does not reach or leaves at once.",
                point,
                f"only the mass at {statement.point.subs(point)}",
                f"a density on {side.subs(point)} with (log p)' = {sp.factor(laws[0].balanced_slope)}",
                "1",
                effect=1.0,
                certified=True,
            )
    return None


def _second_mass(statement: DiracLaw, domain: Domain, task: Task) -> Finding | None:
    """Refute by another place of the support at which drift and noise both vanish."""
    x, support = statement.sde.state[0], statement.support
    coefficients = (statement.sde.ito_drift[0], statement.sde.covariance[0, 0])
    closed = _closed_ends(statement)
    for point in itertools.islice(domain.points(task.effort.points), task.effort.points):
        place, low, high = (e.subs(point) for e in (statement.point, support.start, support.end))
        fixed = [e.subs(point) for e in closed]
        fixed += [z for z in _rational_zeros(coefficients[0].subs(point), x) if sp.And(low < z, z < high) == sp.true]
        for other in fixed:
            if other != place and all(e.subs(point).subs(x, other) == 0 for e in coefficients):
                return refuted(
                    f"Drift and noise vanish at {other} too, so that the Dirac mass there is stationary as well.",
                    point,
                    f"only the mass at {place}",
                    f"also the mass at {other}",
                    "1",
                    effect=1.0,
                    certified=True,
                )
    return None


def _rational_zeros(expr: sp.Expr, x: sp.Symbol) -> list[sp.Expr]:
    """Return the rational zeros of a drift without parameters; none where it is no rational function."""
    if expr == 0 or not expr.is_rational_function(x) or expr.free_symbols != {x}:
        return []
    numerator = sp.Poly(sp.numer(sp.together(expr)), x)
    return list(numerator.ground_roots()) if numerator.domain.is_ZZ or numerator.domain.is_QQ else []


def _inside(statement: DiracLaw, point: Point) -> bool:
    """Return whether the mass is certain to lie strictly inside the support at these parameters."""
    place, low, high = (e.subs(point) for e in (statement.point, statement.support.start, statement.support.end))
    return bool((low < place) == True and (place < high) == True)  # noqa: E712  (a SymPy relation)


def _not_fixed(statement: DiracLaw, domain: Domain, task: Task) -> Finding | None:
    """Refute a point that lies off the support, or inside it where drift or noise is certified not to vanish."""
    x, support = statement.sde.state[0], statement.support
    for point in domain.points(task.effort.points):
        place, low, high = (e.subs(point) for e in (statement.point, support.start, support.end))
        if (place < low) == True or (place > high) == True:  # noqa: E712  (a SymPy relation)
            found = f"support {support.subs(point)}"
            return refuted(
                "The point lies outside the support.",
                point,
                f"mass at {place}",
                found,
                place,
                effect=1.0,
                certified=True,
            )
    if any(not end.is_infinite and vanishes(statement.point - end) for end in (support.start, support.end)):
        return None  # at an end a boundary condition, which the coefficients do not tell, may hold the mass
    for name, e in (("drift", statement.sde.ito_drift[0]), ("noise", statement.sde.covariance[0, 0])):
        gap = certified_gap(e.subs(x, statement.point), domain, 4 * task.effort.points)
        # where the point meets an end for some parameters only, the same holds for these
        if gap is not None and _inside(statement, gap[0]):
            return refuted(
                f"The {name} does not vanish at {statement.point}, so that a mass there does not stay.",
                gap[0],
                f"a stationary mass at {statement.point}",
                f"{name} {gap[1]} there",
                gap[1],
                effect=1.0,
                certified=True,
            )
    return None
