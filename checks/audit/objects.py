"""Object mutants: a claim that holds whatever it is about says nothing about it."""

from __future__ import annotations

from collections.abc import Mapping

from ..evidence import Kind, Verdict
from ..mutants.mutants import Mutant, object_mutants
from ..store.store import Store
from .fates import Fate, Result, result_of
from .trials import Trials, chain


def disturb(run: Trials, holding: Mapping[str, Verdict], kept: Store | None) -> tuple[Result, ...]:
    """Return the object mutants that were looked at, each with its fate, up to one that a witness refutes.

    Few are looked at first, for most claims fall with the first change, and twice as many in each further round.

    Parameters
    ----------
    run : Trials
        How units are run.
    holding : mapping of str to Verdict
        Claims that hold, by id.
    kept : Store, optional
        Evidence on mutants from earlier runs.
    """
    waiting = {id: object_mutants(verdict.claim) for id, verdict in holding.items()}
    found: dict[str, list[Result]] = {id: [] for id in holding}
    size = 1
    while waiting := {id: left for id, left in waiting.items() if left}:
        now = {id: left[:size] for id, left in waiting.items()}
        drawn: list[Mutant] = [m for part in now.values() for m in part]
        chains = {m.id: chain(m, holding[m.original], tuple(Kind)) for m in drawn if m.claim is not None}
        evidence = run.chase(chains, kept)
        for m in drawn:
            found[m.original].append(result_of(m, evidence.get(m.id, [])))
        waiting = {id: left[size:] for id, left in waiting.items() if all(r.fate is not Fate.KILLED for r in found[id])}
        size *= 2
    return tuple(r for results in found.values() for r in results)
