"""Statements whose two sides a witness derives as expressions: batches, bounds of suprema, Fokker-Planck equations."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...checks.evidence import Verdict
from ...checks.witnesses.processes.fokker_planck_form import adjoint
from ...derivations.calculus.batches import factor
from ...derivations.claim import Claim
from ...derivations.statements.batches import BatchFactor
from ...derivations.statements.classes.suprema import SupremumBound
from ...derivations.statements.fokker_planck_form import FokkerPlanckForm, substitute_functions
from .picture import Picture
from .sides import Sides, of_residuals
from .window import counterexample_of

_KIND = "function of one parameter"


def batch_factor(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated factor and the counted one, against one of the sizes."""
    statement = claim.statement
    assert isinstance(statement, BatchFactor)
    found = sp.sympify(factor(statement.sampling, statement.quantity))
    sides = Sides("factor", statement.value, found, ("stated", "counted"))
    return of_residuals(claim, verdict, [sides], _KIND, str(statement.quantity).capitalize())


def supremum_bound(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated bound and the least one, which a martingale that stops at 0 and at the level attains."""
    statement = claim.statement
    assert isinstance(statement, SupremumBound)
    least = sp.Min(1, (statement.start / statement.level) ** statement.power)
    sides = Sides("probability", statement.bound, least, ("stated bound", "largest probability"))
    said = "The stated bound, and the largest probability that a supermartingale reaches the level"
    return of_residuals(claim, verdict, [sides], _KIND, said)


def fokker_planck(claim: Claim, verdict: Verdict | None, seed: int) -> Picture:
    """The stated right side of a Fokker-Planck equation and the adjoint of the generator, for chosen functions."""
    statement = claim.statement
    assert isinstance(statement, FokkerPlanckForm)
    chosen = member_of(list(statement.members()), verdict)
    stated, found = (substitute_functions(e, chosen) for e in (statement.right_side, adjoint(statement)))
    sides = Sides("the right side", stated, found, ("stated", "adjoint of the generator"))
    named = ", ".join(f"{f} = {e}" for f, e in chosen.items())
    said = f"The right side of the Fokker-Planck equation{f' with {named}' if named else ''}"
    return of_residuals(claim, verdict, [sides], _KIND, said, statement.sde.state)


def member_of(members: list[dict[Any, sp.Expr]], verdict: Verdict | None) -> dict[Any, sp.Expr]:
    """Return the functions with which the counterexample is made, or the last ones, which are the most general."""
    example = counterexample_of(verdict)
    if example is not None:
        for chosen in members:
            if all(example.point.get(str(f)) == str(e) for f, e in chosen.items()):
                return chosen
    return members[-1]
