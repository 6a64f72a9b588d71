"""What witnesses say, as a reader wants to see it: names in Greek, six digits, no names of Python objects."""

from __future__ import annotations

import re

_LATIN = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi omega
Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega
"""
_GREEK = dict(zip(_LATIN.split(), "αβγδεζηθικλμνξπρστφχψωΓΔΘΛΞΠΣΦΨΩ", strict=True))
#: A Greek name, also with an index or a mark after it, that is not a part of another word.
_NAME = re.compile(
    rf"(?<![A-Za-z_\\.])({'|'.join(sorted(_GREEK, key=len, reverse=True))})(?=_|\d|tilde|hat|bar|[^A-Za-z]|$)"
)
_MARKED = re.compile(r"(?<![A-Za-z_\\.])([pqsuvxy]|theta)(tilde|hat|bar)(?=\d|_|[^A-Za-z]|$)")
_MARKS = {"tilde": "\u0303", "hat": "\u0302", "bar": "\u0304"}
_POLYNOMIAL = re.compile(r"Poly\(([^,()]*(?:\([^()]*\)[^,()]*)*)(?:, [^()]*?)?, domain='[A-Z]+(?:\[[^\]]*\])?'\)")
_END = r"([^(),]*(?:\([^()]*\)[^(),]*)*)"
_INTERVAL = re.compile(rf"Interval(\.open|\.Lopen|\.Ropen)?\({_END}, {_END}\)")
_ENDS = {None: "[]", ".open": "()", ".Lopen": "(]", ".Ropen": "[)"}
_FLOAT = re.compile(r"(?<![\w.])(\d+\.\d{6,})(e[+-]?\d+)?(?![\w.])")
_SMALL = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SIGNS = (("<=", "≤"), (">=", "≥"), ("!=", "≠"), ("->", "→"))


def readable(text: str) -> str:
    """Return a text of a witness or of a claim with signs and Greek letters in place of their names.

    Numbers of many digits are cut to six, an exact one loses its zeros; sets and polynomials are written as on paper.
    """
    text = _POLYNOMIAL.sub(r"\1", text)
    text = re.sub(r"\[\(([^()\[\]]+), (\d+)\)\]", r"(\1)**\2", text)
    text = _INTERVAL.sub(lambda m: f"{_ENDS[m[1]][0]}{m[2]}, {m[3]}{_ENDS[m[1]][1]}", text)
    text = re.sub(r"(?<=[\d)]),\)", ")", text)
    text = re.sub(r": True\b", ": yes", re.sub(r": False\b", ": no", text))
    text = _FLOAT.sub(_six_digits, text)
    for ascii_sign, sign in _SIGNS:
        text = text.replace(ascii_sign, sign)
    text = re.sub(r"(?<![A-Za-z])oo\b", "∞", text)
    text = re.sub(r"\bsqrt\(", "√(", text)
    text = re.sub(r"(?:\*\*|(?<=[\w)])\^)(\d+)(?!\d|\.\d)", lambda m: m[1].translate(_SMALL), text).replace("**", "^")
    text = re.sub(r"(?<=[\w)⁰¹²³⁴⁵⁶⁷⁸⁹])\*(?=[\w(√])", " ", text)
    text = _MARKED.sub(lambda m: m[1] + _MARKS[m[2]], text)
    return _NAME.sub(lambda m: _GREEK[m[1]], text)


def _six_digits(found: re.Match[str]) -> str:
    return f"{float(found.group()):.6g}"
