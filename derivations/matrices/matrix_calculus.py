"""Equality of matrix expressions with inverses for all sizes, and differentials of numbers made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..errors import ClaimError
from .definiteness import Facts
from .inverses import Letters
from .rewriting import Rewriting, Terms, plus
from .trace_numbers import Numbers
from .words import UNUSED, Letter, flipped

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


#: Functions that have a derivative wherever they have a value.
_SMOOTH = (sp.exp, sp.log, sp.sin, sp.cos, sp.tanh)


@dataclass(frozen=True)
class Sides:
    """Two sides in words, with the rules that were found for their letters.

    Parameters
    ----------
    letters : Letters
        Letters of the words, with their equations.
    rules : Rewriting
        What follows from the equations.
    left, right : Terms or Expr
        The sides, not yet reduced: two matrices, or two numbers with placeholders.
    equal : bool
        Whether they are shown to be equal wherever their inverses exist.
    """

    letters: Letters
    rules: Rewriting
    left: Any
    right: Any
    equal: bool


def _rules(facts: Facts) -> Rewriting:
    return Rewriting(lambda c: facts.sign(c) in ("positive", "negative"))


def _matrices(letters: Letters, left: Terms, right: Terms, seconds: float) -> Sides:
    rules = _rules(letters.facts)
    rest = rules.prove(letters.equations, [plus(left, right, sp.S.NegativeOne)], seconds)
    equal = rules.consistent and all(map(Numbers(letters, rules.reduced).vanish, rest))
    return Sides(letters, rules, left, right, equal)


def sides_of_equation(lhs: Any, rhs: Any, facts: Facts, seconds: float) -> Sides:
    """Return two matrices, or two numbers, in words, and whether they are shown to be equal.

    Parameters
    ----------
    lhs, rhs : MatrixExpr or Expr
        Of one shape, or numbers made of traces and determinants.
    facts : Facts
        What is known of the matrices.
    seconds : float
        CPU seconds for the completion of the rules.

    Raises
    ------
    ClaimError
        If an expression has no words.
    """
    letters = Letters(facts)
    if isinstance(lhs, sp.MatrixExpr):
        return _matrices(letters, letters.terms(lhs), letters.terms(rhs), seconds)
    left, right = letters.scalar(lhs), letters.scalar(rhs)
    rules = _rules(facts)
    never: Terms = {(Letter("never reduced" + UNUSED),): sp.S.One}
    rules.prove(letters.equations, [never], seconds)
    equal = rules.consistent and _zero(Numbers(letters, rules.reduced).canonical(left - right))
    return Sides(letters, rules, left, right, equal)


def _zero(number: sp.Expr) -> bool:
    return bool(sp.cancel(sp.together(number)) == 0)


class _Differential:
    """The differential of expressions when one matrix moves in a free direction."""

    def __init__(self, variable: Any, direction: Any, facts: Facts) -> None:
        self._variable, self._direction, self._facts = variable, direction, facts

    def matrix(self, expr: Any) -> Any:
        """Return the differential of a matrix."""
        zero = sp.ZeroMatrix(*expr.shape)
        if expr == self._variable:
            return self._direction
        if not expr.has(self._variable):
            return zero
        if isinstance(expr, sp.MatAdd):
            return sp.MatAdd(*map(self.matrix, expr.args))
        if isinstance(expr, sp.Transpose):
            return sp.Transpose(self.matrix(expr.arg))
        if isinstance(expr, sp.Inverse):
            return sp.MatMul(-1, expr, self.matrix(expr.arg), expr)
        if isinstance(expr, sp.MatPow) and expr.exp.is_Integer:
            one = expr.base if expr.exp.is_positive else sp.Inverse(expr.base)
            return self.matrix(sp.MatMul(*[one] * abs(int(expr.exp))))
        if isinstance(expr, sp.MatMul):
            number, factors = expr.as_coeff_matrices()
            parts = [sp.MatMul(number, *factors[:k], self.matrix(f), *factors[k + 1 :]) for k, f in enumerate(factors)]
            return sp.MatAdd(*parts, sp.MatMul(self.number(number), *factors))
        raise ClaimError(f"{expr} ({type(expr).__name__}) has no differential here")

    def number(self, expr: sp.Expr) -> sp.Expr:
        """Return the differential of a number made of traces and determinants."""
        if isinstance(expr, sp.Trace):
            return sp.Trace(self.matrix(expr.arg))
        if isinstance(expr, sp.Determinant):
            if not self._facts.shown_invertible(expr.arg):
                raise ClaimError(f"{expr.arg} is not shown to be invertible, and its determinant is differentiated")
            return expr * sp.Trace(sp.MatMul(sp.Inverse(expr.arg), self.matrix(expr.arg)))
        inside = [node for node in sp.preorder_traversal(expr) if isinstance(node, sp.Trace | sp.Determinant)]
        outer = [n for n in dict.fromkeys(inside) if not any(n != m and m.has(n) for m in inside)]
        named = {node: sp.Dummy(f"n{k}", real=True) for k, node in enumerate(outer)}
        plain, back = expr.xreplace(named), {s: node for node, s in named.items()}
        rough = next((f for f in plain.atoms(sp.Function, sp.Max, sp.Min) if not isinstance(f, _SMOOTH)), None)
        if rough is not None or plain.has(sp.MatrixExpr):
            raise ClaimError(f"{rough or expr} has no differential here")
        return sp.Add(*(sp.diff(plain, s).xreplace(back) * self.number(node) for node, s in named.items()))


def sides_of_gradient(function: sp.Expr, variable: Any, value: Any, facts: Facts, seconds: float) -> Sides:
    """Return the gradient of a number in a matrix and a stated one, in words, and whether they are shown to be equal.

    Parameters
    ----------
    function : Expr
        Made of traces and determinants.
    variable : MatrixSymbol
        The matrix.
    value : MatrixExpr
        Of its shape.
    facts : Facts
        What is known of the matrices; the direction in which `variable` moves is general.
    seconds : float
        CPU seconds for the completion of the rules.

    Raises
    ------
    ClaimError
        If an expression has no words, or a determinant may vanish.
    """
    direction = sp.MatrixSymbol("direction of " + variable.name + UNUSED, *variable.shape)
    moved = _Differential(variable, direction, facts).number(sp.sympify(function))
    letters = Letters(facts)
    found = _slope(letters, letters.scalar(moved), Letter(direction.name))
    return _matrices(letters, found, letters.terms(value), seconds)


def _slope(letters: Letters, number: sp.Expr, direction: Letter) -> Terms:
    """Return the words G of which a number, linear in a matrix E, is the sum of the traces of E^T G.

    Raises
    ------
    ClaimError
        If the number is not a sum of numbers times traces that hold E once.
    """
    total: Terms = {}
    linear = {
        s: part
        for s, part in letters.parts.items()
        if any(direction.name in {letter.name for letter in w} for w in part.terms)
    }
    expanded = sp.expand(number)
    for symbol, part in linear.items():
        factor = sp.diff(expanded, symbol)
        if factor.has(*linear) or part.determinant:
            raise ClaimError("the differential is not linear in its direction")
        for word, c in part.terms.items():
            places = [k for k, letter in enumerate(word) if letter.name == direction.name]
            if len(places) != 1 or c.has(*linear):
                raise ClaimError("the differential is not written as traces that hold its direction once")
            place = places[0]
            rest = word[place + 1 :] + word[:place]
            # tr(E R) = tr(E^T R^T)
            total = plus(total, {rest if word[place].transposed else flipped(rest): factor * c})
    if sp.expand(expanded.xreplace(dict.fromkeys(linear, sp.S.Zero))) != 0:
        raise ClaimError("the differential has a part without its direction")
    return total
