"""Verdicts as lines of plain text; :mod:`.console` lays the same out on a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...checks.evidence import Outcome, Verdict
from ..content.build import entry
from ..content.model import Change, Coordinate, Entry, Failure, Step
from ..content.readable import readable
from ..content.wording import cut, headline
from .console import WIDTH
from .plain import plain, visible


def verdict_lines(verdict: Verdict) -> list[str]:
    """Return one verdict as five lines: claim, source, verdict, grounds, and how to produce it again."""
    shown = entry(verdict)
    if shown.failure is not None:
        f = shown.failure
        grounds = f"{f.name}: {_point(f)}: " + "; ".join(f"{name} {value}" for name, value in f.rows)
    else:
        grounds = "evidence: " + ("; ".join(_evidence_lines(shown)) or "none")
    return [
        _short(f"{shown.id}: {shown.title}"),
        _short(f"source: {_source(shown)}" + (f"; reading: {shown.reading}" if shown.reading else "")),
        _short(f"verdict: {shown.headline}"),
        _short(grounds),
        visible(f"reproduce: {shown.reproduce}"),
    ]


def show_rows(verdict: Verdict, run_info: Mapping[str, Any] | None = None) -> list[tuple[str, str]]:
    """Return everything that a reader needs about one claim, whole, as pairs of a label and a text."""
    shown = entry(verdict, run_info=run_info, worked=True)
    rows = [
        (shown.id, shown.title),
        ("source", _source(shown)),
        *([("as printed", plain(shown.printed))] if shown.printed else []),
        ("statement", plain(shown.statement) + (" (derived again: the print is lost)" if shown.rederived else "")),
        *([("as written", _written(shown))] if shown.written else []),
        ("domain", plain(shown.domain) or "no parameters"),
        ("given", "; ".join(map(_words, shown.given)) or "nothing further"),
    ]
    if shown.note:
        rows.append(("note", _words(shown.note)))
    if shown.reading is not None:
        rows.append(("reading", shown.reading + ("" if shown.stated else " (the document does not state it)")))
    rows.append(("verdict", shown.headline))
    rows += [
        (
            f"  {item.outcome}",
            f"by {item.witness} ({', '.join((item.kind, *item.facts))}): {_words(item.detail)} "
            f"Starts from {_words(item.starts_from)}.",
        )
        for item in shown.evidence
    ]
    if shown.independence:
        # which modules they share is a detail: `--json` has it
        rows.append(("witnesses", re.sub(r"\bshares [^;]* with ", "shares code with ", shown.independence)))
    if shown.failure is not None:
        rows.append((shown.failure.name, _point(shown.failure)))
        rows += [(f"  {name}", value) for name, value in shown.failure.rows]
        if shown.failure.simple:
            rows.append(("by hand", f"at {_coordinates(shown.failure.simple)}"))
        rows += _steps(shown.failure.steps)
    if shown.repairs:
        rows.append(("repairs", shown.repairs.id))
        rows += [(f"  {change.what}", _change(change)) for change in shown.changes]
    if shown.repaired_by:
        rows.append(("repaired by", ", ".join(link.id for link in shown.repaired_by)))
    if shown.argument:
        rows.append((shown.argument_name, f"{len(shown.argument)} step{'s' * (len(shown.argument) != 1)}"))
        rows += _steps(shown.argument)
    rows.append(("reproduce", shown.reproduce))
    return [(visible(label), visible(text)) for label, text in rows]


def claim_line(verdict: Verdict) -> str:
    """Return the one line that a run prints about a claim: outcome, id, title, kinds of evidence."""
    kinds = f" [{', '.join(map(str, verdict.kinds))}]" if verdict.kinds else ""
    mark = "CONTRADICTION" if verdict.contradiction else str(verdict.outcome)
    if verdict.outcome is Outcome.REFUTED and not verdict.claim.stated:
        kinds += " (reading not stated)"
    return _flat(f"{mark:<10} {verdict.claim.id:<26} {verdict.claim.title}{kinds}")


def needs_reader(verdict: Verdict) -> bool:
    """Return whether the line on a claim is shown above a progress bar: it fails, or its witnesses disagree."""
    return verdict.contradiction is not None or verdict.outcome in (Outcome.REFUTED, Outcome.UNDEFINED)


def summary(verdicts: Sequence[Verdict], seconds: float) -> dict[str, Any]:
    """Return the end of a run as plain data: `counts` in one line, and `groups` of claims that a reader must look at.

    Each group is a name with rows of an id, what there is to say, and the id of the repair or an empty text.
    """
    counts = ", ".join(f"{sum(v.outcome is o for v in verdicts)} {o}" for o in Outcome)
    refuted = [v for v in verdicts if v.outcome is Outcome.REFUTED]
    repaired = {v.claim.repairs: v.claim.id for v in verdicts if v.claim.repairs}
    groups = {
        "refuted as stated": [v for v in refuted if v.accuses],
        "refuted readings that the document does not state": [v for v in refuted if not v.accuses],
        "undefined at a point of their domain": [v for v in verdicts if v.outcome is Outcome.UNDEFINED],
        "undecided": [v for v in verdicts if v.outcome is Outcome.UNDECIDED and not v.contradiction],
        "CONTRADICTIONS": [v for v in verdicts if v.contradiction],
    }

    def row(v: Verdict) -> list[str]:
        why = v.outcome in (Outcome.UNDECIDED, Outcome.UNDEFINED)
        text = headline(v).removeprefix(f"{v.outcome}: ") if why else v.claim.title
        return [v.claim.id, _flat(cut(text)), repaired.get(v.claim.id, "")]

    return {
        "counts": f"{len(verdicts)} claim{'s' * (len(verdicts) != 1)} in {seconds:.1f} s: {counts}",
        "groups": [[name, [row(v) for v in members]] for name, members in groups.items() if members],
    }


def _written(shown: Entry) -> str:
    return "; ".join(f"{name} = {plain(latex)}" for name, latex in shown.written)


def _source(shown: Entry) -> str:
    return f"document {shown.document}, {shown.place}"


def _words(text: str) -> str:
    """Return a text of a witness or a claim without Python in it; a point that is printed as a dict, too."""
    pairs = re.compile(r"'(\w+)': '?([^',{}]+)'?")
    text = re.sub(r"\{('\w+': [^{}]*)\}", lambda m: pairs.sub(r"\1 = \2", m[1]), text)
    return readable(text)


def _change(change: Change) -> str:
    before, after = ((plain(t) if change.formulas else t) for t in (change.before, change.after))
    return f"{after}, in place of {before}" if before and after else before or after


def _steps(steps: Sequence[Step]) -> list[tuple[str, str]]:
    return [
        (f"  {number}", readable(step.words) + (f": {plain(step.latex)}" if step.latex else ""))
        for number, step in enumerate(steps, 1)
    ]


def _point(failure: Failure) -> str:
    return f"at {_coordinates(failure.point)}" if failure.point else "at every point"


def _coordinates(point: Sequence[Coordinate]) -> str:
    return ", ".join(f"{plain(c.latex) if c.latex else c.name} = {c.value}" for c in point)


def _evidence_lines(shown: Entry) -> list[str]:
    return [f"{i.outcome} by {i.witness} ({', '.join((i.kind, *i.facts))}): {i.detail}" for i in shown.evidence]


def _short(line: str) -> str:
    flat = _flat(line)
    return flat if len(flat) <= WIDTH else flat[: WIDTH - 1].rstrip() + "…"


def _flat(line: str) -> str:
    return visible(re.sub(r"\s*[\r\n]+\s*", " ", line)).rstrip()
