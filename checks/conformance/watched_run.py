"""One run of a witness, watched: what it found, what it read of its task, and what it left behind."""

from __future__ import annotations

import contextlib
import io
import time
from dataclasses import dataclass, fields, replace
from typing import Any

from ...derivations.claim import Claim
from ...derivations.errors import CrossproofError, WitnessError
from ..effort import Effort
from ..evidence import Finding, Kind
from ..judgement.findings import undecided
from ..judgement.rungs import TimeUp, interrupted_after
from ..runs.unit import checked_finding
from ..witness import Task, Witness
from .global_state import changes_of_state, global_state

#: How much of its limit of CPU time a unit other than algebra may take, as in :func:`.unit.limit_seconds`.
_LIMITS = {Kind.ALGEBRA: 1.0, Kind.DETERMINISTIC: 15.0, Kind.MONTE_CARLO: 15.0}


@dataclass(frozen=True)
class Watched:
    """What was seen of one run.

    Parameters
    ----------
    finding : Finding
        What was returned; undecided where an error of the project was raised, as in a run.
    raised : str
        Any other exception, and what breaks the rules of findings, as text; empty when there was none.
    read : frozenset of str
        Fields of the statement, and ``task.<name>`` and ``effort.<name>``, that the witness read.
    changed : tuple of str
        Global state that was left changed.
    printed : str
        What was written to the standard streams.
    seconds : float
        CPU time.
    limit : float
        What it might have taken.
    """

    finding: Finding
    raised: str
    read: frozenset[str]
    changed: tuple[str, ...]
    printed: str
    seconds: float
    limit: float


def watch(found: Witness, claim: Claim, effort: Effort, *, seed: int, device: str, level: float) -> Watched:
    """Run `found` on `claim` in this process and return what was seen."""
    read: set[str] = set()
    statement = _recorded(claim.statement, read, "")
    sizes = _recorded(effort, read, "effort.")
    task = _recorded(Task(replace(claim, statement=statement), sizes, seed, device, level, found.name), read, "task.")
    read.clear()  # a claim looks at its statement when it is made
    printed = io.StringIO()
    before, raised, finding = global_state(), "", undecided("the witness was stopped")
    limit = _LIMITS[found.kind] * effort.algebra_seconds
    start = time.process_time()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), interrupted_after(limit):
            finding = checked_finding(found.examine(statement, task), found, claim.id)
    except WitnessError as error:  # what a run tells of a finding that breaks the rules
        raised = f"{type(error).__name__}: {error}"
    except CrossproofError as error:
        finding = undecided(f"{type(error).__name__}: {error}")
    except TimeUp:
        raised = f"more than {limit:g} seconds of CPU time"
    except Exception as error:
        raised = f"{type(error).__name__}: {error}"
    seconds = time.process_time() - start
    changed = tuple(changes_of_state(before, global_state()))
    return Watched(finding, raised, frozenset(read), changed, printed.getvalue(), seconds, limit)


def _recorded(record: Any, read: set[str], prefix: str) -> Any:
    """Return a copy of a frozen dataclass that notes which of its fields are read."""
    names = {f.name for f in fields(record)}
    kind: Any = type(record)

    def noting(self: Any, name: str) -> Any:
        if name in names:
            read.add(prefix + name)
        return kind.__getattribute__(self, name)

    body = {"__getattribute__": noting, "__module__": kind.__module__, "__qualname__": kind.__qualname__}
    copied: Any = object.__new__(type(kind.__name__, (kind,), body))
    for name, value in vars(record).items():
        object.__setattr__(copied, name, value)
    return copied
