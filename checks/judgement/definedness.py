"""Is an expression defined and real on the whole domain? Proved, or a point where it is not, or open.

Every node that may lack a value (a quotient, a root, a logarithm, gamma) asks something of its argument. What is
asked is proved on the domain, or else points are looked for at which the whole expression has no real value. Roots and
logarithms of negative numbers are principal values: they make an expression undefined only where the whole is not real.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import sympy as sp
from sympy.core.function import AppliedUndef

from ...derivations.calculus.smoothness import sign_with_exponentials
from ...derivations.domain import Domain, Point
from ...derivations.errors import NumericsError, UndefinedError
from ...derivations.expressions import replaced
from ...derivations.positivity import sign_on
from ...numerics.exact.values import value_at_precision
from .breakpoints import breakpoints
from .ladder import holds
from .points import Chart, distinct, simple

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: CPU seconds of the ladder for one requirement, and points that are looked at.
_SECONDS, _POINTS = 2.0, 400
#: CPU seconds of the search for a point without a value.
_SEARCH = 4.0
#: Points at which a range that works is tried.
_TRIED = 40
#: Functions that need a positive argument to be real and finite, as far as it is known here.
_POSITIVE = (sp.log, sp.loggamma, sp.gamma, sp.digamma, sp.besselk, sp.bessely, sp.Ci, sp.li)
#: Functions with values everywhere on the real line.
_EVERYWHERE = (
    sp.exp, sp.sin, sp.cos, sp.atan, sp.sinh, sp.cosh, sp.tanh, sp.sech, sp.asinh, sp.erf, sp.erfc, sp.erfi, sp.Abs,
    sp.sign, sp.Heaviside, sp.floor, sp.ceiling, sp.Max, sp.Min, sp.Si, sp.airyai, sp.airybi, sp.Piecewise,
    sp.functions.elementary.piecewise.ExprCondPair, sp.re, sp.im, sp.conjugate,
)  # fmt: skip
#: Nodes that bind a variable: whether they have a value is told by evaluating them, at one point at a time.
CALCULUS = (sp.Integral, sp.Derivative, sp.Sum, sp.Product, sp.Limit, sp.Subs)
#: Reciprocals of these functions.
_POLES: dict[Any, Any] = {
    sp.tan: sp.cos, sp.sec: sp.cos, sp.cot: sp.sin, sp.csc: sp.sin, sp.coth: sp.sinh, sp.csch: sp.sinh,
}  # fmt: skip

_NOT_NEGATIVE = ("positive", "nonnegative", "zero")

Word = Literal["positive", "nonnegative", "nonzero", "known"]


@dataclass(frozen=True)
class Requirement:
    """What a node asks of an expression: to be positive, non-negative or not zero; "known": to have values at all."""

    expr: sp.Expr
    word: Word

    def __str__(self) -> str:
        signs = {"positive": "> 0", "nonnegative": ">= 0", "nonzero": "!= 0", "known": "has a value"}
        return f"{self.expr} {signs[self.word]}"


@dataclass(frozen=True)
class Definedness:
    """Whether expressions are defined and real on a whole domain.

    Parameters
    ----------
    status : {"everywhere", "undefined", "open"}
        Proved on the whole domain; not so at `point`; or neither.
    point : dict or None
        An exact point of the domain without a value.
    expr : Expr or None
        The expression that has none.
    reason : str
        What has no value, or what was not shown.
    works : str
        A range on which it has one, in words.
    sampled : bool
        For "open": all that is not shown is that an integral, a sum or the like has a value for all parameters.
    """

    status: Literal["everywhere", "undefined", "open"]
    point: Point | None = None
    expr: sp.Expr | None = None
    reason: str = ""
    works: str = ""
    sampled: bool = False


def requirements(expr: sp.Basic, domain: Domain | None = None) -> Iterator[Requirement]:
    """Yield what is sufficient for `expr`, as written, to be defined and real; unnamed functions always are.

    Numbers that are not negative on the domain, where one is given, ask for less as exponents.
    """

    def counts(number: sp.Expr) -> bool:
        if not number.is_integer:
            return False
        return bool(number.is_nonnegative or (domain is not None and sign_on(domain, number) in _NOT_NEGATIVE))

    nodes = sp.preorder_traversal(expr)
    for node in nodes:
        if isinstance(node, CALCULUS):
            nodes.skip()
            yield Requirement(node, "known")
            if not isinstance(node, sp.Limit | sp.Subs):
                # what no variable of its own takes part in has a value, or the whole has none
                own = set(getattr(node, "bound_symbols", ()))
                inner = itertools.chain.from_iterable(requirements(arg, domain) for arg in node.args)
                yield from (r for r in inner if not r.expr.free_symbols & own)
        elif isinstance(node, sp.Piecewise) and node.args[-1][1] != sp.true:
            yield Requirement(node, "known")
        elif isinstance(node, sp.Pow):
            if counts(node.exp):
                continue
            if node.exp.is_integer:
                yield Requirement(node.base, "nonzero")
            elif node.exp.is_positive and not node.exp.free_symbols:
                yield Requirement(node.base, "nonnegative")
            else:
                yield Requirement(node.base, "positive")
        elif isinstance(node, sp.zeta):
            yield Requirement(node.args[0] - 1, "nonzero")
            yield from (Requirement(a, "positive") for a in node.args[1:])
        elif isinstance(node, sp.factorial):
            yield Requirement(node.args[0] + 1, "positive")
        elif isinstance(node, sp.beta):
            yield from (Requirement(a, "positive") for a in node.args)
        elif (
            isinstance(node, sp.binomial)
            and node.args[1].is_integer
            and (node.args[1].is_number or counts(node.args[0]))
        ):
            continue  # a polynomial, or a number of subsets
        elif isinstance(node, sp.besseli | sp.besselj) and not node.args[0].free_symbols:
            if not node.args[0].is_integer:
                yield Requirement(node.args[1], "positive")
        elif isinstance(node, sp.polygamma):
            yield Requirement(node.args[1], "positive")
        elif isinstance(node, _POSITIVE):
            yield Requirement(node.args[-1], "positive")
            if isinstance(node, sp.li):
                yield Requirement(node.args[0] - 1, "nonzero")
        elif node.func in _POLES:
            yield Requirement(_POLES[node.func](node.args[0]), "nonzero")
        elif isinstance(node, sp.asin | sp.acos):
            yield Requirement(1 - node.args[0] ** 2, "nonnegative")
        elif isinstance(node, sp.atanh):
            yield Requirement(1 - node.args[0] ** 2, "positive")
        elif isinstance(node, sp.acosh):
            yield Requirement(node.args[0] - 1, "nonnegative")
        elif isinstance(node, sp.LambertW) and node.args[1:] in ((), (0,), (-1,)):
            yield Requirement(node.args[0] + sp.exp(-1), "nonnegative")
            if node.args[1:] == (-1,):
                yield Requirement(-node.args[0], "positive")
        elif isinstance(node, sp.Function) and not isinstance(node, (*_EVERYWHERE, AppliedUndef)):
            yield Requirement(node, "known")


def definedness(
    expressions: Iterable[sp.Expr], domain: Domain, *, prove: bool = True, seconds: float = _SECONDS
) -> Definedness:
    """Return whether all `expressions` are defined and real on the whole of `domain`.

    Parameters
    ----------
    expressions : iterable of Expr
        As written.
    domain : Domain
        Where.
    prove : bool
        Whether a proof is tried for what no point decides; if not, "open" says only that no point was found.
    seconds : float
        CPU seconds of the ladder for one requirement.
    """
    sides = [sp.sympify(e) for e in expressions]
    asked = list(dict.fromkeys(itertools.chain.from_iterable(requirements(e, domain) for e in sides)))
    weak = [r for r in asked if not _by_sign(r, domain)]
    if not weak:
        return Definedness("everywhere")
    start = time.thread_time()
    for point in itertools.islice(_suspects(weak, sides, domain), _POINTS):
        if time.thread_time() - start > _SEARCH:
            break
        for side in sides:
            problem = undefined_at(side, point)
            if problem is not None:
                return Definedness("undefined", point, side, problem, works(sides, domain))
    left = [r for r in weak if not prove or not _proved(r, domain, seconds)]
    if not left:
        return Definedness("everywhere")
    shown = ", ".join(map(str, left[:3]))
    sampled = all(r.expr.has(*CALCULUS) for r in left)
    return Definedness("open", reason=f"it is not shown that {shown} on the whole domain", sampled=sampled)


def undefined_at(expr: sp.Expr, point: Point) -> str | None:
    """Return why `expr` certainly has no real value at an exact point, or None where it has one or this is open."""
    for bits in (64, 320):
        try:
            value_at_precision(expr, point, bits)
        except UndefinedError as error:
            return str(error)
        except NumericsError:
            continue
        return None
    return None


@lru_cache(maxsize=512)
def _a_number(expr: sp.Expr) -> bool:
    """Return whether an expression without symbols is enclosed in a ball."""
    try:
        return value_at_precision(expr, {}, 64).verified
    except NumericsError:
        return False


def _by_sign(r: Requirement, domain: Domain) -> bool:
    if r.word == "known":
        return not r.expr.free_symbols and _a_number(r.expr)
    enough = {
        "positive": ("positive",),
        "nonnegative": _NOT_NEGATIVE,
        "nonzero": ("positive", "negative"),
    }[r.word]
    return sign_with_exponentials(sp.expand(r.expr) if r.expr.has(sp.exp) else r.expr, domain) in enough


def _proved(r: Requirement, domain: Domain, seconds: float) -> bool:
    if r.word == "known":
        return isinstance(r.expr, sp.Sum) and _finite_sum(r.expr, domain)
    relations = {
        "positive": (sp.Gt(r.expr, 0, evaluate=False),),
        "nonnegative": (sp.Ge(r.expr, 0, evaluate=False),),
        "nonzero": (sp.Gt(r.expr, 0, evaluate=False), sp.Lt(r.expr, 0, evaluate=False)),
    }[r.word]
    return any(holds(relation, domain, seconds / len(relations)).answer for relation in relations)


def _finite_sum(node: sp.Sum, domain: Domain) -> bool:
    """Whether a sum is finite, not backwards, and each of its terms has a value, on the whole domain."""
    from .calculus.sums import with_index

    k, low, high = node.limits[0]
    finite = len(node.limits) == 1 and low.is_Integer and bool(high.is_integer and high.is_finite)
    if not finite or sign_on(domain, high - low + 1) not in _NOT_NEGATIVE or k in domain.symbols:
        return False
    within, index = with_index(k, int(low), domain)
    return definedness((replaced(node.function, {k: index}),), within).status == "everywhere"


def _suspects(weak: list[Requirement], sides: list[sp.Expr], domain: Domain) -> Iterator[Point]:
    """Yield points at which a requirement may fail: on and around the zeros of what is asked, then everywhere."""
    chart = Chart(domain)
    bases = list(itertools.islice(distinct(itertools.chain(simple(domain, 3), chart.generic(2))), 6))
    exact = [p for p in bases if all(v.is_Rational for v in p.values())]
    walls = [sp.Abs(r.expr, evaluate=False) for r in weak if r.word != "known"]
    yield from distinct(
        itertools.chain(simple(domain, 12), breakpoints(walls, domain, exact), chart.generic(4), chart.scaled())
    )


def works(expressions: Iterable[sp.Expr], domain: Domain) -> str:
    """Return a range on which all expressions are defined and real, in words."""
    asked = itertools.chain.from_iterable(requirements(sp.sympify(e), domain) for e in expressions)
    weak = [r for r in dict.fromkeys(asked) if not _by_sign(r, domain)]
    # a promise that no point of the domain keeps is none
    if not any(all(_holds_at(r, p) for r in weak) for p in simple(domain, _TRIED)):
        return ""
    return " and ".join(_in_words(weak))


def _holds_at(r: Requirement, point: Point) -> bool:
    try:
        ball = value_at_precision(r.expr, point, 64).ball
    except NumericsError:
        return False
    return bool(
        {"positive": ball > 0, "nonnegative": ball >= 0, "nonzero": not ball.contains(0), "known": True}[r.word]
    )


def _in_words(weak: list[Requirement]) -> Iterator[str]:
    """Yield the requirements in words, solved where they speak of one symbol to the first power."""
    for r in weak:
        free = r.expr.free_symbols
        if len(free) == 1 and r.word != "known" and r.expr.is_polynomial(*free):
            (symbol,) = free
            polynomial = sp.Poly(r.expr, symbol)
            if polynomial.degree() == 1:
                slope, constant = polynomial.all_coeffs()
                signs = {"positive": ">", "nonnegative": ">=", "nonzero": "!="}[r.word]
                turned = signs.replace(">", "<") if slope.is_negative else signs
                yield f"{symbol} {turned} {-constant / slope}"
                continue
        yield str(r)
