"""How outcomes, sizes, commands and formulas are put into words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..checks.evidence import Evidence, Kind, Outcome, Verdict
from ..checks.independence import independent, modules_of, shared

#: A command with its argument where that is a word, or else (group 1) a bare word.
_NAME = re.compile(
    r"\\begin\{array\}\{[^}]*\}"
    r"|\\(?:text|textrm|textbf|mbox|mathrm|mathit|mathbf|mathsf|mathbb|mathcal|operatorname\*?|begin|end)\s*\{[^{}]*\}"
    r"|\\[A-Za-z]+"
    r"|([A-Za-z]{3,})"
)


def headline(verdict: Verdict) -> str:
    """Return outcome and grounds in one sentence without a full stop."""
    if verdict.contradiction:
        first, second = verdict.contradiction
        return f"undecided: the witnesses {first!r} and {second!r} contradict each other"
    if verdict.outcome is Outcome.UNDECIDED:
        if not verdict.evidence:
            return "undecided: no witness can speak to this type of statement"
        return "undecided: " + "; ".join(f"{e.witness}: {e.finding.detail}" for e in verdict.evidence).rstrip(".")
    parts = []
    for outcome in (Outcome.REFUTED, Outcome.PROVED, Outcome.CONFIRMED):
        kinds = _kinds(verdict.evidence, outcome)
        if not kinds:
            continue
        text = f"{outcome} by {' and '.join(kinds)}"
        if outcome is Outcome.CONFIRMED and (finest := _finest(verdict)) is not None:
            text += f" within {relative(finest)}"
        parts.append(text)
    text = ", ".join(parts)
    if verdict.outcome is Outcome.REFUTED and not verdict.claim.stated:
        text += " (a reading that the document does not state)"
    return text


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
    return _NAME.sub(lambda m: m.group() if m.group(1) is None else rf"\operatorname{{{m.group(1)}}}", latex)


def reproduce(claim_id: str, run: Mapping[str, Any]) -> str:
    """Return the command that produces the verdict again."""
    words = ["crossproof", "verify", claim_id, "--fresh"]
    words += [f"--claims {name}" for name in run.get("modules", ())]
    words += [f"--effort {run['effort']}"] if run.get("effort") else []
    words += [f"--seed {run['seed']}"] if run.get("seed") is not None else []
    return " ".join(words)


def relative(value: float) -> str:
    """Return a relative size: per cent where that reads well, else scientific notation."""
    return f"{100 * value:.3g} %" if 1e-4 <= value < 100 else f"{value:.1e} (relative)"


def _finest(verdict: Verdict) -> float | None:
    found = [e.finding.resolution for e in verdict.evidence if e.finding.outcome is Outcome.CONFIRMED]
    return min((r for r in found if r is not None), default=None)


def _kinds(evidence: Iterable[Evidence], outcome: Outcome) -> list[str]:
    present = {e.kind for e in evidence if e.finding.outcome is outcome}
    return [str(k) for k in Kind if k in present]
