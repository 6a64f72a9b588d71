"""Questions to the second solver, written in SMT-LIB from the tree of a relation, without the translation for Z3.

A value is a quotient whose denominator stays a product of powers. Roots, absolute values, extrema and case
distinctions are variables, each defined only where its parts have values, so that every point has such variables.
Integers are relaxed to reals.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

_WORDS = {sp.Gt: ">", sp.Ge: ">=", sp.Lt: "<", sp.Le: "<=", sp.Eq: "=", sp.Ne: "distinct"}
_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "=": "=", "distinct": "distinct"}
#: Largest numerator and denominator of an exponent.
_LARGEST = 60

Formulas = frozenset[str]


class InexpressibleError(Exception):
    """The relation leaves nonlinear real arithmetic."""


@dataclass(frozen=True)
class Value:
    """The quotient of `top` and of the product of powers in `bottom`, where all formulas in `needs` hold."""

    top: str
    bottom: tuple[tuple[str, int], ...] = ()
    needs: Formulas = frozenset()

    def needing(self, *formulas: str) -> Value:
        """Return the same value with a smaller domain."""
        return Value(self.top, self.bottom, self.needs | {*formulas})


_ZERO = Value("0.0")


def question(claim: Any, conditions: Iterable[Any]) -> str:
    """Return declarations and assertions that can be met where the conditions hold and the claim does not.

    Parameters
    ----------
    claim : sympy relation or And, Or, Not of relations
        It must have values, all of them, wherever the conditions hold.
    conditions : iterable of the same
        What may be assumed, with the assumptions of the symbols; one without a value does not hold.

    Raises
    ------
    InexpressibleError
        If something is no polynomial, quotient, rational power, absolute value, extremum or case distinction of reals.
    """
    given = tuple(conditions)
    symbols: set[sp.Symbol] = set().union(*(e.free_symbols for e in (claim, *given)))
    text = _Text(sorted(symbols, key=str))
    for condition in given:
        text.lines.append(f"(assert {text.truth(condition, True)})")
    holds = _joined("and", [text.truth(claim, True), *text.needs(claim)])
    return "\n".join([*text.lines, f"(assert (not {holds}))", "(check-sat)"])


def _joined(word: str, formulas: Iterable[str]) -> str:
    """Return the conjunction or disjunction of formulas."""
    kept = sorted(set(formulas))
    return f"({word} {' '.join(kept)})" if len(kept) > 1 else kept[0] if kept else "true" if word == "and" else "false"


class _Text:
    """Lines of a question; terms and formulas have names, so that the text grows with the tree."""

    def __init__(self, symbols: Sequence[sp.Symbol]) -> None:
        self.lines: list[str] = []
        self._counter = itertools.count()
        self._names: dict[str, str] = {}
        self._roots: dict[tuple[sp.Expr, int], Value] = {}
        self._values: dict[sp.Expr, Value] = {}
        for s in symbols:
            if not s.is_real:
                raise InexpressibleError(f"{s} is not real")
            self._values[s] = Value(self._variable())
            self._assume(s, self._values[s].top)

    def _assume(self, s: sp.Symbol, name: str) -> None:
        """Assert what the assumptions of a symbol say of its sign."""
        known = {"> {} 0.0": s.is_positive, "< {} 0.0": s.is_negative, "distinct {} 0.0": s.is_nonzero}
        known |= {">= {} 0.0": s.is_nonnegative, "<= {} 0.0": s.is_nonpositive}
        known |= {">= {} 1.0": s.is_integer and s.is_positive, "<= {} (- 1.0)": s.is_integer and s.is_negative}
        self.lines += [f"(assert ({fact.format(name)}))" for fact, holds in known.items() if holds]

    def needs(self, e: Any) -> Formulas:
        """Return what must hold for every part of a formula to have a value."""
        if isinstance(e, sp.And | sp.Or | sp.Not):
            return frozenset().union(*map(self.needs, e.args))
        if e in (sp.true, sp.false):
            return frozenset()
        return self.value(e.lhs).needs | self.value(e.rhs).needs

    def truth(self, e: Any, wanted: bool) -> str:
        """Return that a formula has the truth value `wanted`, which one without a value has not."""
        if e in (sp.true, sp.false):
            return "true" if bool(e) == wanted else "false"
        if isinstance(e, sp.Not):
            return self.truth(e.args[0], not wanted)
        if isinstance(e, sp.And | sp.Or):
            return _joined("and" if isinstance(e, sp.And) == wanted else "or", [self.truth(a, wanted) for a in e.args])
        if e.func not in _WORDS:
            raise InexpressibleError(f"{e} is no relation")
        left, right = self.value(e.lhs), self.value(e.rhs)
        holds = self._compared(_WORDS[e.func], left, right)
        return _joined("and", [*left.needs, *right.needs, holds if wanted else f"(not {holds})"])

    def value(self, e: Any) -> Value:
        """Return the value of an expression."""
        if e not in self._values:
            self._values[e] = self._valued(e)
        return self._values[e]

    def _valued(self, e: Any) -> Value:
        if e.is_Rational:
            size = f"{abs(int(e.p))}.0" if e.q == 1 else f"(/ {abs(int(e.p))}.0 {int(e.q)}.0)"
            return Value(f"(- {size})" if e.p < 0 else size)
        if e.is_Add:
            return self._plus([self.value(a) for a in e.args])
        if e.is_Mul:
            return self._times([self.value(a) for a in e.args])
        if e.is_Pow and e.exp.is_Rational and e.exp != 0 and max(abs(int(e.exp.p)), int(e.exp.q)) <= _LARGEST:
            p, q = int(e.exp.p), int(e.exp.q)
            base = self._root(e.base, q) if q > 1 else self.value(e.base)
            return self._times([base if p > 0 else self._inverse(base)] * abs(p))
        if isinstance(e, sp.Abs):
            inside = self.value(e.args[0])
            return self._chosen([inside, self._negative(inside)], ">=")
        if isinstance(e, sp.Max | sp.Min):
            return self._chosen([self.value(a) for a in e.args], ">=" if isinstance(e, sp.Max) else "<=")
        if isinstance(e, sp.Piecewise):
            return self._cases(e)
        raise InexpressibleError(f"{e} is not in nonlinear real arithmetic")

    def _plus(self, values: Sequence[Value]) -> Value:
        common: Counter[str] = Counter()
        for v in values:
            common |= Counter(dict(v.bottom))
        tops = [
            self._product([v.top, *(common - Counter(dict(v.bottom))).elements()]) for v in values if v.top != "0.0"
        ]
        top = tops[0] if len(tops) == 1 else self._named("Real", f"(+ {' '.join(tops)})") if tops else "0.0"
        return Value(top, tuple(common.items()), frozenset().union(*(v.needs for v in values)))

    def _times(self, values: Sequence[Value]) -> Value:
        bottom: Counter[str] = Counter()
        for v in values:
            bottom += Counter(dict(v.bottom))
        top = self._product([v.top for v in values])
        return Value(top, tuple(bottom.items()), frozenset().union(*(v.needs for v in values)))

    def _negative(self, v: Value) -> Value:
        return self._times([Value("(- 1.0)"), v])

    def _inverse(self, v: Value) -> Value:
        over = self._product(list(Counter(dict(v.bottom)).elements()))
        return Value(over, ((v.top, 1),), v.needs | {f"(distinct {v.top} 0.0)"})

    def _root(self, e: sp.Expr, q: int) -> Value:
        """Return the root of order `q`, on the principal branch: of nothing negative, whether `q` is even or odd."""
        if (e, q) not in self._roots:
            base, made = self.value(e), Value(self._variable())
            made = made.needing(*base.needs, self._compared(">=", base, _ZERO))
            power = self._compared("=", Value(self._product([made.top] * q)), base)
            self._define(made.needs, f"(>= {made.top} 0.0)", power)
            self._roots[e, q] = made
        return self._roots[e, q]

    def _chosen(self, values: Sequence[Value], word: str) -> Value:
        """Return the one of several values that has the relation `word` to all of them."""
        made = Value(self._variable())
        made = made.needing(*(f for v in values for f in v.needs))
        one = _joined("or", [self._compared("=", Value(made.top), v) for v in values])
        self._define(made.needs, one, *(self._compared(word, Value(made.top), v) for v in values))
        return made

    def _cases(self, e: sp.Piecewise) -> Value:
        made, passed, cases = Value(self._variable()), list[str](), []
        for formula, condition in e.args:
            here = self.value(formula)
            case = {*passed, self.truth(condition, True), *here.needs}
            self._define(case, self._compared("=", Value(made.top), here))
            cases.append(_joined("and", case))
            passed.append(self.truth(condition, False))
        return made.needing(self._named("Bool", _joined("or", cases)))

    def _compared(self, word: str, left: Value, right: Value) -> str:
        """Return a relation of values, which means something only where they have what they need."""
        gap = self._plus([left, self._negative(right)] if right != _ZERO else [left])
        odd = [factor for factor, power in gap.bottom if power % 2]
        plain = f"({word} {gap.top} 0.0)"
        if word in ("=", "distinct") or not odd:
            return self._named("Bool", plain)
        sign, mirrored = self._product(odd), f"({_MIRRORED[word]} {gap.top} 0.0)"
        return self._named("Bool", f"(or (and {plain} (> {sign} 0.0)) (and {mirrored} (< {sign} 0.0)))")

    def _define(self, needs: Iterable[str], *facts: str) -> None:
        self.lines.append(f"(assert (=> {_joined('and', needs)} {_joined('and', facts)}))")

    def _product(self, factors: Sequence[str]) -> str:
        if len(factors) < 2:
            return factors[0] if factors else "1.0"
        return self._named("Real", f"(* {' '.join(factors)})")

    def _named(self, sort: str, text: str) -> str:
        if text not in self._names:
            self._names[text] = f"t{next(self._counter)}"
            self.lines.append(f"(define-fun {self._names[text]} () {sort} {text})")
        return self._names[text]

    def _variable(self) -> str:
        name = f"v{next(self._counter)}"
        self.lines.append(f"(declare-const {name} Real)")
        return name
