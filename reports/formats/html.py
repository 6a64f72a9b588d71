"""The report as one self-contained HTML page: search, filters and links by one script, formulas as MathML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...checks.evidence import Kind
from ..content.model import Entry, Report
from .pages import render_page

#: What a group of claims is about, by its name.
GROUPS = {
    "contradictions": (
        "Contradictions",
        "Two witnesses contradict each other on these claims: one of them is wrong, and nothing is decided.",
    ),
    "errata": (
        "Errata",
        "Claims that fail as their document states them, with the correction where there is one.",
    ),
    "unstated": (
        "Refuted readings",
        "The print allows several readings. These fail, but the documents do not state them: no mistake is reported.",
    ),
    "undefined": (
        "Undefined",
        "These claims have no meaning at a point of their stated domain. "
        "They are neither refuted nor counted as a pass.",
    ),
}
LABELS = ("proved", "confirmed", "refuted", "refuted reading", "undefined", "undecided")


@dataclass(frozen=True)
class Group:
    """Claims that come before all others: contradictions, errata, what is undefined."""

    name: str
    title: str
    remark: str
    entries: tuple[Entry, ...]


def groups(report: Report) -> tuple[Group, ...]:
    """Return the groups of a report that have members."""
    found = (Group(name, *words, getattr(report, name)) for name, words in GROUPS.items())
    return tuple(group for group in found if group.entries)


def render(report: Report) -> str:
    """Return `report` as the text of an HTML page."""
    choices = (
        ("document", [s.document for s in report.sections]),
        ("subject", _values(e.subject for e in report.entries)),
        ("outcome", [label for label in LABELS if any(e.label == label for e in report.entries)]),
        ("evidence", [str(k) for k in Kind if any(str(k) in e.kinds for e in report.entries)]),
    )
    return render_page(
        "report.html.j2", "wide.js", "report.js", report=report, groups=groups(report), labels=LABELS, choices=choices
    )


def _values(names: Iterable[str]) -> list[str]:
    return sorted(set(names))
