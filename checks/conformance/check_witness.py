"""A conformance suite for witnesses, the project's own and a third party's.

After the manner of scikit-learn's ``check_estimator``::

    import crossproof as cp
    cp.check_witness("my witness", [cp.Example(right, wrong=(variant,), deviation=0.5)])
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sympy.core.relational import Relational

from ...derivations.claim import Claim
from ...derivations.errors import WitnessError
from ...derivations.statements.extrema import CriticalPoints, GlobalMaximum, LocalExtrema
from ..effort import Effort
from ..effort import effort as effort_named
from ..evidence import Finding, Kind, Outcome
from ..witness import Witness, witness_named
from .global_state import other_generators
from .undefined_variants import undefined_variants
from .watched_run import Watched, watch

#: Level of the runs, and of those that may spend less.
LEVEL, SMALLER_LEVEL = 1e-9, 1e-12
#: State of the global generators in the second run.
_OTHER = 20_041


@dataclass(frozen=True)
class Example:
    """A claim that holds, and wrong variants of it.

    Parameters
    ----------
    claim : Claim
        A true claim to which the witness applies.
    wrong : tuple of Claim
        The same with a false assertion.
    deviation : float
        Smallest relative deviation of the wrong ones: a confirmation at a coarser resolution is no fault.
    """

    claim: Claim
    wrong: tuple[Claim, ...] = ()
    deviation: float = 0.05


@dataclass(frozen=True)
class Breach:
    """A rule that a witness broke: its name, the claim on which, and what happened."""

    rule: str
    claim: str
    what: str

    def __str__(self) -> str:
        """Return the breach on one line."""
        return f"{self.rule} ({self.claim}): {self.what}"


def check_witness(
    found: str | Witness,
    examples: Sequence[Example],
    *,
    only_proves: bool = False,
    effort: str = "quick",
    seed: int = 0,
    device: str = "cpu",
) -> None:
    """Check that a witness keeps the rules of every witness on the examples; see :func:`breaches`.

    Parameters
    ----------
    found : str or Witness
        A registered witness, or its name.
    examples : sequence of Example
        Claims of known truth, small enough that each takes seconds.
    only_proves : bool
        Whether the witness leaves wrong claims undecided by its nature, as one that looks for a common normal form.
    effort, seed, device
        As in :func:`crossproof.verify`.

    Raises
    ------
    WitnessError
        If a rule is broken; the message names the witness and every breach.
    """
    examined = witness_named(found) if isinstance(found, str) else found
    broken = breaches(examined, examples, only_proves=only_proves, effort=effort, seed=seed, device=device)
    if broken:
        raise WitnessError(f"witness {examined.name!r} breaks {len(broken)} rules: " + "; ".join(map(str, broken)))


def breaches(
    found: Witness,
    examples: Sequence[Example],
    *,
    only_proves: bool = False,
    effort: str = "quick",
    seed: int = 0,
    device: str = "cpu",
) -> tuple[Breach, ...]:
    """Return the rules that a witness breaks.

    1. *applies*: it speaks to every example.
    2. *finding*: it returns a Finding of finite numbers and texts, and raises only errors of the project.
    3. *repeatable*: the same seed gives the same finding, whatever the state of the global generators.
    4. *level*: its level is at most the task's, and a smaller one refutes nothing that was undecided.
    5. *effort*: sizes come from the effort's fields, never from its name; what estimates by samples reads one.
    6. *device*: what samples reads the task's device.
    7. *limits*: it ends within its CPU time.
    8. *truth*: it refutes no right claim, supports no wrong one finer than its deviation, and refutes one, unless it
       `only_proves`.
    9. *assertion*: it reads the asserted field, and what it finds at a point does not depend on it, unless the
       assertion is itself the inequality that was evaluated.
    10. *undefined*: it supports no formula that has no real value.
    11. *state*: global state is as it was, and nothing is printed.
    """
    sizes = effort_named(effort)
    suite = _Suite(found, sizes, seed, device)
    broken: list[Breach] = []
    refuted = False
    for example in examples:
        if not (isinstance(example.claim.statement, found.statement) and found.applies(example.claim.statement)):
            broken.append(Breach("applies", example.claim.id, "it does not speak to this claim"))
            continue
        seen = [suite.run(variant) for variant in example.wrong]
        broken += suite.right(example.claim)
        broken += suite.wrong(example, seen)
        broken += suite.undefined(example.claim)
        refuted = refuted or any(s.finding.outcome is Outcome.REFUTED for s in seen)
    if any(example.wrong for example in examples) and not refuted and not only_proves:
        broken.append(Breach("truth", "all examples", "no wrong variant is refuted"))
    return tuple(dict.fromkeys(broken))


@dataclass(frozen=True)
class _Suite:
    found: Witness
    sizes: Effort
    seed: int
    device: str

    def run(self, claim: Claim, level: float = LEVEL, sizes: Effort | None = None) -> Watched:
        given = self.sizes if sizes is None else sizes
        return watch(self.found, claim, given, seed=self.seed, device=self.device, level=level)

    def right(self, claim: Claim) -> Iterator[Breach]:
        first = self.run(claim)
        yield from self.manners(claim, first, LEVEL)
        if first.finding.outcome is Outcome.REFUTED:
            yield Breach("truth", claim.id, f"a right claim is refuted: {first.finding.counterexample}")
        asserted = set(claim.statement.asserted())
        if asserted and first.finding.outcome is not Outcome.UNDECIDED and not first.read & asserted:
            yield Breach("assertion", claim.id, "it reaches an outcome without reading an asserted field")
        with other_generators(_OTHER):
            again = self.run(claim)
        if again.finding != first.finding:
            yield Breach("repeatable", claim.id, f"{_short(first.finding)}, then {_short(again.finding)}")
        yield from self.frugal(claim)

    def frugal(self, claim: Claim) -> Iterator[Breach]:
        """Run with a smaller level and an effort of another name and smaller sizes."""
        small = replace(self.sizes, name="a tenth", samples=max(self.sizes.samples // 10, 500), points=2, looks=2)
        seen = self.run(claim, SMALLER_LEVEL, small)
        yield from self.manners(claim, seen, SMALLER_LEVEL)
        if seen.finding.outcome is Outcome.REFUTED:
            yield Breach("level", claim.id, "less effort and a smaller level refute a right claim")

    def manners(self, claim: Claim, seen: Watched, level: float) -> Iterator[Breach]:
        """Yield the breaches that show in any single run."""
        if seen.raised:
            yield Breach("limits" if "CPU time" in seen.raised else "finding", claim.id, f"it raises {seen.raised}")
            return
        if seen.seconds > seen.limit:
            yield Breach("limits", claim.id, f"{seen.seconds:.1f} s of CPU time, and its limit is {seen.limit:g}")
        if seen.finding.level is not None and seen.finding.level > level * (1 + 1e-9):
            yield Breach("level", claim.id, f"its level is {seen.finding.level:.2g}, the task's {level:.2g}")
        if "effort.name" in seen.read:
            yield Breach("effort", claim.id, "it reads the effort's name")
        if self.found.kind is Kind.MONTE_CARLO:
            decided = seen.finding.outcome in (Outcome.CONFIRMED, Outcome.REFUTED)
            # without a level it compared values that are exact for given draws
            estimated = decided and seen.finding.level is not None
            if estimated and not seen.read & {f"effort.{name}" for name in ("points", "samples", "looks")}:
                yield Breach("effort", claim.id, "it samples without reading a size of the effort")
            if decided and "task.device" not in seen.read:
                yield Breach("device", claim.id, "it samples without reading the task's device")
        for name in seen.changed:
            yield Breach("state", claim.id, f"{name}: not as it was")
        if seen.printed:
            yield Breach("state", claim.id, f"it prints {seen.printed[:60]!r}")

    def wrong(self, example: Example, seen: Sequence[Watched]) -> Iterator[Breach]:
        computed: dict[tuple[str, ...], tuple[int, str]] = {}
        for number, (claim, one) in enumerate(zip(example.wrong, seen, strict=True)):
            name = f"{claim.id}, wrong variant {number}"
            yield from (replace(b, claim=name) for b in self.manners(claim, one, LEVEL))
            finding = one.finding
            coarse = finding.resolution is not None and finding.resolution >= example.deviation
            if finding.outcome is Outcome.PROVED or (finding.outcome is Outcome.CONFIRMED and not coarse):
                yield Breach("truth", name, f"a wrong claim is {_short(finding)}")
            sampled = self.found.kind is Kind.MONTE_CARLO
            if finding.outcome is Outcome.UNDECIDED and sampled and self._refutes_at_less(claim):
                yield Breach("level", name, "undecided, and refuted at a smaller level")
            shown = finding.counterexample
            if finding.outcome is not Outcome.REFUTED or shown is None or sampled or _is_evaluated_itself(claim):
                continue
            found = shown.found.split("+-")[0]  # the accuracy may follow what has to be told apart
            what = found.split("=")[0] if "=" in found else ""
            place = (*map(str, shown.point.items()), what, finding.quantity)
            first, value = computed.setdefault(place, (number, found))
            if value != found:
                said = f"{value!r} for variant {first} and {found!r} for this one"
                yield Breach("assertion", name, f"at {dict(shown.point)} it finds {said}")

    def _refutes_at_less(self, claim: Claim) -> bool:
        return self.run(claim, SMALLER_LEVEL).finding.outcome is Outcome.REFUTED

    def undefined(self, claim: Claim) -> Iterator[Breach]:
        for words, variant in undefined_variants(claim):
            seen = self.run(variant)
            if seen.finding.outcome in (Outcome.PROVED, Outcome.CONFIRMED):
                yield Breach("undefined", claim.id, f"{words}: {_short(seen.finding)}")
            for name in seen.changed:
                yield Breach("state", claim.id, f"{name}: not as it was, after {words}")


def _is_evaluated_itself(claim: Claim) -> bool:
    """Return whether what is found belongs to the assertion: it is a relation, pairs of expressions, or a place."""
    if isinstance(claim.statement, CriticalPoints | LocalExtrema | GlobalMaximum):
        return True
    asserted = [getattr(claim.statement, name) for name in claim.statement.asserted()]
    pairs = [a for a in asserted if isinstance(a, tuple) and a and isinstance(a[0], tuple)]
    return bool(pairs) or any(isinstance(a, Relational) for a in asserted)


def _short(finding: Finding) -> str:
    resolution = "" if finding.resolution is None else f" within {finding.resolution:.3g}"
    return f"{finding.outcome}{resolution}"
