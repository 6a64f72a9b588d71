r"""Which formulas LaTeX reads as formulas, and as nothing else.

A formula in a report comes from a claim, and a symbol of a claim may have any name: ``\input{/etc/passwd}``, ``_``,
``%``. What is let through is a small grammar of mathematics with a list of commands that typeset signs; everything
else is for its caller to show as text.
"""

from __future__ import annotations

import re

from .plain import ACCENTS, GREEK, SYMBOLS

_FUNCTIONS = """
log ln exp sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan det dim max min sup inf lim limsup liminf
arg deg gcd ker Pr hom bmod
"""
_FURTHER_SIGNS = """
leftarrow leftrightarrow longleftarrow hookrightarrow uparrow downarrow nexists bigcup bigcap bigoplus bigotimes oint
iint iiint varnothing bullet diamond square blacksquare triangle triangleq angle models vdash complement imath jmath
aleph beth daleth gimel eth hslash mho wp nmid parallel cong asymp doteq lesssim gtrsim subsetneq supset supseteq
sqcup sqcap uplus ominus oslash lhd rhd trianglelefteq trianglerighteq dotsc dotsb dotsm dotsi vdots ddots backslash
displaystyle textstyle scriptstyle quad qquad lgroup rgroup
"""
#: Signs that may stand as a script without braces.
_SMALL_SIGNS = "top bot prime infty ast star dagger circ perp ell"
_SCRIPTS = set("+-*") | {f"\\{name}" for name in (*GREEK, *_SMALL_SIGNS.split())}
_WITH_LIMITS = """
sum prod int oint iint iiint bigcup bigcap bigoplus bigotimes lim limsup liminf max min sup inf det gcd Pr
"""
#: Signs above and below which limits may stand.
_OPERATORS = {f"\\{name}" for name in _WITH_LIMITS.split()}
#: Commands that typeset a sign or a name, or set a space, and take no argument.
_SIGNS = {f"\\{name}" for name in (*SYMBOLS, *_FUNCTIONS.split(), *_FURTHER_SIGNS.split())} | {
    f"\\{sign}" for sign in ",;:!> {}|_%&#$"
}
_FONTS = """
mathrm mathbf mathbb mathcal mathit mathsf mathtt mathfrak boldsymbol operatorname operatorname* overline
underline mathring breve dddot ddddot grave acute overbrace underbrace overrightarrow
"""
#: Commands by the number of their arguments.
_ARGUMENTS = (
    {f"\\{name}": 1 for name in (*ACCENTS, *_FONTS.split(), "xrightarrow", "xleftarrow", "sqrt")}
    | {f"\\{name}": 2 for name in ("frac", "tfrac", "dfrac", "binom", "tbinom", "dbinom", "overset", "underset")}
)  # fmt: skip
_TEXTS = {"\\text", "\\textrm", "\\textbf", "\\textit", "\\mbox"}
_SIZED = {f"\\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")}
_NAMED_DELIMITERS = """
{ } | lbrace rbrace langle rangle lvert rvert lVert rVert vert Vert lfloor rfloor lceil rceil lgroup rgroup backslash
uparrow downarrow
"""
_DELIMITERS = set("()[]|./<>") | {f"\\{name}" for name in _NAMED_DELIMITERS.split()}
_ENVIRONMENTS = {"matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "cases", "array",
                 "aligned"}  # fmt: skip
#: Columns of a matrix that the document's preamble allows.
_COLUMNS = 40
_TOKEN = re.compile(r"\\(?:operatorname\*|[A-Za-z]+|.)|\s+|.", re.DOTALL)
_WORDS = re.compile(r"[^\\{}$&#%^_]*")
#: Alphabets in which a stock LaTeX has no such letters: all of one, small letters and digits of the others.
_LACKING = re.compile(r"\\math(scr)\{([^{}\\]*)\}|\\math(cal|bb)\{([^{}\\A-Z]*)\}")


def is_formula(latex: str) -> bool:
    """Return whether LaTeX, in mathematics mode and with amsmath and amssymb, reads `latex` as one whole formula."""
    try:
        _Reader(in_stock_alphabets(latex)).list(set())
        return True
    except (_MalformedError, RecursionError):
        return False


def in_stock_alphabets(latex: str) -> str:
    r"""Return a formula in which letters of alphabets that a stock LaTeX lacks have the alphabet for an index."""
    return _LACKING.sub(lambda m: rf"{{{m[2] or m[4]}_{{\mathrm{{{m[1] or m[3]}}}}}}}", latex)


class _MalformedError(Exception):
    """LaTeX would stop, or do something else than typeset a formula."""


class _Reader:
    """A reader of one formula, left to right."""

    def __init__(self, latex: str) -> None:
        self.tokens: list[str] = _TOKEN.findall(latex)
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        token = self.peek()
        if not token or (wanted and token not in wanted):
            raise _MalformedError
        self.at += 1
        return token

    def skip_blanks(self) -> None:
        while self.peek().isspace():
            self.at += 1

    def list(self, ends: set[str]) -> None:
        """Read atoms with their scripts, up to one of the tokens `ends`; without any, up to the end."""
        while (token := self.peek()) not in ends and (token or ends):
            if token.isspace():
                self.at += 1
                continue
            self.atom()
            if token in _OPERATORS and self.peek() in ("\\limits", "\\nolimits"):
                self.at += 1
            self.scripts()

    def atom(self) -> None:
        token = self.take()
        if token == "{":
            self.list({"}"})
            self.take("}")
        elif token == "\\left":
            self.delimiter()
            self.list({"\\right", "\\middle"})
            while self.take() == "\\middle":
                self.delimiter()
                self.list({"\\right", "\\middle"})
            self.delimiter()
        elif token in _SIZED:
            self.delimiter()
        elif token == "\\substack":
            self.take("{")
            while True:
                self.list({"}", "\\\\"})
                if self.take() == "}":
                    break
                self.line_end()
        elif token == "\\begin":
            self.environment()
        elif token in _TEXTS:
            self.words()
        elif token in _ARGUMENTS:
            if token in ("\\sqrt", "\\xrightarrow", "\\xleftarrow") and self.peek() == "[":
                self.take()
                self.list({"]"})
                self.take("]")
            for _ in range(_ARGUMENTS[token]):
                self.argument()
        elif token.startswith("\\"):
            if token not in _SIGNS:
                raise _MalformedError
        elif token in "}_^&$#%" or not token.isprintable():
            raise _MalformedError

    def scripts(self) -> None:
        """Read scripts, each at most once; they touch what they belong to, and what they hold.

        Primes are a superscript, with the one that follows at once.
        """
        seen: set[str] = set()
        while (token := self.peek()) in ("_", "^", "'"):
            kind = "^" if token == "'" else token
            if kind in seen:
                raise _MalformedError
            seen.add(kind)
            while self.peek() == "'":
                self.at += 1
            if token == self.peek() or (token == "'" and self.peek() == "^"):
                self.at += 1
                self.argument(script=True)

    def argument(self, *, script: bool = False) -> None:
        """Read a group, or one letter, digit or, as a script, sign."""
        if not script:
            self.skip_blanks()
        if self.peek() == "{":
            self.atom()
            return
        token = self.take()
        if not (token.isascii() and token.isalnum()) and not (script and token in _SCRIPTS):
            raise _MalformedError

    def delimiter(self) -> None:
        self.skip_blanks()
        self.take(*_DELIMITERS)

    def name(self) -> str:
        """Read plain characters in braces."""
        self.take("{")
        found = ""
        while self.peek() != "}":
            token = self.take()
            if not _WORDS.fullmatch(token) or not (token.isascii() and token.isprintable()):
                raise _MalformedError
            found += token
        self.take("}")
        return found

    def words(self) -> None:
        self.skip_blanks()
        self.name()

    def line_end(self) -> None:
        """Read what follows the end of a line, where these signs would be options of it."""
        self.skip_blanks()
        if self.peek() in ("[", "*"):
            raise _MalformedError

    def environment(self) -> None:
        kind = self.name()
        if kind not in _ENVIRONMENTS:
            raise _MalformedError
        if kind == "array" and not re.fullmatch("[lcr| ]+", self.name()):
            raise _MalformedError
        columns = 1
        while True:
            self.list({"&", "\\\\", "\\end"})
            token = self.take()
            if token == "\\end":
                break
            columns = columns + 1 if token == "&" else 1
            if columns > _COLUMNS:
                raise _MalformedError
            if token != "&":
                self.line_end()
        if self.name() != kind:
            raise _MalformedError
