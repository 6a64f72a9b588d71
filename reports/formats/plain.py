r"""LaTeX formulas as one line of plain text for a terminal: ``\frac{\eta}{2}`` becomes ``η/2``."""

from __future__ import annotations

import re
import unicodedata

_GREEK = """
alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ
mu μ nu ν xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω
Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
"""
_SIGNS = """
cdot · times × le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ to → rightarrow → mapsto ↦ infty ∞ partial ∂ nabla ∇ int ∫ sum ∑
prod ∏ circ ∘ otimes ⊗ oplus ⊕ odot ⊙ in ∈ notin ∉ subset ⊂ subseteq ⊆ cup ∪ cap ∩ emptyset ∅ forall ∀ exists ∃
iff ⇔ Leftrightarrow ⇔ implies ⇒ Rightarrow ⇒ Longrightarrow ⇒ Leftarrow ⇐ Longleftarrow ⇐
Longleftrightarrow ⇔ longrightarrow → mid | vert | Vert ‖ lvert | rvert | lVert ‖ rVert ‖ langle ⟨
rangle ⟩ ldots … dots … cdots … top ⊤ bot ⊥ perp ⊥ pm ± mp ∓ sim ~ simeq ≃ approx ≈ propto ∝ equiv ≡ preceq ⪯
succeq ⪰ prec ≺ succ ≻ wedge ∧ land ∧ vee ∨ lor ∨ neg ¬ lnot ¬ setminus ∖ ll ≪ gg ≫ ell ℓ Re Re Im Im dagger †
ast * star ⋆ lbrace { rbrace } lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ prime ′ colon : hbar ℏ
"""


def _pairs(table: str) -> dict[str, str]:
    words = table.split()
    return dict(zip(words[::2], words[1::2], strict=True))


#: Plain characters of Greek letters by LaTeX command.
GREEK: dict[str, str] = _pairs(_GREEK)
#: Plain characters of all LaTeX commands without arguments.
SYMBOLS: dict[str, str] = GREEK | _pairs(_SIGNS)
_RELATIONS = set("≤≥≠→↦∈∉⊂⊆⇔⇒⇐≃≈∝≡⪯⪰≺≻∧∨≪≫⊗⊕⊙·×±∓∪∩∘")
#: Combining characters of LaTeX's accents.
ACCENTS = {
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "hat": "\u0302",
    "widehat": "\u0302",
    "bar": "\u0304",
    "overline": "\u0304",
    "dot": "\u0307",
    "ddot": "\u0308",
    "vec": "\u20d7",
    "check": "\u030c",
}
_FONTS = {
    "mathrm", "mathbf", "mathbb", "mathcal", "mathit", "mathsf", "mathfrak", "boldsymbol", "bm", "operatorname",
    "text", "textrm", "textbf", "mbox",
}  # fmt: skip
_BLANKS = {",", ";", ":", " ", "quad", "qquad", ">"}
_SKIPPED = {
    "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "middle", "limits", "nolimits",
    "displaystyle", "textstyle", "!", "operatorname*",
}  # fmt: skip
_UP = dict(zip("0123456789+-=()niTtd⊤", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵗᵈᵀ", strict=True)) | {"′": "′", "*": "*"}
_DOWN = dict(zip("0123456789+-=()ijrtn", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ᵢⱼᵣₜₙ", strict=True))
_DOUBLE = {"R": "ℝ", "N": "ℕ", "Z": "ℤ", "Q": "ℚ", "C": "ℂ"}
_TOKEN = re.compile(r"\\(?:[A-Za-z]+\*?|.)|\s+|.", re.DOTALL)


def plain(latex: str) -> str:
    """Return `latex` (mathematics mode) as one line of plain text; an unknown command keeps its name."""
    text = _Reader(latex).read(set())
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"([(\[{⟨]) ", r"\1", text)
    text = re.sub(r" ([)\]}⟩,;⁰¹²³⁴⁵⁶⁷⁸⁹ᵀⁿ^])", r"\1", text)
    return unicodedata.normalize("NFC", text).strip()


def visible(text: str) -> str:
    """Return a text as one line in which a terminal finds nothing to obey: codes stand for what has no sign."""
    return "".join(" " if c.isspace() else c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class _Reader:
    """A reader of one formula, left to right."""

    def __init__(self, latex: str) -> None:
        self.tokens = _TOKEN.findall(latex)
        self.at = 0

    def _next(self) -> str:
        token: str = self.tokens[self.at]
        self.at += 1
        return token

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _skip_blanks(self) -> None:
        while self._peek().isspace():
            self.at += 1

    def read(self, ends: set[str]) -> str:
        """Read up to one of the tokens `ends` (consumed) or the end."""
        parts: list[str] = []
        while self.at < len(self.tokens):
            token = self._next()
            if token in ends:
                break
            parts.append(self._piece(token, parts))
        return "".join(parts)

    def argument(self) -> str:
        """Read the next group or token."""
        self._skip_blanks()
        if not self._peek():
            return ""
        return self._piece(self._next(), []).strip()

    def _piece(self, token: str, before: list[str]) -> str:
        if token == "{":
            return self.read({"}"})
        if token in "^_" and token:
            return _script(token, self.argument())
        if token.isspace():
            return " "
        if token == "~":
            return " "
        if token == "&":
            return ", "
        if token == "\\\\":
            return "; "
        if token in "=<>":
            return f" {token} "
        if token.startswith("\\"):
            return self._command(token[1:], before)
        return token

    def _command(self, name: str, before: list[str]) -> str:
        if name in _BLANKS:
            return " "
        if name in _SKIPPED:
            self._skip_blanks()
            if name in ("left", "right", "middle") and self._peek() == ".":
                self.at += 1
            return ""
        if name in SYMBOLS:
            sign = SYMBOLS[name]
            return f" {sign} " if sign in _RELATIONS else sign
        if name in ("frac", "dfrac", "tfrac"):
            top, bottom = self.argument(), self.argument()
            return f"{_wrap(top)}/{_wrap(bottom, product=True)} "
        if name == "xrightarrow":
            return f" → [{self.argument()}] "
        if name == "binom":
            return f"C({self.argument()}, {self.argument()})"
        if name == "sqrt":
            degree = ""
            if self._peek() == "[":
                self._next()
                degree = self.read({"]"})
            root = {"": "√", "3": "∛", "4": "∜"}.get(degree, f"root{degree}")
            return f"{root}({self.argument()})"
        if name in ACCENTS:
            inner = self.argument()
            return inner + ACCENTS[name] if len(inner) == 1 else f"{name}({inner})"
        if name in _FONTS:
            self._skip_blanks()
            if name == "mathbb":
                letter = self.argument()
                return _DOUBLE.get(letter, letter)
            return self.argument() if name != "text" else self._text()
        if name == "begin":
            return self._environment(self.argument())
        if name in "{}|&%$#_" and name:
            return "‖" if name == "|" else name
        spaced = before and before[-1][-1:].isalnum()
        return f"{' ' if spaced else ''}{name}" + (" " if self._peek()[:1].isalnum() else "")

    def _text(self) -> str:
        """Return the words of a text group with the blanks around them."""
        if self._peek() != "{":
            return self.argument()
        self._next()
        return f" {self.read({'}'}).strip()} "

    def _environment(self, name: str) -> str:
        if name == "array":
            self.argument()
        inner = self._until_end()
        if name == "cases":
            return "{" + inner.replace(",  for", " for") + "}"
        brackets = {"pmatrix": "()", "bmatrix": "[]", "vmatrix": "||"}.get(name, "  ")
        return f"{brackets[0].strip()}{inner.strip()}{brackets[1].strip()}"

    def _until_end(self) -> str:
        inner = self.read({"\\end"})
        self.argument()
        return inner


def _script(sign: str, inner: str) -> str:
    table = _UP if sign == "^" else _DOWN
    compact = inner.replace(" ", "")
    if compact and all(c in table for c in compact):
        return "".join(table[c] for c in compact)
    return f"{sign}{inner}" if inner.isalnum() else f"{sign}({inner})"


def _wrap(text: str, *, product: bool = False) -> str:
    """Put brackets around a sum (and around a product, in a denominator)."""
    depth = 0
    for index, sign in enumerate(text):
        depth += sign in "([{"
        depth -= sign in ")]}"
        if depth == 0 and ((index and sign in "+-=<>±") or (product and sign in " ·×/")):
            return f"({text})"
    return text
