"""Pieces of the support of a one-dimensional process on which its coefficients are analytic.

A support is split where an absolute value, a case distinction, a root, a denominator, the noise or the density has a
zero. Splitting points are guessed by solving; that nothing is left to split is shown by signs on the whole piece.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.errors import CrossproofError
from ...derivations.expressions import canonical
from ...derivations.processes.fokker_planck import possible_signs
from ...derivations.ranges import Positive, Range, Real
from ..evidence import Finding
from ..judgement.domain_signs import strict_sign

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Splitting points that are followed before a support is given up.
_MOST_PIECES = 8
#: Seconds for one question of sign to the ladder.
_SECONDS = 2.0
#: Functions that are analytic on the real line.
ANALYTIC = (sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.erf, sp.erfc, sp.asinh)


class Unresolved(CrossproofError):
    """A support could not be split into pieces."""


class Unsplit(Unresolved):
    """The sign of `expr`, which matters, is not the same on the whole piece, or not known."""

    def __init__(self, expr: sp.Expr) -> None:
        super().__init__(f"the sign of {expr} on the support is not decided")
        self.expr = expr


class NotReal(Unresolved):
    """`expr` has no real value anywhere on `piece`."""

    def __init__(self, expr: sp.Basic, piece: Piece) -> None:
        super().__init__(f"{expr} is not real on {piece}")
        self.expr, self.piece = expr, piece


class Unvalued(Unresolved):
    """A part in parameters alone is not seen to have values on the whole domain, as `finding` says."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.detail)
        self.finding = finding


class Unanalysed(Unresolved):
    """A function that is not known to be analytic."""


@dataclass(frozen=True)
class Piece:
    """The open interval (low, high) of the state x, for every point of the domain of the parameters."""

    x: sp.Symbol
    low: sp.Expr
    high: sp.Expr
    parameters: Domain

    @cached_property
    def chart(self) -> tuple[Domain, sp.Expr]:
        """The domain with a free coordinate in place of the state, and the state in terms of it."""
        names = {s.name for s in self.parameters.symbols}
        name = next(n for n in (f"{self.x.name}_{k}" for k in itertools.count()) if n not in names)
        free: Range = Real if self.low.is_infinite and self.high.is_infinite else Positive
        domain = Domain(**{s.name: r for s, r in self.parameters.ranges.items()}, **{name: free})
        u = domain.symbol(name)
        if free is Real:
            return domain, u
        if self.high.is_infinite:
            return domain, self.low + u
        if self.low.is_infinite:
            return domain, self.high - u
        return domain, self.low + (self.high - self.low) * u / (1 + u)

    def at(self, expr: sp.Expr) -> sp.Expr:
        """Return an expression of the state in terms of the free coordinate."""
        return sp.sympify(expr).subs(self.x, self.chart[1])

    def point(self, chosen: Mapping[sp.Symbol, Any]) -> Point:
        """Return a point of the chart with the value of the state in place of the coordinate."""
        own = {s: v for s, v in chosen.items() if s in self.parameters.ranges}
        return {**own, self.x: self.chart[1].subs(chosen)}

    def sign(self, expr: sp.Expr) -> int | None:
        """Return the sign (-1 or 1) of `expr` on the whole piece, or None."""
        domain = self.chart[0]
        image = self.at(expr)
        signs = possible_signs(image, domain)
        if signs in ({1}, {-1}):
            return next(iter(signs))
        return {"positive": 1, "negative": -1}.get(strict_sign(image, domain, _SECONDS) or "")

    def __str__(self) -> str:
        return f"({self.low}, {self.high})"


def resolved(expr: sp.Basic, piece: Piece) -> Any:
    """Return `expr`, as it is written, with its cases decided on the piece, where it is analytic.

    Raises
    ------
    Unsplit
        If the sign of a part is needed and not the same on the whole piece.
    NotReal, Unanalysed
        If a root or logarithm is of something negative, or a function is none that is known to be analytic.
    """
    if not expr.has(piece.x):
        return canonical(expr)
    if expr == piece.x:
        return expr
    if isinstance(expr, sp.Piecewise):
        return _case(expr, piece)
    args = [resolved(a, piece) for a in expr.args]
    if isinstance(expr, sp.Abs | sp.sign | sp.Heaviside):
        sign = _strict(args[0], piece)
        return {sp.Abs: sign * args[0], sp.sign: sp.Integer(sign), sp.Heaviside: sp.Integer((1 + sign) // 2)}[expr.func]
    if isinstance(expr, sp.Max | sp.Min):
        best = args[0]
        for other in args[1:]:
            if sp.expand(other - best) != 0 and (_strict(other - best, piece) > 0) == isinstance(expr, sp.Max):
                best = other
        return best
    if isinstance(expr, sp.Pow) and not (expr.exp.is_integer and expr.exp.is_nonnegative):
        if _strict(args[0], piece) < 0 and not expr.exp.is_integer:
            raise NotReal(expr, piece)
    elif isinstance(expr, sp.log):
        if _strict(args[0], piece) < 0:
            raise NotReal(expr, piece)
    elif not (isinstance(expr, sp.Pow) or expr.is_Add or expr.is_Mul or isinstance(expr, ANALYTIC)):
        raise Unanalysed(f"{expr.func} is not known to be analytic on the support")
    return expr.func(*args)


def _case(expr: sp.Piecewise, piece: Piece) -> Any:
    for value, condition in expr.args:
        if condition == sp.true:
            return resolved(value, piece)
        if not isinstance(condition, sp.Gt | sp.Ge | sp.Lt | sp.Le):
            raise Unanalysed(f"the case {condition} is no inequality")
        if _strict(resolved(condition.gts, piece) - resolved(condition.lts, piece), piece) > 0:
            return resolved(value, piece)
    raise NotReal(expr, piece)


def _strict(expr: sp.Expr, piece: Piece) -> int:
    if not expr.has(piece.x):
        # a sign of parameters alone does not split the support
        signs = possible_signs(expr, piece.parameters)
        if signs not in ({1}, {-1}):
            raise Unanalysed(f"the sign of {expr} is not the same on the whole domain")
        return next(iter(signs))
    sign = piece.sign(expr)
    if sign is None:
        raise Unsplit(expr)
    return sign


def split(piece: Piece, at: sp.Expr) -> tuple[Piece, Piece] | None:
    """Return both parts of a piece on either side of a real zero of `at`, or None when none is known to be inside."""
    for root in _zeros(at, piece.x):
        inside = [sp.Integer(1)]
        inside += [] if piece.low.is_infinite else [root - piece.low]
        inside += [] if piece.high.is_infinite else [piece.high - root]
        if all(possible_signs(e, piece.parameters) == {1} for e in inside):
            return (
                Piece(piece.x, piece.low, root, piece.parameters),
                Piece(piece.x, root, piece.high, piece.parameters),
            )
    return None


def _zeros(expr: sp.Expr, x: sp.Symbol) -> list[sp.Expr]:
    """Return zeros of a rational function of the state in closed form; maybe not all of them."""
    plain = sp.Dummy(x.name, real=True)
    image = expr.subs(x, plain)
    if not image.is_rational_function(plain):
        return []
    numerator = sp.numer(sp.together(image))
    if numerator.free_symbols == {plain} and numerator.is_polynomial(plain):
        return list(dict.fromkeys(sp.real_roots(sp.Poly(numerator, plain))))
    return [r for r in sp.roots(sp.Poly(numerator, plain)) if r.is_real is not False]


def pieces_of(
    support: sp.Interval, x: sp.Symbol, parameters: Domain, expressions: Mapping[str, sp.Expr], strict: tuple[str, ...]
) -> list[tuple[Piece, dict[str, Any]]]:
    """Return the pieces of a support from below, each with the expressions as they are there.

    Parameters
    ----------
    support : Interval
        The support.
    x : Symbol
        The state.
    parameters : Domain
        Ranges of the parameters, without the state.
    expressions : mapping
        Expressions of the state, by name.
    strict : tuple of str
        Names of those that vanish nowhere inside a piece.

    Raises
    ------
    Unresolved
        If the support cannot be split into such pieces.
    """
    waiting = [Piece(x, support.start, support.end, parameters)]
    done: list[tuple[Piece, dict[str, Any]]] = []
    while waiting:
        piece = waiting.pop()
        try:
            here = {name: resolved(e, piece) for name, e in expressions.items()}
            for name in strict:
                for factor in sp.Mul.make_args(here[name]):
                    base = factor.base if factor.is_Pow else factor
                    if base.has(x) and not isinstance(base, sp.exp):
                        _strict(base, piece)
        except Unsplit as open_sign:
            parts = split(piece, open_sign.expr)
            if parts is None or len(done) + len(waiting) >= _MOST_PIECES:
                raise
            waiting += reversed(parts)
            continue
        done.append((piece, here))
    return done
