"""Relations of SymPy in the nonlinear real arithmetic of Z3: fractions, roots and case distinctions as polynomials."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import sympy as sp

from ...derivations.errors import NumericsError
from .relations import is_formula


class UntranslatableError(Exception):
    """The relation leaves nonlinear real arithmetic."""


class Translation:
    """Terms and formulas in a Z3 context of its own, so that queries do not influence each other.

    Parameters
    ----------
    symbols : iterable of Symbol
        The real variables.

    Raises
    ------
    NumericsError
        If z3-solver is missing.
    """

    def __init__(self, symbols: Iterable[sp.Symbol]) -> None:
        try:
            import z3
        except ImportError:
            raise NumericsError("z3-solver is not installed; run `pip install z3-solver`") from None
        self.z3, self.context = z3, z3.Context()
        self.reals = {s: z3.Real(f"x{i}", self.context) for i, s in enumerate(symbols)}
        self.roots: dict[sp.Expr, Any] = {}
        self._numbers = itertools.count()
        #: Definitions of the auxiliary variables.
        self.definitions: list[Any] = []

    def formula(self, e: Any) -> Any:
        """Return the Z3 formula of a relation or a Boolean combination."""
        z3 = self.z3
        if e in (sp.true, sp.false):
            return z3.BoolVal(bool(e), self.context)
        if isinstance(e, sp.And | sp.Or):
            return (z3.And if isinstance(e, sp.And) else z3.Or)([self.formula(a) for a in e.args])
        if isinstance(e, sp.Not):
            return z3.Not(self.formula(e.args[0]))
        num, den = sp.fraction(sp.together(e.lhs - e.rhs))
        top, bottom = self.term(num), self.term(den)
        signed = isinstance(e, sp.Gt | sp.Ge | sp.Lt | sp.Le) and not den.is_positive
        value, zero = top * bottom if signed else top, z3.RealVal(0, self.context)
        return {
            sp.Gt: value > zero,
            sp.Ge: value >= zero,
            sp.Lt: value < zero,
            sp.Le: value <= zero,
            sp.Eq: value == zero,
            sp.Ne: value != zero,
        }[e.func]

    def requirements(self, claim: Any) -> Iterator[tuple[str, Any]]:
        """Yield what must hold for the claim to be defined; where a condition is undefined it excludes the point."""
        for e in sorted(claim.atoms(sp.Pow), key=str):
            if e.base.is_positive or not e.exp.is_Rational:
                continue
            if e.exp < 0:
                yield f"{e.base} is not 0", self.term(e.base) != 0
            if e.exp.q > 1:
                yield f"{e.base} is not negative", self.term(e.base) >= 0

    def term(self, e: Any) -> Any:
        """Return the Z3 term of an expression; roots and quotients become auxiliary variables."""
        if e.is_Rational:
            return self.number(e)
        if e.is_Symbol:
            return self.reals[e]
        if e.is_Add:
            return self.z3.Sum([self.term(a) for a in e.args])
        if e.is_Mul:
            return self.z3.Product([self.term(a) for a in e.args])
        if e.is_Pow and e.exp.is_Integer and 0 < e.exp <= 60:
            return self.z3.Product([self.term(e.base)] * int(e.exp))
        if e not in self.roots:
            self.roots[e] = self._auxiliary(e)
        return self.roots[e]

    def _auxiliary(self, e: Any) -> Any:
        # one inside another must not share its name
        made = self.z3.Real(f"a{next(self._numbers)}", self.context)
        if e.is_Pow and e.exp.is_Rational and abs(e.exp.p) <= 60 and e.exp.q <= 60:
            base, p, q = self.term(e.base), int(e.exp.p), int(e.exp.q)
            if p < 0:
                other = self.term(e.base ** (-e.exp))
                self.definitions.append(self.z3.Implies(base != 0, made * other == 1))
            elif p > 1:
                return self.z3.Product([self.term(e.base ** sp.Rational(1, q))] * p)
            else:
                self.definitions += [
                    made >= 0,
                    self.z3.Implies(base >= 0, self.z3.Product([made] * q) == base),
                ]
        elif isinstance(e, sp.Abs):
            base = self.term(e.args[0])
            self.definitions.append(made == self.z3.If(base >= 0, base, -base))
        elif isinstance(e, sp.Max | sp.Min):
            best = self.term(e.args[0])
            for other in map(self.term, e.args[1:]):
                best = self.z3.If(best >= other if isinstance(e, sp.Max) else best <= other, best, other)
            self.definitions.append(made == best)
        elif isinstance(e, sp.Piecewise) and e.args[-1][1] == sp.true and all(is_formula(c) for _, c in e.args):
            value = self.term(e.args[-1][0])
            for other, condition in reversed(e.args[:-1]):
                value = self.z3.If(self.formula(condition), self.term(other), value)
            self.definitions.append(made == value)
        else:
            raise UntranslatableError(f"{e} is not in nonlinear real arithmetic")
        return made

    def number(self, e: Any) -> Any:
        """Return the Z3 value of a rational number."""
        return self.z3.RatVal(int(e.p), int(e.q), self.context)
