"""Formulas as MathML."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from latex2mathml.converter import convert


@lru_cache(maxsize=1024)
def formula(latex: str, *, block: bool = True) -> str:
    """Return a formula as MathML in a box that scrolls, or its LaTeX source when it cannot be converted.

    The converter writes a command that it does not know as an identifier with its backslash; such a result would
    mislead a reader, so the source is shown as source.
    """
    try:
        math = convert(
            re.sub(r"\\arg(?![A-Za-z])", r"\\operatorname{arg}", latex),
            display="block" if block else "inline",
        )
    except Exception:  # whatever the converter raises, the reader gets the source
        math = "\\"
    if "\\" in re.sub(r"<annotation.*?</annotation>", "", math, flags=re.DOTALL):
        math = f'<code class="source" title="LaTeX source">{escape(latex)}</code>'
    tag = "div" if block else "span"
    return f'<{tag} class="formula" tabindex="0">{math}</{tag}>' if block else math
