"""Numbers that grow too fast to be written out, seen before SymPy evaluates them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: What grows too fast to be written out: arguments of factorials, bits of a power, and of a number whose root is taken.
_FACTORIALS = (sp.gamma, sp.loggamma, sp.factorial, sp.binomial, sp.polygamma, sp.zeta, sp.beta)
_LARGEST_FACTORIAL, _LARGEST_POWER, _LARGEST_ROOT = 1000, 50_000, 4000


def too_large(e: sp.Basic, args: Sequence[Any]) -> bool:
    """Return whether the function of `e` at the arguments `args` is a number too large to be written out, or to factor.

    Parameters
    ----------
    e : sympy.Basic
        Any node of an expression.
    args : sequence
        Arguments in place of its own.
    """
    if isinstance(e, _FACTORIALS):
        return any(a.is_Rational and abs(a) > _LARGEST_FACTORIAL for a in args)
    if isinstance(e, sp.exp) and args[0].has(sp.log):  # exp(n log b) would be written as b**n
        return any(abs(n) > _LARGEST_FACTORIAL for n in args[0].atoms(sp.Rational))
    if not (e.is_Pow and args[1].is_Rational):
        return False
    base, exponent = args
    bits = max((int(n.p).bit_length() + int(n.q).bit_length() for n in base.atoms(sp.Rational)), default=0)
    if bits * abs(exponent) > _LARGEST_POWER:
        return True
    # SymPy writes 6**(1/q) as it is, and 12**(5/q) with numbers of q digits inside the root
    return bool(not exponent.is_Integer and (bits > _LARGEST_ROOT or bits * exponent.q > _LARGEST_POWER))
