"""High-precision evaluation of scalar identities with mpmath."""

from __future__ import annotations

import itertools

import mpmath
import sympy as sp

from ...derivations.domain import Point
from ...derivations.statements.scalar import Identity
from ..evidence import Counterexample, Finding, Kind, Outcome
from ..judgement.findings import as_text
from ..witness import Task, witness

#: Relative agreement to which both sides are compared; they are evaluated with twice as many digits.
AGREEMENT = 1e-25


def _value(side: sp.Expr, point: Point, digits: int) -> mpmath.mpf:
    symbols = list(point)
    function = sp.lambdify(symbols, side.doit(), "mpmath")
    with mpmath.workdps(digits):
        return mpmath.mpf(function(*(mpmath.mpf(int(v.p)) / int(v.q) for v in map(sp.nsimplify, point.values()))))


@witness(
    "high-precision evaluation",
    kind=Kind.DETERMINISTIC,
    statement=Identity,
    starts_from="the two sides of the identity as printed, evaluated apart",
)
def high_precision(statement: Identity, task: Task) -> Finding:
    """Evaluate both sides at exact points with 30 and 60 digits; their difference must outgrow the rounding."""
    examined = 0
    domain, count = task.claim.domain, task.effort.points
    for point in itertools.chain(domain.points(count), domain.generic_points(count)):
        examined += 1
        rough = [_value(side, point, 30) for side in (statement.lhs, statement.rhs)]
        fine = [_value(side, point, 60) for side in (statement.lhs, statement.rhs)]
        scale = max(abs(fine[0]), abs(fine[1]), mpmath.mpf(10) ** -30)
        rounding = max(abs(r - f) for r, f in zip(rough, fine, strict=True)) / scale
        gap = abs(fine[0] - fine[1]) / scale
        if gap > max(AGREEMENT, 1e6 * rounding):
            stated, found = (mpmath.nstr(v, 15) for v in (fine[1], fine[0]))
            return Finding(
                Outcome.REFUTED,
                f"the sides differ by a relative {mpmath.nstr(gap, 3)}, far above the rounding at 60 digits.",
                effect=float(gap),
                counterexample=Counterexample(
                    as_text(point), f"the value = {stated}", f"the value = {found}", mpmath.nstr(fine[1] - fine[0], 15)
                ),
            )
        if gap > AGREEMENT:
            return Finding(Outcome.UNDECIDED, f"the sides lose their digits to cancellation at {as_text(point)}.")
    return Finding(
        Outcome.CONFIRMED,
        f"both sides agree to {AGREEMENT:g} at {examined} exact points, simple and generic ones.",
        resolution=AGREEMENT,
    )
