"""Bases of powers, the generators that they become, and products of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sympy as sp


@dataclass
class Base:
    """A base of powers, or a generator of its own when it has no exponent but 1.

    Parameters
    ----------
    kind : {"symbol", "opaque", "number", "exp", "value"}
        What the base is: an independent generator in the first two kinds.
    name : str
        Its name, for display.
    positive : bool
        Whether it is known to be positive.
    number : int
        The base itself, for kind "number".
    value : tuple
        Terms (coefficient, ((node, exponent), ...)) of numerator and denominator, for kind "value".
    """

    kind: str
    name: str
    positive: bool
    number: int = 0
    value: tuple[Any, Any] = ((), ())
    exponents: set[sp.Expr] = field(default_factory=set)
    #: Index of the root's generator, or None when the base itself is what occurs.
    root: int | None = None
    #: Denominator q of the root b**(1/q).
    degree: int = 1
    #: Index of each unit's generator and its integer power, with the rational power of the base, by exponent.
    split: dict[sp.Expr, tuple[int, dict[int, int]]] = field(default_factory=dict)


#: A power product: pairs of base number and exponent.
Product = tuple[tuple[int, sp.Expr], ...]
