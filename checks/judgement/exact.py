"""Exact judgement of residuals: zero on the whole domain, or certified non-zero at an exact point."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.errors import NumericsError
from ...numerics.balls import enclose
from ...numerics.rational import vanishes_identically
from ..evidence import Counterexample, Finding, Outcome
from ..witness import Task
from .findings import as_text

#: What binds symbols, so that a plain replacement would reach too far.
_BINDING = (sp.Derivative, sp.Integral, sp.Sum, sp.Product, sp.Limit, sp.Subs, sp.Lambda)


@dataclass(frozen=True)
class Residual:
    """Two expressions that a claim asserts, or implies, to be equal.

    Parameters
    ----------
    what : str
        What is compared, in words.
    stated : sympy.Expr
        The side that follows from the claim as printed.
    found : sympy.Expr
        The side that the witness derived on its own.
    """

    what: str
    stated: sp.Expr
    found: sp.Expr

    @property
    def difference(self) -> sp.Expr:
        """stated - found."""
        return self.stated - self.found


def vanishes(expr: sp.Expr) -> bool:
    """Return True when `expr` is reduced to 0 by an exact normal form; False says nothing.

    Polynomial arithmetic over the rationals comes first (:func:`vanishes_identically`); what it leaves open goes
    through SymPy's normal forms.
    """
    answer = vanishes_identically(expr)
    return any(e == 0 for e in normal_forms(expr)) if answer is None else answer


def normal_forms(expr: sp.Expr) -> Iterator[sp.Expr]:
    """Yield `expr` after each of SymPy's normal forms, until it is 0.

    Cheap rational normal forms come first; each further step keeps the value on the symbols' assumptions.
    """
    steps = (
        sp.expand,
        lambda e: sp.cancel(sp.together(e)),
        lambda e: sp.expand(sp.powsimp(sp.expand(e), force=False)),
        lambda e: sp.expand(sp.expand_log(e)),
        sp.factor,
        lambda e: sp.simplify(sp.expand_power_base(sp.expand_power_exp(e))),
        lambda e: sp.gammasimp(sp.powsimp(e)),
        sp.radsimp,
    )
    current = sp.sympify(expr)
    yield current
    for step in steps:
        if current == 0:
            return
        current = step(current)
        yield current


def certified_gap(expr: sp.Expr, domain: Domain, points: int) -> tuple[Point, sp.Expr, float] | None:
    """Return the simplest point at which `expr` is certified to differ from 0, with its value, or None.

    The value is exact where SymPy finds it rational, else a ball that excludes zero at 40 or more digits.
    """
    for point in itertools.chain(domain.points(points), domain.generic_points(max(points // 4, 2))):
        value = value_at(expr, point)
        if value.is_Rational:
            if value != 0:
                return point, value, float(value)
            continue
        if value.has(sp.nan, sp.zoo):
            continue
        try:
            ball = enclose(expr, point)
        except NumericsError:
            continue
        if not ball.contains(0):
            return point, sp.Float(str(ball.mid().str(15, radius=False)), 15), float(ball.mid())
    return None


def value_at(expr: sp.Expr, point: Point) -> sp.Expr:
    """Return `expr` with the exact values of `point` in place of its symbols."""
    expr = sp.sympify(expr)
    if expr.has(*_BINDING):
        return expr.subs(point)
    # one pass over the tree, where `subs` makes one for every symbol
    return expr.xreplace({symbol: sp.sympify(value) for symbol, value in point.items()})


def value_text(expr: sp.Expr, point: Point) -> str:
    """Return the value of `expr` at `point`: exact when short, else 15 digits."""
    exact = value_at(expr, point)
    if exact.is_Rational and len(str(exact)) <= 24:
        return str(exact)
    try:
        return str(enclose(expr, point).str(15, radius=False))
    except NumericsError:
        return str(exact)


def judge(residuals: Sequence[Residual], task: Task, *, method: str) -> Finding:
    """Judge residuals: proved when all vanish identically, refuted by the first certified gap, else undecided.

    Parameters
    ----------
    residuals : sequence of Residual
        Equalities that together are equivalent to the claim.
    task : Task
        Supplies the domain and the number of points to try.
    method : str
        What was done, for the evidence.
    """
    domain = task.claim.domain
    left_over = []
    for residual in residuals:
        gap = certified_gap(residual.difference, domain, 4 * task.effort.points)
        if gap is not None:
            point, value, size = gap
            return Finding(
                Outcome.REFUTED,
                f"{method}: {residual.what} differs from the statement by a certified non-zero amount.",
                effect=_relative(size, residual, point),
                counterexample=Counterexample(
                    as_text(point),
                    f"{residual.what} = {value_text(residual.stated, point)}",
                    f"{residual.what} = {value_text(residual.found, point)}",
                    str(value),
                ),
            )
        if not vanishes(residual.difference):
            left_over.append(residual.what)
    if left_over:
        return Finding(Outcome.UNDECIDED, f"{method}: no normal form reduced {', '.join(left_over)} to zero.")
    what = ", ".join(r.what for r in residuals)
    return Finding(Outcome.PROVED, f"{method}: {what} reduced to an identity on the whole domain.")


def _relative(size: float, residual: Residual, point: Point) -> float:
    scale = 0.0
    for side in (residual.stated, residual.found):
        try:
            scale = max(scale, abs(float(enclose(side, point).mid())))
        except NumericsError:
            continue
    return abs(size) / scale if scale > 0 else float("inf")
