"""Identities piece by piece: absolute values, maxima and case distinctions resolved by the signs of their switches."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import sympy as sp

from ...derivations.domain import Domain
from ...derivations.errors import DomainError, NumericsError
from ...derivations.expressions import canonical
from ...derivations.positivity import sign_on
from ...derivations.ranges import Above, AtLeast, Between, Positive, Range, Real
from ...numerics.signs.decide import decide
from .normal_forms import vanishes

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Switches whose combinations of signs are tried, at most.
_SWITCHES = 6
#: Seconds for the question whether a combination of signs occurs.
_SECONDS = 1.0
_DISCONTINUOUS = (sp.sign, sp.Heaviside, sp.Piecewise)

Signs = dict[sp.Expr, int]


def switches(expr: sp.Basic) -> list[sp.Expr]:
    """Return the expressions whose signs decide which formula `expr` follows."""
    found: list[sp.Expr] = []
    for node in sp.preorder_traversal(expr):
        if isinstance(node, sp.Abs | sp.sign | sp.Heaviside):
            found.append(node.args[0])
        elif isinstance(node, sp.Max | sp.Min):
            found += [a - b for a, b in itertools.combinations(node.args, 2)]
        elif isinstance(node, sp.Piecewise):
            for condition in (c for _, c in node.args):
                found += [r.lhs - r.rhs for r in condition.atoms(sp.core.relational.Relational)]
    return [e for e in dict.fromkeys(map(sp.expand, found)) if e.free_symbols]


def hidden_jump(expressions: Iterable[sp.Basic], domain: Domain) -> sp.Expr | None:
    """Return a switch at whose zeros an expression may jump, and that may vanish where no point is looked at, or None.

    Zeros of a linear function of one parameter are exact points, which are looked at.
    """
    nodes = set().union(*(e.atoms(*_DISCONTINUOUS) for e in expressions))
    for switch in itertools.chain.from_iterable(switches(node) for node in nodes):
        if sign_on(domain, switch) in ("positive", "negative", "zero"):
            continue
        for factor in sp.Mul.make_args(sp.factor(switch)):
            free = factor.free_symbols
            if len(free) > 1 or (free and not (factor.is_polynomial(*free) and sp.degree(factor, *free) == 1)):
                return switch
            if free and not sp.Poly(factor, *free).domain.is_QQ and not sp.Poly(factor, *free).domain.is_ZZ:
                return switch
    return None


def resolve(expr: sp.Expr, signs: Signs) -> sp.Expr:
    """Return `expr` where its switches have the given signs (-1, 0, 1); what they do not decide stays as it is."""

    def sign_of(e: sp.Expr) -> int | None:
        if e.is_number:
            return int(sp.sign(e)) if e.is_real else None
        e = sp.expand(e)
        return signs[e] if e in signs else -signs[-e] if -e in signs else None

    def truth(condition: sp.Basic) -> sp.Basic:
        if isinstance(condition, sp.And | sp.Or | sp.Not):
            return condition.func(*map(truth, condition.args))
        if not isinstance(condition, sp.core.relational.Relational):
            return condition
        s = sign_of(condition.lhs - condition.rhs)
        if s is None:
            return condition
        return sp.true if condition.func(sp.Integer(s), sp.Integer(0)) == sp.true else sp.false

    def node(e: sp.Basic) -> sp.Basic:
        if not e.args:
            return e
        args = [node(a) for a in e.args] if not isinstance(e, sp.Piecewise) else []
        if isinstance(e, sp.Abs | sp.sign) and (s := sign_of(e.args[0])) is not None:
            return s * args[0] if isinstance(e, sp.Abs) else sp.Integer(s)
        if isinstance(e, sp.Heaviside) and (s := sign_of(e.args[0])):
            return sp.Integer(max(s, 0))
        if isinstance(e, sp.Max | sp.Min):
            best, wanted = e.args[0], 1 if isinstance(e, sp.Max) else -1
            for other in e.args[1:]:
                s = sign_of(other - best)
                if s is None:
                    return e.func(*args)
                best = other if s == wanted else best
            return node(best)
        if isinstance(e, sp.Piecewise):
            return canonical(sp.Piecewise(*((node(b), truth(c)) for b, c in e.args)))
        return e.func(*args)

    return node(canonical(expr))


def cells(expr: sp.Expr, domain: Domain) -> Iterator[Signs] | None:
    """Return the combinations of signs of the switches that may occur on the domain; None where there are too many.

    A sign of 0 is tried where the expression may jump there; continuous switches are 0 on the edge of their pieces
    only, where both formulas hold.
    """
    found = switches(expr)
    jumps = set().union(*(switches(e) for e in expr.atoms(*_DISCONTINUOUS)))
    choices: list[tuple[int, ...]] = []
    for e in found:
        known = {"positive": (1,), "negative": (-1,), "zero": (0,), "nonnegative": (1, 0), "nonpositive": (-1, 0)}
        signs = known.get(sign_on(domain, e) or "", (1, -1, 0))
        choices.append(signs if e in jumps or signs == (0,) else tuple(s for s in signs if s))
    if len([c for c in choices if len(c) > 1]) > _SWITCHES:
        return None
    combinations = (dict(zip(found, signs, strict=True)) for signs in itertools.product(*choices))
    return (c for c in combinations if len(found) < 2 or not _impossible(c, jumps, domain))


def _impossible(signs: Signs, jumps: set[sp.Expr], domain: Domain) -> bool:
    """Return whether real arithmetic proves that no point of the domain has these signs.

    The edges of a piece are points of it, where nothing jumps: among whole numbers a piece may be nothing else.
    """
    strict, wide = {1: sp.Gt, -1: sp.Lt, 0: sp.Eq}, {1: sp.Ge, -1: sp.Le, 0: sp.Eq}
    parts = [(strict if e in jumps else wide)[s](e, 0, evaluate=False) for e, s in signs.items()]
    try:
        none = sp.Not(sp.And(*parts, evaluate=False), evaluate=False)
        return decide(none, domain.conditions(), _SECONDS).outcome == "valid"
    except (NumericsError, DomainError):
        return False


def vanishes_piecewise(expr: sp.Expr, domain: Domain) -> bool:
    """Return True when `expr` is reduced to 0 on every piece of the domain; False says nothing."""
    combinations = cells(expr, domain)
    if combinations is None:
        return False
    for signs in combinations:
        piece = resolve(expr, signs)
        zero = [e for e, s in signs.items() if s == 0]
        if zero:
            solved = _on_zeros(piece, zero)
            if solved is None:
                return False
            piece = solved
        if not vanishes(piece):
            return False
    return True


def separate(gap: sp.Expr, domain: Domain) -> list[tuple[sp.Expr, Domain]] | None:
    """Return formulas and domains such that `gap` >= 0 on `domain` if each formula is so on its domain, or None.

    A domain that is larger than the piece, or differs from it by limit points, asks for more than is needed. Nothing
    is separated where `gap` may jump.
    """
    if gap.has(*_DISCONTINUOUS) or not switches(gap):
        return None
    combinations = cells(gap, domain)
    if combinations is None:
        return None
    found = []
    for signs in combinations:
        piece, within = resolve(gap, signs), domain
        if switches(piece):
            return None
        for switch, sign in signs.items():
            if sign and within is domain:
                piece, within = _beside(switch, sign, piece, domain)
        found.append((piece, within))
    return found


def _beside(switch: sp.Expr, sign: int, piece: sp.Expr, domain: Domain) -> tuple[sp.Expr, Domain]:
    """Return a formula on the side of the zero of a linear switch of one parameter, in a parameter of that side."""
    symbols = switch.free_symbols
    symbol = next(iter(symbols))
    if len(symbols) > 1 or not switch.is_polynomial(symbol) or sp.degree(switch, symbol) != 1 or symbol.is_integer:
        return piece, domain
    if any(symbol in r.symbols() for r in domain.ranges.values()):
        return piece, domain
    slope, constant = sp.Poly(switch, symbol).all_coeffs()
    place, above, given = -constant / slope, (sign > 0) == slope.is_positive, domain.ranges[symbol]
    if given == Real:
        side: Range = AtLeast(0)
    elif not above and given == Positive and place.is_positive:
        side = Between(0, place)
    elif above and (given == Positive or (isinstance(given, Above | AtLeast) and (place - given.bound).is_nonnegative)):
        side = AtLeast(sp.Max(place, 0)) if given == Positive else AtLeast(place)
    else:
        return piece, domain
    within = Domain(**{s.name: side if s == symbol else r for s, r in domain.ranges.items()})
    moved = within.symbol(symbol.name)
    image = (place + moved if above else place - moved) if given == Real else moved
    return piece.xreplace({symbol: image}), within


def _on_zeros(expr: sp.Expr, zero: list[sp.Expr]) -> sp.Expr | None:
    """Return `expr` where expressions are 0, each solved for a symbol in which it is linear, or None."""
    for e in zero:
        linear = (s for s in sorted(e.free_symbols, key=str) if e.is_polynomial(s) and sp.degree(e, s) == 1)
        symbol = next(linear, None)
        if symbol is None or e.coeff(symbol, 1).free_symbols:
            return None
        expr = expr.subs(symbol, -e.coeff(symbol, 0) / e.coeff(symbol, 1))
    return expr
