"""Execution of one unit of work: a (claim, witness) pair, pure and keyed."""

from __future__ import annotations

import contextlib
import importlib
import math
import numbers
import pickle
import platform
import reprlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ...derivations.claim import CLAIMS, Claim, check_repairs, register
from ...derivations.errors import ClaimError, CrossproofError, WitnessError
from ...derivations.text import files as claim_files
from ..effort import effort
from ..evidence import Counterexample, Evidence, Fault, Finding, Kind, Outcome
from ..judgement.findings import undecided
from ..meaning.written_forms import as_written
from ..mutants.mutants import MARK, claim_named
from ..sources.independence import code_of
from ..sources.sources import PACKAGE
from ..witness import Task, Witness, witness_named
from . import claim_modules

_PACKAGES = {
    Kind.ALGEBRA: ("sympy", "python-flint", "z3-solver"),
    Kind.DETERMINISTIC: ("numpy", "scipy", "mpmath", "python-flint"),
    Kind.MONTE_CARLO: ("torch", "numpy", "scipy"),
}

#: What a witness says of a claim with an outcome that needs a point.
_AT_A_POINT = {Outcome.REFUTED: "refutes", Outcome.UNDEFINED: "finds no meaning in"}
#: Texts of a gap that is no number; `oo` is one where a side diverges.
_NO_GAP = ("nan", "zoo", "inf", "-inf")


@dataclass(frozen=True)
class Unit:
    """What a worker needs in order to run one witness on one claim, or on a mutant ``<claim>#<number>``."""

    claim_id: str
    witness: str
    effort: str
    seed: int
    device: str
    level: float
    #: The pickled claim, where no worker loads it by itself.
    stated: bytes | None = field(default=None, repr=False)
    #: The module of the catalog that states the claim, so that a worker imports no more than that.
    module: str = field(default="", compare=False, repr=False)


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


def load_catalog(modules: Sequence[str] = (), *, strict: bool = True, handed_on: bool = False) -> None:
    """Register the claims of the catalog and of the user.

    Parameters
    ----------
    modules : sequence of str
        Names of importable modules, names of TOML files, or the text of such files; see
        :mod:`crossproof.checks.runs.claim_modules` and :mod:`crossproof.derivations.text.files`.
    strict : bool
        Whether a malformed claim is an error; if not, the others are registered and :func:`refused` names it.
    handed_on : bool
        Whether this is a worker: texts come from a process that has loaded them, in the form of
        :func:`crossproof.derivations.text.files.handed_on`. Their claims and those of the catalog are made when a unit
        asks for them; before a module, which may use any of the catalog's, all are.

    Raises
    ------
    UsageError
        If one cannot be imported or read; whatever a module raises, it is named.
    ClaimError
        If `strict` and a claim is malformed.
    """
    texts = [name for name in modules if handed_on and name.startswith("{")]  # no TOML begins so
    if not handed_on or len(texts) < len(modules):
        _whole_catalog()
    for name in modules:
        if name in texts:
            claim_files.expect(name)
        else:
            (claim_files if claim_files.is_text(name) else claim_modules).load(name, strict=strict)


def _whole_catalog() -> None:
    from ...derivations.catalog import whole  # noqa: F401


def home(claim: Claim) -> str:
    """Return the module of the catalog that states a claim; empty for any other claim."""
    return claim.module if claim.module.startswith(f"{PACKAGE}.derivations.catalog.") else ""


def provide(unit: Unit) -> None:
    """Register the claim of a unit where this process has not done so; ClaimError if it cannot be read."""
    name = unit.claim_id.partition(MARK)[0]
    if unit.stated is not None:
        register(pickle.loads(unit.stated))
    if unit.module:
        importlib.import_module(unit.module)
    claim_files.provide(name)
    if name not in CLAIMS:
        _whole_catalog()


def refused(modules: Sequence[str]) -> list[str]:
    """Return why claims of `modules` were refused when they were loaded, and which repair a claim that is not there."""
    found = [
        problem
        for name in modules
        for problem in (claim_files if claim_files.is_text(name) else claim_modules).refused(name)
    ]
    try:
        check_repairs(CLAIMS)
    except ClaimError as error:
        found.append(str(error))
    return found


def limit_seconds(unit: Unit) -> float:
    """Return the hard limit of a unit, in seconds of CPU time."""
    if MARK in unit.claim_id:  # one unit is registered with the first mutant
        with contextlib.suppress(ClaimError):
            claim_named(unit.claim_id)
    sizes = effort(unit.effort)
    return sizes.algebra_seconds if witness_named(unit.witness).kind is Kind.ALGEBRA else 15 * sizes.algebra_seconds


def run_unit(unit: Unit) -> Evidence:
    """Run one witness on one claim; its own errors end as undecided evidence that carries the message."""
    found = witness_named(unit.witness)
    try:
        provide(unit)
        claim = claim_named(unit.claim_id)
    except ClaimError as error:  # the run could read it, this process could not, at the limit of the time for that
        reason = f"the witness failed with ClaimError: {error}; nothing was decided by it"
        finding = undecided(reason, Fault.FAILED)
        return Evidence(found.name, found.kind, found.starts_from, finding, None, versions(found.kind), 0.0, ())
    task = Task(claim, effort(unit.effort), unit.seed, unit.device, unit.level, unit.witness)
    start = time.perf_counter()
    try:
        found.applies(claim.statement)  # where this raises, `witnesses_for` has left it to be told here
        finding = as_written(checked_finding(found.examine(task.claim.statement, task), found, unit.claim_id), claim)
    except CrossproofError as error:
        finding = undecided(f"{type(error).__name__}: {error}")
    except MemoryError:
        finding = undecided("stopped at its memory limit: the system refused an allocation", Fault.STOPPED)
    except Exception as error:  # a user's witness may raise anything, and the rest of the run must go on
        place = _place(error, found.examine.__module__)
        text = f"the witness failed with {type(error).__name__}: {error}{place}; nothing was decided by it"
        finding = undecided(text, Fault.FAILED)
    made = tuple(f"{engine}, {count} {of}" for (engine, of), count in task.simulated.items())
    return evidence_of(unit, finding, time.perf_counter() - start, made)


def evidence_of(unit: Unit, finding: Finding, seconds: float, simulations: tuple[str, ...] = ()) -> Evidence:
    """Wrap a finding into evidence."""
    found = witness_named(unit.witness)
    seed = unit.seed if found.kind is Kind.MONTE_CARLO else None
    code = code_of(found, claim_named(unit.claim_id).statement)
    used = versions(found.kind)
    return Evidence(found.name, found.kind, found.starts_from, finding, seed, used, seconds, code, simulations)


def _place(error: Exception, module: str) -> str:
    """Return the last line of the witness's own file that `error` came through, as far as that is known."""
    place, trace = "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == module:
            place = f" ({Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return place


def checked_finding(finding: object, found: Witness, claim_id: str) -> Finding:
    """Return what a witness returned if it keeps the rules of the outcomes.

    Parameters
    ----------
    finding : object
        What was returned.
    found : Witness
        Which witness; the error names it.
    claim_id : str
        On which claim.

    Raises
    ------
    WitnessError
        If it is no Finding of finite numbers and texts, or its outcome lacks what makes it one.
    """
    who = f"witness {found.name!r}"
    if not isinstance(finding, Finding):
        raise WitnessError(
            f"{who} returned {reprlib.repr(finding)} of type {type(finding).__name__}; it must return a Finding"
        )
    if not (isinstance(finding.outcome, Outcome) and isinstance(finding.detail, str)):
        raise WitnessError(
            f"{who} returned outcome={finding.outcome!r} with detail={finding.detail!r} on {claim_id}; "
            "give a member of Outcome and a text"
        )
    if not isinstance(finding.quantity, str):
        raise WitnessError(f"{who} returned quantity={finding.quantity!r} on {claim_id}; give a text")
    for name in ("resolution", "effect", "level"):
        value = getattr(finding, name)
        if value is not None and not isinstance(value, numbers.Real):
            raise WitnessError(f"{who} returned {name}={value!r} on {claim_id}; give a float or None")
        if value is not None and not math.isfinite(value):
            shown = "NaN" if math.isnan(value) else value
            raise WitnessError(f"{who} returned {name} = {shown} on {claim_id}; leave the claim undecided instead")
    example = finding.counterexample
    if finding.outcome in _AT_A_POINT and example is None:
        said = _AT_A_POINT[finding.outcome]
        raise WitnessError(f"{who} {said} {claim_id} without a counterexample; give the point at which it fails")
    if example is not None and not _is_text(example):
        raise WitnessError(f"{who} returned {example!r} on {claim_id}; give a Counterexample with texts in it")
    if example is not None and example.gap.strip().lower() in _NO_GAP:
        raise WitnessError(f"{who} refutes {claim_id} by a gap of {example.gap}; that is no difference")
    if finding.outcome is Outcome.CONFIRMED and not _positive(finding.resolution):
        raise WitnessError(
            f"{who} confirms {claim_id} without a resolution that says something (it is {finding.resolution}); "
            "give the relative deviation that would have been caught"
        )
    if finding.certified and (finding.outcome is not Outcome.REFUTED or found.kind is Kind.MONTE_CARLO):
        raise WitnessError(
            f"{who} returned certified=True on {claim_id}; only an exact value or a ball certifies a refutation"
        )
    if finding.outcome is Outcome.PROVED and found.kind is Kind.MONTE_CARLO:
        raise WitnessError(f"{who} claims a proof by sampling on {claim_id}; confirm within a resolution instead")
    return finding


def _positive(resolution: float | None) -> bool:
    return resolution is not None and 0 < resolution < math.inf


def _is_text(example: Counterexample) -> bool:
    if not isinstance(example, Counterexample) or not isinstance(example.point, Mapping):
        return False
    shown = (*example.point, *example.point.values(), example.stated, example.found, example.gap)
    return all(isinstance(text, str) for text in shown)
