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
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..derivations.claim import CLAIMS, Claim
from ..derivations.errors import UsageError
from .effort import effort as effort_named
from .equivalence import SAME, UNDEFINED
from .evidence import Evidence, Kind, Outcome
from .mutants import Mutant, mutants
from .runner import run_units
from .selection import select
from .unit import Unit, load_catalog
from .verify import DEFAULT_SEED, resolve_device
from .witness import Witness, unit_level, witnesses_for

Progress = Callable[[int, int, str], None]


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"
    REFUSED = "refused"


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
        The killing witness, or why the mutant was refused, or what the witnesses said of a survivor.
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
        Ids among them that an algebra witness examines.
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
) -> Audit:
    """Mutate the selected claims that hold, and run their witnesses on the mutants.

    A mutant meets its witnesses one by one, algebra first, until one refutes it. Mutants that algebra leaves standing
    are compared with their original by exact algebra before anything is computed or sampled.

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
    run = _Rounds(effort, seed, on, workers, tuple(modules), progress)
    if sample is None:
        examined = chosen
        drawn = [m for c in chosen for m in mutants(c)]
    else:
        # a claim that another one repairs does not hold, so no draw is spent on it
        repaired = {c.repairs for c in CLAIMS.values()}
        drawn = _spread([m for c in chosen if c.id not in repaired for m in mutants(c)], sample, seed)
        examined = [c for c in chosen if c.id in {m.original for m in drawn}]
    holding = _holding(examined, run)
    drawn = [m for m in drawn if m.original in holding]
    results = _fates(drawn, run, tuple(kinds))
    return Audit(
        tuple(results),
        tuple(c.id for c in examined if c.id in holding),
        frozenset(c.id for c in examined if c.id in holding and _by_kind(c, (Kind.ALGEBRA,))),
        tuple(c.id for c in examined if c.id not in holding),
        sample,
        effort,
        seed,
        on,
        time.monotonic() - start,
    )


@dataclass(frozen=True)
class _Rounds:
    """Runs one witness of every subject in a round, and asks after each round who goes on."""

    effort: str
    seed: int
    device: str
    workers: int | None
    modules: tuple[str, ...]
    progress: Progress

    def until(
        self, subjects: Mapping[str, Sequence[str]], stop: Callable[[Evidence], bool], what: str
    ) -> dict[str, list[Evidence]]:
        """Return the evidence on each subject from its witnesses in order, up to the first that satisfies `stop`."""
        found: dict[str, list[Evidence]] = {id: [] for id in subjects}
        going = {id: list(names) for id, names in subjects.items() if names}
        level = unit_level()
        while going:
            units = [Unit(id, names[0], self.effort, self.seed, self.device, level) for id, names in going.items()]
            done = 0

            def advance(unit: Unit, evidence: Evidence, total: int = len(units)) -> None:
                nonlocal done
                done += 1
                self.progress(done, total, what)

            evidence = run_units(units, workers=self.workers, modules=self.modules, progress=advance)
            for unit in units:
                found[unit.claim_id].append(evidence[unit])
            going = {id: names[1:] for id, names in going.items() if len(names) > 1 and not stop(found[id][-1])}
        return found


def _by_kind(claim: Claim, kinds: Sequence[Kind]) -> list[Witness]:
    order = {kind: rank for rank, kind in enumerate(Kind)}
    return sorted((w for w in witnesses_for(claim) if w.kind in kinds), key=lambda w: order[w.kind])


def _holding(chosen: Sequence[Claim], run: _Rounds) -> set[str]:
    """Return the ids of the claims that their most exact answering witness proves or confirms."""
    subjects = {c.id: [w.name for w in _by_kind(c, tuple(Kind))] for c in chosen}
    answers = run.until(subjects, lambda e: e.finding.outcome is not Outcome.UNDECIDED, "originals")
    good = (Outcome.PROVED, Outcome.CONFIRMED)
    return {id for id, found in answers.items() if found and found[-1].finding.outcome in good}


def _spread(every: Sequence[Mutant], sample: int, seed: int) -> list[Mutant]:
    """Return one mutant drawn from each of `sample` equal stretches of the list."""
    draw = random.Random(seed)
    size = min(sample, len(every))
    edges = [len(every) * k // size for k in range(size + 1)] if size else [0]
    return [every[draw.randrange(a, b)] for a, b in itertools.pairwise(edges)]


def _fates(drawn: Sequence[Mutant], run: _Rounds, kinds: tuple[Kind, ...]) -> list[Result]:
    stated = {m.id: m for m in drawn if m.claim is not None}
    evidence: dict[str, list[Evidence]] = {id: [] for id in stated}

    def refuted(e: Evidence) -> bool:
        return e.finding.outcome is Outcome.REFUTED

    def chase(names: Callable[[Mutant], list[str]], what: str) -> None:
        alive = {id: names(m) for id, m in stated.items() if _standing(evidence[id])}
        for id, found in run.until(alive, refuted, what).items():
            evidence[id] += found

    def of(*wanted: Kind) -> Callable[[Mutant], list[str]]:
        allowed = [k for k in wanted if k in kinds]
        return lambda m: [w.name for w in _by_kind(m.claim, allowed)] if m.claim else []

    chase(of(Kind.ALGEBRA), "mutants, algebra")
    chase(lambda m: [SAME], "equivalence")
    chase(of(Kind.DETERMINISTIC), "mutants, numerics")
    chase(of(Kind.MONTE_CARLO), "mutants, Monte Carlo")
    return [_result(m, evidence.get(m.id, [])) for m in drawn]


def _standing(found: Sequence[Evidence]) -> bool:
    """Return whether a mutant is neither killed nor shown to be equivalent nor undefined."""
    return not any(
        e.finding.outcome is Outcome.REFUTED
        or (e.witness == SAME and (e.finding.outcome is Outcome.PROVED or e.finding.detail.startswith(UNDEFINED)))
        for e in found
    )


def _result(mutant: Mutant, found: Sequence[Evidence]) -> Result:
    seconds = sum(e.seconds for e in found)
    if mutant.claim is None:
        return Result(mutant, Fate.REFUSED, None, mutant.refusal, seconds)
    killer = next((e for e in found if e.finding.outcome is Outcome.REFUTED), None)
    if killer is not None:
        return Result(mutant, Fate.KILLED, killer.kind, killer.witness, seconds)
    same = next((e for e in found if e.witness == SAME), None)
    if same is not None and same.finding.outcome is Outcome.PROVED:
        return Result(mutant, Fate.EQUIVALENT, None, same.finding.detail, seconds)
    if same is not None and same.finding.detail.startswith(UNDEFINED):
        return Result(mutant, Fate.REFUSED, None, same.finding.detail, seconds)
    said = "; ".join(f"{e.witness}: {e.finding.outcome} ({e.finding.detail})" for e in found if e.witness != SAME)
    return Result(mutant, Fate.SURVIVED, None, said or "no witness", seconds)
