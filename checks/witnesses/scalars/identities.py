"""Exact algebra on scalar identities."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from ....derivations.errors import NumericsError
from ....derivations.expressions import canonical
from ....derivations.statements.scalar import Identity
from ...evidence import Finding, Kind, Outcome
from ...judgement.calculus.carried_out import carried_out
from ...judgement.comparison import compare
from ...judgement.definedness import CALCULUS
from ...judgement.exact import Residual, judge
from ...judgement.points import simple
from ...judgement.solving import proposed
from ...witness import Task, witness

#: CPU seconds for what SymPy makes of a side.
_SECONDS = 4.0


@witness(
    "normal forms",
    kind=Kind.ALGEBRA,
    statement=Identity,
    starts_from="the two sides of the identity as printed",
)
def normal_forms(statement: Identity, task: Task) -> Finding:
    """Reduce lhs - rhs by exact normal forms, after a search for an exact point where it is not zero.

    Integrals, derivatives, sums and limits count with the values that are proved for them. Where there is no such
    proof, and SymPy's value for one contradicts the enclosure of the same expression, that is said.
    """
    stated, found = (carried_out(e, task.claim.domain) for e in (statement.rhs, statement.lhs))
    finding = judge([Residual("the value", stated, found)], task, method="normal forms")
    if finding.outcome is Outcome.UNDECIDED and statement.lhs.has(*CALCULUS):
        return replace(finding, detail=f"{finding.detail} {_of_sympy(statement.lhs, task)}".strip())
    return finding


def _of_sympy(expr: sp.Expr, task: Task) -> str:
    """Return what SymPy makes of an integral, derivative, sum or limit, and whether the enclosure allows it."""
    value = proposed(_SECONDS, canonical(expr).doit)
    if value is None:
        return "SymPy cannot carry it out."
    if value.has(*CALCULUS):
        return "SymPy does not carry it out."
    for point in simple(task.claim.domain, 2):
        try:
            found = compare(value, expr, point)
        except NumericsError:
            continue
        if found.outcome == "differ":
            return f"SymPy gives {value}, which is wrong: a defect of SymPy."
    return f"SymPy gives {value}, whose word alone is no proof."
