"""Numbers that SymPy must not evaluate: too large to be written out, or with a sign read from too few digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from ...derivations.errors import NumericsError

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


#: What takes no notice of the signs of its arguments, and what compares them with more than 0.
_BLIND = (sp.Add, sp.Mul, sp.exp, sp.logic.boolalg.BooleanFunction)
_COMPARING = (sp.core.relational.Relational, sp.Max, sp.Min, sp.floor, sp.ceiling, sp.frac, sp.Mod)
#: Bits by which a sign is asked for again.
_SIGN_BITS = 640


def misread(e: sp.Basic, args: Sequence[Any]) -> bool:
    """Return whether SymPy may evaluate `e` at the arguments `args` by the wrong sign of a number among them.

    SymPy 1.14 reads the sign of a number from two digits: to it, tanh(log(1 + 10**-12)) is 0 and tan(3.14159265358979)
    is positive.

    Parameters
    ----------
    e : sympy.Basic
        Any node of an expression.
    args : sequence
        Arguments in place of its own.
    """
    if isinstance(e, _BLIND):
        return False
    numbers = [a for a in args if isinstance(a, sp.Expr) and a.is_number and a.has(sp.Function)]
    return bool(numbers) and (isinstance(e, _COMPARING) or not all(map(_sign_is_right, numbers)))


def _sign_is_right(number: sp.Expr) -> bool:
    from .values import value_at_precision

    try:
        ball = value_at_precision(number, {}, _SIGN_BITS).ball
    except NumericsError:
        return number.is_extended_real is False  # then there is no sign that could be wrong
    return bool(ball > 0 and number.is_positive) or bool(ball < 0 and number.is_negative)
