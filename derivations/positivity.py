"""Signs of expressions on a whole domain, by a parametrisation that meets the domain by construction.

Every range is replaced by an expression in fresh symbols that are positive, non-negative or real and otherwise free:
``Above(b)`` by b + r, ``Between(a, b)`` by a + (b - a) r / (1 + r), and so on. An expression whose factors are sums
of positive terms in the fresh symbols has its sign on the whole domain.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import sympy as sp

from .domain import Domain, Point
from .ranges import Above, AtLeast, Between, Integers

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Values of the fresh symbols at which `edge_points` looks: close to a bound, in the middle, far away.
_PROBES = (sp.Rational(1, 20), sp.Integer(1), sp.Integer(20))


def parametrise(domain: Domain) -> dict[sp.Symbol, sp.Expr]:
    """Return each parameter of `domain` in terms of fresh free symbols; the image is the whole domain."""
    found: dict[sp.Symbol, sp.Expr] = {}
    for number, (symbol, given) in enumerate(domain.ranges.items()):
        name = f"r({number})"  # which no parameter is called
        if isinstance(given, Above):
            found[symbol] = given.bound.subs(found) + sp.Symbol(name, positive=True)
        elif isinstance(given, AtLeast):
            found[symbol] = given.bound.subs(found) + sp.Symbol(name, nonnegative=True)
        elif isinstance(given, Between):
            r = sp.Symbol(name, positive=True)
            low, high = given.low.subs(found), given.high.subs(found)
            found[symbol] = low + (high - low) * r / (1 + r)
        elif isinstance(given, Integers) and given.high is None:
            found[symbol] = sp.sympify(given.low).subs(found) + sp.Symbol(name, integer=True, nonnegative=True)
        else:
            found[symbol] = symbol
    return found


@lru_cache(maxsize=4096)
def sign_on(domain: Domain, expr: sp.Expr) -> str | None:
    """Return the sign of `expr` on all of `domain`, or None when it is not found.

    Returns
    -------
    {"positive", "negative", "nonnegative", "nonpositive", "zero"} or None
        A proof; None says nothing.
    """
    e = _trusted(sp.sympify(expr), domain)
    weak = None
    for candidate in (e, *_images(domain, e)):
        for sign in ("zero", "positive", "negative"):
            if getattr(candidate, f"is_{sign}"):
                return sign
        if weak is None:
            weak = next((s for s in ("nonnegative", "nonpositive") if getattr(candidate, f"is_{s}")), None)
    return weak


def _trusted(expr: sp.Expr, domain: Domain) -> sp.Expr:
    """Return `expr` with fresh symbols of the right sign for what SymPy 1.14 gives a wrong one.

    To SymPy, atan of a rational number is irrational, and so not 0 even at 0, and a binomial coefficient with an odd
    lower number is negative where the sign of the upper one is not known.
    """
    known: dict[sp.Expr, sp.Expr] = {}
    for e in expr.atoms(sp.atan, sp.binomial):
        sign = sign_on(domain, e.args[0])
        if isinstance(e, sp.atan) and e.args[0].is_rational:
            known[e] = sp.Dummy(real=True, **({sign: True} if sign else {}))
        elif isinstance(e, sp.binomial) and not e.args[0].is_nonnegative:
            subsets = all(a.is_integer for a in e.args) and sign in ("positive", "nonnegative", "zero")
            known[e] = sp.Dummy(real=True, nonnegative=True if subsets else None)
    return expr.xreplace(known)


def _images(domain: Domain, expr: sp.Expr) -> Iterator[sp.Expr]:
    image = expr.subs(parametrise(domain))
    yield image
    # functions stand as they are: polynomials in exp(r/1000) would have degree 1000
    named = {f: _namesake(f) for f in image.atoms(sp.Function) | {p for p in image.atoms(sp.Pow) if p.exp.free_symbols}}
    inner = image.xreplace(named).replace(
        lambda e: isinstance(e, sp.Pow) and e.exp.is_Rational and not e.exp.is_Integer,
        lambda e: sp.factor(sp.together(sp.expand(e.base))) ** e.exp,
    )
    yield inner
    yield sp.factor(inner)
    top, bottom = sp.fraction(sp.together(inner))
    yield sp.expand(top) / sp.factor(bottom)


def _namesake(function: sp.Expr) -> sp.Symbol:
    """Return a fresh symbol that is known to have the sign that `function` is known to have."""
    for word in ("positive", "negative", "nonnegative", "nonpositive"):
        if getattr(function, f"is_{word}"):
            return sp.Dummy(**{word: True})
    return sp.Dummy(real=True) if function.is_real else sp.Dummy()


def edge_points(domain: Domain) -> Iterator[Point]:
    """Yield exact points of `domain` close to its bounds, in its middle and far out."""
    images = parametrise(domain)
    fresh = sorted(set().union(*(e.free_symbols for e in images.values())), key=str)
    for values in itertools.islice(itertools.product(_PROBES, repeat=len(fresh)), 243):
        chosen: dict[sp.Symbol, Any] = {
            s: sp.ceiling(v) - 1 if s.is_integer else v for s, v in zip(fresh, values, strict=True)
        }
        point: Point = {}
        for symbol, image in images.items():
            given = domain.ranges[symbol]
            finite = isinstance(given, Integers) and given.size is not None
            point[symbol] = given.value(int(chosen[symbol]), point) if finite else image.subs(chosen)
        if all(not p.free_symbols for p in point.values()):
            yield point
