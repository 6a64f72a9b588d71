r"""Printed sentences in LaTeX, such as ``\text{It holds for } x > 0``, as words and formulas in turn."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(r"\\text(?:rm|bf|it)?\s*\{[^{}$\\]*\}|\\[A-Za-z]+\*?|\\.|.", re.DOTALL)
_WORDS = re.compile(r"\\text(?:rm|bf|it)?\s*\{([^{}$\\]*)\}")
#: Characters of words at the top level from which on a formula is a sentence.
_SENTENCE = 24


#: Words from which on a text without any command is a sentence, not a product.
_WORD_COUNT = 4


class Part(NamedTuple):
    """Words of a sentence, or a formula in it (LaTeX)."""

    text: str
    words: bool


def sentence(latex: str) -> list[Part] | None:
    """Return the parts of what is a sentence in words, also of one without any LaTeX; None where it is a formula."""
    latex = re.sub(r"\\[ld]?dots(?![A-Za-z])", "…", latex)
    if "\\" not in latex and len(re.findall(r"(?<![A-Za-z])[A-Za-z]{2,}(?![A-Za-z])", latex)) >= _WORD_COUNT:
        return [Part(latex, words=True)]
    parts: list[Part] = []
    depth = 0
    for token in _TOKEN.findall(latex):
        words = _WORDS.fullmatch(token) if depth == 0 else None
        depth += (token in ("{", r"\left", r"\begin")) - (token in ("}", r"\right", r"\end"))
        if parts and parts[-1].words == bool(words):
            parts[-1] = Part(parts[-1].text + (words[1] if words else token), bool(words))
        else:
            parts.append(Part(words[1] if words else token, bool(words)))
    kept = [part for part in parts if part.text.strip()]
    length = sum(len(part.text) for part in kept if part.words)
    return kept if length >= max(_SENTENCE, len(latex) // 3) else None
