"""Expressions at exact points as SymPy writes them: which are 0 by rational and algebraic arithmetic, without balls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from .large_numbers import misread, too_large
from .rational import vanishes_identically

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Bits of the numbers in an expression that are factored at most, to see whether it is 0.
_FACTORED_BITS = 400


def at_values(expr: sp.Basic, point: Mapping[sp.Symbol, Any], names: dict[sp.Basic, sp.Dummy] | None = None) -> Any:
    """Return `expr` with exact values in place of symbols, evaluated as far as SymPy does without large numbers.

    A factorial or a power that would have more than some ten thousand digits stays as it is written, and so does what
    SymPy fails to evaluate, or would by a wrong sign; with `names`, a symbol that is entered there takes its place.
    """
    values = {s: sp.sympify(v) for s, v in point.items()}

    known: dict[sp.Basic, Any] = dict(values)

    def node(e: sp.Basic) -> Any:
        if e not in known:
            known[e] = made(e)
        return known[e]

    def made(e: sp.Basic) -> Any:
        args = [node(a) for a in e.args]
        if all(a is b for a, b in zip(args, e.args, strict=True)):
            return e
        # what holds such a number is not evaluated either: a product would evaluate its powers once more
        doubtful = misread(e, args)
        if not (doubtful or too_large(e, args) or any(a in written for a in args)):
            try:
                return e.func(*args)
            except (OverflowError, ValueError):
                pass  # SymPy asked for the sign of a huge number, or could not compare two
        if not isinstance(e, sp.Expr | sp.core.relational.Relational):  # a branch, or conditions joined
            found = sp.Basic.__new__(e.func, *args)
            written.add(found)
            return found
        found = e.func(*args, evaluate=False)
        if names is not None and isinstance(e, sp.Expr):
            # a root of a negative number is not real, nor need a logarithm be
            sure = isinstance(e, sp.Pow) and (args[1].is_Integer or (args[0].is_nonnegative and not doubtful))
            real = True if sure else None
            return names.setdefault(found, sp.Dummy(real=real))
        written.add(found)
        return found

    written: set[sp.Basic] = set()
    return node(sp.sympify(expr))


def exactly_zero(expr: sp.Expr, point: Mapping[sp.Symbol, Any]) -> bool | None:
    """Return whether `expr` is exactly 0 at an exact point, by rational and algebraic arithmetic; None if not told."""
    names: dict[sp.Basic, sp.Dummy] = {}
    exact = at_values(expr, point, names)
    if exact.is_Rational:
        return bool(exact == 0)
    if exact.free_symbols - set(names.values()) or exact.has(sp.nan, sp.zoo, sp.oo):
        return None
    # numbers are factored on the way, which large ones would not end
    if sum(int(n.p).bit_length() + int(n.q).bit_length() for n in exact.atoms(sp.Rational)) > _FACTORED_BITS:
        return None
    return True if vanishes_identically(exact) else None
