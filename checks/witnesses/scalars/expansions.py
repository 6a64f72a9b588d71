"""Exact algebra on expansions: Laplace's method, implicit differentiation, leading powers."""

from __future__ import annotations

import sympy as sp

from ....derivations.calculus.limits import ratio_at_point
from ....derivations.domain import Domain
from ....derivations.expressions import parts_without
from ....derivations.processes.boundary_classification import Fate
from ....derivations.processes.fokker_planck import (
    End,
    dominant_power,
    ends,
    exponent_signs,
    integrable_at,
    laplace_parts,
    leading_power,
    possible_signs,
    toward,
)
from ....derivations.statements.expansions import LocalBehaviour, RootExpansion, SmallNoiseGaussian, StationaryExpansion
from ...evidence import Finding, Kind, Outcome
from ...judgement.exact import Residual, judge
from ...judgement.findings import undecided
from ...judgement.normal_forms import vanishes
from ...meaning.analytic import analytic_at
from ...meaning.local_laws import local_laws
from ...meaning.processes import meaning
from ...meaning.state_pieces import Piece, Unresolved
from ...meaning.values import with_values
from ...witness import Task, witness


@witness(
    "Laplace expansion",
    kind=Kind.ALGEBRA,
    statement=StationaryExpansion,
    starts_from="the zero-current density of the SDE, expanded about its peak",
)
def laplace(statement: StationaryExpansion, task: Task) -> Finding:
    """Expand p = exp(Phi/eps + Psi) about its only maximum with exact moments of the perturbed Gaussian."""
    x, centre = statement.sde.state[0], statement.centre
    phi, psi = laplace_parts(statement.sde, statement.parameter)
    problem = _not_laplace(statement, task.claim.domain)
    if problem:
        return undecided(problem)
    variance = -1 / sp.diff(phi, x).subs(x, centre)
    third = sp.diff(phi, x, 2).subs(x, centre)
    shift = third * variance**2 / 2 + psi.subs(x, centre) * variance
    zeroth, first = (centre, shift) if statement.observable == "mean" else (sp.Integer(0), variance)
    residuals = [
        Residual(f"the limit of the {statement.observable}", statement.zeroth, zeroth),
        Residual(f"the first-order coefficient of the {statement.observable}", statement.first, first),
    ]
    return judge(residuals, task, method="Laplace expansion of the zero-current density")


@witness(
    "Laplace limit",
    kind=Kind.ALGEBRA,
    statement=SmallNoiseGaussian,
    starts_from="the zero-current density of the SDE, expanded about its peak",
)
def laplace_limit(statement: SmallNoiseGaussian, task: Task) -> Finding:
    """Take the curvature of Phi at its only maximum: outside of sqrt(eps) around it exp(Phi/eps + Psi) has no mass."""
    problem = _not_laplace(statement.as_variance(), task.claim.domain)
    if problem:
        return undecided(problem)
    phi, _ = laplace_parts(statement.sde, statement.parameter)
    variance = -1 / sp.diff(phi, statement.sde.state[0]).subs(statement.sde.state[0], statement.centre)
    residual = Residual("the variance of the limit", statement.variance, variance)
    return judge([residual], task, method="Laplace limit of the zero-current density")


def _not_laplace(statement: StationaryExpansion, domain: Domain) -> str:
    """Return which condition of Laplace's method is not established; empty where all are."""
    x, centre, support = statement.sde.state[0], statement.centre, statement.support
    phi, psi = laplace_parts(statement.sde, statement.parameter)
    # the whole support, of which the state may be declared to see a part only
    whole = Piece(x, support.start, support.end, Domain(**{s.name: r for s, r in domain.ranges.items() if s != x}))
    valid = (
        vanishes(phi.subs(x, centre))
        and possible_signs(whole.at(phi / (centre - x)), whole.chart[0]) == {1}
        and all(_tail(phi, psi, x, end, domain) for end in ends(statement.support))
    )
    if not valid:
        return "the conditions of Laplace's method (one maximum, integrable tails) are not established"
    if not _stays(statement, domain):
        return "it is not seen that the noise is positive on the support and that the process stays on it"
    return ""


def _stays(statement: StationaryExpansion, domain: Domain) -> bool:
    """Return True when the noise is positive inside the support and the process neither leaves it nor stops."""
    try:
        laws = local_laws(statement.sde, statement.support, domain)
    except Unresolved:
        return False
    return len(laws) == 1 and all(laws[0].fates(end) <= {Fate.INACCESSIBLE, Fate.KEPT} for end in laws[0].ends)


def _tail(phi: sp.Expr, psi: sp.Expr, x: sp.Symbol, end: End, domain: Domain) -> bool:
    """Return True when second moments outside every neighbourhood of the peak are exponentially small.

    Either exp(Phi/eps) decays like an arbitrarily high power at the end and Psi' = O(Phi'), so that Psi does not count
    for small eps; or x^2 exp(Psi) is integrable there.
    """
    t = sp.Dummy("t", positive=True)
    at = toward(end.place, end.inside, t)
    lead, rest = leading_power(phi.subs(x, at), t, domain), dominant_power(psi.subs(x, at), t, domain)
    dominates = lead is not None and rest is not None and -1 not in exponent_signs(rest[1] - lead[1], domain)
    if lead is not None and dominates and possible_signs(end.inside * lead[0], domain) == {1}:
        infinite = bool(end.place.is_infinite)
        strong = exponent_signs(1 - lead[1] if infinite else -1 - lead[1], domain)
        if -1 not in strong:
            return True
    return bool(integrable_at(psi, x, end, domain, moment=2) == sp.true)


@witness(
    "implicit differentiation",
    kind=Kind.ALGEBRA,
    statement=RootExpansion,
    starts_from="the function whose zero is expanded",
)
def implicit(statement: RootExpansion, task: Task) -> Finding:
    """Compare with -f_eps / f_x at the unperturbed zero."""
    at = {statement.parameter: 0, statement.variable: statement.zeroth}
    f = statement.function
    if not analytic_at(f, at, task.claim.domain):
        return undecided("the function is not seen to be analytic around the unperturbed zero")
    slope = sp.diff(f, statement.variable).subs(at)
    if vanishes(slope):
        # f(zeroth + first eps + o(eps)) is then f_eps eps + o(eps), which must vanish
        along = Residual(
            "the slope in the parameter, along the branch", sp.Integer(0), sp.diff(f, statement.parameter).subs(at)
        )
        finding = judge([along], task, method="implicit differentiation")
        return finding if finding.outcome is Outcome.REFUTED else undecided("the slopes at the unperturbed zero vanish")
    if possible_signs(sp.simplify(slope), task.claim.domain) not in ({1}, {-1}):
        return undecided("the slope at the unperturbed zero is not seen to differ from zero")
    finding = judge(
        [
            Residual("the function at the unperturbed zero", sp.Integer(0), f.subs(at)),
            Residual("the first-order shift", statement.first, -sp.diff(f, statement.parameter).subs(at) / slope),
        ],
        task,
        method="implicit differentiation",
    )
    return with_values(finding, [f], at, task.claim.domain)


@witness(
    "leading powers",
    kind=Kind.ALGEBRA,
    statement=LocalBehaviour,
    starts_from="the expressions themselves",
)
def leading_powers(statement: LocalBehaviour, task: Task) -> Finding:
    """Compare leading coefficients and exponents on the sides of the point from which the variable may come."""
    domain = task.claim.domain
    t = sp.Dummy("t", positive=True)
    residuals = []
    if not statement.sides():
        return undecided(f"whether {statement.variable} may be below {statement.point} is not known")
    for inside in statement.sides():
        side = "above" if inside > 0 else "below"
        for number, pair in enumerate(statement.pairs, 1):
            at = toward(statement.point, inside, t)
            found, stated = (leading_power(e.subs(statement.variable, at), t, domain) for e in pair)
            if found is None or stated is None or found[1].is_infinite or stated[1].is_infinite:
                ratio = ratio_at_point(pair, statement.variable, statement.point, inside, domain)
                if ratio is None or ratio.is_infinite:
                    return undecided(f"the leading power of {pair[0]} is not decided")
                residuals.append(Residual(f"limit of the ratio {number} from {side}", sp.Integer(1), ratio))
                continue
            residuals.append(Residual(f"exponent {number} from {side}", stated[1], found[1]))
            residuals.append(Residual(f"coefficient {number} from {side}", stated[0], found[0]))
    finding = judge(residuals, task, method="leading powers")
    if finding.outcome is not Outcome.PROVED:
        return finding
    parts = [part for pair in statement.pairs for e in pair for part in parts_without(e, statement.variable)]
    return meaning([*parts, statement.point], domain) or finding
