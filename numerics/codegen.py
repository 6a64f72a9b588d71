"""From SymPy expressions to vectorised NumPy and torch functions, by a whitelist of nodes.

Constants stay Python floats, so that the dtype and device of the inputs decide those of the result. What cannot be
printed faithfully is refused with :class:`~crossproof.derivations.errors.PrintingError`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from ..derivations.errors import PrintingError

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

_UNARY = (
    "exp",
    "log",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "atan",
    "erf",
    "erfc",
    "Abs",
    "sign",
    "gamma",
    "loggamma",
)
_RELATIONS = {sp.Gt: ">", sp.Ge: ">=", sp.Lt: "<", sp.Le: "<=", sp.Eq: "==", sp.Ne: "!="}


def _lifted(vector: Callable[[Any], Any], scalar: Callable[[float], float], kind: type) -> Callable[[Any], Any]:
    """Return a function that uses `vector` on arrays of type `kind` and `scalar` on Python numbers."""
    return lambda x: vector(x) if isinstance(x, kind) else scalar(float(x))


def _scipy(name: str) -> Callable[[Any], Any]:
    """Return a function of scipy.special, whose import takes 0.1 s and which most expressions do without."""

    def function(x: Any) -> Any:
        from scipy import special

        return getattr(special, name)(x)

    return function


def _numpy_namespace() -> dict[str, Any]:
    namespace: dict[str, Any] = {name: getattr(np, name, None) for name in _UNARY}
    namespace |= {
        "Abs": np.abs,
        "sign": np.sign,
        "atan": np.arctan,
        "asinh": np.arcsinh,
        "erf": _scipy("erf"),
        "erfc": _scipy("erfc"),
        "gamma": _scipy("gamma"),
        "loggamma": _scipy("gammaln"),
        "sqrt": np.sqrt,
    }
    return namespace | {
        "where": np.where,
        "both": np.logical_and,
        "either": np.logical_or,
        "negate": np.logical_not,
    }


def _torch_namespace() -> dict[str, Any]:
    import torch

    special: dict[str, Callable[[Any], Any]] = {
        "Abs": torch.abs,
        "loggamma": torch.lgamma,
        "gamma": lambda x: torch.exp(torch.lgamma(x)) * _gamma_sign(x),
    }
    scalar: dict[str, Callable[[float], float]] = {
        "Abs": abs,
        "loggamma": math.lgamma,
        "sign": lambda x: math.copysign(1.0, x) if x else 0.0,
    }
    namespace: dict[str, Any] = {
        name: _lifted(special.get(name) or getattr(torch, name), scalar.get(name) or getattr(math, name), torch.Tensor)
        for name in _UNARY
    }

    def _gamma_sign(x: Any) -> Any:
        return torch.where((x < 0) & (torch.floor(x) % 2 != 0), -1.0, 1.0).to(x.dtype)

    namespace["sqrt"] = _lifted(torch.sqrt, math.sqrt, torch.Tensor)
    return namespace | {
        "where": torch.where,
        "both": torch.logical_and,
        "either": torch.logical_or,
        "negate": torch.logical_not,
    }


class Printer:
    """Turns one expression into Python source over the names of a namespace."""

    def __init__(self, names: dict[sp.Symbol, str]) -> None:
        self.names = names

    def expr(self, e: sp.Basic) -> str:
        if e.is_Integer:
            return f"({int(e)})"
        if e.is_Number or e in (sp.pi, sp.E, sp.EulerGamma):
            value = float(e)
            if not math.isfinite(value):
                raise PrintingError(f"the constant {e} is not a finite float; rewrite the expression without it")
            return f"({value!r})"
        if e.is_Symbol:
            return self.names[e]
        if e.is_Add:
            return "(" + " + ".join(map(self.expr, e.args)) + ")"
        if e.is_Mul:
            return "(" + " * ".join(map(self.expr, e.args)) + ")"
        if e.is_Pow:
            return self._power(e)
        if isinstance(e, sp.Piecewise):
            return self._piecewise(e)
        name = e.func.__name__
        if name in _UNARY and len(e.args) == 1:
            return f"{name}({self.expr(e.args[0])})"
        raise PrintingError(f"{name} has no faithful NumPy and torch form here; in {e}")

    def _power(self, e: sp.Pow) -> str:
        base = self.expr(e.base)
        if e.exp == sp.Rational(1, 2):
            return f"sqrt({base})"
        if e.exp == sp.Rational(-1, 2):
            return f"(1.0 / sqrt({base}))"
        if e.exp.is_Integer and e.exp < 0:
            return f"(1.0 / {base} ** {-int(e.exp)})"
        return f"({base} ** {self.expr(e.exp)})"

    def _piecewise(self, e: sp.Piecewise) -> str:
        """Print with the double-where: a branch sees the true arguments only where it is active.

        Elsewhere it is evaluated at a safe constant point, so that neither values nor gradients become NaN.
        """
        *branches, last = e.args
        if last.cond != sp.true:
            raise PrintingError(f"{e} has no default branch; add one, (value, True)")
        earlier: list[sp.Basic] = []
        active = []
        for branch in e.args:
            active.append(sp.And(branch.cond, *(sp.Not(c) for c in earlier)))
            earlier.append(branch.cond)
        source = self._guarded(last.expr, active[-1])
        for branch, condition in zip(reversed(branches), reversed(active[:-1]), strict=True):
            source = f"where({self.condition(condition)}, {self._guarded(branch.expr, condition)}, {source})"
        return source

    def _guarded(self, value: sp.Expr, condition: sp.Basic) -> str:
        symbols = sorted(value.free_symbols, key=str)
        if not symbols or condition == sp.true:
            return self.expr(value)
        safe = _safe_point(value, condition)
        test = self.condition(condition)
        guarded = {s: f"where({test}, {self.names[s]}, {float(safe[s])!r})" for s in symbols}
        return type(self)({**self.names, **guarded}).expr(value)

    def condition(self, c: sp.Basic) -> str:
        if c.func in _RELATIONS:
            return f"({self.expr(c.args[0])} {_RELATIONS[c.func]} {self.expr(c.args[1])})"
        if isinstance(c, sp.And | sp.Or):
            join = "both" if isinstance(c, sp.And) else "either"
            source = self.condition(c.args[0])
            for other in c.args[1:]:
                source = f"{join}({source}, {self.condition(other)})"
            return source
        if isinstance(c, sp.Not):
            return f"negate({self.condition(c.args[0])})"
        raise PrintingError(f"the condition {c} has no faithful NumPy and torch form here")


def _safe_point(value: sp.Expr, condition: sp.Basic) -> dict[sp.Symbol, sp.Expr]:
    """Return simple values at which `condition` holds and `value` and its derivatives are finite."""
    symbols = sorted(value.free_symbols | condition.free_symbols, key=str)
    simple = [sp.Rational(v) for v in ("1", "2", "1/2", "-1", "3", "1/4", "5", "-2", "0", "10")]
    for choice in itertools.product(simple, repeat=len(symbols)):
        point = dict(zip(symbols, choice, strict=True))
        if any(s.is_positive and v <= 0 for s, v in point.items()) or condition.subs(point) != sp.true:
            continue
        if all(sp.sympify(f).subs(point).is_finite for f in (value, *(value.diff(s) for s in symbols))):
            return point
    raise PrintingError(f"no simple point makes {condition} true and {value} finite; rewrite the Piecewise")


def compile_expressions(
    arguments: Sequence[sp.Symbol], expressions: Sequence[sp.Expr], backend: str
) -> Callable[..., tuple[Any, ...]]:
    """Return a function of `arguments` (positional) that evaluates all `expressions`, sharing subexpressions.

    Parameters
    ----------
    arguments : sequence of Symbol
        Positional arguments of the function; arrays that broadcast against each other, or numbers.
    expressions : sequence of Expr
        What the function returns, as a tuple. An entry without arguments comes back as a float.
    backend : {"numpy", "torch"}
        Library of the arrays.

    Raises
    ------
    PrintingError
        If an expression has free symbols outside `arguments`, or a node without a faithful form.
    """
    if backend not in ("numpy", "torch"):
        raise PrintingError(f"backend is {backend!r}; choose 'numpy' or 'torch'")
    return _compiled(tuple(arguments), tuple(map(sp.sympify, expressions)), backend)


@lru_cache(maxsize=256)
def _compiled(
    arguments: tuple[sp.Symbol, ...], expressions: tuple[sp.Expr, ...], backend: str
) -> Callable[..., tuple[Any, ...]]:
    for unprintable in (sp.Sum, sp.Product, sp.Integral, sp.Derivative, sp.Limit):
        if any(e.has(unprintable) for e in expressions):
            raise PrintingError(f"{unprintable.__name__} has no faithful NumPy and torch form here; evaluate it first")
    extra = set().union(*(e.free_symbols for e in expressions)) - set(arguments)
    if extra:
        raise PrintingError(f"symbols {sorted(map(str, extra))} are no arguments; add them or substitute values")
    piecewise = any(e.has(sp.Piecewise) for e in expressions)
    shared, reduced = (
        ([], list(expressions)) if piecewise else sp.cse(list(expressions), symbols=sp.numbered_symbols("_c"))
    )
    names = {s: f"_a{i}" for i, s in enumerate(arguments)}
    printer = Printer(names)
    lines = [f"def function({', '.join(names.values())}):"]
    for symbol, value in shared:
        lines.append(f"    {symbol.name} = {printer.expr(value)}")
        names[symbol] = symbol.name
    lines.append("    return (" + "".join(f"{printer.expr(sp.sympify(e))}, " for e in reduced) + ")")
    namespace = _numpy_namespace() if backend == "numpy" else _torch_namespace()
    exec("\n".join(lines), namespace)  # the source is printed above from whitelisted nodes only
    compiled: Callable[..., tuple[Any, ...]] = namespace["function"]
    return compiled
