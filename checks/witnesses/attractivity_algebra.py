"""Exact thresholds of attraction: Lyapunov exponents of the linearisation and Feller's boundary classification."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.errors import DomainError, NumericsError
from ...derivations.ito import generator
from ...derivations.lyapunov import attraction_margin, boundary_exponent, linearise
from ...derivations.positivity import edge_points, sign_on
from ...derivations.statements.attractivity import Attractive, CollapsesWhen, Linearised, SmallStartLimit
from ...numerics.balls import midpoint, sign
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..exact import Residual, as_text, judge, value_text
from ..straddle import excess, straddle
from ..witness import Task, witness

#: Bisections towards a threshold: they end within about 1 % of it.
_HALVINGS = 10


@witness(
    "Lyapunov exponents",
    kind=Kind.ALGEBRA,
    statement=Attractive,
    starts_from="the coefficients of the SDE",
)
def lyapunov_threshold(statement: Attractive, task: Task) -> Finding:
    """Compare min(-lambda_i) of the linearisation at the point with the printed condition."""
    margin = attraction_margin(statement.sde, statement.point)
    return _compare(statement.condition, statement.direction, margin, task, "min(-Lyapunov exponent)", "attractive")


@witness(
    "Feller boundary classification",
    kind=Kind.ALGEBRA,
    statement=CollapsesWhen,
    starts_from="the coefficients of the SDE",
)
def boundary_classification(statement: CollapsesWhen, task: Task) -> Finding:
    """X -> 0 almost surely iff the scale integral converges at 0 and diverges at infinity."""
    far = boundary_exponent(statement.sde, sp.oo)
    if not (far == -sp.oo or sign_on(task.claim.domain, 1 - far) == "positive"):
        return Finding(Outcome.UNDECIDED, f"the exponent of the scale density at infinity is {far}; 1 - it has no sign")
    margin = 1 - boundary_exponent(statement.sde, 0)
    return _compare(statement.condition, statement.direction, margin, task, "1 - scale exponent at 0", "collapsing")


@witness(
    "linear part",
    kind=Kind.ALGEBRA,
    statement=Linearised,
    starts_from="the coefficients of the SDE",
)
def linear_part(statement: Linearised, task: Task) -> Finding:
    """Compare the derivative of the drift, and the second-order part of the covariance, with the linear SDE."""
    found = linearise(statement.sde, statement.point)
    stated = linearise(statement.linear, statement.point)
    y = sp.Matrix(statement.sde.state) - sp.Matrix([sp.sympify(p) for p in statement.point])
    pairs: list[Residual] = []
    for i, (a, b) in enumerate(zip(stated.drift * y, found.drift * y, strict=True)):
        pairs += [
            Residual(f"slope {i + 1} of the drift along {s}", sp.diff(a, s), sp.diff(b, s)) for s in statement.sde.state
        ]
    covariances = [sum((m * y * y.T * m.T for m in part.noises), sp.zeros(len(y), len(y))) for part in (stated, found)]
    for i, j in itertools.combinations_with_replacement(range(len(y)), 2):
        for s, t in itertools.combinations_with_replacement(statement.sde.state, 2):
            what = f"second derivative {s}, {t} of covariance {i + 1}, {j + 1}"
            pairs.append(Residual(what, *(sp.diff(c[i, j], s, t) for c in covariances)))
    # the linear SDE must be linear itself, not only have the right linear part
    rest = [e - f for e, f in zip(statement.linear.ito_drift, stated.drift * y, strict=True)]
    pairs += [Residual("the non-linear rest of the stated drift", e, sp.Integer(0)) for e in rest if sp.expand(e) != 0]
    return judge([p for p in pairs if (p.stated, p.found) != (0, 0)], task, method="linearisation")


@witness(
    "Ito formula for the logarithm",
    kind=Kind.ALGEBRA,
    statement=SmallStartLimit,
    starts_from="the coefficients of the SDE",
)
def logarithm_at_zero(statement: SmallStartLimit, task: Task) -> Finding:
    """As X -> 0, the drift and noise of log X tend to the stated rate and volatility.

    On [0, t] the coefficients of log X converge uniformly along paths that start at X_0 -> 0, so that the limits of
    the coefficients at 0 are those of log(X_t / X_0).
    """
    x = statement.sde.state[0]
    drift = sp.cancel(sp.together(generator(statement.sde, sp.log(x)))).subs(x, 0)
    noise = sp.cancel(sp.together(statement.sde.diffusion[0, 0] / x)).subs(x, 0)
    residuals = [
        Residual("drift of the logarithm at 0", statement.rate, drift),
        Residual("noise of the logarithm at 0", statement.volatility, noise),
    ]
    return judge(residuals, task, method="Ito's formula")


def _compare(condition: Any, direction: str, margin: sp.Expr, task: Task, what: str, word: str) -> Finding:
    """Judge whether `margin` > 0 is implied by (direction "if"), or equivalent to ("iff"), the condition."""
    gap = excess(condition)
    domain = task.claim.domain
    for point in _candidates(condition, domain, task.effort.points):
        try:
            stated, found = sign(gap, point), sign(margin, point)
        except NumericsError:
            continue
        if stated is None or found is None or stated == found or (direction == "if" and stated < 0):
            continue
        holds = "holds" if stated > 0 else "fails"
        return Finding(
            Outcome.REFUTED,
            f"{what} has the sign opposite to the condition at an exact point.",
            effect=_effect(condition, point),
            counterexample=Counterexample(
                as_text(point),
                f"{condition} {holds}, so the point is {'' if stated > 0 else 'not '}{word}",
                f"{what} = {value_text(margin, point)}: {'' if found > 0 else 'not '}{word}",
                value_text(gap, point),
            ),
        )
    for case in _cases(gap, margin):
        if not _case_proved(case, direction, domain):
            return Finding(Outcome.UNDECIDED, f"{what} = {margin} was not reduced to a positive multiple of {gap}.")
    return Finding(
        Outcome.PROVED,
        f"{what} is {margin}, a positive multiple of the excess {gap} of the condition wherever that can be positive.",
    )


def _candidates(condition: Any, domain: Domain, count: int) -> Iterator[Point]:
    yield from domain.points(4 * count)
    # the simplest points leave most parameters at their first value, real ones at 0
    yield from _near(excess(condition), domain, 3 * count)
    yield from itertools.islice(edge_points(domain), 40)
    for pair in straddle(condition, domain, sp.Rational(1, 100), 2):
        yield from (pair.inside, pair.outside)


def _near(gap: sp.Expr, domain: Domain, count: int) -> Iterator[Point]:
    """Yield generic points of the domain, then points between them and ``gap = 0``, by bisection in one parameter."""
    movable = [s for s in domain.symbols if s in gap.free_symbols and not s.is_integer]
    yield from domain.generic_points(count)
    for number, start in enumerate(domain.generic_points(count)):
        for shift in range(len(movable)):
            symbol = movable[(number + shift) % len(movable)]
            ends = [start | {symbol: start[symbol] * scale} for scale in (sp.Rational(1, 16), sp.Integer(16))]
            signs = [_sign_inside(gap, p, domain) for p in ends]
            if None in signs or signs[0] == signs[1]:
                continue
            yield from ends
            for _ in range(_HALVINGS):
                middle = start | {symbol: (ends[0][symbol] + ends[1][symbol]) / 2}
                here = _sign_inside(gap, middle, domain)
                if here is None:
                    break
                yield middle
                ends[signs.index(here)] = middle
            break


def _sign_inside(gap: sp.Expr, point: Point, domain: Domain) -> int | None:
    try:
        domain.check(point)
        return sign(gap, point)
    except (DomainError, NumericsError):
        return None


def _effect(condition: Any, point: Point) -> float:
    try:
        sides = [abs(midpoint(s, point)) for s in (condition.lhs, condition.rhs)]
        return abs(midpoint(excess(condition), point)) / max(*sides, 1e-300)
    except NumericsError:
        return float("inf")


Case = tuple[sp.Expr, sp.Expr]


def _cases(gap: sp.Expr, margin: sp.Expr) -> Iterator[Case]:
    """Split on the signs of parameters inside absolute values, so that the rest is rational; cover all cases."""
    inside = {a for e in (gap, margin) for b in sp.factor(e).atoms(sp.Abs) for a in [b.args[0]] if a.is_Symbol}
    inside |= {x for e in (gap, margin) for b in e.atoms(sp.Abs) for x in sp.factor(b.args[0]).args if x.is_Symbol}
    parameters = sorted((a for a in inside if not a.is_positive), key=str)
    for signs in itertools.product((1, -1, 0), repeat=len(parameters)):
        values = {
            p: s * sp.Symbol(f"u_{p}", positive=True) if s else sp.Integer(0)
            for p, s in zip(parameters, signs, strict=True)
        }
        yield _plain(gap.subs(values), margin.subs(values))


def _plain(gap: sp.Expr, margin: sp.Expr) -> Case:
    """Return both with remaining absolute values as non-negative symbols and positive symbols as squares."""
    both = sp.Tuple(sp.factor(gap), sp.factor(margin))
    both = both.xreplace({a: sp.Symbol(f"abs({a.args[0]})", nonnegative=True) for a in both.atoms(sp.Abs)})
    if any(p.exp.is_Rational and not p.exp.is_Integer for p in both.atoms(sp.Pow)):
        both = both.subs({s: sp.Symbol(f"root_{s}", positive=True) ** 2 for s in both.free_symbols if s.is_positive})
    return both[0], both[1]


def _case_proved(case: Case, direction: str, domain: Domain) -> bool:
    gap, margin = case
    if gap.is_nonpositive or sp.expand(gap).is_nonpositive:
        # the condition cannot hold strictly in this case, which settles "if"; "iff" also needs the margin
        return direction == "if" or bool(sp.expand(margin).is_nonpositive)
    ratio = sp.factor(sp.cancel(sp.together(margin / gap)))
    if ratio.is_positive is None and ratio.has(sp.sqrt(2)):
        ratio = sp.cancel(sp.together(margin / gap), extension=True)
    return bool(ratio.is_positive) or sign_on(domain, ratio) == "positive"
