"""Exact algebra on scalar identities."""

from __future__ import annotations

from ...derivations.statements.scalar import Identity
from ..evidence import Finding, Kind
from ..judgement.exact import Residual, judge
from ..witness import Task, witness


@witness(
    "normal forms",
    kind=Kind.ALGEBRA,
    statement=Identity,
    starts_from="the two sides of the identity as printed",
)
def normal_forms(statement: Identity, task: Task) -> Finding:
    """Reduce lhs - rhs by exact normal forms, after a search for an exact point where it is not zero."""
    return judge([Residual("the value", statement.rhs, statement.lhs.doit())], task, method="normal forms")
