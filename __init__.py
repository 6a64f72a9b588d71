"""Symbolic-numeric verification of published derivations: proof, rigorous numerics and Monte Carlo in one verdict.

>>> import crossproof as cp
>>> verdict = cp.verify("004.gbm.log")  # doctest: +SKIP
>>> cp.formula("004.conj-i.1").latex  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .checks.conformance.check_witness import Example
    from .checks.evidence import Verdict
    from .checks.runs.verify import Run
    from .checks.witness import Witness
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
    from .derivations.processes.sde import SDE
    from .derivations.ranges import Above, AtLeast, Between, Integers, Positive, Real
    from .derivations.symbols import dimension, positive, real
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
    "check_witness",
    "claim",
    "dimension",
    "formula",
    "load_catalog",
    "positive",
    "real",
    "verify",
    "verify_all",
]

_HOMES = {
    "claim": ("CLAIMS", "Claim", "Source", "claim"),
    "domain": ("Domain",),
    "errors": tuple(name for name in __all__ if name.endswith("Error")),
    "ranges": ("Above", "AtLeast", "Between", "Integers", "Positive", "Real"),
    "processes.sde": ("SDE",),
    "symbols": ("dimension", "positive", "real"),
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that the command line starts without SymPy."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f".derivations.{module}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_catalog(*modules: str) -> None:
    """Register the catalog and the claims of the given importable modules in :data:`CLAIMS`."""
    from .checks.runs.unit import load_catalog as load

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
    from dataclasses import replace

    from .checks.runs.verify import verify_one
    from .reports.formats.terminal import verdict_lines

    verdict = verify_one(claim, **options)
    return replace(verdict, text="\n".join(verdict_lines(verdict)))


def verify_all(*selectors: str, **options: Any) -> Run:
    """Verify all claims that the selectors name (the whole catalog without any); options as in :func:`verify`."""
    from .checks.runs.verify import verify_claims

    return verify_claims(selectors, **options)


def check_witness(witness: str | Witness, examples: Sequence[Example], **options: Any) -> None:
    """Check that a witness keeps the rules of every witness; see
    :func:`crossproof.checks.conformance.check_witness.check_witness`.

    Raises
    ------
    WitnessError
        If it breaks one; the message names all that it breaks.
    """
    from .checks.conformance.check_witness import check_witness as check

    check(witness, examples, **options)


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
    from .derivations.claim import CLAIMS
    from .numerics.formula import formula_of

    load_catalog()
    chosen = select([claim], CLAIMS)[0] if isinstance(claim, str) else claim
    return formula_of(chosen.id, chosen.statement.formula(), chosen.domain)
