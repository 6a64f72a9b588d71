"""Probabilities to reach one end of an interval: the backward equation with its ends, and the scale function."""

from __future__ import annotations

import math

import sympy as sp

from ....derivations.calculus.limits import limit_at_infinity
from ....derivations.domain import Domain, Point
from ....derivations.errors import NumericsError
from ....derivations.expressions import canonical
from ....derivations.positivity import sign_on
from ....derivations.processes.sde import SDE
from ....derivations.ranges import Above, Between, Positive
from ....derivations.statements.classes.exit_times import ExitProbability
from ....numerics.diffusions.boundaries import NATURAL, absorbing
from ....numerics.diffusions.first_passage import Passage
from ....numerics.diffusions.passages import hitting_probability
from ....numerics.diffusions.scalar_diffusion import ScalarDiffusion
from ...evidence import Finding, Kind, Outcome
from ...judgement.calculus.antiderivatives import smooth
from ...judgement.definedness import definedness
from ...judgement.deterministic import Ledger, generic_points, number_at
from ...judgement.domain_signs import strict_sign
from ...judgement.exact import Residual, judge
from ...judgement.findings import as_text, undecided
from ...witness import Task, witness

#: Seconds for one question to the ladder.
_SECONDS = 4.0
_TOLERANCE = 1e-9


@witness(
    "backward equation of a probability",
    kind=Kind.ALGEBRA,
    statement=ExitProbability,
    starts_from="Dynkin's formula: the generator of the probability is 0 inside, and its ends are 1 and 0",
)
def backward_equation_of_probability(statement: ExitProbability, task: Task) -> Finding:
    """Apply the generator to the value, and look at the value at the end that is reached and near the other.

    With smooth coefficients and noise inside, paths leave every smaller interval. A bounded solution is a martingale
    along them, hence its value at the start is the probability if it tends to 0 at the other end. A solution that does
    not may be right, where that end is never approached; this is left open.
    """
    domain, (x, drift, rate) = task.claim.domain, statement.sde.scalar()
    value = canonical(statement.value)
    problem = _not_inside(statement, domain) or _not_smooth(statement, value, domain)
    if problem:
        return undecided(f"backward equation: {problem}.")
    parts = [
        Residual("the generator of the probability", rate / 2 * sp.diff(value, x, 2) + drift * sp.diff(value, x),
                 sp.Integer(0)),
        Residual("the probability at the end that is reached", value.subs(x, statement.end), sp.Integer(1)),
    ]  # fmt: skip
    found = judge(parts, task, method="backward equation")
    if found.outcome is not Outcome.PROVED:
        return found
    far = limit_at_other_end(statement, value, domain)
    if far is None:
        return undecided(f"backward equation: the limit of the value at {statement.other} was not found.")
    parts.append(Residual("the probability at the other end", far, sp.Integer(0)))
    found = judge(parts, task, method="backward equation")
    if found.outcome is Outcome.REFUTED and not noisy_end(statement, statement.other, domain):
        return undecided(f"backward equation: it holds, and {statement.other} may never be approached.")
    return found


def _interior(statement: ExitProbability, domain: Domain) -> tuple[sp.Symbol, Domain]:
    """Return the state, and a domain in which it runs through the whole interval."""
    name = statement.sde.state[0].name
    parameters = {s.name: r for s, r in domain.ranges.items() if s.name != name}
    given = Above(statement.low) if statement.high is sp.oo else Between(statement.low, statement.high)
    whole = Domain(**parameters, **{name: given})
    return whole.symbol(name), whole


def _not_inside(statement: ExitProbability, domain: Domain) -> str:
    """Return what is wrong with the starts, or with drift and noise inside; empty where all is well."""
    x, drift, rate = statement.sde.scalar()
    gaps = [x - statement.low, *([] if statement.high is sp.oo else [statement.high - x])]
    if any(sign_on(domain, gap) != "positive" for gap in gaps):
        return f"the starts are not seen to lie between {statement.low} and {statement.high}"
    place, whole = _interior(statement, domain)
    ends = Domain(**{s.name: r for s, r in domain.ranges.items() if s != x})
    for at, where in ((place, whole), (statement.end, ends)):
        b, v = (sp.sympify(e).subs(x, at) for e in (drift, rate))
        if definedness((b, v), where).status != "everywhere":
            return f"drift and noise are not seen to be defined from {statement.low} to {statement.high}"
        if strict_sign(v, where, _SECONDS) != "positive":
            return f"there may be no noise somewhere between {statement.low} and {statement.high}"
    return ""


def _not_smooth(statement: ExitProbability, value: sp.Expr, domain: Domain) -> str:
    """Return what is not seen to be smooth inside and at the end that is reached, or which starts are left out."""
    x, drift, rate = statement.sde.scalar()
    given = domain.ranges[x]
    if statement.high is sp.oo:
        runs = given == Above(statement.low) or (given == Positive and statement.low == 0)
    else:
        runs = given == Between(statement.low, statement.high)
    if not runs:
        return f"the starts are not said to run from {statement.low} to {statement.high}"
    ends = Domain(**{s.name: r for s, r in domain.ranges.items() if s != x})
    for what, expr in (("the drift", drift), ("the variance rate", rate), ("the value", value)):
        if not (smooth(sp.sympify(expr), domain) and smooth(sp.sympify(expr).subs(x, statement.end), ends)):
            return f"{what} is not seen to be smooth from {statement.low} to {statement.high}"
    return ""


def noisy_end(statement: ExitProbability, end: sp.Expr, domain: Domain) -> bool:
    """Return whether drift and noise are smooth at a finite end, with noise there: it is reached from near by."""
    x, drift, rate = statement.sde.scalar()
    if end is sp.oo:
        return False
    ends = Domain(**{s.name: r for s, r in domain.ranges.items() if s != x})
    b, v = (sp.sympify(e).subs(x, end) for e in (drift, rate))
    return smooth(b, ends) and smooth(v, ends) and strict_sign(v, ends, _SECONDS) == "positive"


def limit_at_other_end(statement: ExitProbability, value: sp.Expr, domain: Domain) -> sp.Expr | None:
    """Return the limit of the value at the other end, or None."""
    x, other = statement.sde.state[0], statement.other
    ends = Domain(**{s.name: r for s, r in domain.ranges.items() if s != x})
    t = sp.Dummy("t", positive=True)
    if other is sp.oo:
        found = limit_at_infinity(value.subs(x, t), t, ends)
    elif smooth(value.subs(x, other), ends):
        found = value.subs(x, other)
    else:
        inward = 1 / t if statement.through == "high" else -1 / t
        found = limit_at_infinity(value.subs(x, other + inward), t, ends)
    return None if found is None or found.has(sp.oo, -sp.oo, sp.zoo, sp.nan) else found


@witness(
    "exit probabilities by quadrature",
    kind=Kind.DETERMINISTIC,
    statement=ExitProbability,
    starts_from="the scale function of the equation, by quadrature that refines itself; far ends recede",
)
def probability_by_quadrature(statement: ExitProbability, task: Task) -> Finding:
    """Compare the value with the probability from generic starts."""
    domain = task.claim.domain
    problem = _not_inside(statement, domain)
    if problem:
        return undecided(f"exit probabilities: {problem}.")
    noisy = noisy_end(statement, statement.other, domain)
    ledger = Ledger(task, "exit probabilities", (statement.value,))
    for point in generic_points(domain, task.effort.points):
        found = reached_probability(statement, point, noisy)
        stated = number_at(statement.value, point)
        scale = max(abs(stated), found.value)
        if scale == 0:
            raise NumericsError(f"the probability is below the smallest float at {as_text(point)}")
        finding = ledger.compare("the probability", point, stated, found.value, found.value * found.error, scale)
        if finding is not None:
            return finding
    return ledger.finding()


def reached_probability(statement: ExitProbability, point: Point, noisy: bool) -> Passage:
    """Return the probability to arrive at the end that is reached; the state is mirrored where that is the lower one.

    `noisy` says whether the other end is finite and has noise.
    """
    x, drift, rate = statement.sde.scalar()
    sign = 1 if statement.through == "high" else -1
    y = sp.Dummy("y", real=True)
    b, v = (sp.sympify(e).subs(x, sign * y).subs({s: w for s, w in point.items() if s != x}) for e in (drift, rate))
    start, end = (sign * number_at(e, point) for e in (x, statement.end))
    other = -math.inf if statement.other is sp.oo else sign * number_at(statement.other, point)
    # what recedes does so in a logarithm: of the distance from a finite end, or from 0 or a place past the reached end
    support = (-math.inf, math.inf)
    if statement.other is sp.oo:
        support = (-math.inf, 0.0 if end < 0 else end + abs(start - end))
    elif not noisy:
        support = (other, math.inf)
    process = ScalarDiffusion(SDE(y, sign * b, sp.sqrt(v)), support=support)
    low = absorbing(other) if noisy else NATURAL
    return hitting_probability(process, start, low=low, high=absorbing(end), tolerance=_TOLERANCE)
