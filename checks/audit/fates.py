"""What became of the mutants of an audit: killed, survived, equivalent or invalid, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..evidence import Evidence, Kind, Outcome
from ..mutants.mutants import Mutant
from .equivalence import SAME
from .trials import killer, same, undefined


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

    def to_json(self) -> dict[str, Any]:
        """Return plain data (JSON types only)."""
        return {
            "key": self.mutant.key,
            "number": self.mutant.number,
            "fate": str(self.fate),
            "kind": None if self.kind is None else str(self.kind),
            "note": self.note,
            "seconds": round(self.seconds, 2),
        }


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
    objects : tuple of Result
        One an object mutant that was looked at: those of a claim up to the first that a witness refutes.
    sample : int or None
        Number of mutants drawn, or None for all.
    effort, seed, device, seconds
        Facts about the run.
    """

    results: tuple[Result, ...]
    audited: tuple[str, ...]
    exact: frozenset[str]
    left_out: tuple[str, ...]
    objects: tuple[Result, ...]
    sample: int | None
    effort: str
    seed: int
    device: str
    seconds: float

    @property
    def survivors(self) -> tuple[Result, ...]:
        """Mutants that no witness noticed."""
        return tuple(r for r in self.results if r.fate is Fate.SURVIVED)

    @property
    def disturbed(self) -> frozenset[str]:
        """Ids of the claims that a witness refutes when what they are about is changed."""
        return frozenset(r.mutant.original for r in self.objects if r.fate is Fate.KILLED)

    @property
    def undisturbed(self) -> tuple[str, ...]:
        """Ids of the claims that no change of what they are about disturbs, in the order of the catalog."""
        return tuple(id for id in dict.fromkeys(r.mutant.original for r in self.objects) if id not in self.disturbed)

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
            "mutants": [r.to_json() for r in self.results],
            "objects": [r.to_json() for r in self.objects],
        }


def result_of(mutant: Mutant, found: Sequence[Evidence]) -> Result:
    """Return the fate of a mutant on which `found` was said."""
    seconds = sum(e.seconds for e in found)
    if mutant.claim is None:
        return Result(mutant, Fate.INVALID, None, mutant.refusal, seconds)
    if (by := killer(found)) is not None:
        return Result(mutant, Fate.KILLED, by.kind, by.witness, seconds)
    if (by := same(found)) is not None:
        return Result(mutant, Fate.EQUIVALENT, None, by.finding.detail, seconds)
    if (by := undefined(found)) is not None:
        return Result(mutant, Fate.INVALID, None, by.finding.detail, seconds)
    lost = next((e for e in found if e.finding.outcome is Outcome.UNDEFINED), None) if mutant.about else None
    if lost is not None:
        return Result(mutant, Fate.INVALID, None, lost.finding.detail, seconds)
    said = "; ".join(f"{e.witness}: {e.finding.outcome} ({e.finding.detail})" for e in found if e.witness != SAME)
    return Result(mutant, Fate.SURVIVED, None, said or "no witness", seconds)
