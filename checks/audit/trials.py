"""Runs chains of witnesses on claims and on their mutants: each chain goes on until a witness has settled it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...derivations.claim import Claim
from ..evidence import Evidence, Fault, Kind, Outcome, Verdict, combine
from ..mutants.mutants import Mutant, claim_named
from ..runs.reuse import run_stored
from ..runs.runner import run_units
from ..runs.unit import Unit, home
from ..sources.keys import Keys
from ..store.store import Store
from ..witness import Witness, unit_level, witness_named, witnesses_for
from .equivalence import SAME, UNDEFINED

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Trials:
    """How units are run.

    Parameters
    ----------
    effort, seed, device, workers, modules
        As in :func:`crossproof.checks.runs.verify.verify_claims`.
    progress : callable
        Called with (done, total, what is being done).
    """

    effort: str
    seed: int
    device: str
    workers: int | None
    modules: tuple[str, ...]
    progress: Progress

    def verdicts(self, claims: Sequence[Claim], store: Store | None) -> dict[str, Verdict]:
        """Return the verdict on every claim, by id; all witnesses speak."""
        pairs = [(c.id, w.name) for c in claims for w in witnesses_for(c)]
        found = self._run(pairs, "claims", store)
        return {c.id: combine(c, [e for (id, _), e in found.items() if id == c.id]) for c in claims}

    def chase(self, chains: Mapping[str, Sequence[str]], store: Store | None) -> dict[str, list[Evidence]]:
        """Return the evidence on each mutant from its chain of units, up to the first that settles it.

        Where nothing did and a unit was stopped at its limit, it is run again with more effort: whether a witness is
        blind must not depend on the speed of the machine.
        """
        found: dict[str, list[Evidence]] = {id: [] for id in chains}
        step = 0
        while going := {id: names[step] for id, names in chains.items() if len(names) > step and _open(found[id])}:
            answers = self._run(going.items(), f"mutants, step {step + 1}", store)
            for (id, _), evidence in answers.items():
                found[id].append(evidence)
            step += 1
        late = [
            (id, e.witness)
            for id, said in found.items()
            if _open(said)
            for e in said
            if e.finding.fault is Fault.STOPPED
        ]
        more = replace(self, effort="thorough")
        for (id, name), evidence in (more._run(late, "mutants, with more time", store) if late else {}).items():
            found[id] = [evidence if e.witness == name else e for e in found[id]]
        return found

    def _run(self, pairs: Iterable[tuple[str, str]], what: str, store: Store | None) -> dict[tuple[str, str], Evidence]:
        """Run (claim or mutant, witness) pairs; units of one claim stay together, so that workers build it once."""
        units = [
            Unit(
                id, name, self.effort, self.seed, self.device, unit_level(made, witness_named(name)), module=home(made)
            )
            for id, name in pairs
            for made in [claim_named(id)]
        ]
        done = 0

        def advance(unit: Unit, evidence: Evidence) -> None:
            nonlocal done
            done += 1
            self.progress(done, len(units), what)

        def run(wanted: Sequence[Unit], report: Callable[[Unit, Evidence], None]) -> dict[Unit, Evidence]:
            return run_units(wanted, workers=self.workers, modules=self.modules, progress=report)

        results = run(units, advance) if store is None else run_stored(units, store, Keys().unit, run, advance)
        return {(u.claim_id, u.witness): results[u] for u in units}


def chain(mutant: Mutant, original: Verdict, kinds: Sequence[Kind]) -> list[str]:
    """Return what is run on a mutant, in order: exact before sampled, and cheap before costly within a kind.

    Witnesses that could not decide the original come last, for they seldom notice a change. Mutants that algebra and
    deterministic numerics leave standing are compared with their original (:data:`SAME`) before anything is sampled:
    a counterexample costs less than a search for a proof that there is none. An object mutant asserts what its original
    asserts, so there is nothing to compare.

    Parameters
    ----------
    mutant : Mutant
        One that can be stated.
    original : Verdict
        On its original, with the time that each witness took.
    kinds : sequence of Kind
        Kinds of witness that may kill.
    """
    assert mutant.claim is not None
    known = {e.witness: e for e in original.evidence}
    order = list(Kind)

    def decides(found: Witness) -> bool:
        return found.name not in known or known[found.name].finding.outcome is not Outcome.UNDECIDED

    def cost(found: Witness) -> tuple[int, float]:
        return order.index(found.kind), known[found.name].seconds if found.name in known else 0.0

    every = sorted((w for w in witnesses_for(mutant.claim) if w.kind in kinds), key=cost)
    first = [w for w in every if decides(w)]
    return [
        *(w.name for w in first if w.kind is not Kind.MONTE_CARLO),
        *(() if mutant.about else (SAME,)),
        *(w.name for w in first if w.kind is Kind.MONTE_CARLO),
        *(w.name for w in every if not decides(w)),
    ]


def killer(found: Sequence[Evidence]) -> Evidence | None:
    """Return the evidence that refutes a mutant, or None."""
    return next((e for e in found if e.finding.outcome is Outcome.REFUTED), None)


def same(found: Sequence[Evidence]) -> Evidence | None:
    """Return the evidence that a mutant asserts what its original asserts, or None."""
    return next((e for e in found if e.witness == SAME and e.finding.outcome is Outcome.PROVED), None)


def undefined(found: Sequence[Evidence]) -> Evidence | None:
    """Return the evidence that a mutant has no value somewhere on the domain, or None."""
    return next((e for e in found if e.witness == SAME and e.finding.detail.startswith(UNDEFINED)), None)


def _open(found: Sequence[Evidence]) -> bool:
    return not (killer(found) or same(found) or undefined(found))
