"""A claim's formula with what is known of it: the side that it equals, the verdict, and the claims that repair it."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path

import sympy as sp

from ...derivations.claim import CLAIMS, Claim
from ...derivations.errors import RefutedFormulaWarning, UsageError
from ...derivations.statement import Statement
from ...numerics.formula import Formula, formula_of
from ...numerics.matrix_formula import MatrixFormula, matrix_formula_of
from ..store import lock, saved

#: Signs between what a formula is the value of and the formula.
_SIGNS = ("=", r"\propto", r"\le", r"\sim", r"\to")
#: What may stand before the side of a formula.
_OPENINGS = (r"\Rightarrow", r"\quad", r"\;")
_CATALOG = "crossproof.derivations.catalog."
#: Refuted formulas of which the user was told.
_TOLD: set[str] = set()


def announced(claim: Claim) -> Formula:
    """Return the formula of a claim to a caller of the caller, who is warned once of one that is refuted.

    Raises
    ------
    PrintingError
        If the claim asserts no scalar closed form.

    Warns
    -----
    RefutedFormulaWarning
        If the witnesses refute the claim; it names the claims that repair it.
    """
    made = described(claim)
    _warn_once(made)
    return made


def announced_matrix(claim: Claim, part: int) -> MatrixFormula:
    """Return the formula in matrices of a claim, or of one part of it, with a warning as for :func:`announced`."""
    made = replace(matrix_formula_of(claim, part), verdict=known_verdict(claim), repairs=repairs_of(claim))
    _warn_once(made)
    return made


def _warn_once(made: Formula | MatrixFormula) -> None:
    if made.verdict == "refuted" and made.id not in _TOLD:
        _TOLD.add(made.id)
        warnings.warn(refutation(made), stacklevel=4)


def described(claim: Claim) -> Formula:
    """Return the formula of a claim with what is known of it; PrintingError if there is none."""
    left, sign = left_side(claim.statement)
    return formula_of(
        claim.id,
        claim.statement.formula(),
        claim.domain,
        left=left,
        sign=sign,
        verdict=known_verdict(claim),
        repairs=repairs_of(claim),
    )


def refutation(formula: Formula | MatrixFormula) -> RefutedFormulaWarning:
    """Return what is to be said of a refuted formula."""
    remedy = " or ".join(formula.repairs) or f"what `crossproof show {formula.id}` says"
    return RefutedFormulaWarning(f"the formula of {formula.id} is refuted; use {remedy} instead")


def repairs_of(claim: Claim) -> tuple[str, ...]:
    """Return the ids of the registered claims that repair a claim."""
    return tuple(other.id for other in CLAIMS.values() if other.repairs == claim.id)


def known_verdict(claim: Claim) -> str | None:
    """Return the reviewed outcome of a claim of the catalog, the saved one of another; None where none is known."""
    if claim.module.startswith(_CATALOG) and CLAIMS.get(claim.id) == claim:
        return _reviewed().get(claim.id)
    try:
        verdict = saved.load().verdict(claim)
    except UsageError:  # nothing is kept here, or it cannot be read
        return None
    return None if verdict is None else str(verdict.outcome)


@cache
def _reviewed() -> dict[str, str]:
    return dict(lock.load(Path(__file__).parents[2] / lock.DEFAULT_NAME).claims)


def left_side(statement: Statement) -> tuple[str, str]:
    """Return in LaTeX what the formula of a statement is the value of, and the sign between them.

    Where none is shown, the name of the field that holds the formula.
    """
    formula = statement.formula()
    if formula is None:
        return "", "="
    text, right = statement.latex(), str(sp.latex(formula))
    for sign in _SIGNS:
        place = text.rfind(f" {sign} {right}")
        following = text[place + len(sign) + len(right) + 2 :].strip()
        if place < 0 or not (not following or following.startswith((r"\quad", r"\;", ",", ";"))):
            continue
        left = text[:place]
        for opening in _OPENINGS:
            left = left.rpartition(opening)[2]
        return left.strip(" ,;"), sign
    fields = [name for name in statement.asserted() if getattr(statement, name) == formula]
    return (rf"\text{{{fields[0].replace('_', ' ')}}}" if fields else ""), "="
