"""``crossproof selftest``: every witness on one claim of known outcome, which tells whether the installation works."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .messages import fail, printable, warn
from .selftest_cases import CASES

if TYPE_CHECKING:
    from ..checks.evidence import Evidence
    from ..checks.runs.unit import Unit

EFFORT, SEED, DEVICE = "quick", 0, "cpu"


def run(workers: int | None = None, cases: Mapping[str, tuple[str, str]] = CASES) -> int:
    """Try every witness, print what is not as it should be, and return 0 if all is well, else 1.

    Parameters
    ----------
    workers : int, optional
        Processes; all cores by default.
    cases : mapping
        Claim and expected outcome by witness.
    """
    from ..checks.runs.runner import run_units
    from ..checks.runs.unit import versions
    from .progress import steps

    start = time.monotonic()
    with steps() as show:
        units = units_of(cases)
        found = run_units(units, workers=workers, progress=_counted(len(units), show), warn=warn)
    problems = [text for unit in units if (text := problem(unit, found[unit], cases[unit.witness][1]))]
    for text in problems:
        fail(text)
    used = {name: number for evidence in found.values() for name, number in versions(evidence.kind).items()}
    print(", ".join(f"{name} {number}" for name, number in sorted(used.items())))
    good = len(units) - len(problems)
    print(
        f"{good} of {len(units)} witnesses found what they should, in {time.monotonic() - start:.0f} s: "
        f"this installation {'does not work' if problems else 'works'}"
    )
    return int(bool(problems))


def units_of(cases: Mapping[str, tuple[str, str]]) -> list[Unit]:
    """Return the examinations of the self-test, the longest kinds first."""
    from ..checks.runs.unit import Unit, home, load_catalog
    from ..checks.witness import unit_level, witness_named
    from ..derivations.claim import CLAIMS

    load_catalog()
    return [
        Unit(id, name, EFFORT, SEED, DEVICE, unit_level(CLAIMS[id], witness_named(name)), module=home(CLAIMS[id]))
        for name, (id, _) in cases.items()
    ]


def problem(unit: Unit, evidence: Evidence, expected: str) -> str:
    """Return what is wrong with a piece of evidence; empty where it is as expected."""
    finding = evidence.finding
    if finding.fault is None and finding.outcome == expected:
        return ""
    said = printable(finding.detail)
    return f"{unit.witness} on {unit.claim_id}: {finding.outcome} instead of {expected}: {said}"


def _counted(total: int, show: Callable[[int, int, str], None]) -> Callable[[Unit, Evidence], None]:
    done = 0

    def advance(unit: Unit, evidence: Evidence) -> None:
        nonlocal done
        done += 1
        show(done, total, unit.witness)

    return advance
