"""Samples from first principles judge a generated function at points of its claim's domain that nobody chose.

Hypothesis draws the point and the seed. The witness that samples what the claim is about examines the claim at that
point with the function in place of its formula, and once more with a wrong function, which the same samples must
reject: where they do not, they say nothing of the right one either, and the point does not count.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...derivations.claim import Claim
from ...derivations.domain import Point
from ...derivations.errors import SelectionError, UsageError
from ...derivations.statements.modes import DEPTH
from ...derivations.statements.networks import MatrixIdentity
from ..evidence import Finding, Outcome
from ..judgement.findings import as_text
from ..strategies import points
from ..witness import witness_named
from .at_point import LEVEL, WRONG, changed, finding_at, unchanged
from .checks import FunctionCheck, function_checks, functions, judged_statement

#: Largest index in a range, of a depth and of the size of a matrix: numbers stay below about 10.
_LARGEST, _DEEPEST, _WIDEST = 12, 3, 3


@dataclass(frozen=True)
class Look:
    """What the samples say at one point of the function, and of the wrong one."""

    point: str
    seed: int
    right: Finding
    wrong: Finding

    @property
    def told(self) -> bool:
        """Whether the samples tell the function from the wrong one here."""
        return self.wrong.outcome is Outcome.REFUTED

    def __str__(self) -> str:
        """Return the point and what was found there."""
        c = self.right.counterexample
        shown = f"\n  function: {c.stated}\n  samples:  {c.found}" if c is not None else ""
        return f"at {self.point or 'every point'}, seed {self.seed}: {self.right.detail}{shown}"


@dataclass(frozen=True)
class FunctionVerdict:
    """What samples say of the function of a claim at all points drawn."""

    check: FunctionCheck
    looks: tuple[Look, ...]

    @property
    def outcome(self) -> Outcome:
        """Refuted where the samples reject the function at a point, confirmed where they tell it from a wrong one."""
        if any(look.right.outcome is Outcome.REFUTED for look in self.looks):
            return Outcome.REFUTED
        return Outcome.CONFIRMED if any(look.told for look in self.looks) else Outcome.UNDECIDED

    def __str__(self) -> str:
        """Return the outcome, and the points that explain it."""
        told = sum(look.told for look in self.looks)
        lines = [
            f"{self.check.name}: the function is {self.outcome} by {self.check.witness}; {told} of {len(self.looks)} "
            f"points tell it from a function that is wrong by {WRONG:.0%}, level {LEVEL:.0e} a point"
        ]
        if self.outcome is not Outcome.CONFIRMED:
            rejected = [look for look in self.looks if look.right.outcome is Outcome.REFUTED]
            lines += [str(look) for look in rejected or self.looks[:3]]
        return "\n".join(lines)


def judge_function(
    claim: Claim, part: int = 1, *, examples: int = 4, device: str = "cpu", free: bool = False
) -> FunctionVerdict:
    """Let samples judge the generated function of a claim at points of its domain that Hypothesis draws.

    Parameters
    ----------
    claim : Claim
        A claim with a function, see :func:`crossproof.function_checks`.
    part : int
        Which part of a statement that joins several, from 1.
    examples : int
        Number of points, at least 1; after a rejection no further one is examined.
    device : str
        torch device on which samples are drawn and the function is called.
    free : bool
        Draw other points in every run, or those of ``--hypothesis-seed``; else the same ones.

    Raises
    ------
    SelectionError
        If no samples judge such a function; the message says why.
    UsageError
        If Hypothesis is not installed, or the number of examples is not positive.
    """
    check = next((c for c in function_checks([claim]) if c.part == part), None)
    if check is None or check.reason:
        why = "it has none" if check is None else check.reason
        raise SelectionError(f"samples cannot judge the function of {claim.id}, part {part}: {why}")
    if examples < 1:
        raise UsageError(f"examples is {examples}; give an integer >= 1")
    try:
        from hypothesis import HealthCheck, Phase, given, settings
        from hypothesis import strategies as st
    except ImportError:
        raise UsageError("property tests need Hypothesis: pip install hypothesis") from None

    whole = isinstance(judged_statement(claim, part), MatrixIdentity)
    limits = {s.name: _DEEPEST for s in claim.domain.symbols if s == DEPTH}
    looks: list[Look] = []

    # no shrinking: the smallest deviation that samples reject says less than the simplest point, which is drawn first
    @settings(
        max_examples=examples, derandomize=not free, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(points(claim.domain, _WIDEST if whole else _LARGEST, limits), st.integers(0, 2**31))
    def look(point: Point, seed: int) -> None:
        if not looks or looks[-1].right.outcome is not Outcome.REFUTED:
            looks.append(look_at(claim, check, point, seed, device))

    look()
    return FunctionVerdict(check, tuple(looks))


def look_at(claim: Claim, check: FunctionCheck, point: Point, seed: int, device: str = "cpu") -> Look:
    """Let the same samples judge the function of a claim and a wrong one at one point."""
    statement = judged_statement(claim, check.part)
    formula = dict(functions(claim))[check.part]
    right, wrong = (
        finding_at(claim, statement, formula, witness_named(check.witness), point, seed, device, change)
        for change in (unchanged, changed(statement, formula))
    )
    return Look(", ".join(f"{name} = {value}" for name, value in as_text(point).items()), seed, right, wrong)
