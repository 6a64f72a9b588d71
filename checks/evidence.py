"""Findings of witnesses, evidence, and the verdict that combines them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..derivations.claim import Claim

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


class Outcome(StrEnum):
    """The outcomes of a verdict: four judgements, and `UNDEFINED` for a statement without meaning on its whole domain.

    An undefined statement is neither right nor wrong as it stands: at some exact point of its domain a side has no
    real value (:mod:`crossproof.checks.judgement.definedness`). It accuses nobody and never counts as a pass.
    """

    PROVED = "proved"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNDEFINED = "undefined"
    UNDECIDED = "undecided"


class Kind(StrEnum):
    """Kinds of witness; whether two witnesses share code is recorded apart (:attr:`Verdict.independent`)."""

    ALGEBRA = "algebra"
    DETERMINISTIC = "deterministic numerics"
    MONTE_CARLO = "Monte Carlo"


class Fault(StrEnum):
    """What ended the work of a witness from outside, so that another run might find more."""

    STOPPED = "stopped"
    FAILED = "failed"
    UNDONE = "undone"


@dataclass(frozen=True)
class Counterexample:
    """A point inside the stated domain at which the assertion fails.

    Parameters
    ----------
    point : mapping of str to str
        Exact values of the parameters, as text.
    stated, found : str
        What the claim asserts there, and what the witness found.
    gap : str
        The certified or measured difference.
    """

    point: Mapping[str, str]
    stated: str
    found: str
    gap: str


@dataclass(frozen=True)
class Finding:
    """What one witness says of one claim.

    Parameters
    ----------
    outcome : Outcome
        The witness's own answer.
    detail : str
        One or two sentences: what was computed and what came out.
    resolution : float, optional
        For a confirmation: the smallest relative deviation that would have been caught.
    effect : float, optional
        For a refutation: size of the relative deviation.
    level : float, optional
        Probability of a false refutation by this witness (None for exact arguments).
    counterexample : Counterexample, optional
        Needed for a refutation, and for a statement without meaning at a point.
    certified : bool
        For a refutation: the gap is exact or enclosed by a ball that excludes 0.
    quantity : str
        What was compared; empty where it is the assertion itself.
    fault : Fault, optional
        For no answer: that the witness was stopped, failed with an error of its own, or was left undone by the run.
    """

    outcome: Outcome
    detail: str
    resolution: float | None = None
    effect: float | None = None
    level: float | None = None
    counterexample: Counterexample | None = None
    certified: bool = False
    quantity: str = ""
    fault: Fault | None = None


_CODES: dict[tuple[str, ...], tuple[str, ...]] = {}


def shared_code(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first tuple with these names: most evidence of a run is found by few witnesses."""
    return _CODES.setdefault(names, names)


@dataclass(frozen=True)
class Evidence:
    """A finding with what a sceptic needs in order to produce it again.

    `starts_from` is what the witness takes as given, and `code` names the functions and classes that it computes
    with (:func:`crossproof.checks.sources.independence.code_of`). `simulations` names, for each way in which
    paths or samples were drawn, the backend, device, dtype, scheme or method, steps, and number of paths or samples.
    """

    witness: str
    kind: Kind
    starts_from: str
    finding: Finding
    seed: int | None
    versions: Mapping[str, str]
    seconds: float
    code: tuple[str, ...] = ()
    simulations: tuple[str, ...] = ()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, code=shared_code(state["code"]))

    def to_json(self) -> dict[str, Any]:
        """Return plain data (JSON types only)."""
        return {
            "witness": self.witness,
            "kind": str(self.kind),
            "starts_from": self.starts_from,
            "code": list(self.code),
            "simulations": list(self.simulations),
            **vars(self.finding),
            "outcome": str(self.finding.outcome),
            "counterexample": asdict(example) if (example := self.finding.counterexample) else None,
            "seed": self.seed,
            "versions": dict(self.versions),
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True)
class Verdict:
    """The outcome of one claim with all its evidence."""

    claim: Claim
    outcome: Outcome
    evidence: tuple[Evidence, ...]
    contradiction: tuple[str, str] | None = None
    run: Mapping[str, Any] = field(default_factory=dict)
    text: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        """Return the lines that the public face attached, or id and outcome."""
        return self.text or f"{self.claim.id}: {self.outcome}"

    @property
    def resolution(self) -> float | None:
        """Finest resolution at which a witness confirmed the claim; None unless the outcome is `confirmed`."""
        if self.outcome is not Outcome.CONFIRMED:
            return None
        found = [e.finding.resolution for e in self.evidence if e.finding.resolution is not None]
        return min(found, default=None)

    @property
    def counterexample(self) -> Counterexample | None:
        """The first counterexample, from the most exact witness."""
        shown = Outcome.UNDEFINED if self.outcome is Outcome.UNDEFINED else Outcome.REFUTED
        order = {kind: rank for rank, kind in enumerate(Kind)}
        for e in sorted(self.evidence, key=lambda e: (not e.finding.certified, order[e.kind])):
            if e.finding.outcome is shown:
                return e.finding.counterexample
        return None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Kinds of the witnesses that reached an answer, without repetition."""
        return tuple(
            k for k in Kind if any(e.kind is k and e.finding.outcome is not Outcome.UNDECIDED for e in self.evidence)
        )

    @property
    def supporting(self) -> tuple[Evidence, ...]:
        """Evidence of the witnesses that reached an answer on the verdict's side; all answers where it is undecided."""
        sides = {
            Outcome.REFUTED: (Outcome.REFUTED,),
            Outcome.PROVED: (Outcome.PROVED, Outcome.CONFIRMED),
            Outcome.CONFIRMED: (Outcome.PROVED, Outcome.CONFIRMED),
            Outcome.UNDEFINED: (Outcome.UNDEFINED,),
            Outcome.UNDECIDED: (Outcome.REFUTED, Outcome.PROVED, Outcome.CONFIRMED),
        }
        return tuple(e for e in self.evidence if e.finding.outcome in sides[self.outcome])

    @property
    def independent(self) -> int:
        """Number of supporting witnesses, where those that share code beyond library primitives count as one."""
        return len(independent(self.supporting))

    @property
    def accuses(self) -> bool:
        """Whether the verdict says that the document is wrong: refuted, under a reading that it states."""
        return self.outcome is Outcome.REFUTED and self.claim.stated

    def to_json(self) -> dict[str, Any]:
        """Return plain data (JSON types only)."""
        counterexample = self.counterexample
        return {
            "id": self.claim.id,
            "document": self.claim.document,
            "place": self.claim.source.place,
            "title": self.claim.title,
            "reading": self.claim.reading,
            "stated": self.claim.stated,
            "outcome": str(self.outcome),
            "repairs": self.claim.repairs,
            "resolution": self.resolution,
            "independent": self.independent,
            "contradiction": list(self.contradiction) if self.contradiction else None,
            "evidence": [e.to_json() for e in self.evidence],
            "counterexample": asdict(counterexample) if counterexample else None,
        }


def independent(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return a largest choice of `evidence` no two of which share code; evidence without recorded code shares all."""
    for size in range(len(evidence), 1, -1):
        for chosen in itertools.combinations(evidence, size):
            if not any(shared(a, b) or not (a.code and b.code) for a, b in itertools.combinations(chosen, 2)):
                return chosen
    return tuple(evidence[:1])


def shared(first: Evidence, second: Evidence) -> tuple[str, ...]:
    """Return the names of the code that both pieces of evidence rest on, sorted."""
    return tuple(sorted(set(first.code) & set(second.code)))


def combine(claim: Claim, evidence: Sequence[Evidence]) -> Verdict:
    """Combine the evidence on one claim into a verdict, whatever the order in which it arrived.

    A certified counterexample outranks everything but a proof, with which it is a contradiction. A point at which the
    statement has no meaning outranks proofs and samples, which then speak of the rest of the domain. A refutation
    that is not certified contradicts a proof, and a confirmation of the same quantity that would have caught an
    effect of its size; else it stands. A proof outranks a confirmation. A contradiction means that some witness is
    wrong, and the run must fail.
    """
    ordered = tuple(sorted(evidence, key=lambda e: (list(Kind).index(e.kind), e.witness)))
    by = {o: [e for e in ordered if e.finding.outcome is o] for o in Outcome}
    pairs = itertools.product(by[Outcome.REFUTED], by[Outcome.PROVED] + by[Outcome.CONFIRMED])
    clashes = ((r.witness, s.witness) for r, s in pairs if contradict(r.finding, s.finding))
    certified = any(e.finding.certified for e in by[Outcome.REFUTED])
    meaningless = bool(by[Outcome.UNDEFINED]) and not certified
    contradiction = None if meaningless else next(clashes, None)
    outcome = Outcome.UNDECIDED
    ranks = (Outcome.REFUTED, Outcome.UNDEFINED, Outcome.PROVED, Outcome.CONFIRMED)
    for candidate in ranks[meaningless:]:
        if by[candidate]:
            outcome = candidate
            break
    return Verdict(claim, Outcome.UNDECIDED if contradiction else outcome, ordered, contradiction)


def contradict(refutation: Finding, support: Finding) -> bool:
    """Return whether a refutation and a proof or confirmation cannot both be right."""
    if support.outcome is Outcome.PROVED:
        return True
    if refutation.certified:
        return False
    if refutation.quantity and support.quantity and refutation.quantity != support.quantity:
        return False
    return refutation.effect is None or support.resolution is None or refutation.effect >= support.resolution
