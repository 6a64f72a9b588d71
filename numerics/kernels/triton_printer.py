"""Expressions as Triton source; what has no faithful form there is refused by name."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from ...derivations.errors import PrintingError
from ..codegen import Printer

#: Functions of the state that a kernel may hold; those that tl lacks are defined in :mod:`.triton_library`.
_FUNCTIONS = ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "atan", "erf", "Abs", "sign")


class TritonPrinter(Printer):
    """Prints an expression over the functions of :mod:`.triton_library`; what is not there is refused by name."""

    def expr(self, e: sp.Basic) -> str:
        if e.is_Function and not isinstance(e, sp.Piecewise) and e.func.__name__ not in _FUNCTIONS:
            raise PrintingError(f"{e.func.__name__} has no faithful Triton form here; in {e}: use the torch backend")
        return super().expr(e)

    def _power(self, e: sp.Pow) -> str:
        base, exponent = e.base, e.exp
        if base.is_number:
            return f"exp({float(sp.log(base))!r} * {self.expr(exponent)})"
        if exponent.is_Rational and exponent < 0:
            return f"(1.0 / {self.expr(sp.Pow(base, -exponent, evaluate=False))})"
        if exponent.is_Rational and (4 * exponent).is_Integer and exponent <= 64:
            whole, quarters = divmod(int(4 * exponent), 4)
            text = self.expr(base)
            factors = [_whole_power(text, whole)] if whole else []
            if quarters & 2:
                factors.append(f"tl.sqrt({text})")
            if quarters & 1:
                factors.append(f"tl.sqrt(tl.sqrt({text}))")
            return "(" + " * ".join(factors) + ")"
        if exponent.is_Integer:
            raise PrintingError(f"the power {e} is too high to be multiplied out; use the torch backend")
        return f"real_power({self.expr(base)}, {self.expr(exponent)})"


def _whole_power(text: str, n: int) -> str:
    if n == 1:
        return text
    root = f"square({_whole_power(text, n // 2)})"
    return f"({root} * {text})" if n % 2 else root


def assignments(
    expressions: Sequence[sp.Expr], names: dict[sp.Symbol, str], target: str, label: str = "s"
) -> list[str]:
    """Return lines that set target0, target1, ... with common subexpressions shared as label0, label1, ..."""
    names = dict(names)
    piecewise = any(e.has(sp.Piecewise) for e in expressions)
    shared, reduced = (
        ([], list(expressions)) if piecewise else sp.cse(list(expressions), symbols=sp.numbered_symbols("_s"))
    )
    printer = TritonPrinter(names)
    lines = []
    for i, (symbol, value) in enumerate(shared):
        lines.append(f"    {label}{i} = {printer.expr(value)}")
        names[symbol] = f"{label}{i}"
    return lines + [f"    {target}{i} = {printer.expr(e)}" for i, e in enumerate(reduced)]
