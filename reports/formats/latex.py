"""The report as a LaTeX document for a stock TeX Live.

Of it: article with amsmath, amssymb, longtable, geometry, graphicx, and hyperref for contents, bookmarks and links.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..content.model import Change, Entry, EvidenceItem, Failure, Link, Report, Section, Step
from ..content.readable import readable
from .html import GROUPS, LABELS
from .mixed import sentence
from .tex import breakable, math, text
from .tex_formulas import is_formula

#: Characters of the source of a formula; TeX has no box for many more.
_LONGEST_FORMULA = 10_000

PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[a4paper,margin=22mm]{geometry}
\usepackage{amsmath,amssymb,longtable,graphicx}
\usepackage[hidelinks,bookmarksopen,bookmarksopenlevel=1]{hyperref}
\setcounter{MaxMatrixCols}{40}
\setcounter{secnumdepth}{0}
\setlength{\parindent}{0pt}
\setlength{\parskip}{3pt}
\emergencystretch=4em
\allowdisplaybreaks
% A new page where less than this is left of the old one.
\newcommand{\need}[1]{\par\ifdim\dimexpr\pagegoal-\pagetotal<#1\relax\ifdim\pagetotal>0pt\newpage\fi\fi}
% A formula in the largest size that fits the line; one that never fits is broken over lines.
\newif\iffits
\newcommand{\trysize}[2]{\iffits\else{#1\sbox0{$\displaystyle #2$}\ifdim\wd0>\linewidth\else
  \global\fitstrue\par\smallskip\noindent\hspace*{1em minus 1em}\usebox0\par\smallskip\fi}\fi}
\newcommand{\formula}[2]{\global\fitsfalse\trysize{\normalsize}{#1}\trysize{\small}{#1}%
  \trysize{\footnotesize}{#1}\trysize{\scriptsize}{#1}%
  \iffits\else{\par\smallskip\noindent\footnotesize\raggedright$#2$\par\smallskip}\fi}
% The same for one that has no place to break at: as wide as the line in the end.
\newcommand{\fitted}[1]{\global\fitsfalse\trysize{\normalsize}{#1}\trysize{\footnotesize}{#1}%
  \iffits\else{\par\smallskip\noindent\resizebox{\linewidth}{!}{$\displaystyle #1$}\par\smallskip}\fi}
\renewcommand{\labelitemi}{$\cdot$}
"""


def render(report: Report, figures: Mapping[str, str] | None = None) -> str:
    """Return `report` as the source of a LaTeX document.

    Parameters
    ----------
    report : Report
        What to say.
    figures : mapping, optional
        Names of files with the pictures of claims, by their ids, relative to the document.
    """
    shown = dict(figures or {})
    parts = [
        PREAMBLE,
        rf"\hypersetup{{pdftitle={{{_plain_name(report.title)}}},pdfsubject={{Verdicts on published derivations}}}}",
        rf"\title{{{text(report.title)}}}",
        r"\author{}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
        _facts(report.facts),
        r"\tableofcontents",
        _summary(report),
        *(_group(*words, getattr(report, name)) for name, words in GROUPS.items()),
        *(_section(s, shown) for s in report.sections),
        _bibliography(report),
        r"\section{Computed with}" if report.versions else "",
        _facts(report.versions),
        r"\end{document}",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _facts(facts: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{text(key)} {text(value)}" for key, value in facts) + (".\n" if facts else "")


def _summary(report: Report) -> str:
    head = " & ".join(["document", *LABELS, "claims"])
    rows = [
        " & ".join([rf"\hyperlink{{{_target(s.document, 'document')}}}{{{text(s.document)}}}", *_counts(s.entries)])
        for s in report.sections
    ]
    total = " & ".join(["all", *_counts(report.entries)])
    body = "".join(row + r" \\" + "\n" for row in rows)
    return (
        "\\section{Summary}\n\\begin{longtable}[l]{l" + "r" * (len(LABELS) + 1) + "}\n"
        rf"{head} \\ \hline \endhead" + "\n" + body + rf"\hline {total} \\" + "\n\\end{longtable}"
    )


def _counts(entries: Sequence[Entry]) -> list[str]:
    return [*(str(sum(e.label == label for e in entries) or "--") for label in LABELS), str(len(entries))]


def _group(title: str, remark: str, entries: tuple[Entry, ...]) -> str:
    """Return the list of claims that come before all others: contradictions, errata, what is undefined."""
    if not entries:
        return ""
    items = "\n".join(
        rf"\item{{}} \hyperlink{{{_target(e.id)}}}{{{text(e.id)}}} ({e.label}), page~\pageref{{{_target(e.id)}}}. "
        + " ".join(
            part
            for part in (
                text(readable(e.title)),
                _place(e),
                text(e.headline) + "." if e.contradiction else "",
                _repairs(e),
            )
            if part
        )
        for e in entries
    )
    return f"\\section{{{title}}}\n{remark}\n\\begin{{itemize}}\n{items}\n\\end{{itemize}}"


def _section(section: Section, figures: Mapping[str, str]) -> str:
    name, of = section.document, section.source.title
    heading = f"Document {name}" + (f": {of}" if of else "")
    title = rf"\texorpdfstring{{{text(heading)}}}{{{_plain_name(heading)}}}"
    cards = "\n\n".join(_card(e, figures.get(e.id)) for e in section.entries)
    return f"\\section{{{title}}}\n\\hypertarget{{{_target(name, 'document')}}}{{}}\n{cards}"


def _plain_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9 .,:-]", "", name)


def _card(entry: Entry, figure: str | None) -> str:
    parts = [
        r"\need{9\baselineskip}",
        rf"\subsubsection*{{\hypertarget{{{_target(entry.id)}}}{{{text(entry.id)}}} ({entry.label})}}"
        rf"\label{{{_target(entry.id)}}}\pdfbookmark[2]{{{_plain_name(entry.id)}}}{{mark-{_target(entry.id)}}}",
        text(readable(entry.title)),
        _place(entry),
        "As printed: " + formula_source(entry.printed) if entry.printed else "",
        ("As encoded, derived again since the printed formula is lost: " if entry.rederived else "As encoded: ")
        + formula_source(entry.statement),
        *(f"{text(name)}, as written: {formula_source(latex)}" for name, latex in entry.written),
        "for all " + formula_source(entry.domain) if entry.domain else "",
        f"Given: {text(readable('; '.join(entry.given)))}." if entry.given else "",
        text(readable(entry.note)),
        rf"\textbf{{{text(readable(entry.headline))}.}}",
        _failure(entry.failure),
        _repairs(entry),
        "\n\n".join(map(_change, entry.changes)),
        rf"\begin{{center}}\includegraphics[width=0.8\linewidth]{{{figure}}}\end{{center}}" if figure else "",
        rf"{{\small {text(readable(entry.picture.caption))}\par}}" if figure and entry.picture else "",
        _argument(entry),
        _evidence(entry.evidence),
        rf"{{\small {text(entry.independence)}.\par}}" if entry.independence else "",
        rf"{{\small\raggedright\texttt{{{text(entry.reproduce)}}}\par}}",
    ]
    return "\n\n".join(part for part in parts if part)


def _change(change: Change) -> str:
    """Return one difference between a claim and what it repairs."""
    if change.formulas:
        whole = f" As a whole, with what changes underlined: {formula_source(change.marked)}" if change.marked else ""
        before, after = formula_source(change.before), formula_source(change.after)
        return f"{text(change.what)}: in place of {before} stands {after}{whole}"
    both = change.before and change.after
    words = f"{change.after}, in place of {change.before}" if both else change.before or change.after
    return f"{text(readable(change.what))}: {text(readable(words))}."


def _bibliography(report: Report) -> str:
    if not report.sections:
        return ""
    items = "\n".join(
        rf"\bibitem[{text(s.document)}]{{{_target(s.document, 'source')}}} {text(s.source.citation)}."
        + (rf" \url{{{s.source.url}}}" if s.source.url else "")
        for s in report.sections
    )
    return (
        "\\begin{thebibliography}{999}\n\\addcontentsline{toc}{section}{\\refname}\n"
        + items
        + "\n\\end{thebibliography}"
    )


def formula_source(latex: str) -> str:
    """Return a formula, or its source as text where LaTeX would take it for something else, or its length."""
    if len(latex) > _LONGEST_FORMULA:  # wider than the largest box of TeX
        return text(f"(a formula of {len(latex):,} characters, too long for a page; the HTML report has it)")
    if parts := sentence(latex):
        shown = [
            text(p.text) if p.words else f"${math(p.text)}$" if is_formula(p.text) else text(p.text) for p in parts
        ]
        return "\\par\\smallskip{\\leftskip1em ``" + "".join(shown).strip() + "''\\par}\\smallskip"
    if not is_formula(latex):
        return rf"{{\small\raggedright\texttt{{{text(latex)}}}\par}}"
    if r"\begin{" in latex or r"\underline" in latex:
        return rf"\fitted{{{math(latex)}}}"
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
    names = [f"${math(c.latex)}$" if c.latex and is_formula(c.latex) else text(c.name) for c in failure.shown]
    point = ", ".join(f"{name} = {text(readable(c.value))}" for name, c in zip(names, failure.shown, strict=True))
    found = () if failure.simple else failure.rows
    rows = [("at", point or "every point"), *((name, text(readable(value))) for name, value in found)]
    lines = "\\\\*\n".join(rf"\hspace*{{1em}}\emph{{{name}}} {value}" for name, value in rows)
    steps = "\n\n".join(rf"\nopagebreak {_step(s)}" for s in failure.steps)
    return (
        f"\\nopagebreak{{\\raggedright {failure.name.capitalize()}:\\\\*\n"
        + lines
        + "\\par}"
        + ("\n\n" + steps if steps else "")
    )


def _argument(entry: Entry) -> str:
    if not entry.argument:
        return ""
    steps = "\n\n".join(map(_step, entry.argument))
    return f"\\emph{{{entry.argument_name.capitalize()}.}}\n\n{{\\small {steps}\\par}}"


def _step(step: Step) -> str:
    words = text(readable(step.words))
    return f"{words}: {formula_source(step.latex)}" if step.latex else f"{words}."


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
    cite = rf"\cite{{{_target(entry.document, 'source')}}}"
    return rf"{{\small\emph{{Document}} {cite}\emph{{, {text(entry.place)}.}}{reading}}}"


def _target(name: str, kind: str = "claim") -> str:
    """Return the name of a link target, of letters, digits, dots, hyphens and colons."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in ".-") else f":{ord(c):x}:" for c in name)
    return f"{kind}-{safe}"
