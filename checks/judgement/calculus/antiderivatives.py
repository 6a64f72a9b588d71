r"""Integrals by antiderivatives: whoever proposes F, what counts is that F' = f on the whole range.

If f and F are defined for all u between the ends, F is differentiable with F' = f there, and F has the limits A and B
at the ends, then :math:`\int f\,du = B - A`. Formulas are built from functions that are continuous wherever they have
values, so a value at an end is the limit there; else the limit is found from leading terms.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp
from sympy.core.function import Application
from sympy.integrals.manualintegrate import manualintegrate

from ....derivations.calculus.limits import limit_at_infinity
from ....derivations.calculus.smoothness import resolved
from ....derivations.domain import Domain
from ....derivations.errors import DomainError
from ....derivations.expressions import canonical, replaced
from ....derivations.positivity import sign_on
from ....derivations.ranges import Above, AtLeast, Between, Integers, Range, Real
from ....numerics.exact.power_series import derivative_agrees
from ..definedness import definedness, requirements
from ..normal_forms import vanishes
from ..pieces import resolve, switches
from ..solving import proposed

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Functions that are analytic wherever their requirements hold strictly.
_ANALYTIC = (
    sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc, sp.asin, sp.acos, sp.atan, sp.sinh, sp.cosh,
    sp.tanh, sp.coth, sp.sech, sp.csch, sp.asinh, sp.acosh, sp.atanh, sp.erf, sp.erfc, sp.erfi, sp.gamma, sp.loggamma,
)  # fmt: skip
#: Points at which a symbolic derivative is compared with power series, and how many must tell.
_POINTS, _TOLD = 8, 3
#: What a value at an end may not hold.
_NO_VALUE = (sp.nan, sp.zoo, sp.oo, -sp.oo, sp.AccumBounds)


def analytic(expr: sp.Expr) -> bool:
    """Return whether `expr` is built of analytic functions and powers alone."""
    return all(isinstance(f, _ANALYTIC) for f in expr.atoms(Application)) and not expr.has(
        sp.Integral, sp.Sum, sp.Product, sp.Derivative, sp.Limit, sp.Subs, sp.I, sp.Piecewise
    )


def smooth(expr: sp.Expr, domain: Domain) -> bool:
    """Return whether `expr` is shown to be analytic around every point of the domain."""
    if not analytic(expr):
        return False
    asked = list(requirements(expr, domain))
    if any(r.word == "known" for r in asked):
        return False
    strict = [sp.Pow(r.expr, -1, evaluate=False) for r in asked if r.word == "nonnegative"]
    return definedness((expr, *strict), domain).status == "everywhere"


def derivative(expr: sp.Expr, variable: sp.Symbol, domain: Domain) -> sp.Expr | None:
    """Return the derivative of a smooth expression, checked against power series at points of the domain, or None."""
    slope = sp.diff(expr, variable)
    points = itertools.chain(domain.points(_POINTS), domain.generic_points(_POINTS))
    return slope if derivative_agrees(expr, slope, variable, points, _TOLD) else None


def by_antiderivative(
    function: sp.Expr, u: sp.Symbol, low: sp.Expr, high: sp.Expr, domain: Domain, seconds: float
) -> sp.Expr | None:
    """Return the integral of `function` from `low` to `high` where an antiderivative proves it, or None.

    Parameters
    ----------
    function : sympy.Expr
        As written, in `u` and the parameters of the domain.
    u : Symbol
        The variable of the integral, which is none of the parameters.
    low, high : sympy.Expr
        Its ends, which may be infinite.
    domain : Domain
        Of the parameters.
    seconds : float
        CPU seconds for each proposal, greater than 0.
    """
    plain = canonical(function)
    if switches(plain):
        return _in_pieces(function, u, low, high, domain, seconds)
    if not analytic(plain):
        return None
    for within, moved, renamed, turned in _ranges(u, low, high, domain):
        integrand = plain.xreplace(renamed).subs(u, turned * moved)
        if not smooth(integrand, within) or not _defined(function, u, turned * moved, renamed, within):
            continue
        for proposal in _proposals(integrand, moved, within, seconds):
            if not smooth(proposal, within) or derivative(proposal, moved, within) is None:
                continue
            if not vanishes(sp.diff(proposal, moved) - integrand):
                continue
            back = {new: old for old, new in renamed.items()}
            primitive = proposal.subs(moved, turned * u).xreplace(back) * turned
            ends = [_at_end(primitive, u, end, side, domain) for end, side in ((low, 1), (high, -1))]
            if ends[0] is not None and ends[1] is not None:
                return ends[1] - ends[0]
    return None


def has_values(function: sp.Expr, u: sp.Symbol, low: sp.Expr, high: sp.Expr, domain: Domain) -> bool:
    """Return whether an integrand, as written, is shown to have values between the ends, whatever the parameters."""
    ranges = reversed(list(_ranges(u, low, high, domain)))  # the smallest one first
    return any(_defined(function, u, turned * moved, renamed, within) for within, moved, renamed, turned in ranges)


def _defined(
    function: sp.Expr, u: sp.Symbol, place: sp.Expr, renamed: dict[sp.Symbol, sp.Symbol], within: Domain
) -> bool:
    return definedness((replaced(function, {**renamed, u: place}),), within).status == "everywhere"


def _in_pieces(
    function: sp.Expr, u: sp.Symbol, low: sp.Expr, high: sp.Expr, domain: Domain, seconds: float
) -> sp.Expr | None:
    """Return the integral where absolute values and the like change their formula at points in a known order."""
    places, plain = [low, high], canonical(function)
    for switch in switches(plain):
        slope = sp.expand(switch).coeff(u, 1)
        if not switch.has(u):
            continue
        if (
            slope.has(u)
            or sp.expand(switch - slope * u).has(u)
            or sign_on(domain, slope) not in ("positive", "negative")
        ):
            return None
        place = sp.expand(switch.subs(u, 0) / -slope)
        order = [_side(place - other, domain) for other in places]
        if None in order:
            return None
        if order[0] == 1 and order[-1] == -1 and 0 not in order:
            places.insert(next(i for i, side in enumerate(order) if side == -1), place)
    total = sp.Integer(0)
    for start, stop in itertools.pairwise(places):
        for within, moved, renamed, turned in itertools.islice(_ranges(u, start, stop, domain), 1, None):
            here = {e: e.xreplace(renamed).subs(u, turned * moved) for e in switches(plain)}
            signs = {
                e: {"positive": 1, "negative": -1}.get(str(sign_on(within, moved_e))) for e, moved_e in here.items()
            }
            if None in signs.values() or not _defined(function, u, turned * moved, renamed, within):
                return None
            piece = resolve(plain, {e: sign for e, sign in signs.items() if sign is not None})
            found = None if switches(piece) else by_antiderivative(piece, u, start, stop, domain, seconds)
            if found is None:
                return None
            total += found
            break
        else:
            return None
    return total


def _side(gap: sp.Expr, domain: Domain) -> int | None:
    """Return the sign of a difference of places on the whole domain, infinite ones included, or None."""
    if gap.is_infinite:
        return 1 if gap == sp.oo else -1
    return {"positive": 1, "negative": -1, "zero": 0}.get(str(sign_on(domain, sp.expand(gap))))


def _ranges(
    u: sp.Symbol, low: sp.Expr, high: sp.Expr, domain: Domain
) -> Iterator[tuple[Domain, sp.Symbol, dict[sp.Symbol, sp.Symbol], int]]:
    """Yield ranges that hold the interval: domain, variable, renamed parameters, -1 where the variable is turned."""
    name = u.name
    while name in {s.name for s in domain.symbols}:
        name += "_"

    def made(given: Range, length: sp.Expr | None = None) -> tuple[Domain, sp.Symbol, dict[sp.Symbol, sp.Symbol]]:
        # where the interval has no length its integral is 0, and F - F is 0 as well
        ranges = {s.name: _without_end(s, r, length) for s, r in domain.ranges.items()}
        within = Domain(**ranges, **{name: given})
        return within, within.symbol(name), {s: within.symbol(s.name) for s in domain.symbols}

    yield *made(Real), 1
    if low.is_infinite and high.is_infinite:
        return
    if high == sp.oo:
        yield *made(Above(low)), 1
    elif low == -sp.oo:
        yield *made(Above(-high)), -1
    else:
        sign = sign_on(domain, high - low)
        if sign in ("positive", "nonnegative"):
            within, moved, renamed = made(Real, None if sign == "positive" else high - low)
            ends = (e.xreplace(renamed) for e in (low, high))
            ranges = {s.name: r for s, r in within.ranges.items() if s != moved}
            inside = Domain(**ranges, **{name: Between(*ends)})
            yield inside, inside.symbol(name), renamed, 1


def _without_end(parameter: sp.Symbol, given: Range, length: sp.Expr | None) -> Range:
    """Return the range of a parameter without its lower end, if at that end an interval of this length is empty."""
    rest: Range
    if isinstance(given, AtLeast):
        end, rest = given.bound, Above(given.bound)
    elif isinstance(given, Integers) and isinstance(given.low, int) and given.high is None:
        end, rest = given.low, Integers(given.low + 1)
    else:
        return given
    return rest if length is not None and sp.expand(length.subs(parameter, end)) == 0 else given


def _proposals(function: sp.Expr, u: sp.Symbol, domain: Domain, seconds: float) -> Iterator[sp.Expr]:
    """Yield what SymPy takes for antiderivatives; nothing is asserted of them."""
    ways: tuple[Callable[[Any, Any], Any], ...] = (manualintegrate, sp.integrate)
    for way in ways:
        found = proposed(seconds, way, function, u)
        proposal = None if found is None else resolved(found, domain)
        if proposal is not None and analytic(proposal):
            yield proposal


def _at_end(primitive: sp.Expr, u: sp.Symbol, end: sp.Expr, side: int, domain: Domain) -> sp.Expr | None:
    """Return the limit of an antiderivative at an end of its range, from the inside, or None."""
    if not end.is_infinite:
        value = primitive.subs(u, end).replace(
            lambda e: e.is_Pow and e.base == 0 and sign_on(domain, e.exp) == "positive", lambda e: sp.Integer(0)
        )
        # SymPy makes 0 of 1/zoo: each node is asked for itself
        asked = [_asking(r.word, r.expr.subs(u, end)) for r in requirements(primitive, domain)]
        known = not any(e.has(*_NO_VALUE) for e in (value, *asked))
        if known and definedness((value, *asked), domain).status == "everywhere":
            return value
    far = sp.Dummy("t", positive=True)
    place = far if end == sp.oo else -far if end == -sp.oo else end + side / far
    try:
        limit = limit_at_infinity(sp.expand(primitive.subs(u, place)), far, domain)
    except DomainError:
        return None
    return None if limit is None or limit.has(*_NO_VALUE) else limit


def _asking(word: str, expr: sp.Expr) -> sp.Expr:
    """Return a formula that has a value just where a requirement holds."""
    if word == "positive":
        return sp.log(expr, evaluate=False)
    return sp.Pow(expr, sp.Rational(1, 2) if word == "nonnegative" else sp.Integer(-1), evaluate=False)
