"""The report as one self-contained HTML page: no script, no network, formulas as MathML."""

from __future__ import annotations

from html import escape
from importlib.resources import files

from ...checks.evidence import Outcome
from ..content.model import Entry, EvidenceItem, Failure, Link, Report, Section
from .mathml import formula
from .plain import plain

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_FILTERS = ("all", *map(str, Outcome))
_GROUPS = {
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


def render(report: Report) -> str:
    """Return `report` as the text of an HTML page."""
    style = files("crossproof.reports.formats").joinpath("style.css").read_text(encoding="utf-8")
    filters = "".join(
        f'<input type="radio" name="filter" id="show-{name}"{" checked" if name == "all" else ""}>' for name in _FILTERS
    )
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="color-scheme" content="light dark">',
            '<link rel="icon" href="data:,">',
            f"<title>{escape(report.title)}</title>",
            f"<style>\n{style}</style>",
            "</head>",
            "<body>",
            filters,
            "<header>",
            f"<h1>{escape(report.title)}</h1>",
            _facts(report.facts, "facts"),
            "</header>",
            "<main>",
            _summary(report),
            _group("contradictions", report.contradictions),
            _group("errata", report.errata),
            _group("unstated", report.unstated),
            _group("undefined", report.undefined),
            _filter_labels(report),
            *(_section(section) for section in report.sections),
            "</main>",
            "<footer>",
            "<h2>Computed with</h2>",
            _facts(report.versions, "facts"),
            "</footer>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _summary(report: Report) -> str:
    head = "".join(f'<th scope="col">{escape(str(o))}</th>' for o in Outcome)
    rows = [
        f'<tr><th scope="row"><a href="#document-{_anchor(s.document)}">{escape(s.document)}</a></th>'
        + _counts(s)
        + "</tr>"
        for s in report.sections
    ]
    total = "".join(f"<td>{report.count(o)}</td>" for o in Outcome)
    return (
        '<section id="summary"><h2>Summary</h2><div class="scroll"><table>'
        f'<thead><tr><th scope="col">document</th>{head}<th scope="col">claims</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody>"
        f'<tfoot><tr><th scope="row">all</th>{total}<td>{len(report.entries)}</td></tr></tfoot>'
        "</table></div></section>"
    )


def _counts(section: Section) -> str:
    cells = "".join(f"<td>{section.count(o) or '–'}</td>" for o in Outcome)
    return f"{cells}<td>{len(section.entries)}</td>"


def _group(name: str, entries: tuple[Entry, ...]) -> str:
    """Return the section of claims that come before all others: contradictions, errata, what is undefined."""
    if not entries:
        return ""
    title, remark = _GROUPS[name]
    cards = "".join(
        f'<article class="brief {_css(e)}"><h3><a href="#{_target(e.id)}">{escape(e.id)}</a> '
        f"{_badge(e)}</h3><p>{escape(e.title)}</p>{_place(e)}{_reading(e)}{formula(e.statement)}"
        f"{_failure(e.failure)}{_contradiction(e)}{_repairs(e)}</article>"
        for e in entries
    )
    return f'<section id="{name}"><h2>{title}</h2><p class="remark">{remark}</p>{cards}</section>'


def _filter_labels(report: Report) -> str:
    labels = "".join(
        f'<label for="show-{name}">{name} '
        f"<b>{len(report.entries) if name == 'all' else report.count(Outcome(name))}</b></label>"
        for name in _FILTERS
    )
    return f'<nav class="filter" aria-label="Filter by outcome">{labels}</nav>'


def _section(section: Section) -> str:
    cards = "".join(_card(e) for e in section.entries)
    return (
        f'<section class="document" id="document-{_anchor(section.document)}">'
        f"<h2>{_document(section.document)}</h2>{cards}</section>"
    )


def _card(entry: Entry) -> str:
    domain = f'<p class="name">for all</p>{formula(entry.domain)}' if entry.domain else ""
    given = "".join(f"<li>{escape(line)}</li>" for line in entry.given)
    given = f'<p class="name">given</p><ul>{given}</ul>' if given else ""
    independence = f'<p class="remark">{escape(entry.independence)}</p>' if entry.independence else ""
    note = f'<p class="remark">{escape(entry.note)}</p>' if entry.note else ""
    evidence = "".join(_evidence(item) for item in entry.evidence)
    count = len(entry.evidence)
    evidence = (
        f"<details><summary>evidence of {count} witness{'es' * (count != 1)}</summary><ul>{evidence}</ul></details>"
        if evidence
        else ""
    )
    return (
        f'<article class="claim {_css(entry)}" id="{_target(entry.id)}">'
        f'<h3><a href="#{_target(entry.id)}">{escape(entry.id)}</a> {_badge(entry)}</h3>'
        f"<p>{escape(entry.title)}</p>{_place(entry)}{_reading(entry)}{formula(entry.statement)}"
        f"{_written(entry)}{domain}{given}{note}"
        f'<p class="headline">{escape(entry.headline)}</p>{independence}'
        f"{_failure(entry.failure)}{_repairs(entry)}{evidence}"
        f'<p class="again"><code>{escape(entry.reproduce)}</code></p></article>'
    )


def _written(entry: Entry) -> str:
    return "".join(f'<p class="name">{escape(name)}, as written</p>{formula(latex)}' for name, latex in entry.written)


def _evidence(item: EvidenceItem) -> str:
    facts = " · ".join(map(escape, item.facts))
    code = f"<br><small>computes with {escape(item.code)}</small>" if item.code else ""
    return (
        f'<li><b class="{item.outcome}">{escape(str(item.outcome))}</b> {escape(item.witness)} '
        f"<i>({escape(item.kind)})</i><br>{escape(item.detail)}"
        f"<br><small>starts from {escape(item.starts_from)}</small>{code}<br><small>{facts}</small></li>"
    )


def _failure(failure: Failure | None) -> str:
    if failure is None:
        return ""
    point = ", ".join(f"{escape(plain(c.latex) if c.latex else c.name)} = {escape(c.value)}" for c in failure.point)
    cells = f"<dt>at</dt><dd>{point or 'every point'}</dd>"
    cells += "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in failure.rows)
    return f'<p class="name">{failure.name}</p><dl class="counterexample">{cells}</dl>'


def _contradiction(entry: Entry) -> str:
    return f"<p>{escape(entry.headline)}</p>" if entry.contradiction else ""


def _repairs(entry: Entry) -> str:
    lines = []
    if entry.repaired_by:
        lines.append(f"repaired by {', '.join(map(_link, entry.repaired_by))}")
    if entry.repairs:
        lines.append(f"repairs {_link(entry.repairs)}")
    return "".join(f'<p class="repair">{line}</p>' for line in lines)


def _link(link: Link) -> str:
    if not link.here:
        return f"{escape(link.id)} (not in this report)"
    return f'<a href="#{_target(link.id)}">{escape(link.id)}</a> ({escape(link.outcome or "")})'


def _place(entry: Entry) -> str:
    return f'<p class="place">{_document(entry.document)}, {escape(entry.place)}</p>'


def _reading(entry: Entry) -> str:
    if entry.reading is None:
        return ""
    remark = "" if entry.stated else " (the document does not state it)"
    return f'<p class="reading">reading: {escape(entry.reading)}{remark}</p>'


def _css(entry: Entry) -> str:
    return str(entry.outcome) if entry.label == str(entry.outcome) else f"{entry.outcome} unstated"


def _badge(entry: Entry) -> str:
    css = "unstated" if entry.label != str(entry.outcome) else str(entry.outcome)
    return f'<span class="badge {css}">{escape(entry.label)}</span>'


def _facts(facts: tuple[tuple[str, str], ...], css: str) -> str:
    cells = "".join(f"<div><dt>{escape(key)}</dt><dd>{escape(value)}</dd></div>" for key, value in facts)
    return f'<dl class="{css}">{cells}</dl>' if cells else ""


def _document(name: str) -> str:
    return f"Document {escape(name)}"


def _anchor(text: str) -> str:
    """Return `text` as part of an id: every character but letters, digits, dot and hyphen by its code."""
    return "".join(c if c.isascii() and (c.isalnum() or c in ".-") else f"_{ord(c):x}_" for c in text)


def _target(claim_id: str) -> str:
    return f"claim-{_anchor(claim_id)}"
