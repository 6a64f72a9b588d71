"""Verdicts as lines of plain text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from ...checks.evidence import Outcome, Verdict
from ..content.build import entry
from ..content.model import Entry, Failure
from ..content.wording import headline
from .plain import plain, visible

#: Longest line that is still read in one go; a longer one is wrapped where there is room, or ends in an ellipsis.
WIDTH = 120
#: Longest line about one claim in the output of a run.
LIST_WIDTH = 180
#: Most lines of `show`.
SHOW_LINES = 15


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
        _short(_source(shown) + (f"; reading: {shown.reading}" if shown.reading else "")),
        _short(f"verdict: {shown.headline}"),
        _short(grounds),
        visible(f"reproduce: {shown.reproduce}"),
    ]


def show_lines(verdict: Verdict, run_info: Mapping[str, Any] | None = None) -> list[str]:
    """Return everything that a reader needs about one claim, in at most 15 lines."""
    shown = entry(verdict, run_info=run_info)
    head = [
        f"{shown.id}  {shown.title}",
        _source(shown),
        f"statement: {plain(shown.statement)}",
        *([f"as written: {_written(shown)}"] if shown.written else []),
        f"domain: {plain(shown.domain) or 'no parameters'}",
        f"given: {'; '.join(shown.given) or 'nothing further'}",
    ]
    if shown.reading is not None:
        head.append(f"reading: {shown.reading}" + ("" if shown.stated else " (the document does not state it)"))
    head.append(f"verdict: {shown.headline}")
    if shown.independence:
        head.append(shown.independence)
    tail = []
    if shown.failure is not None:
        f = shown.failure
        tail.append(f"{f.name}: {_point(f)}")
        tail += [f"  {name + ':':<7} {value}" for name, value in f.rows]
    related = [f"repairs {shown.repairs.id}"] if shown.repairs else []
    related += [f"repaired by {', '.join(link.id for link in shown.repaired_by)}"] if shown.repaired_by else []
    tail += ["; ".join(related)] if related else []
    evidence = [
        f"  {line} Starts from {item.starts_from}" + (f"; computes with {item.code}." if item.code else ".")
        for line, item in zip(_evidence_lines(shown), shown.evidence, strict=True)
    ]
    room = SHOW_LINES - len(head) - len(tail) - 1
    if len(evidence) > room:
        left = len(evidence) - room + 1
        evidence = [
            *evidence[: room - 1],
            f"  ... and {left} more witness{'es' * (left != 1)} (see `crossproof report`)",
        ]
    return [*_wrapped([*head, *evidence, *tail], SHOW_LINES - 1), visible(f"reproduce: {shown.reproduce}")]


def claim_line(verdict: Verdict) -> str:
    """Return the one line that a run prints about a claim: outcome, id, title, kinds of evidence."""
    kinds = f" [{', '.join(map(str, verdict.kinds))}]" if verdict.kinds else ""
    mark = "CONTRADICTION" if verdict.contradiction else str(verdict.outcome)
    if verdict.outcome is Outcome.REFUTED and not verdict.claim.stated:
        kinds += " (reading not stated)"
    return _short(f"{mark:<10} {verdict.claim.id:<26} {verdict.claim.title}", LIST_WIDTH - len(kinds)) + kinds


def summary_lines(verdicts: Sequence[Verdict], seconds: float) -> list[str]:
    """Return the end of a run: counts, time, and the claims that a reader must look at."""
    counts = ", ".join(f"{sum(v.outcome is o for v in verdicts)} {o}" for o in Outcome)
    lines = [f"{len(verdicts)} claim{'s' * (len(verdicts) != 1)} in {seconds:.1f} s: {counts}"]
    refuted = [v for v in verdicts if v.outcome is Outcome.REFUTED]
    repaired = {v.claim.repairs: v.claim.id for v in verdicts if v.claim.repairs}
    groups = {
        "refuted as stated": [v for v in refuted if v.accuses],
        "refuted readings that the document does not state": [v for v in refuted if not v.accuses],
        "undefined at a point of their domain": [v for v in verdicts if v.outcome is Outcome.UNDEFINED],
        "undecided": [v for v in verdicts if v.outcome is Outcome.UNDECIDED and not v.contradiction],
        "CONTRADICTIONS": [v for v in verdicts if v.contradiction],
    }
    for name, members in groups.items():
        if not members:
            continue
        lines.append(f"{name}:")
        for v in members:
            repair = f" (repaired by {repaired[v.claim.id]})" if v.claim.id in repaired else ""
            why = v.outcome in (Outcome.UNDECIDED, Outcome.UNDEFINED)
            text = headline(v).removeprefix(f"{v.outcome}: ") if why else v.claim.title
            lines.append(_short(f"  {v.claim.id}: {text}", LIST_WIDTH - len(repair)) + repair)
    return lines


def _written(shown: Entry) -> str:
    return "; ".join(f"{name} = {plain(latex)}" for name, latex in shown.written)


def _source(shown: Entry) -> str:
    return f"source: document {shown.document}, {shown.place}"


def _point(failure: Failure) -> str:
    coordinates = [f"{plain(c.latex) if c.latex else c.name} = {c.value}" for c in failure.point]
    return f"at {', '.join(coordinates)}" if coordinates else "at every point"


def _evidence_lines(shown: Entry) -> list[str]:
    return [f"{i.outcome} by {i.witness} ({', '.join((i.kind, *i.facts))}): {i.detail}" for i in shown.evidence]


def _wrapped(lines: Sequence[str], most: int) -> list[str]:
    """Return at most `most` lines: long ones are wrapped, from the top, while there is room, and then cut."""
    spare = most - len(lines)
    out: list[str] = []
    for line in map(visible, lines):
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        pieces = textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
        if len(pieces) - 1 <= spare:
            spare -= len(pieces) - 1
            out += pieces
        elif spare:
            out += textwrap.wrap(
                line,
                WIDTH,
                subsequent_indent=indent,
                break_on_hyphens=False,
                max_lines=spare + 1,
                placeholder=" …",
            )
            spare = 0
        else:
            out.append(_short(line))
    return out


def _short(line: str, width: int = WIDTH) -> str:
    flat = visible(re.sub(r"\s*[\r\n]+\s*", " ", line)).rstrip()
    return flat if len(flat) <= width else flat[: width - 1].rstrip() + "…"
