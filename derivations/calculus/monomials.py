"""Monomials in t, its logarithms and exponentials, by size, and sums of them with a bound of what is left out."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Exponents (p, q, r, s) of t, log t, log log t, log log log t.
Scale = tuple[sp.Rational, sp.Rational, sp.Rational, sp.Rational]

_ZERO, _ONE = sp.Integer(0), sp.Integer(1)
#: The logarithms of t, log t and log log t.
LOGARITHMS: tuple[Scale, ...] = (
    (_ZERO, _ONE, _ZERO, _ZERO),
    (_ZERO, _ZERO, _ONE, _ZERO),
    (_ZERO, _ZERO, _ZERO, _ONE),
)


class Open(Exception):
    """No expansion was found; it says why."""


@dataclass(frozen=True)
class Monomial:
    """exp of a sum of coefficients times scales."""

    powers: tuple[tuple[Scale, sp.Expr], ...] = ()

    @staticmethod
    def of(powers: dict[Scale, sp.Expr]) -> Monomial:
        """Return the monomial with these coefficients, those that are 0 left out."""
        kept = {k: sp.expand(v) for k, v in powers.items()}
        return Monomial(tuple(sorted(((k, v) for k, v in kept.items() if v != 0), reverse=True)))

    def times(self, other: Monomial, power: sp.Expr = _ONE) -> Monomial:
        """Return this monomial times a power of another."""
        powers = dict(self.powers)
        for k, v in other.powers:
            powers[k] = powers.get(k, _ZERO) + power * v
        return Monomial.of(powers)


UNIT = Monomial()


@dataclass(frozen=True)
class Expansion:
    """Terms by falling size, and the size of what is left out; None where nothing is."""

    terms: tuple[tuple[Monomial, sp.Expr], ...]
    rest: Monomial | None = None


def scale_of(m: Monomial) -> Scale:
    """Return the scale that a monomial is, a product of numbered powers of t and its logarithms."""
    exponents = [_ZERO] * 4
    for scale, coefficient in m.powers:
        if scale not in LOGARITHMS or not coefficient.is_Rational:
            raise Open("an exponential of an exponential")
        exponents[LOGARITHMS.index(scale)] = coefficient
    return exponents[0], exponents[1], exponents[2], exponents[3]


def monomial_of(scale: Scale) -> Monomial:
    """Return a scale as a monomial."""
    if scale[3] != 0:
        raise Open("too many logarithms")
    return Monomial.of(dict(zip(LOGARITHMS, scale[:3], strict=True)))
