"""Proofs for all sizes: both sides brought to one normal form by the equations of the inverses and of the kinds."""

from __future__ import annotations

from ....derivations.errors import ClaimError
from ....derivations.matrices.matrix_calculus import sides_of_equation, sides_of_gradient
from ....derivations.statements.matrix_equations import MatrixAssertion, MatrixEquation, MatrixGradient
from ...evidence import Finding, Kind
from ...judgement.coefficients import without_value
from ...judgement.findings import proved, undecided
from ...meaning.inverses import matrix_points, numbers_of, without_inverses
from ...witness import Task, witness

_METHOD = "rewriting with inverses"


@witness(
    _METHOD,
    kind=Kind.ALGEBRA,
    statement=MatrixAssertion,  # type: ignore[type-abstract]
    starts_from="definitions of inverses, traces and determinants, their differentials, and the kinds of the matrices",
)
def rewriting_with_inverses(statement: MatrixEquation | MatrixGradient, task: Task) -> Finding:
    """Prove an equation, or a gradient from a free direction, for all sizes; what is not reduced is undecided."""
    facts, seconds = statement.facts(task.claim.domain), task.effort.algebra_seconds
    try:
        if isinstance(statement, MatrixEquation):
            sides = sides_of_equation(statement.lhs, statement.rhs, facts, seconds)
        else:
            sides = sides_of_gradient(statement.function, statement.variable, statement.value, facts, seconds)
    except ClaimError as error:
        return undecided(f"{_METHOD}: {error}.")
    if not sides.equal:
        return undecided(f"{_METHOD}: the sides were not reduced to one normal form.")
    missing = without_value(numbers_of(statement), task.claim.domain, _METHOD) or without_inverses(
        statement, task.claim.domain, _METHOD
    )
    if missing is not None:
        return missing
    if next(matrix_points(statement, task.claim.domain), None) is None:
        return undecided(f"{_METHOD}: no matrices of the stated kinds were found, so that nothing may be asserted.")
    return proved(
        f"{_METHOD}: both sides have the same normal form for all sizes, by the equations of the inverses and of the "
        "stated kinds of matrices."
    )
