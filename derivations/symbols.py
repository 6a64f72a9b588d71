"""Shorthands that give every symbol the assumptions of its range."""

from __future__ import annotations

import sympy as sp

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def _symbols(names: str, **assumptions: bool) -> sp.Symbol | tuple[sp.Symbol, ...]:
    made: sp.Symbol | tuple[sp.Symbol, ...] = sp.symbols(names, **assumptions)
    return made


def positive(names: str) -> sp.Symbol | tuple[sp.Symbol, ...]:
    """Return symbols that are real and greater than zero.

    Parameters
    ----------
    names : str
        Names separated by commas or blanks, as in :func:`sympy.symbols`.
    """
    return _symbols(names, positive=True)


def real(names: str) -> sp.Symbol | tuple[sp.Symbol, ...]:
    """Return real symbols of either sign."""
    return _symbols(names, real=True)


def dimension(names: str) -> sp.Symbol | tuple[sp.Symbol, ...]:
    """Return positive integer symbols, for depths, widths and sample counts."""
    return _symbols(names, integer=True, positive=True)
