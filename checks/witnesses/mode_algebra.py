"""Exact algebra on mode amplitudes: symbolic depth, layer sums closed, Gaussian moments exact."""

from __future__ import annotations

from functools import lru_cache

import sympy as sp

from ...derivations.domain import Point
from ...derivations.errors import DomainError, NumericsError
from ...derivations.modes import coefficient, in_amplitudes, in_layer_weights, normal_form
from ...derivations.statements.mode_curvature import HessianBlocks, VanishingCurvature
from ...derivations.statements.modes import ModeCoefficient, ModeDependence, ModeTarget
from ...numerics.balls import enclose
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..judgement.exact import Residual, certified_gap, judge, value_text
from ..judgement.findings import as_text
from ..witness import Task, witness

_STARTS_FROM = "the one-sample loss, differentiated; multilinearity in the layers; moments of independent Gaussians"
#: Exact points among which a pair is sought that shares the named variables.
_PAIR_POINTS = 48
_METHOD = "exact Ito coefficients for symbolic depth"


@witness("layer sums", kind=Kind.ALGEBRA, statement=ModeCoefficient, starts_from=_STARTS_FROM)
def layer_sums(statement: ModeCoefficient, task: Task) -> Finding:
    """Compare the asserted coefficient with the one derived from the loss, as rational functions."""
    target = statement.target
    derived = _derived(target)
    stated = in_amplitudes(in_layer_weights(statement.value, target.setting), target.setting)
    found = in_amplitudes(derived, target.setting)
    # a few exact points tell a wrong formula sooner than a normal form
    differs = certified_gap(stated - found, task.claim.domain, 2) is not None
    if not differs and normal_form(statement.value - derived, target.setting) == 0:
        return Finding(
            Outcome.PROVED,
            f"{_METHOD}: {target.describe()} and the formula agree as rational functions of the layer entries; "
            "where amplitudes coincide, by continuity of the finite sums.",
        )
    return judge([Residual(target.describe(), stated, found)], task, method=_METHOD)


@witness("layer sums, dependence", kind=Kind.ALGEBRA, statement=ModeDependence, starts_from=_STARTS_FROM)
def layer_sums_dependence(statement: ModeDependence, task: Task) -> Finding:
    """Look for two exact points that share the named variables and give different values of the quantity."""
    target = statement.target
    reduced = normal_form(coefficient(target), target.setting)
    value = in_amplitudes(reduced, target.setting)
    varying = [s for s in statement.others if s in value.free_symbols]
    names = ", ".join(map(str, statement.variables))
    if not varying:
        return Finding(
            Outcome.PROVED,
            f"{_METHOD}: {target.describe()} reduces to an expression in which only {names} occur.",
        )
    domain = task.claim.domain
    points = list(domain.points(_PAIR_POINTS))
    for point in points:
        for other in points[: _PAIR_POINTS // 4]:
            changed = point | {s: other[s] for s in statement.others}
            gap = _gap(value, point, changed) if _inside(task, changed) else None
            if gap is None:
                continue
            moved = ", ".join(f"{s} = {changed[s]}" for s in statement.others if changed[s] != point[s])
            here, there = value_text(value, point), value_text(value, changed)
            scale = max(abs(float(enclose(value, p).mid())) for p in (point, changed))
            return Finding(
                Outcome.REFUTED,
                f"{_METHOD}: {target.describe()} takes different values at two points with equal {names}.",
                effect=abs(float(sp.sympify(gap))) / scale,
                counterexample=Counterexample(
                    as_text(point),
                    f"{target.describe()} unchanged when {moved}",
                    f"{here} at the point, {there} when {moved}",
                    str(gap),
                ),
            )
    return Finding(
        Outcome.UNDECIDED,
        f"{_METHOD}: {', '.join(map(str, varying))} were not eliminated, and no two points differ.",
    )


@witness(
    "multilinearity",
    kind=Kind.ALGEBRA,
    statement=VanishingCurvature,
    starts_from="the amplitude as a product of matrices of unspecified sizes, perturbed in two layers",
)
def multilinearity(statement: VanishingCurvature, task: Task) -> Finding:
    """Expand u^T A (W + tX + rY) B v, or its analogue with two perturbed layers, and read off the t r term."""
    sizes = sp.symbols("p q m n i o", integer=True, positive=True)
    p, q, m, n, i, o = sizes
    u, v = sp.MatrixSymbol("u", o, 1), sp.MatrixSymbol("v", i, 1)
    t, r = sp.symbols("t r", real=True)
    above, below = sp.MatrixSymbol("A", o, p), sp.MatrixSymbol("B", q, i)
    one, another = sp.MatrixSymbol("X", p, q), sp.MatrixSymbol("Y", p, q)
    if statement.blocks is HessianBlocks.SAME_LAYER:
        amplitude = u.T * above * (sp.MatrixSymbol("W", p, q) + t * one + r * another) * below * v
    else:
        upper, lower = sp.MatrixSymbol("W_l", p, m), sp.MatrixSymbol("W_k", n, q)
        middle = sp.MatrixSymbol("C", m, n)
        x, y = sp.MatrixSymbol("X", p, m), sp.MatrixSymbol("Y", n, q)
        amplitude = u.T * above * (upper + t * x) * middle * (lower + r * y) * below * v
    mixed = [term for term in sp.MatAdd.make_args(sp.expand(amplitude)) if {t, r} <= term.free_symbols]
    if not mixed:
        return Finding(
            Outcome.PROVED,
            "Symbolic expansion: two perturbations of one layer of a product of any depth and widths leave no "
            "second-order term, so the blocks, and every contraction with them, vanish.",
        )
    return Finding(Outcome.UNDECIDED, f"Symbolic expansion leaves the second-order term {mixed[0]}.")


@lru_cache(maxsize=64)
def _derived(target: ModeTarget) -> sp.Expr:
    """Return the coefficient; every mutant of a claim asks for the same one."""
    return coefficient(target)


def _inside(task: Task, point: Point) -> bool:
    try:
        task.claim.domain.check(point)
    except DomainError:
        return False
    return True


def _gap(value: sp.Expr, point: Point, changed: Point) -> sp.Expr | None:
    """Return value(changed) - value(point) if it is certified to differ from 0, else None."""
    exact = value.subs(changed) - value.subs(point)
    if exact.is_Rational:
        return exact if exact != 0 else None
    try:
        ball = enclose(value, changed) - enclose(value, point)
    except NumericsError:
        return None
    return None if ball.contains(0) else sp.Float(str(ball.mid().str(15, radius=False)), 15)
