"""Which samples judge the generated function of each claim, and why none do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import sympy as sp

from ...derivations.claim import CLAIMS, Claim
from ...derivations.errors import PrintingError
from ...derivations.statement import Statement
from ...derivations.statements.batches import BatchFactor
from ...derivations.statements.classes.overlaps import SpikedOverlap
from ...derivations.statements.detailed_balance import DetailedBalance
from ...derivations.statements.long_time_laws import LimitInLaw
from ...derivations.statements.networks import AllOf
from ...derivations.statements.small_steps import SmallStepLimit
from ...numerics.formula import Formula, formula_of
from ...numerics.matrix_formula import MatrixFormula, matrix_formula_of
from ..evidence import Kind
from ..witness import Witness, witnesses_for


def _unsampled(statement: Statement) -> str:
    """Return why the witness of a type does not judge the function of a statement of it; empty where it does."""
    if isinstance(statement, DetailedBalance):
        return "the witness reads the curvature of the logarithm off the formula"
    if isinstance(statement, SpikedOverlap):
        return "matrices of two sizes are too coarse to confirm a limit"
    if isinstance(statement, BatchFactor) and statement.sampling.batch == 1:
        return "a batch of one sample is that sample"
    if (
        isinstance(statement, SmallStepLimit)
        and not statement.spread
        and statement.factor.has(statement.training.steps_per_unit)
    ):
        return "a correction of the order of the step is lost in the noise of this many samples"
    return ""


@dataclass(frozen=True)
class FunctionCheck:
    """How the generated function of a claim is judged.

    Parameters
    ----------
    claim : str
        Id of the claim.
    part : int
        Which part of a statement that joins several, from 1.
    witness : str
        Witness whose samples judge the function; empty where none do.
    starts_from : str
        What that witness takes as given.
    reason : str
        Why no samples judge it; empty where some do.
    """

    claim: str
    part: int
    witness: str = ""
    starts_from: str = ""
    reason: str = ""

    @property
    def name(self) -> str:
        """Id of the claim, with the part where it is not the first."""
        return self.claim if self.part == 1 else f"{self.claim}[{self.part}]"


def function_checks(claims: Iterable[Claim] | None = None) -> tuple[FunctionCheck, ...]:
    """Return, for the function of every claim that has one, which witness's samples judge it, or why none do.

    Parameters
    ----------
    claims : iterable of Claim, optional
        By default all that are registered, the catalog included.
    """
    if claims is None:
        from ..runs.unit import load_catalog

        load_catalog()
        claims = CLAIMS.values()
    return tuple(_check(claim, part, formula) for claim in claims for part, formula in functions(claim))


def functions(claim: Claim) -> Iterator[tuple[int, Formula | MatrixFormula]]:
    """Yield the formulas of a claim of which there are functions, with the parts of the statement that assert them."""
    try:
        yield 1, formula_of(claim.id, claim.statement.formula(), claim.domain)
        return
    except PrintingError:
        pass
    for part in range(1, 1 + len(parts_of(claim))):
        try:
            yield part, matrix_formula_of(claim, part)
        except PrintingError:
            continue


def parts_of(claim: Claim) -> tuple[Statement, ...]:
    """Return the statements that a claim joins, or its one statement."""
    return claim.statement.parts if isinstance(claim.statement, AllOf) else (claim.statement,)


def judged_statement(claim: Claim, part: int) -> Statement:
    """Return what is sampled: a part of the statement; of a limit in law that the density is a stationary law."""
    statement = parts_of(claim)[part - 1]
    if isinstance(statement, LimitInLaw) and statement.density is not None:
        return statement.stationary()
    return statement


def asserted_field(statement: Statement, expression: sp.Basic) -> str | None:
    """Return the field that asserts a formula, if one does."""
    return next((name for name in statement.asserted() if getattr(statement, name) == expression), None)


def sampling_witness(statement: Statement, claim: Claim) -> Witness | None:
    """Return the first witness that samples what the statement is about."""
    found = witnesses_for(replace(claim, statement=statement))
    return next((w for w in found if w.kind is Kind.MONTE_CARLO), None)


def _check(claim: Claim, part: int, formula: Formula | MatrixFormula) -> FunctionCheck:
    statement = judged_statement(claim, part)
    name = type(parts_of(claim)[part - 1]).__name__
    witness = sampling_witness(statement, claim)
    if witness is None:
        return FunctionCheck(claim.id, part, reason=f"no witness samples what a statement of type {name} is about")
    if _unsampled(statement):
        return FunctionCheck(claim.id, part, reason=_unsampled(statement))
    if asserted_field(statement, formula.expression) is None:
        return FunctionCheck(claim.id, part, reason=f"no asserted field of {name} is the formula itself")
    try:
        formula.torch()
    except PrintingError as error:
        return FunctionCheck(claim.id, part, reason=f"there is no function: {error}")
    return FunctionCheck(claim.id, part, witness.name, witness.starts_from)
