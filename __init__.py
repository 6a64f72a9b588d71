"""Symbolic-numeric verification of published derivations: proof, rigorous numerics and Monte Carlo in one verdict.

>>> import crossproof as cp
>>> verdict = cp.verify("004.gbm.log")  # doctest: +SKIP
>>> cp.formula("004.conj-i.1").latex  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .derivations.claim import CLAIMS, Claim, Source, claim
from .derivations.domain import Domain
from .derivations.errors import (
    ClaimError,
    CrossproofError,
    DomainError,
    NumericsError,
    PrintingError,
    SelectionError,
    UsageError,
    WitnessError,
)
from .derivations.ranges import Above, AtLeast, Between, Integers, Positive, Real
from .derivations.sde import SDE
from .derivations.symbols import dimension, positive, real

if TYPE_CHECKING:
    from .checks.evidence import Verdict
    from .checks.verify import Run
    from .numerics.formula import Formula

__all__ = [
    "CLAIMS",
    "SDE",
    "Above",
    "AtLeast",
    "Between",
    "Claim",
    "ClaimError",
    "CrossproofError",
    "Domain",
    "DomainError",
    "Integers",
    "NumericsError",
    "Positive",
    "PrintingError",
    "Real",
    "SelectionError",
    "Source",
    "UsageError",
    "WitnessError",
    "claim",
    "dimension",
    "formula",
    "load_catalog",
    "positive",
    "real",
    "verify",
    "verify_all",
]


def load_catalog(*modules: str) -> None:
    """Register the catalog and the claims of the given importable modules in :data:`CLAIMS`."""
    from .checks.unit import load_catalog as load

    load(modules)


def verify(claim: str | Claim, **options: Any) -> Verdict:
    """Verify one claim with every witness that can speak to it and return the verdict.

    Parameters
    ----------
    claim : str or Claim
        Id of a registered claim, or the claim.
    **options
        ``effort`` ("quick", "default", "thorough"), ``device`` ("auto", "cpu", "cuda"), ``seed`` (int >= 0),
        ``workers`` (int >= 1), ``modules`` (names of importable modules with further claims).

    Raises
    ------
    SelectionError
        If no claim has that id; the message suggests the nearest.
    UsageError
        If an option is outside its range.
    """
    from .checks.verify import verify_one

    return verify_one(claim, **options)


def verify_all(*selectors: str, **options: Any) -> Run:
    """Verify all claims that the selectors name (the whole catalog without any); options as in :func:`verify`."""
    from .checks.verify import verify_claims

    return verify_claims(selectors, **options)


def formula(claim: str | Claim) -> Formula:
    """Return the closed form that a claim asserts: expression, LaTeX, signature, NumPy and torch functions.

    Raises
    ------
    SelectionError
        If no claim has that id.
    PrintingError
        If the claim asserts no scalar closed form.
    """
    from .checks.selection import select
    from .numerics.formula import formula_of

    load_catalog()
    chosen = claim if isinstance(claim, Claim) else select([claim], CLAIMS)[0]
    return formula_of(chosen.id, chosen.statement.formula(), chosen.domain)
