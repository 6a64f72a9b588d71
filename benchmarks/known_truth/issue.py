"""Inputs that were once misjudged, with the verdicts that are right: a table of data.

The kinds are numbered as they were reported: 1 digits taken for rigour, 2 the word of the computer algebra system, 3
universal claims sampled, 4 an exact counterexample against a scan, 5 undefined points, 6 laws that are none, 7
expectations and paths without integrability, 8 extrema, 9 attractivity, 10 statistics and limits. Kind 0 holds claims
that have to be decided at default effort. Claims in text stand here, those that need Python in
:mod:`.issue_statements`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .case import Case, Truth

#: Outcomes that are right for a true claim, a true one that has to be decided, a false one, and one without meaning.
HOLDS = frozenset({"proved", "confirmed", "undecided"})
MUST_HOLD = frozenset({"proved", "confirmed"})
MUST_PROVE = frozenset({"proved"})
FAILS = frozenset({"refuted", "undecided"})
MUST_FAIL = frozenset({"refuted"})
MEANINGLESS = frozenset({"undefined"})
#: For a print with two readings: principal complex values, or none.
NOT_SUPPORTED = frozenset({"undefined", "refuted", "undecided"})
#: A false law or expectation: it fails, or it does not exist.
NO_LAW = frozenset({"refuted", "undefined", "undecided"})


@dataclass(frozen=True)
class Row:
    """One input: number of its kind, the claim, and the outcomes that are right."""

    kind: int
    case: Case
    right: frozenset[str]

    @property
    def id(self) -> str:
        """Id of the claim; the text is its own name."""
        return f"issue.k{self.kind}-{ROWS.index(self)}"


def _row(kind: int, right: frozenset[str], type: str, domain: Mapping[str, str], **fields: str) -> Row:
    return Row(kind, Case(type, Truth.TRUE, fields, domain, "as reported"), right)


def _equation(kind: int, right: frozenset[str], text: str, **domain: str) -> Row:
    return _row(kind, right, "identity", domain, equation=text)


def _relation(kind: int, right: frozenset[str], text: str, **domain: str) -> Row:
    return _row(kind, right, "inequality", domain, relation=text)


def _law(right: frozenset[str], drift: str, noise: str, density: str, support: str, domain: Mapping[str, str]) -> Row:
    fields = {"state": "x", "drift": drift, "diffusion": noise, "density": density, "support": support}
    return _row(6, right, "stationary-law", domain, **fields)


ROWS: tuple[Row, ...] = (
    _equation(1, MUST_HOLD, "exp(x**2)*(1-erf(x)) == exp(x**2)*erfc(x)", x="above(12)"),
    _equation(1, MUST_FAIL, "(1-erf(x))*exp(x**2) == 0", x="above(12)"),
    _equation(1, MUST_FAIL, "log(1-tanh(x)) == 7", x="above(100)"),
    _equation(1, MUST_FAIL, "cosh(x)-sinh(x) == 0", x="above(200)"),
    _equation(
        2, HOLDS,
        "sqrt(sqrt(cosh(tanh(log(x)))+2*sqrt(cosh(tanh(log(x)))-1))-1)"
        " == sqrt(sqrt(cosh((x**2-1)/(x**2+1))+2*sqrt(cosh((x**2-1)/(x**2+1))-1))-1)", x="at_least(1)",
    ),
    _equation(2, MUST_FAIL, "cosh(tanh(log(x)/3)) == 1", x="at_least(1)"),
    _equation(2, MUST_HOLD, "sqrt(asinh(log(1+10**(-12)))**2)*x == asinh(log(1+10**(-12)))*x", x="positive"),
    _equation(2, MUST_FAIL, "max(tanh(log(1+10**(-12))), 0)*x == 0", x="positive"),
    _relation(3, MUST_FAIL, "sin(x)**2 > 0", x="real"),
    _relation(3, MUST_FAIL, "log(x) <= 20", x="positive"),
    _relation(3, MUST_FAIL, "2**n <= 10**12*n**3", n="integers(1)"),
    _relation(3, MUST_FAIL, "0.9+2*exp(-1000000*(x-0.7234567)**2) <= 1", x="real"),
    _equation(3, MUST_FAIL, "abs(x-10**6) == 10**6-x", x="real"),
    _relation(4, MUST_FAIL, "n**2 < 10**6", n="integers(1)"),
    _relation(5, MEANINGLESS, "log(x) < x", x="real"),
    _relation(5, MEANINGLESS, "1/x**2 > 0", x="real"),
    _equation(5, MEANINGLESS, "(x**2-1)/(x-1) == x+1", x="real"),
    _equation(5, NOT_SUPPORTED, "sqrt(x)*sqrt(x) == abs(x)", x="real"),
    _equation(5, HOLDS, "sqrt(-x-1)*sqrt(-x+1) == sqrt(x**2-1)", x="between(-5, -1)"),
    _equation(5, HOLDS, "sqrt(x-1)*sqrt(x+1) == -sqrt(x**2-1)", x="between(-5, -1)"),
    _equation(5, MEANINGLESS, "1/(1+1/x**2) == x**2/(1+x**2)", x="real"),
    _equation(5, MUST_HOLD, "0.1*x+0.2*x == 0.3*x", x="real"),
    _law(NO_LAW, "-2/x-x", "sqrt(2)", "exp(-x**2/2)/x**2", "(-oo, oo)", {"x": "real"}),
    _law(NO_LAW, "-x", "sqrt(2)", "-exp(-x**2/2)", "(-oo, oo)", {"x": "real"}),
    _law(NO_LAW, "-x", "sqrt(2)", "exp(-x**2/2)", "(0, oo)", {"x": "positive"}),
    _law(NO_LAW, "2*x*(1+x**2)**2", "(1+x**2)**(3/2)", "1/(1+x**2)", "(-oo, oo)", {"x": "real"}),
    _law(
        NO_LAW, "2*x-2*x**2/(x+a)", "sqrt(2)*x", "(x+a)**(-2)", "(0, oo)", {"x": "positive", "a": "nonnegative"},
    ),
    _law(HOLDS, "2*x-2*x**2/(x+a)", "sqrt(2)*x", "(x+a)**(-2)", "(0, oo)", {"x": "positive", "a": "positive"}),
    _law(
        HOLDS, "a*(abs(1-x)-x)", "sqrt(x*(1-x))", "(x*(1-x))**(2*a-1)", "(0, 1)", {"x": "positive", "a": "positive"},
    ),
    _row(
        7, FAILS | MEANINGLESS, "sde-transform", {"x": "nonnegative"}, state="x", drift="1", diffusion="2*sqrt(x)",
        function="sqrt(x)", image="z", image_range="nonnegative", image_drift="0", image_diffusion="1",
    ),
    _row(
        7, FAILS | MEANINGLESS, "sde-transform", {"x": "real"}, state="x", drift="0", diffusion="1",
        function="abs(x)", image="z", image_range="nonnegative", image_drift="0", image_diffusion="1",
    ),
    _row(
        3, MUST_FAIL, "sde-transform", {"x": "real", "m": "real", "s": "positive"}, state="x", drift="m", diffusion="s",
        function="log(1+exp(x))", image="z", image_range="above(0)", image_diffusion="(1-exp(-z))*s",
        image_drift="(1-exp(-z))*m+(exp(-z)*(1-exp(-z)))*s**2/2+(1/5000000)*exp(-(100*(z-(34500/10007)))**2)",
    ),
    _relation(0, MUST_PROVE, "exp(x) >= 1+x", x="real"),
    _relation(0, MUST_PROVE, "log(1+x) <= x", x="nonnegative"),
    _relation(0, MUST_PROVE, "sin(x) <= x", x="nonnegative"),
    _relation(0, MUST_PROVE, "x-log(x) >= 1", x="positive"),
    _relation(0, MUST_PROVE, "x*exp(-x) <= 1/E", x="real"),
    _relation(0, MUST_PROVE, "cosh(x) <= exp(x**2/2)", x="real"),
    _relation(0, MUST_PROVE, "erf(x) < 1", x="real"),
    _relation(0, MUST_PROVE, "tanh(x) < 1", x="real"),
    _relation(0, MUST_PROVE, "2**n >= n**2", n="integers(4)"),
)  # fmt: skip
