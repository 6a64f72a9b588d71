r"""The report as a LaTeX document for a stock TeX Live (article, amsmath, amssymb, longtable, hyperref, geometry)."""

from __future__ import annotations

import re

from ...checks.evidence import Outcome
from ..content.model import Entry, EvidenceItem, Failure, Link, Report, Section
from .tex import breakable, math, text
from .tex_formulas import is_formula

#: Characters of the source of a formula; TeX has no box for many more.
_LONGEST_FORMULA = 10_000

_PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[a4paper,margin=22mm]{geometry}
\usepackage{amsmath,amssymb,longtable}
\usepackage[hidelinks]{hyperref}
\setcounter{MaxMatrixCols}{40}
\setcounter{secnumdepth}{0}
\setlength{\parindent}{0pt}
\setlength{\parskip}{3pt}
\emergencystretch=4em
\allowdisplaybreaks
% A formula in the largest size that fits the line; one that never fits is broken over lines.
\newif\iffits
\newcommand{\trysize}[2]{\iffits\else{#1\sbox0{$\displaystyle #2$}\ifdim\wd0>\linewidth\else
  \global\fitstrue\par\smallskip\noindent\hspace*{1em minus 1em}\usebox0\par\smallskip\fi}\fi}
\newcommand{\formula}[2]{\global\fitsfalse\trysize{\normalsize}{#1}\trysize{\small}{#1}%
  \trysize{\footnotesize}{#1}\trysize{\scriptsize}{#1}%
  \iffits\else{\par\smallskip\noindent\footnotesize\raggedright$#2$\par\smallskip}\fi}
\renewcommand{\labelitemi}{$\cdot$}
"""


def render(report: Report) -> str:
    """Return `report` as the source of a LaTeX document."""
    parts = [
        _PREAMBLE,
        rf"\title{{{text(report.title)}}}",
        r"\author{}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
        _facts(report.facts),
        _summary(report),
        _group(
            "Contradictions",
            "Two witnesses contradict each other on these claims: one of them is wrong, and nothing is decided.",
            report.contradictions,
        ),
        _group(
            "Errata",
            "Claims that fail as their document states them, with the correction where there is one.",
            report.errata,
        ),
        _group(
            "Refuted readings",
            "The print allows several readings. These fail, but the documents do not state them: "
            "no mistake is reported.",
            report.unstated,
        ),
        _group(
            "Undefined",
            "These claims have no meaning at a point of their stated domain. They are neither refuted nor counted as a "
            "pass.",
            report.undefined,
        ),
        *(_section(s) for s in report.sections),
        r"\section{Computed with}" if report.versions else "",
        _facts(report.versions),
        r"\end{document}",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _facts(facts: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{text(key)} {text(value)}" for key, value in facts) + (".\n" if facts else "")


def _summary(report: Report) -> str:
    head = " & ".join(["document", *map(str, Outcome), "claims"])
    rows = [
        " & ".join(
            [
                rf"\hyperlink{{{_target(s.document, 'document')}}}{{{text(s.document)}}}",
                *(str(s.count(o) or "--") for o in Outcome),
                str(len(s.entries)),
            ]
        )
        for s in report.sections
    ]
    total = " & ".join(["all", *(str(report.count(o)) for o in Outcome), str(len(report.entries))])
    body = "".join(row + r" \\" + "\n" for row in rows)
    return (
        "\\section{Summary}\n\\begin{longtable}[l]{l" + "r" * (len(Outcome) + 1) + "}\n"
        rf"{head} \\ \hline \endhead" + "\n" + body + rf"\hline {total} \\" + "\n\\end{longtable}"
    )


def _group(title: str, remark: str, entries: tuple[Entry, ...]) -> str:
    """Return the section of claims that come before all others: contradictions, errata, what is undefined."""
    if not entries:
        return ""
    cards = "\n".join(
        "\n\n".join(
            part
            for part in (
                rf"\subsubsection*{{\hyperlink{{{_target(e.id)}}}{{{text(e.id)}}} ({e.label})}}",
                text(e.title),
                _place(e),
                _formula(e.statement),
                _failure(e.failure),
                text(e.headline) if e.contradiction else "",
                _repairs(e),
            )
            if part
        )
        for e in entries
    )
    return f"\\section{{{title}}}\n{remark}\n\n{cards}"


def _section(section: Section) -> str:
    name = section.document
    plain_name = re.sub(r"[^A-Za-z0-9 .,:-]", "", name)
    title = rf"\texorpdfstring{{Document {text(name)}}}{{Document {plain_name}}}"
    cards = "\n\n".join(map(_card, section.entries))
    return f"\\section{{{title}}}\n\\hypertarget{{{_target(name, 'document')}}}{{}}\n{cards}"


def _card(entry: Entry) -> str:
    parts = [
        rf"\subsubsection*{{\hypertarget{{{_target(entry.id)}}}{{{text(entry.id)}}} ({entry.label})}}",
        text(entry.title),
        _place(entry),
        _formula(entry.statement),
        *(f"{text(name)}, as written: {_formula(latex)}" for name, latex in entry.written),
        "for all " + _formula(entry.domain) if entry.domain else "",
        f"Given: {text('; '.join(entry.given))}." if entry.given else "",
        text(entry.note),
        rf"\textbf{{{text(entry.headline)}.}}" + (f" {text(entry.independence)}." if entry.independence else ""),
        _failure(entry.failure),
        _repairs(entry),
        _evidence(entry.evidence),
        rf"{{\small\raggedright\texttt{{{text(entry.reproduce)}}}\par}}",
    ]
    return "\n\n".join(part for part in parts if part)


def _formula(latex: str) -> str:
    """Return a formula, or its source as text where LaTeX would take it for something else, or its length."""
    if len(latex) > _LONGEST_FORMULA:  # wider than the largest box of TeX
        return text(f"(a formula of {len(latex):,} characters, too long for a page; the HTML report has it)")
    if not is_formula(latex):
        return rf"{{\small\raggedright\texttt{{{text(latex)}}}\par}}"
    loose = breakable(latex)
    return rf"\formula{{{math(latex)}}}{{{math(loose if is_formula(loose) else latex)}}}"


def _evidence(items: tuple[EvidenceItem, ...]) -> str:
    if not items:
        return ""
    lines = "\n".join(
        rf"\item{{}} {text(i.witness)} ({text(i.kind)}): \textbf{{{i.outcome}}}. {text(i.detail)} "
        rf"Starts from {text(i.starts_from)}. {_code(i)}\emph{{{text('; '.join(i.facts))}}}."
        for i in items
    )
    return "{\\small\\begin{itemize}\\setlength{\\itemsep}{0pt}\n" + lines + "\n\\end{itemize}}"


def _code(item: EvidenceItem) -> str:
    return f"Computes with {text(item.code)}. " if item.code else ""


def _failure(failure: Failure | None) -> str:
    if failure is None:
        return ""
    names = [f"${math(c.latex)}$" if c.latex and is_formula(c.latex) else text(c.name) for c in failure.point]
    point = ", ".join(f"{name} = {text(c.value)}" for name, c in zip(names, failure.point, strict=True))
    rows = [("at", point or "every point"), *((name, text(value)) for name, value in failure.rows)]
    lines = "\\\\\n".join(rf"\hspace*{{1em}}\emph{{{name}}} {value}" for name, value in rows)
    return f"{{\\raggedright {failure.name.capitalize()}:\\\\\n" + lines + "\\par}"


def _repairs(entry: Entry) -> str:
    lines = []
    if entry.repaired_by:
        lines.append(f"Repaired by {', '.join(map(_link, entry.repaired_by))}.")
    if entry.repairs:
        lines.append(f"Repairs {_link(entry.repairs)}.")
    return " ".join(lines)


def _link(link: Link) -> str:
    if not link.here:
        return f"{text(link.id)} (not in this report)"
    return rf"\hyperlink{{{_target(link.id)}}}{{{text(link.id)}}} ({link.outcome})"


def _place(entry: Entry) -> str:
    reading = ""
    if entry.reading is not None:
        remark = "" if entry.stated else " (the document does not state it)"
        reading = rf" Reading: {text(entry.reading)}{remark}."
    return rf"{{\small\emph{{Document {text(entry.document)}, {text(entry.place)}.}}{reading}}}"


def _target(name: str, kind: str = "claim") -> str:
    """Return the name of a link target, of letters, digits, dots, hyphens and colons."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in ".-") else f":{ord(c):x}:" for c in name)
    return f"{kind}-{safe}"
