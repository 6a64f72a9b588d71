"""How outcomes, sizes, commands and formulas are put into words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...checks.evidence import Evidence, Kind, Outcome, Verdict, independent, shared
from ...checks.sources.independence import modules_of

#: A command with its argument where that is a word, or else (group 1) a bare word.
_NAME = re.compile(
    r"\\begin\{array\}\{[^}]*\}"
    r"|\\(?:text|textrm|textbf|mbox|mathrm|mathit|mathbf|mathsf|mathbb|mathcal|operatorname\*?|begin|end)\s*\{[^{}]*\}"
    r"|\\[A-Za-z]+"
    r"|([A-Za-z]{3,})"
)

#: Fields of statements in words, where the name of the field is none.
FIELDS = {
    "lhs": "left side", "rhs": "right side", "sde": "equation", "target": "equation of the image", "atom": "mass at 0",
    "low": "lower end", "high": "upper end", "first": "first-order coefficient", "zeroth": "leading term",
}  # fmt: skip

#: Characters of one text of a witness that a report shows; those of the catalog have some hundred.
MOST_CHARACTERS = 10_000

#: How a finding says what ought to have a value, and that no range was found where it has one.
HAS_VALUE, NOWHERE = " has a real value", "not defined"


def headline(verdict: Verdict) -> str:
    """Return outcome and grounds in one sentence without a full stop."""
    if verdict.contradiction:
        first, second = verdict.contradiction
        return f"undecided: the witnesses {first!r} and {second!r} contradict each other"
    if verdict.outcome is Outcome.UNDECIDED:
        if not verdict.evidence:
            return "undecided: no witness can speak to this type of statement"
        return "undecided: " + "; ".join(f"{e.witness}: {e.finding.detail}" for e in verdict.evidence).rstrip(".")
    if verdict.outcome is Outcome.UNDEFINED:
        return f"undefined: {without_meaning(verdict)}"
    caught = resolutions(verdict.evidence)
    parts = []
    for outcome in (Outcome.REFUTED, Outcome.PROVED, Outcome.CONFIRMED):
        kinds = [k for k in Kind if any(e.kind is k and e.finding.outcome is outcome for e in verdict.evidence)]
        if outcome is Outcome.CONFIRMED:
            words = [f"{k} within {relative(caught[k])}" if k in caught else str(k) for k in kinds]
        else:
            words = [str(k) for k in kinds]
        if words:
            parts.append(f"{outcome} by {' and '.join(words)}")
    text = ", ".join(parts)
    if verdict.outcome is Outcome.REFUTED and not verdict.claim.stated:
        text += " (a reading that the document does not state)"
    return text


def without_meaning(verdict: Verdict) -> str:
    """Return where a statement has no meaning, and where it has, without a full stop."""
    at = verdict.counterexample
    if at is None or not at.stated.endswith(HAS_VALUE):
        return "; ".join(e.finding.detail.rstrip(".") for e in verdict.supporting)
    point = ", ".join(f"{name} = {value}" for name, value in at.point.items())
    where = f" at {point}" if point else ""
    range_ = f"; defined for {at.gap}" if at.gap and at.gap != NOWHERE else ""
    return f"{at.stated.removesuffix(HAS_VALUE)} has no real value{where}{range_}"


def resolutions(evidence: Iterable[Evidence]) -> dict[Kind, float]:
    """Return the finest relative deviation that the confirming witnesses of each kind would have caught."""
    caught: dict[Kind, float] = {}
    for e in evidence:
        found = e.finding.resolution
        if e.finding.outcome is Outcome.CONFIRMED and found is not None:
            caught[e.kind] = min(found, caught.get(e.kind, found))
    return caught


def independence(verdict: Verdict) -> str:
    """Return how many witnesses share no code, and what the others share, without a full stop; empty if unknown."""
    supporting = verdict.supporting
    if not supporting or not all(e.code for e in supporting):
        return ""
    chosen = independent(supporting)
    names = "; ".join(e.witness for e in chosen)
    parts = [f"{len(chosen)} independent witness{'es' * (len(chosen) != 1)}: {names}"]
    for other in supporting:
        if other not in chosen:
            first = next(e for e in chosen if shared(e, other))
            common = ", ".join(modules_of(shared(first, other)))
            parts.append(f"{other.witness} shares {common} with {first.witness} and is not counted")
    return "; ".join(parts)


def spelled(latex: str) -> str:
    """Return a formula in which a name of three or more letters is set as one name, not as a product of letters."""
    latex = latex.replace(r"\left(1\right) dB", "dB")
    return _NAME.sub(lambda m: m.group() if m.group(1) is None else rf"\operatorname{{{m.group(1)}}}", latex)


def reproduce(claim_id: str, run: Mapping[str, Any]) -> str:
    """Return the command that produces the verdict again."""
    if "stated_in" in run:  # a script, a notebook or a call: no command finds the claim
        return f"crossproof.verify, where {claim_id} is stated ({run['stated_in']})"
    words = ["crossproof", "verify", claim_id, "--fresh"]
    words += [f"--claims {name}" for name in run.get("modules", ())]
    words += [f"--effort {run['effort']}"] if run.get("effort") else []
    words += [f"--seed {run['seed']}"] if run.get("seed") is not None else []
    return " ".join(words)


def cut(text: str) -> str:
    """Return a text of a witness as a report shows it: a huge one not whole, with a note of its size."""
    if len(text) <= MOST_CHARACTERS:
        return text
    return f"{text[:MOST_CHARACTERS]} ... (cut: {len(text)} characters in all, which `crossproof verify --json` writes)"


def relative(value: float) -> str:
    """Return a relative size: per cent where that reads well, else scientific notation."""
    return f"{100 * value:.3g} %" if 1e-4 <= value < 100 else f"{value:.1e} (relative)"
