"""Where an expression changes its formula: the pieces of absolute values, roots, logarithms and case distinctions.

Between the zeros of its separators an expression is analytic, so that agreement of two such expressions at a generic
point of every piece is agreement of a kind that no isolated exception escapes; on a piece that no point visits it
says nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.errors import NumericsError
from ...derivations.positivity import sign_on
from ...derivations.ranges import Above, AtLeast, Between, Integers
from ...numerics.exact.values import value_at_precision
from .points import SCALES, around, distinct

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Inverse functions with a branch point where their argument is 1 or -1.
_UNIT_BRANCHES = (sp.asin, sp.acos, sp.acosh, sp.atanh)
_BINDING = (sp.Integral, sp.Derivative, sp.Sum, sp.Product, sp.Limit, sp.Subs, sp.Lambda)
_STEPS = (sp.floor, sp.ceiling)
#: Halvings towards a change of sign.
_HALVINGS = 80


def separators(expressions: Iterable[sp.Basic], domain: Domain) -> tuple[list[sp.Expr], bool]:
    """Return what separates the pieces of `expressions` on `domain`, and whether the pieces are finitely many.

    Returns
    -------
    (list of Expr, bool)
        Expressions whose zeros separate the pieces, without those that have a strict sign on the whole domain; False
        where a step function may have any number of pieces.
    """
    found: list[sp.Expr] = []
    finite = True
    for node in _free_nodes(expressions):
        if isinstance(node, _STEPS) and not node.args[0].is_integer:
            finite = False
            found.append(node.args[0])
        found += _of_node(node)
    parts = itertools.chain.from_iterable(_parts(e) for e in dict.fromkeys(found))
    return [p for p in dict.fromkeys(parts) if sign_on(domain, p) not in ("positive", "negative", "zero")], finite


def unvisited(
    expressions: Iterable[sp.Basic],
    domain: Domain,
    points: Iterable[Point],
    signed: Callable[[sp.Expr], bool] = lambda wall: False,
) -> sp.Expr | None:
    """Return a separator of the pieces of `expressions` that has one sign at all of `points`, and may have another.

    `signed` is asked last: whether a separator has one strict sign on the whole domain.
    """
    walls, _ = separators(expressions, domain)
    visited = list(points) if walls else []
    for wall in walls:
        signs = {_sign_at(wall, point) for point in visited}
        known = {"nonnegative": 1, "nonpositive": -1}.get(sign_on(domain, wall) or "")
        if not ({known} if known else {1, -1}) <= signs and not signed(wall):
            return wall
    return None


def _free_nodes(expressions: Iterable[sp.Basic]) -> Iterator[sp.Basic]:
    """Yield the nodes outside of integrals, sums and the like, whose variable is no parameter."""
    for e in expressions:
        nodes = sp.preorder_traversal(e)
        for node in nodes:
            if isinstance(node, _BINDING):
                nodes.skip()
            yield node


def _of_node(node: sp.Basic) -> list[sp.Expr]:
    if isinstance(node, sp.Abs | sp.sign | sp.Heaviside | sp.log | sp.loggamma):
        return [node.args[0]]
    if isinstance(node, sp.Max | sp.Min):
        return [a - b for a, b in itertools.combinations(node.args, 2)]
    if isinstance(node, sp.core.relational.Relational):
        return [node.lhs - node.rhs]
    if isinstance(node, sp.Pow) and not (node.exp.is_integer and node.exp.is_nonnegative):
        return [node.base]
    if isinstance(node, _UNIT_BRANCHES):
        return [node.args[0] - 1, node.args[0] + 1]
    if isinstance(node, sp.atan) and node.has(sp.tan, sp.cot):
        return [sp.cos(t.args[0]) for t in node.atoms(sp.tan)] + [sp.sin(t.args[0]) for t in node.atoms(sp.cot)]
    return []


def _parts(e: sp.Expr) -> Iterator[sp.Expr]:
    """Yield the factors of a separator; where it may touch 0 without changing sign, its slopes too."""
    if not e.free_symbols or e.has(*_BINDING):
        return
    if e.is_rational_function(*e.free_symbols):
        numerator, denominator = sp.fraction(sp.together(e))
        for part in (numerator, denominator):
            if part.free_symbols:
                yield from (f for f, _ in sp.factor_list(part, *part.free_symbols)[1])
        return
    yield e
    for s in sorted(e.free_symbols, key=str):
        if not s.is_integer:
            yield sp.diff(e, s)


def breakpoints(expressions: Iterable[sp.Basic], domain: Domain, bases: Iterable[Point]) -> Iterator[Point]:
    """Yield domain points on every zero of a separator, on both sides of it, and between any two of them.

    Parameters
    ----------
    expressions : iterable
        Whose pieces are looked for.
    domain : Domain
        Where.
    bases : iterable of Point
        Points from which one parameter at a time moves.
    """
    walls, _ = separators(expressions, domain)
    yield from distinct(itertools.chain.from_iterable(_along(walls, domain, base) for base in bases if walls))


def features(expressions: Iterable[sp.Basic], domain: Domain, bases: Iterable[Point]) -> Iterator[Point]:
    """Yield domain points where a function of an expression is at its centre: zeros of its argument and of its slope.

    A narrow bump or step shows there, however close its sides are to nothing elsewhere.
    """
    found: list[sp.Expr] = []
    for node in _free_nodes(expressions):
        inner = node.args[0] if isinstance(node, sp.Function | sp.exp) and len(node.args) == 1 else None
        if not isinstance(inner, sp.Expr):
            inner = None
        if isinstance(node, sp.Pow) and node.exp.is_negative:
            inner = node.base
        if inner is not None and inner.free_symbols and not inner.is_Symbol:
            found += [inner, *(sp.diff(inner, s) for s in inner.free_symbols if not s.is_integer)]
    centres = [e for e in dict.fromkeys(found) if e.free_symbols and not e.has(*_BINDING)]
    yield from distinct(itertools.chain.from_iterable(_along(centres, domain, base) for base in bases if centres))


def _along(walls: list[sp.Expr], domain: Domain, base: Point) -> Iterator[Point]:
    for symbol in domain.symbols:
        mine = [w for w in walls if symbol in w.free_symbols]
        if not mine:
            continue
        others = {s: v for s, v in base.items() if s != symbol}
        marks: set[sp.Expr] = set()
        for wall in mine:
            marks.update(roots(wall.xreplace(others), symbol))
        if not marks:
            continue
        ends = [e for e in _ends(domain, symbol, base) if e.is_finite]
        yield from around(domain, base, symbol, _visited(sorted(marks), ends, symbol))


def _visited(marks: list[sp.Expr], ends: list[sp.Expr], symbol: sp.Symbol) -> Iterator[sp.Expr]:
    """Yield the marks, values between neighbours, and values close to each mark on both sides."""
    places = sorted({*marks, *ends})
    values = [*places, *((a + b) / 2 for a, b in itertools.pairwise(places))]
    for m in marks:
        step = (abs(m) if m != 0 else sp.Integer(1)) / 1000
        values += [m - step, m + step]
    values += [2 * places[-1] if places[-1] > 0 else places[-1] + 1, 2 * places[0] if places[0] < 0 else places[0] - 1]
    if symbol.is_integer:
        values = [n for v in values for n in (sp.floor(v), sp.ceiling(v))]
    yield from dict.fromkeys(values)


def roots(expr: sp.Expr, symbol: sp.Symbol) -> list[sp.Expr]:
    """Return real zeros of an expression in one symbol, rational ones exactly, others to 24 digits; maybe not all."""
    numerator = sp.numer(sp.together(expr)) if expr.is_rational_function(symbol) else None
    if numerator is not None and numerator.is_polynomial(symbol):
        try:
            polynomial = sp.Poly(numerator, symbol, domain="QQ")
        except (sp.CoercionFailed, sp.GeneratorsError, sp.PolynomialError):
            polynomial = None
        if polynomial is not None:
            if polynomial.is_ground:
                return []
            return [r if r.is_Rational else _rational(r) for r in dict.fromkeys(polynomial.real_roots())]
    return list(_sign_changes(expr, symbol))


def _rational(r: sp.Expr) -> sp.Rational:
    if isinstance(r, sp.CRootOf):
        return sp.Rational(r.eval_rational(sp.Rational(1, 10**24)))
    return sp.Rational(str(sp.N(r, 30)))


def _sign_changes(expr: sp.Expr, symbol: sp.Symbol) -> Iterator[sp.Expr]:
    magnitudes = sorted({*SCALES[:10], *(sp.Rational(k, 4) for k in range(1, 41))})
    grid = [*(-m for m in reversed(magnitudes)), sp.Integer(0), *magnitudes]
    if symbol.is_nonnegative:
        grid = [g for g in grid if g >= 0]
    signs = [(g, s) for g in grid if (s := _sign(expr, symbol, g)) is not None]
    for (low, left), (high, right) in itertools.pairwise(signs):
        if left == 0:
            yield low
        if left * right >= 0:
            continue
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            here = _sign(expr, symbol, middle)
            if here is None or here == 0:
                low = high = middle
                break
            low, high = (middle, high) if here == left else (low, middle)
        yield (low + high) / 2


def _sign(expr: sp.Expr, symbol: sp.Symbol, at: sp.Expr) -> int | None:
    return _sign_at(expr, {symbol: at})


def _sign_at(expr: sp.Expr, point: Point) -> int | None:
    try:
        ball = value_at_precision(expr, point, 128).ball
    except NumericsError:
        return None
    if ball.is_zero():
        return 0
    return None if ball.contains(0) else 1 if ball > 0 else -1


def _ends(domain: Domain, symbol: sp.Symbol, base: Point) -> list[sp.Expr]:
    given = domain.ranges[symbol]
    bounds: list[sp.Expr] = []
    if isinstance(given, Above | AtLeast):
        bounds = [given.bound]
    elif isinstance(given, Between):
        bounds = [given.low, given.high]
    elif isinstance(given, Integers):
        bounds = [sp.sympify(given.low), *([] if given.high is None else [sp.Integer(given.high)])]
    elif symbol.is_positive:
        bounds = [sp.Integer(0)]
    return [b.xreplace(base) for b in bounds]
