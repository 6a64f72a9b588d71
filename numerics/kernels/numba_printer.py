"""Printing of one-step maps as scalar Python source that numba turns into vector code; no call in the inner loop."""

from __future__ import annotations

import sympy as sp

from ...derivations.errors import PrintingError
from ..codegen import Printer

#: Functions as printed. exp and log are polynomials of this package; the others call the C library lane by lane.
FUNCTIONS = {
    "exp": "exponential",
    "log": "logarithm",
    "Abs": "abs",
    "sign": "np.sign",
    "sin": "math.sin",
    "cos": "math.cos",
    "tan": "math.tan",
    "sinh": "math.sinh",
    "cosh": "math.cosh",
    "tanh": "math.tanh",
    "asinh": "math.asinh",
    "atan": "math.atan",
    "erf": "math.erf",
    "erfc": "math.erfc",
    "gamma": "math.gamma",
    "loggamma": "math.lgamma",
}
_HIGHEST = 64


class NumbaPrinter(Printer):
    """Prints expressions in the arithmetic `real`; what has no faithful form is refused by name.

    Powers with exponents in quarters are products of multiplications and square roots; other real powers are
    exp(y log x), which is NaN for a negative base, as a real power is. A Piecewise becomes a selection among values:
    the value of a branch that does not hold is never used, whatever it is.
    """

    def expr(self, e: sp.Basic) -> str:
        if e.is_Number or e in (sp.pi, sp.E, sp.EulerGamma):
            text = super().expr(sp.Float(e) if e.is_Integer else e) if e.is_finite else super().expr(e)
            return f"real{text}"
        if e.is_Function and not isinstance(e, sp.Piecewise):
            name = FUNCTIONS.get(e.func.__name__)
            if name is None or len(e.args) != 1:
                raise PrintingError(f"{e.func.__name__} has no faithful numba form here; in {e}: use the torch backend")
            return f"real({name}({self.expr(e.args[0])}))"
        if isinstance(e, sp.exp):
            return f"exponential({self.expr(e.args[0])})"
        return super().expr(e)

    def _power(self, e: sp.Pow) -> str:
        base, exponent = e.base, e.exp
        if base == sp.E:
            return f"exponential({self.expr(exponent)})"
        if exponent.is_Rational and exponent < 0:
            return f"(real(1.0) / {self.expr(sp.Pow(base, -exponent, evaluate=False))})"
        if exponent.is_Rational and (4 * exponent).is_Integer:
            if exponent > _HIGHEST:
                raise PrintingError(f"the power {e} is too high to be multiplied out; use the torch backend")
            whole, quarters = divmod(int(4 * exponent), 4)
            text = self.expr(base)
            factors = [_whole_power(text, whole)] if whole else []
            if quarters & 2:
                factors.append(f"np.sqrt({text})")
            if quarters & 1:
                factors.append(f"np.sqrt(np.sqrt({text}))")
            return "(" + " * ".join(factors) + ")"
        return f"exponential({self.expr(exponent)} * logarithm({self.expr(base)}))"

    def _piecewise(self, e: sp.Piecewise) -> str:
        *branches, last = e.args
        if last.cond != sp.true:
            raise PrintingError(f"{e} has no default branch; add one, (value, True)")
        source = self.expr(last.expr)
        for branch in reversed(branches):
            source = f"({self.expr(branch.expr)} if {self.condition(branch.cond)} else {source})"
        return source

    def condition(self, c: sp.Basic) -> str:
        if isinstance(c, sp.And | sp.Or):
            return "(" + (" & " if isinstance(c, sp.And) else " | ").join(map(self.condition, c.args)) + ")"
        if isinstance(c, sp.Not):
            return f"(not {self.condition(c.args[0])})"
        return super().condition(c)


def _whole_power(text: str, n: int) -> str:
    """Return the product of `n` equal factors by squaring; common factors are found again by the compiler."""
    if n == 1:
        return text
    half = _whole_power(text, n // 2)
    return f"({half} * {half} * {text})" if n % 2 else f"({half} * {half})"


def assignments(
    expressions: tuple[sp.Expr, ...], names: dict[sp.Symbol, str], results: list[str], label: str
) -> list[str]:
    """Return source lines that assign `expressions` to `results`, with subexpressions shared under `label`."""
    shared, reduced = sp.cse(list(expressions), symbols=sp.numbered_symbols(label))
    names = dict(names)
    lines = []
    for symbol, value in shared:
        lines.append(f"{symbol.name} = {NumbaPrinter(names).expr(value)}")
        names[symbol] = symbol.name
    printer = NumbaPrinter(names)
    return lines + [f"{r} = {printer.expr(sp.sympify(e))}" for r, e in zip(results, reduced, strict=True)]


def indented(lines: list[str], levels: int) -> list[str]:
    """Return source lines further to the right."""
    return ["    " * levels + line for line in lines]
