"""Exact algebra on processes: Ito's formula, extended states, powers of the generator, limits."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.errors import DomainError
from ...derivations.ito import generator, noise
from ...derivations.paths import extend
from ...derivations.ranges import Above, Between, Positive, Range, Real
from ...derivations.statements.processes import (
    AlmostSureDecay,
    ExpectationAtAllTimes,
    LongTimeLimit,
    PathSolution,
    SDETransform,
)
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..invariant_rays import does_not_decay
from ..judgement.exact import Residual, judge
from ..judgement.findings import as_text
from ..witness import Task, witness

#: Taylor coefficients of an expectation at t = 0 that are compared.
ORDERS = 4


@witness(
    "Ito's formula",
    kind=Kind.ALGEBRA,
    statement=SDETransform,
    starts_from="the source equation and the function, through Ito's formula",
)
def ito_formula(statement: SDETransform, task: Task) -> Finding:
    """Compare generator and squared noise of f(X) with the asserted drift and variance rate at Z = f(X)."""
    f = statement.function
    _, drift, variance = statement.target.scalar()
    row = noise(statement.source, f)
    at = {statement.image: f}
    residuals = [
        Residual("the drift", drift.subs(at), generator(statement.source, f)),
        Residual("the variance rate", variance.subs(at), sp.expand((row * row.T)[0, 0])),
    ]
    return judge(residuals, task, method="Ito's formula")


@witness(
    "extended path state",
    kind=Kind.ALGEBRA,
    statement=PathSolution,
    starts_from="the equation; Ito's formula on (t, B, integrals of the path)",
)
def extended_state(statement: PathSolution, task: Task) -> Finding:
    """Compare drift, noise and initial value of the functional with those of the equation."""
    path = extend(statement)
    x, drift, _ = statement.sde.scalar()
    at = {x: path.value}
    zero = {statement.time: 0, path.brownian: 0, **dict.fromkeys(path.integrals, 0)}
    residuals = [
        Residual("the initial value", path.value.subs(zero), statement.start),
        Residual("the drift", generator(path.sde, path.value), drift.subs(at)),
        Residual("the noise", noise(path.sde, path.value)[0, 0], statement.sde.diffusion[0, 0].subs(at)),
    ]
    extra: dict[sp.Symbol, Range] = {s: Positive if s.is_positive else Real for s in (path.brownian, *path.integrals)}
    return judge(residuals, _with_ranges(task, extra), method="Ito's formula on the extended path state")


@witness(
    "generator powers",
    kind=Kind.ALGEBRA,
    statement=ExpectationAtAllTimes,
    starts_from="the equation: d/dt E[phi] = E[L phi] from the sure start",
)
def generator_powers(statement: ExpectationAtAllTimes, task: Task) -> Finding:
    """Solve a closed moment equation exactly, else compare Taylor coefficients at t = 0.

    When L phi = alpha + beta phi, the expectation is the solution of y' = alpha + beta y, and the claim is equivalent
    to that equation with y(0) = phi(start). Otherwise k-fold application of L gives the k-th derivative at t = 0
    (moments are finite for the bounded times at hand); finitely many agreements are no proof.
    """
    x = statement.sde.state[0]
    t, phi = statement.time, statement.observable
    initial = Residual("the value at t = 0", statement.value.subs(t, 0), phi.subs(x, statement.start))
    image = generator(statement.sde, phi)
    beta = sp.cancel(sp.together(sp.diff(image, x) / sp.diff(phi, x)))
    if not beta.has(x):
        alpha = sp.simplify(image - beta * phi)
        slope = Residual("the rate", sp.diff(statement.value, t), alpha + beta * statement.value)
        return judge([initial, slope], task, method="closed moment equation")
    residuals = [initial]
    derivative = statement.value
    at_start = {x: statement.start}
    for order in range(1, ORDERS):
        derivative = sp.diff(derivative, t)
        stated = sp.cancel(sp.together(derivative.subs(t, 0)))
        residuals.append(Residual(f"derivative {order} at t = 0", stated, sp.expand(image.subs(at_start))))
        image = sp.expand(generator(statement.sde, image))
    finding = judge(residuals, task, method="powers of the generator at t = 0")
    if finding.outcome is Outcome.PROVED:
        return Finding(
            Outcome.UNDECIDED,
            f"powers of the generator: value and {ORDERS - 1} derivatives at t = 0 agree, which is no proof for all t.",
        )
    return finding


@witness(
    "exact limit",
    kind=Kind.ALGEBRA,
    statement=LongTimeLimit,
    starts_from="the expression; signs of its exponents on the domain",
)
def exact_limit(statement: LongTimeLimit, task: Task) -> Finding:
    """Replace every exponential of time by its limit's direction and take the limit of a rational function."""
    free = _free_parameters(task.claim.domain)
    expression = sp.together(statement.expression.subs(free, simultaneous=True))
    t = statement.time
    rates = []
    for e in expression.atoms(sp.exp):
        rate = sp.factor(sp.diff(e.args[0], t))
        if not rate.has(t) and rate != 0:
            rates.append((e, rate))
    base = rates[0][1] if rates else None
    growth = sp.Dummy("g", positive=True)
    for e, rate in rates:
        ratio = sp.cancel(rate / base)
        if not ratio.is_Rational:
            return Finding(Outcome.UNDECIDED, f"exponents {base} and {rate} are not commensurable.")
        expression = expression.subs(e, growth**ratio * e.subs(t, 0))
    if base is None or expression.has(t) or not (base.is_positive or base.is_negative):
        return Finding(Outcome.UNDECIDED, "the sign of the exponents on the domain was not established.")
    value = sp.limit(
        sp.cancel(sp.together(expression)),
        growth,
        sp.oo if base.is_positive else 0,
        "+" if base.is_negative else "-",
    )
    back = _inverse(task.claim.domain)
    return judge(
        [Residual("the limit", statement.limit, value.subs(back))],
        task,
        method="limit of a rational function of exp(ct)",
    )


@witness(
    "linear decay",
    kind=Kind.ALGEBRA,
    statement=AlmostSureDecay,
    starts_from="the equation, through Ito's formula",
)
def linear_decay(statement: AlmostSureDecay, task: Task) -> Finding:
    """Establish df = -c f dt without noise and with c > 0 on the whole domain, whose solution decays on every path.

    Where f obeys no such equation, a ray is sought on which it does not decay.
    """
    f = statement.function
    rate = sp.cancel(sp.together(generator(statement.sde, f) / f))
    row = [sp.expand(c) for c in noise(statement.sde, f)]
    if any(c != 0 for c in row) or rate.has(*statement.sde.state):
        found = does_not_decay(statement, task)
        return found or Finding(Outcome.UNDECIDED, "the function does not obey a linear equation without noise.")
    if rate.is_negative:
        return Finding(Outcome.PROVED, f"Ito's formula: df = ({rate}) f dt without noise, and the rate is negative.")
    if rate.is_nonnegative:
        state_point = next(task.claim.domain.points(1))
        for point in task.claim.domain.points(4 * task.effort.points):
            if f.subs(point) != 0:
                state_point = point
                break
        return Finding(
            Outcome.REFUTED,
            f"Ito's formula: df = ({rate}) f dt without noise; the rate is not negative.",
            effect=1.0,
            counterexample=Counterexample(
                as_text(state_point), "decay to 0", f"rate {rate.subs(state_point)}", "does not decay"
            ),
        )
    return Finding(Outcome.UNDECIDED, f"the sign of the rate {rate} was not established.")


def _with_ranges(task: Task, extra: dict[sp.Symbol, Range]) -> Task:
    """Return `task` with a domain that also ranges over the symbols in `extra`."""
    domain = task.claim.domain
    ranges = {s.name: r for s, r in domain.ranges.items()}
    clash = {s.name for s in extra} & set(ranges)
    if clash:
        raise DomainError(f"parameters {sorted(clash)} are names of path coordinates; rename them")
    wider = Domain(**{**{s.name: r for s, r in extra.items()}, **ranges})
    return replace(task, claim=replace(task.claim, domain=wider))


def _free_parameters(domain: Domain) -> Point:
    """Return every bounded parameter in terms of a free positive one, so that signs on the domain are plain."""
    image: Point = {}
    for symbol, given in domain.ranges.items():
        free = sp.Symbol(symbol.name + "'", positive=True)
        if isinstance(given, Above):
            image[symbol] = given.bound.subs(image) + free
        elif isinstance(given, Between):
            low, high = given.low.subs(image), given.high.subs(image)
            image[symbol] = low + (high - low) * free / (1 + free)
    return image


def _inverse(domain: Domain) -> Point:
    """Return the free positive parameters of :func:`_free_parameters` in terms of the domain's own."""
    back: Point = {}
    for symbol, given in domain.ranges.items():
        free = sp.Symbol(symbol.name + "'", positive=True)
        if isinstance(given, Above):
            back[free] = symbol - given.bound
        elif isinstance(given, Between):
            back[free] = (symbol - given.low) / (given.high - symbol)
    return back
