"""A campaign: generated claims go through the witnesses in batches, and every wrong verdict is kept."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from crossproof.checks.evidence import Kind, Outcome, Verdict, combine
from crossproof.checks.runs.runner import run_units
from crossproof.checks.runs.unit import Unit, load_catalog
from crossproof.checks.witness import unit_level, witnesses_for
from crossproof.derivations.claim import CLAIMS
from crossproof.derivations.text import files as claim_files

from . import calculus, identities, inequalities, laws, transforms, undefined
from .case import Case, Truth

#: Claims that one set of worker processes examines.
BATCH = 200

Generator = Callable[[random.Random], Case]
#: What is generated, by the name of the kind: generator and weight.
KINDS: dict[str, tuple[tuple[Generator, int], ...]] = {
    "identities": ((identities.true, 5), (identities.false, 5), (undefined.identity, 1)),
    "inequalities": ((inequalities.true, 5), (inequalities.false, 5), (undefined.inequality, 1)),
    "calculus": ((calculus.true, 5), (calculus.false, 5), (calculus.undefined, 2)),
    "transforms": ((transforms.true, 1), (transforms.false, 1)),
    "laws": ((laws.true, 1), (laws.false, 1)),
}
#: Share of each kind in a campaign over all of them; the last two draw samples, which takes seconds a claim.
SHARES = {"identities": 10, "inequalities": 10, "calculus": 4, "transforms": 2, "laws": 2}


@dataclass(frozen=True)
class Judged:
    """A generated claim with its verdict; `verdict` is None where the claim was refused as text."""

    id: str
    case: Case
    verdict: Verdict | None

    @property
    def outcome(self) -> str:
        """The outcome, ``contradiction`` or ``refused``."""
        if self.verdict is None:
            return "refused"
        return "contradiction" if self.verdict.contradiction else str(self.verdict.outcome)

    @property
    def seconds(self) -> float:
        """What the witnesses took."""
        return sum(e.seconds for e in self.verdict.evidence) if self.verdict else 0.0

    @property
    def decided(self) -> bool:
        """Whether the verdict is the right one and not undecided."""
        wanted = {
            Truth.TRUE: ("proved", "confirmed"),
            Truth.FALSE: ("refuted",),
            Truth.UNDEFINED: ("undefined",),
        }
        return self.outcome in wanted[self.case.truth]

    @property
    def within_resolution(self) -> bool:
        """Whether a false claim is confirmed at a stated resolution that is coarser than its deviation."""
        deviation = self.case.deviation
        if self.outcome != "confirmed" or self.case.truth is not Truth.FALSE or deviation is None:
            return False
        assert self.verdict is not None
        return self.verdict.resolution is not None and self.verdict.resolution > deviation

    @property
    def wrong(self) -> bool:
        """Whether the verdict is one that no input may have; no scan confirms an inequality, not even a true one."""
        if self.outcome == "confirmed" and self.case.kind == "inequality":
            return True
        if self.outcome in ("undecided", "refused") or self.decided or self.within_resolution:
            return False
        return not (self.outcome == "undefined" and self.case.partial)


@dataclass
class Table:
    """Counts of outcomes by kind and truth, and the claims that were judged wrongly."""

    counts: dict[tuple[str, Truth], Counter[str]] = field(default_factory=dict)
    seconds: Counter[tuple[str, Truth]] = field(default_factory=Counter)
    wrong: list[Judged] = field(default_factory=list)
    within: list[Judged] = field(default_factory=list)

    def add(self, kind: str, judged: Judged) -> None:
        """Count one claim."""
        row = (kind, judged.case.truth)
        count = self.counts.setdefault(row, Counter())
        count[judged.outcome] += 1
        count["decided"] += judged.decided
        self.seconds[row] += judged.seconds  # type: ignore[assignment]
        if judged.wrong:
            self.wrong.append(judged)
        if judged.within_resolution:
            self.within.append(judged)

    def lines(self) -> Iterator[str]:
        """Yield the table as text."""
        names = [*map(str, Outcome), "contradiction", "refused"]
        yield f"{'kind':13}{'truth':10}" + "".join(f"{name:>14}" for name in names) + f"{'decided':>10}{'CPU s':>9}"
        for row, count in sorted(self.counts.items()):
            total = sum(count[name] for name in names) - count["refused"]
            share = f"{100 * count['decided'] / total:.1f} %" if total else "-"
            shown = "".join(f"{count[name]:14}" for name in names)
            yield f"{row[0]:13}{row[1]:10}{shown}{share:>10}{self.seconds[row]:9.1f}"


def generate(kind: str, count: int, seed: int) -> list[Case]:
    """Return `count` claims of one kind; the same for the same seed."""
    rng = random.Random(f"{seed}|{kind}")
    makers, weights = zip(*KINDS[kind], strict=True)
    return [make(rng) for make in rng.choices(makers, weights, k=count)]


def numbers(count: int, kinds: Sequence[str]) -> dict[str, int]:
    """Return how many of `count` claims are of each kind."""
    total = sum(SHARES[kind] for kind in kinds)
    return {kind: max(1, round(count * SHARES[kind] / total)) for kind in kinds}


def judge(
    cases: Sequence[Case],
    name: str,
    *,
    effort: str,
    seed: int,
    workers: int | None,
    sampling: bool = True,
    device: str = "cpu",
) -> Iterator[Judged]:
    """Yield every claim with its verdict; `name` becomes part of the ids, and without `sampling` nothing is drawn."""
    load_catalog()
    for start in range(0, len(cases), BATCH):
        batch = {f"generated.{name}-{start + k}": case for k, case in enumerate(cases[start : start + BATCH])}
        text = "\n".join(case.toml(id) for id, case in batch.items())
        claim_files.load(text, strict=False)
        units = {
            id: [
                Unit(id, w.name, effort, seed, device, unit_level(CLAIMS[id], w))
                for w in witnesses_for(CLAIMS[id])
                if sampling or w.kind is not Kind.MONTE_CARLO
            ]
            for id in batch
            if id in CLAIMS
        }
        evidence = run_units([u for each in units.values() for u in each], workers=workers, modules=(text,))
        for id, case in batch.items():
            verdict = combine(CLAIMS[id], [evidence[u] for u in units[id]]) if id in units else None
            yield Judged(id, case, verdict)


def described(judged: Judged) -> str:
    """Return a claim that was judged wrongly in a few lines: what it says, its truth, and what each witness said."""
    case, verdict = judged.case, judged.verdict
    lines = [f"{judged.id} is {case.truth} and {judged.outcome}: {dict(case.fields)}"]
    lines.append(f"    domain {dict(case.domain)}; {case.why}")
    if case.point:
        lines.append(f"    point { ({n: str(v) for n, v in case.point.items()}) }; deviation {case.deviation}")
    for e in verdict.evidence if verdict else ():
        if e.finding.outcome is not Outcome.UNDECIDED:
            shown = e.finding.counterexample
            at = f" at {dict(shown.point)}, gap {shown.gap}" if shown else ""
            lines.append(f"    {e.witness}: {e.finding.outcome} (resolution {e.finding.resolution}){at}")
    return "\n".join(lines)
