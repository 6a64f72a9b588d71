"""Integrals, derivatives, finite sums and substitutions at exact points, in ball arithmetic.

None of them is carried out symbolically: integrals by adaptive rigorous quadrature with bounded tails, derivatives by
Cauchy's formula on a circle in whose disc the function is analytic, sums term by term.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sympy as sp

from ...derivations.calculus.limits import limit_at_infinity
from ...derivations.domain import Domain
from ...derivations.errors import NumericsError, UndefinedError
from .ball_pieces import Function
from .exact_series import expand_at_zero, limit_at_zero, sign_at_zero
from .point_forms import exactly_zero
from .tails import centred, tail
from .values import Evaluation, OpenError

if TYPE_CHECKING:
    from collections.abc import Callable

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Bits to which integrals are computed, and the relative tolerance.
_BITS, _TOLERANCE = 160, 2.0**-120
#: Distances from a singular end at which its tail begins, and sizes at which an infinite tail begins.
_NEAR = (sp.Rational(1, 2**60), sp.Rational(1, 2**160), sp.Rational(1, 2**400))
_FAR = (sp.Rational(1, 2**9), sp.Rational(1, 2**30), sp.Rational(1, 2**120))
#: Values of an integrand, of one that holds an integral, of that one where a parameter is a ball, and on a circle.
_EVALUATIONS, _OUTER, _INNER, _ON_CIRCLE = 30_000, 1_000, 200, 5_000
#: Terms of a sum.
_TERMS = 5000
#: Radii of circles for derivatives.
_RADII = (1.0, 0.25, 0.0625, 2.0**-8, 2.0**-14)


def _integral(at: Evaluation, e: Any) -> Any:
    limits = e.limits
    if any(len(limit) != 3 for limit in limits):
        raise NumericsError(f"{e} has no limits; give both ends")
    function = e.function if len(limits) == 1 else sp.Integral(e.function, *limits[:-1])
    used = {s: v for s, v in at.point.items() if s in e.free_symbols}
    if not Evaluation(used).at_point:
        return _between(function, limits[-1], at)
    found = _known_integral(function, limits[-1], tuple(sorted(used.items(), key=str)))
    if isinstance(found, NumericsError):
        raise found.with_traceback(None)
    return found


@lru_cache(maxsize=512)
def _known_integral(function: sp.Expr, limit: Any, point: tuple[tuple[sp.Symbol, Any], ...]) -> Any:
    """Return the integral at an exact point, or the error that says why there is none, which took as long to find."""
    try:
        return _between(function, limit, Evaluation(dict(point)))
    except NumericsError as error:
        return error.with_traceback(None)


def _between(function: sp.Expr, limit: Any, at: Evaluation) -> Any:
    """Return the integral of `function` between the ends of `limit`."""
    from flint import acb, ctx

    u, low, high = limit
    if low == sp.oo or high == -sp.oo:
        if low == high:
            raise NumericsError(f"the integral of {function} has two infinite ends on one side")
        return -_between(function, (u, high, low), at)
    values = dict(at.point)
    before = ctx.prec
    ctx.prec = max(before, _BITS) if before < _BITS else _BITS
    try:
        if not (low.is_infinite or high.is_infinite):
            ends = at(low), at(high)
            # around an integral whose parameter is a ball, only what is analytic in it has an analytic integral
            found = _quadrature(function, u, *ends, values, at.analytic)
            narrow = not at.at_point or found.rad() < 1e-20 * (1 + abs(found).abs_upper())
            if found.is_finite() and narrow:
                return found
        if not at.at_point:
            raise OpenError(f"the integral of {function} is not enclosed")
        if not (low.is_infinite or high.is_infinite) and ends[0].real > ends[1].real:
            return -_between(function, (u, high, low), at)  # a tail lies inside the range
        if low.is_infinite and high.is_infinite:
            function = centred(function, u, values)
        best = None
        failure: NumericsError = OpenError(f"the integral of {function} is not enclosed")
        for sizes in zip(_NEAR, _FAR, strict=True):
            try:
                total = _with_tails(function, u, low, high, sizes, values)
            except UndefinedError:
                raise
            except NumericsError as error:  # farther out or closer in the bound may hold
                failure = error
                continue
            if best is None or total.rad() < best.rad():
                best = total
            if total.rad() < 1e-20 * (1 + abs(total).abs_upper()):
                break
        if best is None or not best.is_finite():
            raise failure
        return acb(best)
    finally:
        ctx.prec = before


def _with_tails(function: sp.Expr, u: sp.Symbol, low: Any, high: Any, sizes: Any, values: dict[Any, Any]) -> Any:
    s = sp.Dummy("s", positive=True)  # a parameter may have any name
    near, far = sizes
    total, marks = None, []
    for end, side in ((low, 1), (high, -1)):
        if end.is_infinite:
            substituted = function.subs(u, -side / s) / s**2
            marks.append(-side / far)
            size = far
        else:
            substituted = function.subs(u, sp.expand(end + side * s))
            marks.append(end + side * near)
            size = near
        piece = tail(sp.expand_power_base(sp.powsimp(substituted)), s, size, values)
        total = piece if total is None else total + piece
    at = Evaluation(values)
    middle = _quadrature(function, u, at(marks[0]), at(marks[1]), values)
    if not middle.is_finite():
        raise OpenError(f"the integral of {function} is not enclosed")
    return total + middle


def _quadrature(
    function: sp.Expr, u: sp.Symbol, low: Any, high: Any, values: dict[Any, Any], analytic: bool = False
) -> Any:
    from flint import acb

    # where a parameter is a ball, no integral is told more closely than that
    widths = [min(float(v.rad()), 1.0) for v in values.values() if isinstance(v, acb)]
    tolerance = max([_TOLERANCE, *widths])
    most = _INNER if tolerance > _TOLERANCE else _OUTER if function.has(sp.Integral) else _EVALUATIONS
    return acb.integral(
        _as_callable(function, u, values, analytic),
        low,
        high,
        rel_tol=tolerance,
        abs_tol=tolerance,
        eval_limit=most,
    )


def _as_callable(
    function: sp.Expr, u: sp.Symbol, values: dict[Any, Any], always: bool = False
) -> Callable[[Any, bool], Any]:
    """Return a function for Arb; with `always`, one that has values only where it is analytic."""
    from flint import acb

    def f(z: Any, analytic: bool) -> Any:
        try:
            return Evaluation({**values, u: z}, analytic or always)(function)
        except (NumericsError, ZeroDivisionError):
            return acb("nan")

    return f


def _derivative(at: Evaluation, e: Any) -> Any:
    from flint import acb

    if len(e.variable_count) != 1:
        raise NumericsError(f"{e} is a mixed derivative; carry it out")
    u, order = e.variable_count[0]
    if not order.is_Integer:
        raise NumericsError(f"{e} has a symbolic order")
    centre, n = at(u), int(order)
    if at.at_point:
        at(e.expr)  # where the function has no value, nor has its derivative
    if e.expr.has(sp.Piecewise):
        return at(_at_removable_point(e, u, n, at))
    f = _as_callable(e.expr, u, dict(at.point))
    for radius in _RADII:
        disc = acb(centre.real + _ball(radius), centre.imag + _ball(radius))
        if f(disc, True).is_finite() and (value := _cauchy(f, centre, radius, n)).is_finite():
            return acb(value.real) if centre.imag.is_zero() else value
    raise OpenError(f"{e} is not enclosed")


def _at_removable_point(e: Any, u: sp.Symbol, n: int, at: Evaluation) -> sp.Expr:
    """Return the derivative of a case distinction whose formulas on both sides of the point have one expansion."""
    if not at.at_point:
        raise OpenError(f"{e} is not enclosed")
    place = sp.sympify(at.point[u])
    fixed = {s: sp.sympify(v) for s, v in at.point.items() if s != u}
    small = sp.Dummy("u", positive=True)  # a parameter may have any name
    found = []
    for side in (1, -1):
        here = place + side * small
        formula = e.expr.subs(fixed).replace(
            lambda p: isinstance(p, sp.Piecewise), lambda p, here=here: _branch(p.subs(u, here), small)
        )
        series, q = expand_at_zero(formula.subs(u, here), small)
        if q != 1 or series.start < 0:
            raise UndefinedError(f"{e} has no derivative there", e)
        if not series.exact and series.end <= n:
            raise OpenError(f"{e} is not enclosed")
        found.append([side**k * series.at(k) for k in range(n + 1)])
    value = Evaluation(at.point)(e.expr)
    same = all(exactly_zero(a - b, {}) for a, b in zip(*found, strict=True))
    if not (same and value.imag.is_zero() and exactly_zero(e.expr.subs(fixed).subs(u, place) - found[0][0], {})):
        raise OpenError(f"{e} is not shown to have a derivative")
    return found[0][n] * sp.factorial(n)


def _branch(piecewise: sp.Expr, small: sp.Symbol) -> sp.Expr:
    """Return the formula that holds for all small positive values of a symbol."""
    signs = {sp.Gt: (1,), sp.Ge: (0, 1), sp.Lt: (-1,), sp.Le: (-1, 0), sp.Eq: (0,), sp.Ne: (-1, 1)}

    def holds(condition: Any) -> bool:
        if isinstance(condition, sp.And | sp.Or):
            return (all if isinstance(condition, sp.And) else any)(map(holds, condition.args))
        if isinstance(condition, sp.Not):
            return not holds(condition.args[0])
        if condition in (sp.true, sp.false):
            return bool(condition)
        return sign_at_zero(condition.lhs - condition.rhs, small) in signs[condition.func]

    if not isinstance(piecewise, sp.Piecewise):
        return piecewise
    for formula, condition in piecewise.args:
        if holds(condition):
            return formula
    raise UndefinedError(f"no branch of {piecewise} applies", piecewise)


def _ball(radius: float) -> Any:
    from flint import arb

    return arb(0, radius)


def _cauchy(f: Callable[[Any, bool], Any], centre: Any, radius: float, n: int) -> Any:
    from flint import acb, arb, ctx

    before = ctx.prec
    ctx.prec = max(before, _BITS) if before < _BITS else _BITS
    try:
        turn = acb(0, 2 * arb.pi())
        mean = acb.integral(
            # the function analytic in the disc, also at the nodes: an absolute value is there no modulus
            lambda t, _: f(centre + radius * (turn * t).exp(), True) * (-n * turn * t).exp(),
            0,
            1,
            rel_tol=_TOLERANCE,
            abs_tol=_TOLERANCE * radius**n,
            eval_limit=_ON_CIRCLE,
        )
        return mean * arb(n + 1).gamma() / arb(radius) ** n
    finally:
        ctx.prec = before


def _substitution(at: Evaluation, e: Any) -> Any:
    inner = Evaluation({**at.point, **dict(zip(e.variables, e.point, strict=True))}, at.analytic)
    found = inner(e.expr)
    at.verified &= inner.verified
    at.principal |= inner.principal
    return found


def _sum(at: Evaluation, e: Any) -> Any:
    from flint import acb

    if len(e.limits) != 1:
        raise NumericsError(f"{e} has several indices; write sums of sums")
    k, low, high = e.limits[0]
    ends = []
    for end in (low, high):
        if end.is_infinite:
            raise NumericsError(f"{e} is an infinite sum, which is not enclosed here")
        ball = at.real(end)
        if not (ball.contains_integer() and ball.rad() < 0.25):
            raise NumericsError(f"{e} has an end that is no integer at this point")
        ends.append(int(ball.unique_fmpz()))
    if ends[1] < ends[0] - 1:
        raise NumericsError(f"{e} runs backwards at this point, for which there are two conventions")
    if ends[1] - ends[0] > _TERMS:
        raise NumericsError(f"{e} has more than {_TERMS} terms at this point")
    plus = isinstance(e, sp.Sum)
    total = acb(0) if plus else acb(1)
    for number in range(ends[0], ends[1] + 1):
        term = Evaluation({**at.point, k: sp.Integer(number)}, at.analytic)(e.function)
        total = total + term if plus else total * term
    return total


def _limit(at: Evaluation, e: Any) -> Any:
    expr, z, place, direction = e.args
    if not at.at_point:
        raise OpenError(f"{e} is not enclosed")
    fixed = {s: sp.sympify(v) for s, v in at.point.items() if s != z}
    # rates that are numbers can be compared only once the exponents are collected
    plain = sp.powsimp(sp.expand(expr.subs(fixed)))
    u = sp.Dummy("u", positive=True)  # a parameter may have any name
    end = place.subs(fixed)
    if end.is_infinite:
        found = limit_at_infinity(plain.subs(z, u if end == sp.oo else -u), u, Domain())
        if found is None:
            found = limit_at_zero(plain.subs(z, 1 / u if end == sp.oo else -1 / u), u)
    else:
        sides = [side for side in (1, -1) if str(direction) in ("+-", "+" if side == 1 else "-")]
        limits = [limit_at_zero(expr.subs(fixed).subs(z, end + side * u), u) for side in sides]
        found = limits[0]
        if len(limits) == 2 and not exactly_zero(limits[0] - limits[1], {}):
            raise UndefinedError(f"{e} has different limits from both sides", e)
    if found.is_infinite:
        raise UndefinedError(f"{e} is infinite", e)
    return at(found)


#: How the nodes that bind a variable are evaluated.
CALCULUS: dict[Any, Function] = {
    sp.Integral: _integral,
    sp.Derivative: _derivative,
    sp.Subs: _substitution,
    sp.Sum: _sum,
    sp.Product: _sum,
    sp.Limit: _limit,
}
