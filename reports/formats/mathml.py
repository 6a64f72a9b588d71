"""Formulas as MathML, in pieces between which a line may break."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from xml.etree import ElementTree

from latex2mathml.converter import convert

from .mixed import Part, sentence

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|.", re.DOTALL)
_OPEN, _CLOSE = {"{", "(", "[", r"\left", r"\begin", r"\{"}, {"}", ")", "]", r"\right", r"\end", r"\}"}
#: Signs before which a line may break, and spaces after which it may.
_RELATIONS = """
le leq ge geq ne to approx propto equiv sim Rightarrow Longrightarrow iff Longleftrightarrow Longleftarrow
Leftrightarrow Leftarrow implies rightarrow in cdot times
"""
_BEFORE = {"=", "+", "-", "<", ">"} | {f"\\{name}" for name in _RELATIONS.split()}
_AFTER = {r"\quad", r"\qquad"}
#: Shortest piece, in characters of its source, that a line break may cut off.
_PIECE = 40
#: Characters of the source of a piece that may be wider than a page.
_WIDE = 60
#: What the converter writes; its input may name other elements and attributes, such as links.
_ELEMENTS = """
math mrow mi mo mn mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd mstyle
mpadded mphantom menclose merror
"""
_ATTRIBUTES = """
display displaystyle mathvariant stretchy fence form separator accent accentunder movablelimits lspace rspace width
height depth linethickness columnalign rowspacing columnspacing scriptlevel minsize maxsize notation symmetric
columnlines rowlines largeop mathsize voffset bevelled
"""
_TEXT = re.compile(r"(\\(?:text(?:rm|bf|it|sf|tt)?|mbox|hbox)\s*\{)([^{}]*)(\})")


@lru_cache(maxsize=4096)
def formula(latex: str) -> str:
    """Return a formula as MathML in a box that breaks it or scrolls, or its source when it cannot be converted."""
    words = sentence(latex)
    parts = words or [Part(latex, words=False)]
    cut = [(part.words, piece) for part in parts for piece in ([part.text] if part.words else pieces(part.text))]
    shown = [escape(piece) if text else _math(piece) for text, piece in cut]
    if None in shown:
        shown = [f'<code class="source" title="LaTeX source">{escape(latex)}</code>']
    css = "formula sentence" if words else "formula"
    # what may be wider than a page can be scrolled by keyboard; the page's script takes the mark off where it is not
    wide = ' tabindex="0"' if any(len(piece) > _WIDE for text, piece in cut if not text) else ""
    return f'<div class="{css}"{wide}>{" ".join(filter(None, shown))}</div>'


def _math(latex: str) -> str | None:
    """Return MathML, or None for what cannot be converted.

    The converter writes a command that it does not know as an identifier with its backslash; such a result would
    mislead a reader.
    """
    written = re.sub(r"\\arg(?![A-Za-z])", r"\\operatorname{arg}", latex)
    try:  # the converter takes the text of a formula for HTML
        math = convert(_TEXT.sub(lambda m: m[1] + escape(m[2], quote=False) + m[3], written), display="inline")
        elements = list(ElementTree.fromstring(math).iter())
    except Exception:  # whatever the converter raises, the reader gets the source
        return None
    tags, attributes = {e.tag.rpartition("}")[2] for e in elements}, {key for e in elements for key in e.attrib}
    known = tags <= set(_ELEMENTS.split()) and attributes <= set(_ATTRIBUTES.split())
    if not known or "\\" in math:
        return None
    plain = math.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")
    return plain.replace('display="inline"', 'display="inline" displaystyle="true"', 1)


def pieces(latex: str) -> list[str]:
    """Return a formula cut, outside of all brackets, before signs and after spaces, into pieces of some length."""
    found, piece, depth, script = [], "", 0, False
    for token in _TOKEN.findall(latex):
        if depth == 0 and not script and token in _BEFORE and len(piece) >= _PIECE and not _starts(piece):
            found.append(piece)
            piece = "{} " if token in "+-" else ""
        depth += (token in _OPEN) - (token in _CLOSE)
        piece += token
        script = token in "^_" or (script and token.isspace())
        if depth == 0 and token in _AFTER and len(piece) >= _PIECE:
            found.append(piece)
            piece = ""
    return [*found, piece] if piece.strip() or not found else found


def _starts(piece: str) -> bool:
    """Return whether a sign after `piece` would be one of a term, not one between two terms."""
    return re.search(r"(?:[=+\-<>(]|\\[A-Za-z]+)\s*$", piece) is not None
