"""Who checks the checker: every witness is shown slightly wrong forms of the claims that it supports.

A mutant is killed when a witness refutes it. One that survives all its witnesses, and was not shown to assert the
same as its original, is a blind spot.
"""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..derivations.claim import CLAIMS
from ..derivations.errors import UsageError
from .effort import effort as effort_named
from .equivalence import SAME
from .evidence import Evidence, Kind, Outcome
from .mutants import Mutant, mutants
from .selection import select
from .store import Store
from .trials import Progress, Trials, chain, killer, same, undefined
from .unit import load_catalog
from .verify import DEFAULT_SEED, resolve_device

#: Name of the file of evidence on mutants, beside the one on claims.
STORE = "audit.sqlite"


class Fate(StrEnum):
    """What became of a mutant.

    Invalid is one that nobody could state: its shapes do not fit, or its formula has no real value somewhere on the
    domain. Equivalent is one that asserts what its original asserts. Neither says anything about the witnesses.
    """

    KILLED = "killed"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"
    INVALID = "invalid"


@dataclass(frozen=True)
class Result:
    """One mutant and what became of it.

    Parameters
    ----------
    mutant : Mutant
        The slightly wrong claim.
    fate : Fate
        What became of it.
    kind : Kind or None
        Kind of the witness that killed it.
    note : str
        The killing witness, or why the mutant is invalid, or what the witnesses said of a survivor.
    seconds : float
        Time spent on it.
    """

    mutant: Mutant
    fate: Fate
    kind: Kind | None
    note: str
    seconds: float


@dataclass(frozen=True)
class Audit:
    """An audit: the mutants of every claim that holds.

    Parameters
    ----------
    results : tuple of Result
        One a mutant, in the order of the catalog.
    audited : tuple of str
        Ids of the claims that hold and were mutated, those without mutants included.
    exact : frozenset of str
        Ids among them that a witness proves, on the whole domain.
    left_out : tuple of str
        Ids of claims that do not hold, which are not mutated.
    sample : int or None
        Number of mutants drawn, or None for all.
    effort, seed, device, seconds
        Facts about the run.
    """

    results: tuple[Result, ...]
    audited: tuple[str, ...]
    exact: frozenset[str]
    left_out: tuple[str, ...]
    sample: int | None
    effort: str
    seed: int
    device: str
    seconds: float

    @property
    def survivors(self) -> tuple[Result, ...]:
        """Mutants that no witness noticed."""
        return tuple(r for r in self.results if r.fate is Fate.SURVIVED)

    def count(self, fate: Fate) -> int:
        """Return the number of mutants with this fate."""
        return sum(r.fate is fate for r in self.results)

    def killed_by(self) -> Counter[Kind]:
        """Return the number of mutants that each kind of witness killed."""
        return Counter(r.kind for r in self.results if r.kind is not None)

    def rate(self, claims: Sequence[str] | frozenset[str] | None = None) -> float | None:
        """Return killed / (killed + survived) over `claims` (all by default), or None when nothing could be killed."""
        fates = Counter(r.fate for r in self.results if claims is None or r.mutant.original in claims)
        differing = fates[Fate.KILLED] + fates[Fate.SURVIVED]
        return fates[Fate.KILLED] / differing if differing else None

    def to_json(self) -> dict[str, Any]:
        """Return plain data, version 1."""
        rows: dict[str, dict[str, Any]] = {}
        for id in self.audited:
            own = [r for r in self.results if r.mutant.original == id]
            rows[id] = {
                "mutants": len(own),
                **{str(f): sum(r.fate is f for r in own) for f in Fate},
                "killed_by": {str(k): sum(r.kind is k for r in own) for k in Kind},
                "rate": self.rate([id]),
                "exact_witness": id in self.exact,
                "seconds": round(sum(r.seconds for r in own), 1),
            }
        return {
            "version": 1,
            "run": {
                "effort": self.effort,
                "seed": self.seed,
                "device": self.device,
                "sample": self.sample,
                "seconds": round(self.seconds, 1),
            },
            "claims": rows,
            "left_out": list(self.left_out),
            "mutants": [
                {
                    "key": r.mutant.key,
                    "number": r.mutant.number,
                    "fate": str(r.fate),
                    "kind": None if r.kind is None else str(r.kind),
                    "note": r.note,
                    "seconds": round(r.seconds, 2),
                }
                for r in self.results
            ],
        }


def audit_claims(
    selectors: Sequence[str] = (),
    *,
    effort: str = "default",
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    sample: int | None = None,
    device: str = "auto",
    kinds: Sequence[Kind] = tuple(Kind),
    modules: Sequence[str] = (),
    outcomes: Mapping[str, str] | None = None,
    progress: Progress = lambda done, total, what: None,
    store: Path | None = None,
    warn: Callable[[str], None] = lambda message: None,
) -> Audit:
    """Mutate the selected claims that hold, and run their witnesses on the mutants.

    A mutant meets its witnesses one by one, exact ones first, until one refutes it; see
    :func:`crossproof.checks.trials.chain`.

    Parameters
    ----------
    selectors : sequence of str
        As in :func:`crossproof.checks.selection.select`; empty for the whole catalog.
    effort, seed, workers, device, modules, outcomes
        As in :func:`crossproof.checks.verify.verify_claims`.
    sample : int, optional
        Draw this many mutants, spread evenly over all of them, by `seed` alone; those of claims that turn out not to
        hold are left out.
    kinds : sequence of Kind
        Kinds of witness that may kill; all by default. Restricting them measures one kind alone.
    progress : callable
        Called with (done, total, what is being done).
    store : Path, optional
        File of evidence on claims from earlier runs. Evidence on mutants is kept in a file of its own beside it, so
        that an interrupted audit goes on where it stopped, and a repeated one runs only what changed.
    warn : callable
        Called with a message when a file of evidence cannot be used.

    Raises
    ------
    SelectionError, UsageError
        If an argument is outside its range.
    """
    if sample is not None and (isinstance(sample, bool) or sample < 1):
        raise UsageError(f"sample is {sample!r}; give an integer >= 1")
    effort_named(effort)
    load_catalog(modules)
    chosen = select(selectors, CLAIMS, dict(outcomes) if outcomes is not None else None)
    on = resolve_device(device)
    start = time.monotonic()
    run = Trials(effort, seed, on, workers, tuple(modules), progress)
    if sample is None:
        examined = chosen
        drawn = [m for c in chosen for m in mutants(c)]
    else:
        # a claim that another one repairs does not hold, so no draw is spent on it
        repaired = {c.repairs for c in CLAIMS.values()}
        drawn = _spread([m for c in chosen if c.id not in repaired for m in mutants(c)], sample, seed)
        examined = [c for c in chosen if c.id in {m.original for m in drawn}]
    with _opened(store, warn) as kept:
        verdicts = run.verdicts(examined, kept)
    holding = {id: v for id, v in verdicts.items() if v.outcome in (Outcome.PROVED, Outcome.CONFIRMED)}
    drawn = [m for m in drawn if m.original in holding]
    chains = {m.id: chain(m, holding[m.original], kinds) for m in drawn if m.claim is not None}
    with _opened(None if store is None else store.with_name(STORE), warn) as kept:
        evidence = run.chase(chains, kept)
    return Audit(
        tuple(_result(m, evidence.get(m.id, [])) for m in drawn),
        tuple(holding),
        frozenset(id for id, v in holding.items() if v.outcome is Outcome.PROVED),
        tuple(c.id for c in examined if c.id not in holding),
        sample,
        effort,
        seed,
        on,
        time.monotonic() - start,
    )


def _opened(path: Path | None, warn: Callable[[str], None]) -> AbstractContextManager[Store | None]:
    return nullcontext() if path is None else Store(path, warn)


def _spread(every: Sequence[Mutant], sample: int, seed: int) -> list[Mutant]:
    """Return one mutant drawn from each of `sample` equal stretches of the list."""
    draw = random.Random(seed)
    size = min(sample, len(every))
    edges = [len(every) * k // size for k in range(size + 1)] if size else [0]
    return [every[draw.randrange(a, b)] for a, b in itertools.pairwise(edges)]


def _result(mutant: Mutant, found: Sequence[Evidence]) -> Result:
    seconds = sum(e.seconds for e in found)
    if mutant.claim is None:
        return Result(mutant, Fate.INVALID, None, mutant.refusal, seconds)
    if (by := killer(found)) is not None:
        return Result(mutant, Fate.KILLED, by.kind, by.witness, seconds)
    if (by := same(found)) is not None:
        return Result(mutant, Fate.EQUIVALENT, None, by.finding.detail, seconds)
    if (by := undefined(found)) is not None:
        return Result(mutant, Fate.INVALID, None, by.finding.detail, seconds)
    said = "; ".join(f"{e.witness}: {e.finding.outcome} ({e.finding.detail})" for e in found if e.witness != SAME)
    return Result(mutant, Fate.SURVIVED, None, said or "no witness", seconds)
