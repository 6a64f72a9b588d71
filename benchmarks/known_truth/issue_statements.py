"""Inputs that were once misjudged and need Python: a module of claims, with the outcomes that are right for each."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import Abs, Derivative, Integral, Limit, Ne, Piecewise, Subs, cos, exp, log, oo, pi, sin, sqrt

from crossproof import SDE, Above, Domain, Positive, Real, Source, claim, positive, real
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.attractivity import CollapsesWhen
from crossproof.derivations.statements.expansions import LocalBehaviour
from crossproof.derivations.statements.extrema import GlobalMaximum, LocalExtrema
from crossproof.derivations.statements.processes import ExpectationAtAllTimes, LongTimeLimit, PathSolution
from crossproof.derivations.statements.scalar import Identity

from .issue import FAILS, HOLDS, MUST_FAIL, MUST_HOLD, NO_LAW

x, x0, t, c, k, a, m, M, p, q = positive("x x0 t c k a m M p q")
y, r = real("y r")
u, w = sp.Symbol("u", real=True), sp.Symbol("w", positive=True)
B = sp.Function("B")

#: Outcomes that are right, by the id of the claim; the second part of an id is the number of its kind.
RIGHT: dict[str, frozenset[str]] = {}


def _add(kind: int, name: str, right: frozenset[str], statement: Statement, **domain: Any) -> None:
    id = f"issue.k{kind}-{name}"
    RIGHT[id] = right
    claim(id, name, source=Source("issue", name), statement=statement, domain=Domain(**domain))


def _pair(number: str, value: sp.Expr, wrong: Any, right: sp.Expr, **domain: Any) -> None:
    _add(2, f"{number}-wrong", FAILS, Identity(value, sp.sympify(wrong)), **domain)
    _add(2, f"{number}-right", HOLDS, Identity(value, right), **domain)


# public reports of wrong values of SymPy, by their number there, with the wrong and the right value
_pair("29792", c * Integral(sqrt(2 - u) * sqrt(1 / (2 - u)), (u, 0, 1)), -c, c, c=Positive)
_pair("29072", c * Integral(Abs(sin(u) * cos(u)), (u, 0, 2 * pi)), c, 2 * c, c=Positive)
_pair("30404", c * Integral(sqrt(1 - u) * log(1 - u), (u, 0, 1)), 0, -4 * c / 9, c=Positive)
_decay = (p * exp(-p * w) + q * exp(-q * w)) * exp(q * w)
_pair("22893", 1 / (1 + Limit(_decay, w, oo)), 0, 1 / (1 + q), q=Positive, p=Above(q))
_square = (m + M - sqrt((m + M) ** 2 - m * M * (2 - 2 * cos(k)))) / (m * M)
_pair("23525", Limit(sp.diff(sqrt(_square), k), k, 0, "+"), 0, 1 / sqrt(2 * (m + M)), m=Positive, M=Positive)
_sinc = Piecewise((sin(u) / u, Ne(u, 0)), (1, True))
_pair("11402", c * Subs(Derivative(_sinc, (u, 2)), u, 0), 0, -c / 3, c=Positive)

# dX = e X^2 dB is a strict local martingale, whose mean falls
_strict = SDE(x, 0, k * x**2)
_add(7, "strict", NO_LAW, ExpectationAtAllTimes(_strict, x, t, x0, x0), x=Positive, x0=Positive, t=Positive, k=Positive)
_explodes = PathSolution(SDE(x, x**3, x**2), x0 / (1 - x0 * B(t)), t, B, x0)
_add(7, "explodes", NO_LAW, _explodes, x=Positive, x0=Positive, t=Positive)
_gbm = SDE(x, k * x, c * x)
_add(
    7, "gbm", MUST_HOLD, ExpectationAtAllTimes(_gbm, x, t, x0, x0 * exp(k * t)),
    x=Positive, x0=Positive, t=Positive, k=Positive, c=Positive,
)  # fmt: skip

_parabola = GlobalMaximum(-((x - a) ** 2) - 1, x, a, sp.Interval(0, 2 * a))
_add(8, "parabola", HOLDS, _parabola, a=Positive)
_add(8, "wrong-place", MUST_FAIL, LocalExtrema(x * exp(-c * x), x, maxima=(2 / c,)), c=Above(10**6))
_add(8, "right-place", HOLDS, LocalExtrema(x * exp(-c * x), x, maxima=(1 / c,)), c=Above(10**6))
_narrow = (
    1 - (x - sp.Rational(1, 2)) ** 2 + exp(-((10**4 * (x - sp.Rational(1234, 10000) - sp.Rational(1, 97000))) ** 2))
)
_add(8, "narrow", FAILS, GlobalMaximum(_narrow, x, sp.Rational(1, 2), sp.Interval(0, 1)), c=Positive)

for _direction, _right in (("if", HOLDS), ("iff", HOLDS)):
    _statement = CollapsesWhen(SDE(x, m * x, c * x), sp.Lt(m, c**2 / 2), _direction)
    _add(9, f"gbm-{_direction}", _right, _statement, m=Positive, c=Positive)

_high = x0**8 * exp((8 * k + 28 * c**2) * t) + x0 * exp(k * t)
_add(
    10, "heavy", HOLDS, ExpectationAtAllTimes(_gbm, x**8 + x, t, x0, _high),
    x=Positive, x0=Positive, t=Positive, k=Positive, c=Positive,
)  # fmt: skip
_slow = LongTimeLimit(c / (1 + t / sp.Integer(10) ** 40), t, sp.Integer(0))
_add(10, "slow", HOLDS, _slow, c=Positive)
_step = LongTimeLimit(sp.erf(t - 10**5), t, sp.Integer(-1))
_add(10, "step", FAILS, _step)

_cir = SDE(x, k * (a - x), c * sqrt(x))
_first = a + (x0 - a) * exp(-k * t)
_second = (
    x0**2 * exp(-2 * k * t)
    + (2 * a + c**2 / k) * (x0 - a) * (exp(-k * t) - exp(-2 * k * t))
    + a * (2 * a + c**2 / k) * (1 - exp(-2 * k * t)) / 2
)
_add(
    0, "cir", MUST_HOLD, ExpectationAtAllTimes(_cir, x**2, t, x0, _second),
    x=Positive, x0=Positive, t=Positive, k=Positive, a=Positive, c=Positive,
)  # fmt: skip
_add(0, "sinh", MUST_HOLD, LocalBehaviour(y, sp.Integer(0), ((sp.sinh(y), y),)), y=Real)
_normal = exp(-((u - r) ** 2) / (2 * c**2)) / (sqrt(2 * pi) * c)
_ratio = log(k / c) + (u - y) ** 2 / (2 * k**2) - (u - r) ** 2 / (2 * c**2)
_divergence = log(k / c) + (c**2 + (r - y) ** 2) / (2 * k**2) - sp.Rational(1, 2)
_add(
    0, "gaussians", MUST_HOLD, Identity(Integral(_normal * _ratio, (u, -oo, oo)), _divergence),
    r=Real, y=Real, c=Positive, k=Positive,
)  # fmt: skip
