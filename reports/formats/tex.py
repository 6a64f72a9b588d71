"""Plain text and formulas as LaTeX source that pdflatex reads without further packages."""

from __future__ import annotations

import re
import unicodedata

from .plain import SYMBOLS
from .tex_formulas import in_stock_alphabets

_SPECIAL = {
    "\\": r"$\backslash$",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_\allowbreak{}",
    "%": r"\%",
    "~": r"\~{}",
    "^": r"\^{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
    '"': "''",
    "\u00a0": "~",
    "\u202f": r"\,",
    "\u2009": r"\,",
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "…": r"\ldots{}",
    "§": r"\S{}",
    "°": r"${}^\circ$",
    "√": r"$\surd$",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
    "€": "EUR",
    "«": r"$\ll$",
    "»": r"$\gg$",
    "µ": r"$\mu$",
    "−": "$-$",
    "‖": r"$\Vert$",
    "⟂": r"$\perp$",
    "ℝ": r"$\mathbb{R}$",
    "ℕ": r"$\mathbb{N}$",
    "ℤ": r"$\mathbb{Z}$",
    "𝔼": r"$\mathbb{E}$",
    "½": r"$\frac12$",
}
_ACCENTS = {
    "\u0300": r"\`",
    "\u0301": r"\'",
    "\u0302": r"\^",
    "\u0303": r"\~",
    "\u0304": r"\=",
    "\u0306": r"\u",
    "\u0307": r"\.",
    "\u0308": r"\"",
    "\u030a": r"\r",
    "\u030b": r"\H",
    "\u030c": r"\v",
    "\u0327": r"\c",
}
_MATH_ACCENTS = {
    "\u0300": r"\grave",
    "\u0301": r"\acute",
    "\u0302": r"\hat",
    "\u0303": r"\tilde",
    "\u0304": r"\bar",
    "\u0307": r"\dot",
    "\u0308": r"\ddot",
    "\u030c": r"\check",
    "\u20d7": r"\vec",
}
#: Length of the source of a fraction that is written on one line when it must be breakable.
_LONG_FRACTION = 120
_SMALL = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "0123456789+-=()ni", strict=True)) | {"ᵀ": r"\top", "ᵗ": "t", "ᵈ": "d"}
_LOW = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ᵢⱼᵣₜₙ", "0123456789+-=()ijrtn", strict=True))
_UNUSABLE = {"Re", "Im", "ast", "colon", "sim", "mid", "vert", "lbrace", "rbrace", "lvert", "rvert", "hbar"}
_COMMANDS = {sign: name for name, sign in reversed(SYMBOLS.items()) if name not in _UNUSABLE and not sign.isascii()}
#: Greek capitals and omicron that LaTeX writes with Latin letters.
_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True))


def text(plain: str) -> str:
    """Return plain text with every character that means something to TeX, or that it does not know, written out.

    A character without a LaTeX form is shown by its code, as in ``[U+4E2D]``.
    """
    broken = re.sub(r"\S{28,}", lambda m: "\u200b".join(_chunks(m.group(), 14)), plain)
    out: list[str] = []
    for char in unicodedata.normalize("NFC", broken):
        if unicodedata.combining(char) or char == "\u20d7":
            out.append(_accented(out.pop() if out else "", char))
        else:
            out.append(_char(char))
    return "".join(out)


def math(latex: str) -> str:
    """Return a formula with characters outside ASCII, and letters that fonts lack, replaced by commands."""
    out = []
    for char in unicodedata.normalize("NFC", in_stock_alphabets(latex)):
        known = char if char.isascii() else _math_char(char)
        # in braces: a script that follows belongs to the sign, which may be a script itself
        out.append(rf"\text{{{_char(char)}}}" if known is None else f"{{{known}}}" if known[:2] == "{}" else known)
    return "".join(out)


def breakable(latex: str) -> str:
    """Return a formula that TeX may break over lines: brackets of fixed size, and no long numerators."""
    loose = re.sub(r"\\(left|right)(?![A-Za-z])\s*\.", "", latex)
    loose = re.sub(r"\\(left|right)(?![A-Za-z])", "", loose)
    at = loose.find(r"\frac{")
    while at >= 0:
        middle = _closing(loose, at + 5) + 1
        end = _closing(loose, middle) + 1 if loose[middle : middle + 1] == "{" else 0
        if end > 0 and end - at > _LONG_FRACTION:
            top, bottom = loose[at + 6 : middle - 1], loose[middle + 1 : end - 1]
            loose = f"{loose[:at]}[{top}]/[{bottom}]{loose[end:]}"
        at = loose.find(r"\frac{", at + 1)
    return loose


def _closing(latex: str, opening: int) -> int:
    """Return the index of the brace that closes the one at `opening`."""
    depth = 0
    for index in range(opening, len(latex)):
        if latex[index] in "{}" and latex[index - 1] != "\\":
            depth += 1 if latex[index] == "{" else -1
            if depth == 0:
                return index
    return len(latex)


def _char(char: str) -> str:
    if char == "\u200b":
        return r"\allowbreak{}"
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char.isascii():
        return char if char.isprintable() else " "
    decomposed = unicodedata.normalize("NFD", char)
    if len(decomposed) == 2 and decomposed[1] in _ACCENTS and decomposed[0].isascii():
        return rf"{_ACCENTS[decomposed[1]]}{{{decomposed[0]}}}"
    known = _math_char(char)
    return f"[U+{ord(char):04X}]" if known is None else f"${known}$"


def _math_char(char: str) -> str | None:
    """Return `char` in mathematics mode, or None when LaTeX has no sign for it."""
    if char in _COMMANDS:
        return rf"{{\{_COMMANDS[char]}}}"
    if char in _LATIN:
        return rf"\mathrm{{{_LATIN[char]}}}"
    if char in _SMALL:
        return f"{{}}^{{{_SMALL[char]}}}"
    if char in _LOW:
        return f"{{}}_{{{_LOW[char]}}}"
    special = _SPECIAL.get(char, "")
    return special.strip("$") if special.startswith("$") else None


def _accented(base: str, accent: str) -> str:
    if accent in _MATH_ACCENTS and (base.startswith("$") or (len(base) == 1 and base.isalpha())):
        return f"${_MATH_ACCENTS[accent]}{{{base.strip('$')}}}$"
    return f"{base}[U+{ord(accent):04X}]"


def _chunks(word: str, size: int) -> list[str]:
    return [word[i : i + size] for i in range(0, len(word), size)]
