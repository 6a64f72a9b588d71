"""Expressions as text of a language, with as few brackets as it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from ...derivations.errors import PrintingError
from ...numerics.formulas.nodes import Erfcx, Exprel
from .languages import Language

_NAMES = {Erfcx: "erfcx", expm1: "expm1", log1p: "log1p"}
_SIGNS = {sp.Gt: ">", sp.Ge: ">=", sp.Lt: "<", sp.Le: "<=", sp.Eq: "==", sp.Ne: "!="}
#: How tightly the signs bind: sums, products, negated products, powers, and what needs no brackets.
_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_LARGEST = 2**53


class Printer:
    """Prints expressions in one language, and notes which functions they call.

    Parameters
    ----------
    language : Language
        Of the text.
    names : mapping
        What symbols are called.
    """

    def __init__(self, language: Language, names: Mapping[sp.Symbol, str]) -> None:
        self.language, self.names = language, dict(names)
        self.called: set[str] = set()

    def text(self, e: sp.Basic, within: int = _SUM) -> str:
        """Return an expression; brackets around it where it binds less tightly than `within`."""
        text, level = self._node(sp.sympify(e))
        return f"({text})" if level < within else text

    def condition(self, c: Any) -> str:
        """Return a relation, or relations joined by and/or."""
        if c.func in _SIGNS:
            return f"{self.text(c.args[0])} {_SIGNS[c.func]} {self.text(c.args[1])}"
        if isinstance(c, sp.And | sp.Or):
            word = {"numpy": "&|", "torch": "&|", "jax": "&|"}.get(self.language.name)
            signs = word or ("&&", "||")
            return f" {signs[isinstance(c, sp.Or)]} ".join(f"({self.condition(a)})" for a in c.args)
        raise PrintingError(f"the condition {c} has no form in {self.language.name}; rewrite it with <, <=, > and >=")

    def _node(self, e: sp.Basic) -> tuple[str, int]:
        if e.is_Symbol:
            return self.names[e], _ATOM
        if isinstance(e, sp.Expr) and e.is_number:
            return self._number(e)
        if e.is_Add:
            return self._sum(e), _SUM
        if e.is_Mul:
            return self._product(e), _PRODUCT
        if e.is_Pow and e.base is not sp.E:
            return self._power(e)
        if isinstance(e, sp.Piecewise):
            return self._piecewise(e), _ATOM if self.language.name == "numpy" else _SUM - 1
        if isinstance(e, Exprel):
            if e.args[0] != 0:
                return self._node(e.rewrite(sp.exp))
            return self._call("exprel", e.args[1])
        if e.is_Pow:
            return self._call("exp", e.exp)
        name = _NAMES.get(e.func, e.func.__name__)
        if name in self.language.functions and len(e.args) == 1:
            return self._call(name, e.args[0])
        raise PrintingError(f"{name} has no form in {self.language.name}; in {e}")

    def _call(self, name: str, argument: sp.Expr) -> tuple[str, int]:
        self.called.add(name)
        return f"{self.language.functions[name]}({self.text(argument)})", _ATOM

    def _number(self, e: sp.Expr) -> tuple[str, int]:
        """Return a number: a whole one as it is, a fraction as a quotient, any other rounded to float64."""
        if not (e.is_real and e.is_finite):
            raise PrintingError(f"the constant {e} is no finite real number; rewrite the formula without it")
        if e.is_Rational and max(abs(int(e.p)), int(e.q)) < _LARGEST:
            dot = ".0" if self.language.name in ("c", "julia") else ""
            if e.q == 1:
                return f"{int(e.p)}{dot}", _ATOM if e >= 0 else _SUM
            return f"{int(e.p)}{dot} / {int(e.q)}{dot}", _PRODUCT if e >= 0 else _SUM
        value = float(e.evalf(30))
        return repr(value), _ATOM if value >= 0 else _SUM

    def _sum(self, e: sp.Expr) -> str:
        first, *others = sorted(e.args, key=lambda a: a.could_extract_minus_sign())
        parts = [self.text(first)]
        for term in others:
            negative = bool(term.could_extract_minus_sign()) and not term.is_Add
            parts.append(f"- {self.text(-term, _PRODUCT)}" if negative else f"+ {self.text(term, _PRODUCT)}")
        return " ".join(parts)

    def _product(self, e: sp.Expr) -> str:
        coefficient, factors = e.as_coeff_mul()
        tops = [f for f in factors if not _below(f)]
        bottoms = [f.base**-f.exp for f in factors if _below(f)]
        if coefficient.is_Rational and abs(coefficient.p) < _LARGEST and coefficient.q < _LARGEST:
            tops = ([sp.Integer(abs(coefficient.p))] if abs(coefficient.p) != 1 or not tops else []) + tops
            bottoms = ([sp.Integer(coefficient.q)] if coefficient.q != 1 else []) + bottoms
        else:
            tops = [abs(coefficient), *tops]
        text = " * ".join(self.text(f, _POWER) for f in tops)
        if bottoms:
            below = " * ".join(self.text(f, _POWER) for f in bottoms)
            text += f" / ({below})" if len(bottoms) > 1 else f" / {below}"
        return f"-{text}" if coefficient.is_negative else text

    def _power(self, e: sp.Pow) -> tuple[str, int]:
        if e.exp == sp.Rational(1, 2):
            return self._call("sqrt", e.base)
        if _below(e):
            return f"1{'.0' if self.language.name == 'c' else ''} / {self.text(e.base**-e.exp, _POWER)}", _PRODUCT
        base = self.text(e.base, _ATOM)
        if self.language.name == "c":
            return f"pow({self.text(e.base)}, {self.text(e.exp)})", _ATOM
        sign = "^" if self.language.name == "julia" else "**"
        whole = str(int(e.exp)) if e.exp.is_Integer else self.text(e.exp, _ATOM)
        return f"{base}{sign}{whole}", _POWER

    def _piecewise(self, e: sp.Piecewise) -> str:
        *branches, last = e.args
        if last.cond != sp.true or self.language.name in ("torch", "jax"):
            remedy = "add a default branch" if last.cond != sp.true else "export it to numpy, c or julia"
            raise PrintingError(f"{e} has no form in {self.language.name} that has right gradients; {remedy}")
        text = self.text(last.expr)
        for branch in reversed(branches):
            condition, value = self.condition(branch.cond), self.text(branch.expr)
            numpy = self.language.name == "numpy"
            text = f"np.where({condition}, {value}, {text})" if numpy else f"({condition}) ? ({value}) : ({text})"
        return text


def _below(factor: sp.Expr) -> bool:
    """Return whether a factor is written below the line."""
    return bool(factor.is_Pow and factor.base is not sp.E and factor.exp.is_Rational and factor.exp < 0)
