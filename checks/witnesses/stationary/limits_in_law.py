"""Limits in law of scalar processes: recurrence by exact exponents, and the Fokker-Planck equation at long times."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import sympy as sp

from ....derivations.domain import Domain, Point
from ....derivations.errors import CrossproofError
from ....derivations.processes.boundary_classification import Fate
from ....derivations.processes.fokker_planck import End
from ....derivations.processes.sde import SDE
from ....derivations.statements.long_time_laws import LimitInLaw
from ....numerics.diffusions.fokker_planck import solve_fokker_planck
from ....numerics.diffusions.scalar_diffusion import ScalarDiffusion
from ....numerics.diffusions.spectral_gap import spectral_gap
from ...evidence import Finding, Kind, Outcome
from ...judgement.findings import as_text, confirmed, proved, refuted, undecided
from ...judgement.ladder import holds
from ...meaning.laws import meaning
from ...meaning.local_laws import LocalLaw, integrable, local_laws
from ...meaning.state_pieces import Unresolved
from ...witness import Task, witness
from .algebra import zero_current
from .numerics import CAUTION, QUANTILES, QUANTITY, claimed_law, not_comparable, parameter_points

#: Seconds for one question to the ladder.
_SECONDS = 4.0
#: Relaxation times after which what is left of the start is far below every other error.
_RELAXATIONS = 40.0
#: Cells of the finest of four grids, at which what is left of a natural end's cut does not show.
_CELLS = 2048


@witness(
    "recurrence and zero current",
    kind=Kind.ALGEBRA,
    statement=LimitInLaw,
    starts_from="the Fokker-Planck current, exponents of the zero-current density and Feller's test at both ends",
)
def recurrence(statement: LimitInLaw, task: Task) -> Finding:
    """Prove a density by stationarity on one piece, a point mass by comparison with reflected processes.

    A regular process that keeps a probability on one open interval converges to it from every start there; and the
    limit in law of a process that depends continuously on its start is stationary.
    """
    return _density(statement, task) if statement.point is None else _point_mass(statement, task)


def _density(statement: LimitInLaw, task: Task) -> Finding:
    divided = _divided(statement, task)
    if divided is not None:
        return divided
    law = statement.stationary()
    finding = zero_current(law, replace(task, claim=replace(task.claim, statement=law)))
    if finding.outcome is not Outcome.PROVED:
        return finding
    if len(meaning(law, task.claim.domain).laws) > 1:
        return undecided("the law is stationary, but the coefficients change their formula inside the support.")
    return proved(finding.detail + " The noise is positive inside, so that every start leads to this law.")


def _divided(statement: LimitInLaw, task: Task) -> Finding | None:
    """Refute where noise and drift hold the process on one side of a point inside the support."""
    x, parameters = statement.sde.state[0], _parameters(statement, task.claim.domain)
    for point in parameters.points(task.effort.points):
        try:
            laws = _laws_at(statement, point)
        except Unresolved:
            continue
        for below, above in itertools.pairwise(laws):
            place = above.piece.low
            if any(
                law.fates(end) != {Fate.INACCESSIBLE} for law, end in ((below, below.ends[1]), (above, above.ends[0]))
            ):
                continue
            return refuted(
                f"The process never reaches {x} = {place}, where its noise vanishes, so that no start above it leads "
                "to a law with mass below it.",
                point,
                f"one law from every start in {statement.support.subs(point)}",
                f"from a start above {place} no mass below it, and the reverse",
                f"{x} = {place} separates the starts",
                effect=1.0,
                certified=True,
            )
    return None


def _point_mass(statement: LimitInLaw, task: Task) -> Finding:
    """Compare with processes reflected ever closer to the point, whose stationary laws tend to the mass there.

    The process started at x stays below (for a lower end) the one that is kept above eps by reflection. That one has
    the zero-current density on [eps, end), of finite mass when the far end is not reached and takes finite mass; the
    share of it beyond any c tends to 0 with eps, when the density is not integrable at the point.
    """
    parameters = _parameters(statement, task.claim.domain)
    second = _stationary_density(statement, parameters, task)
    if second is not None:
        return second
    try:
        laws = local_laws(statement.sde, statement.support, parameters)
    except Unresolved as error:
        return undecided(f"the noise is not seen to be positive on the support: {error}")
    if len(laws) > 1:
        return undecided(f"at {laws[1].piece.low} the coefficients vanish or change their formula.")
    law = laws[0]
    near, far = law.ends if statement.point == statement.support.start else law.ends[::-1]
    for end in (near, far):
        if law.fates(end) != {Fate.INACCESSIBLE}:
            return undecided(f"the end {end.place} is not seen to be out of reach.")
    if not _always(law.integrable(far), parameters):
        return undecided(f"the zero-current density is not seen to take finite mass at {far.place}.")
    if not _never(law, near, parameters):
        return undecided(f"the zero-current density is not seen to take infinite mass at {near.place}.")
    return proved(
        f"Neither end is reached; the zero-current density has finite mass at {far.place} and infinite mass at "
        f"{near.place}, so that reflected comparison processes carry all mass to {near.place}."
    )


def _always(condition: object, domain: Domain) -> bool:
    return condition == sp.true or (isinstance(condition, sp.core.relational.Relational) and _holds(condition, domain))


def _never(law: LocalLaw, end: End, domain: Domain) -> bool:
    condition = law.integrable(end)
    if condition == sp.false:
        return True
    return isinstance(condition, sp.core.relational.Relational) and _holds(sp.Not(condition), domain)


def _holds(relation: object, domain: Domain) -> bool:
    return relation == sp.true or (relation != sp.false and bool(holds(relation, domain, _SECONDS).answer))


def _stationary_density(statement: LimitInLaw, parameters: Domain, task: Task) -> Finding | None:
    """Refute by parameters at which the process keeps a probability density on the support."""
    for point in parameters.points(4 * task.effort.points):
        try:
            laws = _laws_at(statement, point)
        except Unresolved:
            continue
        stays = all(law.fates(end) == {Fate.INACCESSIBLE} for law in laws for end in law.ends)
        if len(laws) == 1 and stays and integrable(laws, Domain()) == sp.true:
            return refuted(
                "The process keeps a probability density on the open support, which is its limit from every start.",
                point,
                f"all mass tends to {statement.point}",
                f"the law tends to a density with (log p)' = {sp.factor(laws[0].balanced_slope)}",
                "1",
                effect=1.0,
                certified=True,
            )
    return None


def _laws_at(statement: LimitInLaw, point: Point) -> list[LocalLaw]:
    """Return the process on the pieces of its support at exact parameters; Unresolved where it cannot be split."""
    sde = statement.sde
    here = SDE(sde.state, sde.drift.subs(point), sde.diffusion.subs(point), sde.calculus)
    return local_laws(here, statement.support.subs(point), Domain())


def _parameters(statement: LimitInLaw, domain: Domain) -> Domain:
    return Domain(**{s.name: r for s, r in domain.ranges.items() if s != statement.sde.state[0]})


@witness(
    "Fokker-Planck equation at long times",
    kind=Kind.DETERMINISTIC,
    statement=LimitInLaw,
    starts_from="the SDE: finite volumes in time from two starts, for 40 times the inverse of the spectral gap",
)
def long_times(statement: LimitInLaw, task: Task) -> Finding:
    """Compare distribution functions at quantiles of the claim, for a point mass at a place away from it."""
    x, worst, compared = statement.sde.state[0], 0.0, []
    for point in parameter_points(task, [x], min(4, task.effort.points)):
        support = statement.support.subs(point)
        low, high = float(support.start), float(support.end)
        try:
            places = _places(statement, point, (low, high))
            process = ScalarDiffusion(statement.sde, point, support=(low, high))
            gap = spectral_gap(process).value
            if not gap > 0:
                return undecided(f"no relaxation rate was resolved at {as_text(point)}.")
            laws = [solve_fokker_planck(process, at, _RELAXATIONS / gap, cells=_CELLS) for at in _starts(places)]
        except CrossproofError as error:
            return undecided(f"at {as_text(point)}: {error}")
        for place, stated in places:
            for law in laws:
                found = law.cdf(place)
                if abs(found.value - stated) > CAUTION * (found.error + 1e-12):
                    return refuted(
                        f"After {_RELAXATIONS:g} relaxation times the distribution function is not the claimed one.",
                        {**point, x: f"{place:.6g}"},
                        f"P[{x} <= {place:.6g}] tends to {stated:.6g}",
                        f"P[{x} <= {place:.6g}] = {found.value:.6g}",
                        f"{found.value - stated:.3g}",
                        effect=abs(found.value - stated) / min(max(stated, 0.1), max(1 - stated, 0.1)),
                        quantity=QUANTITY,
                    )
                worst = max(worst, (abs(found.value - stated) + found.error) / min(stated, 1 - stated))
        compared.append(point)
    if worst > task.effort.resolution:
        return undecided(f"errors of the solver leave deviations up to {worst:.2g} open.")
    elsewhere = meaning(statement.stationary(), task.claim.domain).missing
    if elsewhere:
        return undecided(f"the laws agree at {len(compared)} parameter points, but {elsewhere}")
    return confirmed(
        f"Two starts lead to the claimed distribution function at {len(compared)} parameter points.",
        worst,
        quantity=QUANTITY,
    )


def _places(statement: LimitInLaw, point: Point, ends: tuple[float, float]) -> list[tuple[float, float]]:
    """Return states with the claimed values of the distribution function there.

    Raises
    ------
    CrossproofError
        If the claimed density has no quantiles.
    """
    if statement.point is not None:
        lower = statement.point == statement.support.start
        at = ends[0] + 1.0 if lower else ends[1] - 1.0
        if math.isfinite(ends[0]) and math.isfinite(ends[1]):
            at = sum(ends) / 2
        return [(at, 1.0 if lower else 0.0)]
    law = statement.stationary()
    reason = not_comparable(law, point)
    if reason:
        raise CrossproofError(reason)
    claimed = claimed_law(law, point)
    return [(claimed.quantile(q), q) for q in QUANTILES]


def _starts(places: list[tuple[float, float]]) -> tuple[float, ...]:
    return (places[0][0],) if len(places) == 1 else (places[0][0], places[-1][0])
