"""Execution of one unit of work: a (claim, witness) pair, pure and keyed."""

from __future__ import annotations

import importlib
import math
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from ..derivations.errors import CrossproofError, UsageError, WitnessError
from .effort import effort
from .evidence import Evidence, Finding, Kind, Outcome
from .independence import code_of
from .mutants import claim_named
from .witness import Task, witness_named

_PACKAGES = {
    Kind.ALGEBRA: ("sympy", "python-flint", "z3-solver"),
    Kind.DETERMINISTIC: ("numpy", "scipy", "mpmath", "python-flint"),
    Kind.MONTE_CARLO: ("torch", "numpy", "scipy"),
}


@dataclass(frozen=True)
class Unit:
    """What a worker needs in order to run one witness on one claim, or on a mutant ``<claim>#<number>``."""

    claim_id: str
    witness: str
    effort: str
    seed: int
    device: str
    level: float


@cache
def versions(kind: Kind) -> dict[str, str]:
    """Return the versions of what a witness of this kind computes with."""
    found = {"python": platform.python_version()}
    for package in ("crossproof", *_PACKAGES[kind]):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def load_catalog(modules: Sequence[str] = ()) -> None:
    """Register the claims of the catalog and of the user.

    Parameters
    ----------
    modules : sequence of str
        Names of importable modules, names of TOML files, or the text of such files; see
        :mod:`crossproof.derivations.text_claims`.

    Raises
    ------
    UsageError
        If one cannot be imported or read; whatever a module raises, it is named.
    ClaimError
        If a claim is malformed.
    """
    from ..derivations import catalog  # noqa: F401
    from ..derivations.text_claims import is_text, load

    for name in modules:
        if is_text(name):
            load(name)
            continue
        try:
            importlib.import_module(name)
        except CrossproofError:
            raise
        except (Exception, SystemExit) as error:
            hint = "; give the module's name without .py" if name.endswith(".py") else ""
            raise UsageError(f"cannot import {name!r}: {type(error).__name__}: {error}{hint}") from error


def limit_seconds(unit: Unit) -> float:
    """Return the hard time limit of a unit."""
    sizes = effort(unit.effort)
    return sizes.algebra_seconds if witness_named(unit.witness).kind is Kind.ALGEBRA else 15 * sizes.algebra_seconds


def run_unit(unit: Unit) -> Evidence:
    """Run one witness on one claim; its own errors end as undecided evidence that carries the message."""
    claim, found = claim_named(unit.claim_id), witness_named(unit.witness)
    task = Task(claim, effort(unit.effort), unit.seed, unit.device, unit.level, unit.witness)
    start = time.perf_counter()
    try:
        finding = _checked(found.examine(task.claim.statement, task), unit)
    except CrossproofError as error:
        finding = Finding(Outcome.UNDECIDED, f"{type(error).__name__}: {error}")
    except MemoryError:
        finding = Finding(Outcome.UNDECIDED, "stopped at its memory limit: the system refused an allocation")
    except Exception as error:  # a defect of the witness must not lose the rest of the run
        finding = Finding(Outcome.UNDECIDED, f"the witness failed with {type(error).__name__}: {error}")
    return evidence_of(unit, finding, time.perf_counter() - start)


def evidence_of(unit: Unit, finding: Finding, seconds: float) -> Evidence:
    """Wrap a finding into evidence."""
    found = witness_named(unit.witness)
    seed = unit.seed if found.kind is Kind.MONTE_CARLO else None
    code = code_of(found, claim_named(unit.claim_id).statement)
    return Evidence(found.name, found.kind, found.starts_from, finding, seed, versions(found.kind), seconds, code)


def _checked(finding: Finding, unit: Unit) -> Finding:
    """Return `finding` if it keeps the rules of the four outcomes, else raise WitnessError."""
    if not isinstance(finding, Finding):
        raise WitnessError(f"witness {unit.witness!r} returned {type(finding).__name__}; it must return a Finding")
    for name in ("resolution", "effect", "level"):
        value = getattr(finding, name)
        if value is not None and math.isnan(value):
            raise WitnessError(f"witness {unit.witness!r} returned {name} = NaN on {unit.claim_id}")
    if finding.outcome is Outcome.REFUTED and finding.counterexample is None:
        raise WitnessError(f"witness {unit.witness!r} refutes {unit.claim_id} without a counterexample")
    if finding.outcome is Outcome.CONFIRMED and finding.resolution is None:
        raise WitnessError(f"witness {unit.witness!r} confirms {unit.claim_id} without a resolution")
    kind = witness_named(unit.witness).kind
    if finding.outcome is Outcome.PROVED and kind is Kind.MONTE_CARLO:
        raise WitnessError(f"witness {unit.witness!r} claims a proof by sampling on {unit.claim_id}")
    return finding
