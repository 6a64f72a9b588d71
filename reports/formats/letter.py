"""A letter of errata as Markdown, as a LaTeX document, and as one HTML page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from ..content.errata import Block, Command, Heading, Text
from .latex import PREAMBLE, formula_source
from .mixed import sentence
from .pages import render_page
from .tex import text
from .tex_formulas import is_formula

#: Signs that mean something to Markdown, wherever they stand.
_BACKSLASH = r"\\\1"
_SIGNS = re.compile(r"([\\`*_\[\]<>|~$#])")


def markdown(blocks: Iterable[Block]) -> str:
    """Return the letter in Markdown, with formulas between double dollars."""
    return "\n\n".join(filter(None, map(_markdown, blocks))) + "\n"


def _markdown(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {_SIGNS.sub(_BACKSLASH, ' '.join(block.text.split()))}"
    if isinstance(block, Text):
        lead = f"**{_escaped(block.lead)}** " if block.lead else ""
        return (lead + _escaped(block.text)).strip()
    if isinstance(block, Command):
        return "\n".join(f"    {line}" for line in block.text.splitlines())
    words = f"{_escaped(block.words)}\n\n" if block.words else ""
    if parts := sentence(block.latex):
        whole = "".join(
            f"${p.text.strip()}$" if not p.words and is_formula(p.text) else _escaped_words(p.text) for p in parts
        )
        return f"{words}> {whole.strip()}"
    if is_formula(block.latex):
        return f"{words}$$\n{block.latex}\n$$"
    return words + "\n".join(f"    {line}" for line in block.latex.splitlines())


def _escaped(plain: str) -> str:
    """Return one line of text in which nothing is an instruction to Markdown."""
    line = _SIGNS.sub(_BACKSLASH, " ".join(plain.split()))
    return re.sub(r"^(\d*)([.)+-])(?= )", r"\1\\\2", line)


def _escaped_words(words: str) -> str:
    """Return words inside of a line, with the blanks around them."""
    return _SIGNS.sub(_BACKSLASH, re.sub(r"\s+", " ", words))


def latex(blocks: Iterable[Block]) -> str:
    """Return the letter as the source of a LaTeX document."""
    parts = [PREAMBLE, r"\begin{document}", *filter(None, map(_latex, blocks)), r"\end{document}"]
    return "\n\n".join(parts) + "\n"


def _latex(block: Block) -> str:
    if isinstance(block, Heading):
        name = {1: "section", 2: "subsection"}.get(block.level, "subsubsection")
        return rf"\{name}*{{{text(block.text)}}}"
    if isinstance(block, Text):
        return (rf"\textbf{{{text(block.lead)}}} " if block.lead else "") + text(block.text)
    if isinstance(block, Command):
        return rf"{{\small\raggedright\texttt{{{text(block.text)}}}\par}}"
    return (
        f"{text(block.words)}\\nopagebreak\n\n{formula_source(block.latex)}"
        if block.words
        else formula_source(block.latex)
    )


def html(blocks: Iterable[Block]) -> str:
    """Return the letter as one self-contained HTML page."""
    blocks = tuple(blocks)
    title = next((b.text for b in blocks if isinstance(b, Heading)), "Errata")
    return render_page("letter.html.j2", "wide.js", title=title, blocks=[(type(b).__name__, b) for b in blocks])


#: Writers of a letter by the name of the format.
FORMATS: Mapping[str, Callable[[Iterable[Block]], str]] = {"md": markdown, "latex": latex, "html": html}
