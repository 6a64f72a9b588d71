"""Is an expression identically zero? Exact polynomial arithmetic over Q (python-flint), after a modular filter."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import sympy as sp

from ...derivations.errors import DomainError
from .fraction_field import FractionField, Residues, Unanswerable, walk
from .large_numbers import misread, too_large
from .power_bases import Base
from .powers import Powers

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Seed of the points at which the modular filter evaluates.
_SEED = 20
#: Points tried until every denominator is invertible and every radicand a square.
_TRIALS = 200


def vanishes_identically(expr: sp.Expr) -> bool | None:
    r"""Decide whether `expr` is identically zero where it is defined.

    The expression is read as an element of :math:`\mathbb Q(g_1, \ldots, g_n)` modulo relations: a symbol with rational
    powers becomes :math:`x = t^q`, roots of other bases carry :math:`t^q = b`, powers with symbolic exponents and exp
    become monomials in independent units, and any other function is a generator of its own. Before the exact
    arithmetic it is evaluated modulo a 62-bit prime at a seeded random point.

    Parameters
    ----------
    expr : sympy.Expr
        A scalar expression.

    Returns
    -------
    bool or None
        True: proved to be zero. False: certainly not identically zero, given only when every generator is known to
        be independent (rational functions, roots of symbols and of primes). None: neither was found.

    Raises
    ------
    DomainError
        If `expr` is no scalar expression.
    NumericsError
        If python-flint is missing.
    """
    e = sp.sympify(expr)
    if not isinstance(e, sp.Expr) or getattr(e, "is_Matrix", False):
        raise DomainError(f"expr = {expr!r} of type {type(expr).__name__}; give a scalar SymPy expression")
    if e.has(sp.Function):
        e = _as_exponentials(e)
    if e.is_Rational:
        return bool(e == 0)
    powers = Powers()
    try:
        powers.scan(e)
        powers.assign()
        nonzero = None if powers.opaque else False
        if _nonzero_modulo_prime(e, powers):
            return nonzero
        field = FractionField(powers.names or ["g"])
        evaluate = _Evaluator(powers, field)
        value = evaluate(e)
        if not _reduced(value.num, powers, field, evaluate).is_zero():
            return nonzero
        factors = (field.factors[key] for key in value.den)
        if any(_reduced(f, powers, field, evaluate).is_zero() for f in factors):
            return None
        return True
    except Unanswerable:
        return None


def _as_exponentials(e: sp.Expr) -> sp.Expr:
    periodic = (
        sp.functions.elementary.hyperbolic.HyperbolicFunction,
        sp.functions.elementary.trigonometric.TrigonometricFunction,
    )
    if not e.has(*periodic):
        return e

    @cache
    def node(e: Any) -> Any:
        args = [node(a) for a in e.args]
        same = all(a is b for a, b in zip(args, e.args, strict=True))
        kept = not same and (too_large(e, args) or misread(e, args))
        made = e if same else e.func(*args, **({"evaluate": False} if kept else {}))
        # not deep: what is written inside is so already, and would be evaluated once more
        return made.rewrite(sp.exp, deep=False) if isinstance(made, periodic) else made

    return node(e)


class _Evaluator:
    """Values of expressions in one algebra, given the generators of `powers`."""

    def __init__(self, powers: Powers, algebra: Any) -> None:
        self.powers, self.algebra = powers, algebra

    def __call__(self, e: sp.Basic) -> Any:
        return walk(e, self.algebra, self._leaf, self.powers.products)

    def _leaf(self, node: sp.Basic) -> Any:
        factors = []
        for number, exponent in self.powers.products[node]:
            base = self.powers.bases[number]
            power, units = base.split[exponent]
            if base.root is not None:
                factors.append(self.algebra.generator(base.root, power))
            elif power:
                factors.append(self.algebra.power(self.base_value(base), power))
            factors += [self.algebra.generator(index, k) for index, k in units.items()]
        return factors[0] if len(factors) == 1 else self.algebra.mul(factors)

    def base_value(self, base: Base) -> Any:
        """Return the value of a base of kind "number" or "value" by what it is built of."""
        if base.kind == "number":
            return self.algebra.number(base.number)
        num, den = (
            self.algebra.add(
                [
                    self.algebra.mul(
                        [self.algebra.number(int(c.p), int(c.q))]
                        + [self.algebra.power(self._leaf(node), k) for node, k in monomial]
                    )
                    for c, monomial in terms
                ]
            )
            for terms in base.value
        )
        return self.algebra.mul([num, self.algebra.power(den, -1)])


def _relations(powers: Powers) -> list[Base]:
    """Return the bases whose root satisfies t**q = b, inner ones first."""
    return [b for b in powers.bases if b.kind in ("number", "value") and b.root is not None]


def _nonzero_modulo_prime(e: sp.Expr, powers: Powers) -> bool:
    """Return True when a value modulo the prime is certified non-zero; False says nothing."""
    relations = _relations(powers)
    if any(b.degree != 2 for b in relations):
        return False
    draw = random.Random(_SEED)
    for _ in range(_TRIALS):
        residues = Residues([draw.getrandbits(61) for _ in powers.names])
        evaluate = _Evaluator(powers, residues)
        try:
            for base in relations:
                root = residues.root(evaluate.base_value(base))
                if root is None:
                    break
                residues.values[base.root or 0] = root
            else:
                return bool(evaluate(e) != 0)
        except Unanswerable:
            continue
        if base.kind == "number":
            return False
    return False


def _reduced(poly: Any, powers: Powers, field: FractionField, evaluate: _Evaluator) -> Any:
    """Return `poly`, times a non-zero factor, with every root below its degree; 0 means that it vanishes."""
    for base in reversed(_relations(powers)):
        index, q = base.root or 0, base.degree
        if poly.is_zero() or poly.degrees()[index] < q:
            continue
        value = evaluate.base_value(base)
        num, den = value.num, field.denominator(value)
        parts: dict[int, dict[tuple[int, ...], Any]] = {}
        for monomial, c in poly.terms():
            k = int(monomial[index])
            lowered = (*monomial[:index], k % q, *monomial[index + 1 :])
            parts.setdefault(k // q, {})[lowered] = c
        top = max(parts)
        poly = field.context.constant(0)
        for j, terms in parts.items():
            poly = poly + field.context.from_dict(terms) * num**j * den ** (top - j)
    return poly
