"""Sums of products of matrices, their traces and determinants, as LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sympy as sp

from ....derivations.matrices.words import TraceSum, Word
from ....derivations.statements.amplitudes import COLUMNS
from ..wording import spelled

#: LaTeX of letters and of symbols that do not go by their own names.
Names = Mapping[Any, str]
#: How the names of free matrices, and of inverses that are letters, begin.
_FREE, _INVERSE = "test ", "inverse of "


def product(word: Word, names: Names | None = None) -> str:
    """Return a product of letters; letters that `names` lacks go by their own."""
    return " ".join(_letter(letter.name, letter.transposed, names or {}) for letter in word) or "I"


def _letter(name: str, transposed: bool, names: Names) -> str:
    if name.startswith(_INVERSE):
        return _plain(name.removeprefix(_INVERSE)) + (r"^{-\top}" if transposed else "^{-1}")
    free = name.startswith(_FREE)
    shown = names.get(name) or (rf"\mathsf{{{_plain(name.removeprefix(_FREE))}}}" if free else _plain(name))
    return shown + r"^{\top}" * transposed


def _plain(name: str) -> str:
    return spelled(sp.latex(sp.Symbol(name)))


def total(terms: Iterable[tuple[str, Any]], names: Names | None = None) -> str:
    """Return a sum of numbers times what is already written."""
    shown = ""
    for written, c in terms:
        factor = sp.sympify(c)
        sign = "-" if factor.could_extract_minus_sign() else "+"
        size = -factor if sign == "-" else factor
        number = "" if size == 1 and written else formula(size, names)
        number = rf"\left({number} \right)" if size.is_Add and written else number
        shown += (f" {sign} " if shown else "-" if sign == "-" else "") + f"{number} {written}".strip()
    return shown or "0"


def formula(expr: Any, names: Names | None = None) -> str:
    """Return a formula in which some symbols have other names."""
    symbols = {s: text for s, text in (names or {}).items() if isinstance(s, sp.Symbol)}
    return spelled(sp.latex(expr, symbol_names=symbols))


def matrices(terms: Mapping[Word, Any], names: Names | None = None) -> str:
    """Return a sum of words, long ones first."""
    words = sorted(terms, key=lambda w: (-len(w), w))
    return total(((product(w, names), terms[w]) for w in words), names)


def inverse(terms: Mapping[Word, Any], names: Names | None = None) -> str:
    """Return the inverse of a sum of words."""
    inside = matrices(terms, names)
    single = [len(w) for w in terms] == [1] and " " not in inside
    return f"{inside}^{{-1}}" if single else rf"\left({inside}\right)^{{-1}}"


def trace(word: Word, names: Names | None = None) -> str:
    """Return the trace of a word, a row times a column without its sign; a mean over data stands in angles."""
    ends = [k for k, letter in enumerate(word) if letter.name in COLUMNS and letter.transposed]
    turned = word[ends[0] :] + word[: ends[0]] if ends else word
    scalar = len(ends) == 1 and turned[-1].name in COLUMNS
    inside = product(turned, names)
    written = inside if scalar else r"\mathrm{tr}\left(" + inside + r"\right)"
    return rf"\left\langle {written}\right\rangle" if any(letter.averaged for letter in word) else written


def traces(terms: Mapping[tuple[Word, ...], Any], names: Names | None = None) -> str:
    """Return a sum of products of traces."""
    return total(((" ".join(trace(w, names) for w in key), c) for key, c in terms.items()), names)


def covariances(scalar: TraceSum, names: Names | None = None) -> str:
    """Return a sum of traces and of covariances of two traces."""

    def written(key: tuple[Word, ...]) -> str:
        one = [trace(w, names) for w in key]
        return one[0] if len(one) == 1 else rf"\mathrm{{Cov}}\left({', '.join(one)}\right)"

    return total(((written(key), c) for key, c in scalar.terms.items()), names)
