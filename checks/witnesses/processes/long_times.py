"""Exact algebra on long times: limits of expressions by their leading terms, and decay of functions of a process."""

from __future__ import annotations

import itertools

import sympy as sp

from ....derivations.calculus.limits import limit_at_infinity
from ....derivations.domain import Domain
from ....derivations.errors import UndefinedError
from ....derivations.expressions import canonical, parts_without
from ....derivations.positivity import edge_points, sign_on
from ....derivations.processes.growth import stays_inside
from ....derivations.processes.ito import canonical_sde, generator, noise
from ....derivations.statements.processes import AlmostSureDecay, LongTimeLimit
from ...evidence import Finding, Kind, Outcome
from ...judgement.comparison import certified_sign
from ...judgement.definedness import undefined_at
from ...judgement.exact import Residual, is_zero, judge, value_text
from ...judgement.findings import proved, refuted, undecided
from ...meaning.processes import meaning
from ...witness import Task, witness
from ..attractivity.invariant_rays import does_not_decay
from ..attractivity.settling import settles_elsewhere


@witness(
    "exact limit",
    kind=Kind.ALGEBRA,
    statement=LongTimeLimit,
    starts_from="the expression; leading terms of its parts, in an order that holds on the domain",
)
def exact_limit(statement: LongTimeLimit, task: Task) -> Finding:
    """Compare the limit by leading terms with the asserted one."""
    expression = canonical(statement.expression)
    if statement.limit.has(sp.oo, -sp.oo, sp.zoo, sp.nan):
        return undecided(f"the asserted limit {statement.limit} is no number.")
    parts = [*parts_without(statement.expression, statement.time), statement.limit]
    value = limit_at_infinity(expression, statement.time, task.claim.domain)
    if value is None:
        found = _elsewhere(statement, expression, task) or _returning(statement, expression, task.claim.domain)
        if found is not None:
            return found
        missing = meaning(parts, task.claim.domain)
        if missing is not None and missing.outcome is Outcome.UNDEFINED:
            return missing
        return undecided("the order of the terms on the domain was not established, or the limit is indeterminate.")
    if value in (sp.oo, -sp.oo):
        point = next(task.claim.domain.points(1))
        return refuted(
            f"leading terms: the expression tends to {value}.",
            point,
            f"the limit = {value_text(statement.limit, point)}",
            f"the limit = {value}",
            value,
            certified=True,
        )
    finding = judge([Residual("the limit", statement.limit, value)], task, method="leading terms at infinity")
    if finding.outcome is Outcome.REFUTED:
        return finding
    return meaning(parts, task.claim.domain) or finding


def _elsewhere(statement: LongTimeLimit, expression: sp.Expr, task: Task) -> Finding | None:
    """Return a parameter point, at an edge where there is one, at which the limit is another."""
    t = statement.time
    parameters = Domain(**{s.name: r for s, r in task.claim.domain.ranges.items() if s != t})
    if not parameters.symbols:
        return None
    for point in itertools.chain(itertools.islice(edge_points(parameters), 27), parameters.points(task.effort.points)):
        there = expression.xreplace(point)
        if there.has(sp.oo, -sp.oo, sp.zoo, sp.nan) or undefined_at(statement.limit, point) is not None:
            continue  # no values at large times
        value = limit_at_infinity(there, t, Domain())
        if value is None or value.free_symbols:
            continue
        other = value in (sp.oo, -sp.oo) or certified_sign(value - statement.limit, point) in (1, -1)
        if other:
            return refuted(
                f"leading terms: at an exact point the expression tends to {value}.",
                point,
                f"the limit = {value_text(statement.limit, point)}",
                f"the limit = {value}",
                value,
                certified=True,
            )
    return None


def _returning(statement: LongTimeLimit, expression: sp.Expr, domain: Domain) -> Finding | None:
    """Return a time to whose value, another than the limit, a periodic expression returns again and again."""
    t = statement.time
    slopes = {sp.diff(e.args[0], t) for e in expression.atoms(sp.sin, sp.cos)}
    if t.is_integer or len(slopes) != 1 or (slope := slopes.pop()).has(t) or slope == 0 or not slope.is_real:
        return None
    period = sp.Abs(2 * sp.pi / slope)
    if not is_zero(sp.expand_trig(expression.subs(t, t + 2 * sp.pi / slope) - expression), domain):
        return None
    for point, share in itertools.product(domain.points(4), (0, 1, 2, 3)):
        here = point | {t: (share * period / 4).xreplace(point)}
        if certified_sign(expression - statement.limit, here) in (1, -1):
            return refuted(
                f"the expression has the period {value_text(period, point)}: it takes one value again and again.",
                here,
                f"the limit = {value_text(statement.limit, here)}",
                f"the value at every period = {value_text(expression, here)}",
                value_text(expression - statement.limit, here),
                certified=True,
            )
    return None


@witness(
    "linear decay",
    kind=Kind.ALGEBRA,
    statement=AlmostSureDecay,
    starts_from="the equation, through Ito's formula",
)
def linear_decay(statement: AlmostSureDecay, task: Task) -> Finding:
    """Establish df = a f dt + f c dB with constants and a - |c|^2 / 2 < 0 on the whole domain: every path decays.

    For log|f| is then a Brownian motion with that drift. Where f obeys no such equation, a start is sought from which
    it does not decay: a rest point, a process that settles at no zero of f, a ray that is never left.
    """
    sde, f, domain = canonical_sde(statement.sde), canonical(statement.function), task.claim.domain
    found = settles_elsewhere(sde, f, task)
    if found is not None:
        return found
    growth = sp.cancel(sp.together(generator(sde, f) / f))
    row = [sp.cancel(sp.together(c / f)) for c in noise(sde, f)]
    if any(c.has(*sde.state) for c in (growth, *row)):
        found = does_not_decay(statement, task)
        return found or undecided("the function does not obey a linear equation with constant coefficients.")
    rate = sp.expand(growth - sum(c**2 for c in row) / 2)
    if not stays_inside(sde, domain):
        return undecided(f"Ito's formula: log|f| has the drift {rate}; the process is not shown to stay in its range.")
    if sign_on(domain, rate) == "negative":
        finding = proved(f"Ito's formula: log|f| is a Brownian motion with the drift {rate}, which is negative.")
        return meaning([statement.function, *statement.sde.drift, *statement.sde.diffusion], domain) or finding
    for point in domain.points(4 * task.effort.points):
        try:
            stays = certified_sign(rate, point) in (0, 1) and certified_sign(f, point) in (-1, 1)
        except UndefinedError:
            continue
        if stays:
            return refuted(
                f"Ito's formula: log|f| is a Brownian motion with the drift {rate}, which is not negative.",
                point,
                "decay to 0",
                f"rate {value_text(rate, point)}",
                "does not decay",
                effect=1.0,
                certified=True,
            )
    return undecided(f"the sign of the rate {rate} was not established.")
