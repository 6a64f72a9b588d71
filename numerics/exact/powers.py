"""Powers as monomials in independent units, so that expressions with roots and symbolic exponents become rational.

For one base b all exponents that occur are written as c + R/D with a rational c, one common D, and no leading
monomial of D in R. With suitable denominators q the powers of b are then monomials in the root b**(1/q) and in the
units b**(m/(q_m D)), m the monomials of R: b**(n z) = (b**z)**n holds for every integer n on the principal branch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import sympy as sp

from .fraction_field import LARGEST_FACTORED, Fraction, FractionField, Unanswerable, walk
from .power_bases import Base, Product

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Prime factors of rational bases are looked for up to this number.
_TRIAL_DIVISION = 10**5


class Powers:
    """The bases and power products of one expression, collected by :meth:`scan`."""

    def __init__(self) -> None:
        self.bases: list[Base] = []
        self.products: dict[sp.Basic, Product] = {}
        #: Names of the generators, in order.
        self.names: list[str] = []
        #: Whether a generator stands for something whose independence of the others is not known.
        self.opaque = False
        self._numbers: dict[Any, int] = {}
        self._seen: set[sp.Basic] = set()

    def scan(self, e: Any) -> None:
        """Collect what the expression `e` is built of; Unanswerable for inexact or infinite numbers."""
        if e in self._seen:
            return
        if e.is_Symbol:
            if not e.is_commutative or e.is_zero:
                raise Unanswerable(f"symbol {e}")
            self._products_of(e, "symbol")
        elif e.is_Add or e.is_Mul or (e.is_Pow and e.exp.is_Integer):
            for a in e.args:
                self.scan(a)
        elif e.is_Pow or isinstance(e, sp.exp):
            self._scan_power(e)
        elif e is sp.I:
            self.products[e] = ((self._number(-1), sp.Rational(1, 2)),)
            self.bases[self._number(-1)].exponents.add(sp.Rational(1, 2))
        elif e is sp.E:
            self._enlist(e, ((self._exponential(), sp.Integer(1)),))
        elif e.is_Float or isinstance(e, sp.Order | sp.AccumBounds) or e in (sp.nan, sp.oo, -sp.oo, sp.zoo):
            raise Unanswerable(f"{e} is no exact value")
        elif not e.is_Rational:
            self._scan_opaque(e)
        self._seen.add(e)

    def _scan_power(self, e: Any) -> None:
        base, exponent = (sp.E, e.args[0]) if isinstance(e, sp.exp) else (e.base, e.exp)
        self.scan(exponent)
        if base is sp.E:
            parts: list[tuple[int, int]] = [(self._exponential(), 1)]
        else:
            self.scan(base)
            parts = list(self._factored(base))
        self._enlist(e, tuple((number, exponent * multiplicity) for number, multiplicity in parts))

    def _enlist(self, e: sp.Basic, product: Product) -> None:
        self.products[e] = product
        for number, exponent in product:
            self.bases[number].exponents.add(exponent)

    def _exponential(self) -> int:
        return self._base("exp", Base("exp", "e", True))

    def _scan_opaque(self, e: Any) -> None:
        key: Any = e
        if isinstance(e, sp.Function) and all(isinstance(a, sp.Expr) for a in e.args):
            for a in e.args:
                self.scan(a)
            key = (e.func, tuple(self.canonical_text(a) for a in e.args))
        # pi alone is transcendental; with exp or another constant its independence is open
        self.opaque |= e is not sp.pi
        self._products_of(e, "opaque", key)

    def _products_of(self, e: Any, kind: str, key: Any = None) -> None:
        number = self._base(key if key is not None else e, Base(kind, str(e), bool(e.is_positive)))
        self._enlist(e, ((number, sp.Integer(1)),))

    def _base(self, key: Any, made: Base) -> int:
        if key not in self._numbers:
            self._numbers[key] = len(self.bases)
            self.bases.append(made)
        return self._numbers[key]

    def _number(self, n: int) -> int:
        return self._base(("number", n), Base("number", str(n), n > 0, number=n))

    def _factored(self, base: sp.Expr) -> Iterator[tuple[int, int]]:
        """Yield bases and integer multiplicities whose product is `base`; all but one are positive."""
        if base.is_Symbol:
            yield self._numbers[base], 1
            return
        content, num, den, nodes = self.canonical(base)
        if num.is_zero():
            raise Unanswerable("power of zero")
        yield from self._content(content)
        positive = [self._is_positive(node) for node in nodes]
        rest, sign = [num.context().constant(1)] * 2, 1
        for place, poly, direction in ((0, num, 1), (1, den, -1)):
            if len(poly) > LARGEST_FACTORED:
                rest[place] = poly
                continue
            unit, factors = poly.factor()
            sign *= 1 if unit > 0 else -1
            for factor, multiplicity in factors:
                flipped = -factor if factor.leading_coefficient() < 0 else factor
                sign *= -1 if flipped is not factor and multiplicity % 2 else 1
                if _positive_terms(flipped, positive):
                    key = self._poly_text(flipped, nodes)
                    yield (
                        self._value_base(key, flipped, num.context().constant(1), nodes, True),
                        direction * int(multiplicity),
                    )
                else:
                    rest[place] = rest[place] * flipped ** int(multiplicity)
        if len(rest[0]) == 1 and rest[0].is_constant() and rest[1].is_constant():
            if sign < 0:
                yield self._number(-1), 1
            return
        key = ("-" if sign < 0 else "") + "/".join(self._poly_text(p, nodes) for p in rest)
        yield self._value_base(key, sign * rest[0], rest[1], nodes, False), 1

    def _value_base(self, key: str, num: Any, den: Any, nodes: list[sp.Basic], positive: bool) -> int:
        if den.is_one() and len(num) == 1 and num.leading_coefficient() == 1 and num.total_degree() == 1:
            node = nodes[num.monomial(0).index(1)]
            if node.is_Symbol:
                return self._numbers[node]
        value = tuple(
            tuple((c, tuple((nodes[i], int(k)) for i, k in enumerate(m) if k)) for m, c in poly.terms())
            for poly in (num, den)
        )
        return self._base(("value", key), Base("value", key, positive, value=(value[0], value[1])))

    def _content(self, content: Any) -> Iterator[tuple[int, int]]:
        for integer, direction in ((content.p, 1), (content.q, -1)):
            for prime, multiplicity in sp.factorint(int(integer), limit=_TRIAL_DIVISION).items():
                if prime > 1:
                    self.opaque |= not sp.isprime(prime)
                    yield self._number(int(prime)), direction * multiplicity

    def _is_positive(self, node: sp.Basic) -> bool:
        return all(
            self.bases[number].positive and (exponent.is_Rational or bool(exponent.is_real))
            for number, exponent in self.products[node]
        )

    def canonical(self, e: sp.Expr) -> tuple[Any, Any, Any, list[sp.Basic]]:
        """Return positive content, primitive numerator and denominator of `e` without common factor, and its nodes."""
        nodes = sorted(self._nodes(e), key=lambda n: [(i, str(x)) for i, x in self.products[n]])
        algebra = FractionField([f"g{i}" for i in range(max(len(nodes), 1))])
        places = {node: i for i, node in enumerate(nodes)}
        value = walk(e, algebra, lambda node: algebra.generator(places[node]), self.products)
        num, den = value.num, algebra.denominator(value)
        common = num.gcd(den)
        num, den = num / common, den / common
        if den.leading_coefficient() < 0:
            num, den = -num, -den
        top, bottom = _content(num), _content(den)
        return top / bottom, num / top, den / bottom, nodes

    def canonical_text(self, e: sp.Expr) -> str:
        """Return a text that two expressions share only if they are equal as rational functions of their nodes."""
        content, num, den, nodes = self.canonical(e)
        return f"{content}*({self._poly_text(num, nodes)})/({self._poly_text(den, nodes)})"

    def _poly_text(self, poly: Any, nodes: list[sp.Basic]) -> str:
        texts = [str(self.products[n]) for n in nodes]
        terms = sorted(f"{c}" + "".join(f"*{texts[i]}^{k}" for i, k in enumerate(m) if k) for m, c in poly.terms())
        return " + ".join(terms)

    def _nodes(self, e: sp.Basic) -> set[sp.Basic]:
        if e in self.products:
            return {e}
        return set[sp.Basic]().union(*(self._nodes(a) for a in e.args))

    def assign(self) -> None:
        """Give every base its root and units, and every generator its name."""
        for base in self.bases:
            if all(x.is_Rational for x in base.exponents):
                tables: dict[sp.Expr, tuple[Any, dict[Any, Any]]] = {x: (x, {}) for x in base.exponents}
                label = ""
            else:
                tables, label = self._tables(base)
            base.degree = math.lcm(1, *(int(c.q) for c, _ in tables.values()))
            free = base.kind in ("symbol", "opaque", "exp")
            if free or base.degree > 1:
                base.root = self._generator(f"{base.name}^(1/{base.degree})")
            if base.kind == "value" or base.number == -1:
                self.opaque |= base.degree > (2 if base.number == -1 else 1)
            monomials = sorted({m for _, table in tables.values() for m in table})
            self.opaque |= bool(monomials) or base.kind == "exp"
            scale = {m: math.lcm(1, *(int(t[m].q) for _, t in tables.values() if m in t)) for m in monomials}
            units = {m: self._generator(f"{base.name}^({m}{label}/{scale[m]})") for m in monomials}
            for x, (c, table) in tables.items():
                base.split[x] = (
                    int(c * base.degree),
                    {units[m]: int(r * scale[m]) for m, r in table.items()},
                )

    def _generator(self, name: str) -> int:
        self.names.append(name)
        return len(self.names) - 1

    def _tables(self, base: Base) -> tuple[dict[sp.Expr, tuple[Any, dict[Any, Any]]], str]:
        """Return each exponent as its rational part and its coefficients of the monomials over one denominator."""
        exponents = list(base.exponents)
        nodes = sorted(set[sp.Basic]().union(*(self._nodes(x) for x in exponents)), key=str)
        algebra = FractionField([f"g{i}" for i in range(len(nodes))])
        places = {node: i for i, node in enumerate(nodes)}
        values = [walk(x, algebra, lambda node: algebra.generator(places[node]), self.products) for x in exponents]
        den = algebra.denominator(algebra.add([Fraction(algebra.context.constant(1), v.den) for v in values]))
        leading, unit = den.monomial(0), den.leading_coefficient()
        tables = {}
        for x, value in zip(exponents, values, strict=True):
            num = value.num * (den / algebra.denominator(value))
            constant = num[leading] / unit
            rest = num - den * constant
            tables[x] = (constant, dict(rest.terms()))
        return tables, f"/({den})"


def _positive_terms(poly: Any, positive: list[bool]) -> bool:
    return all(c > 0 and all(positive[i] for i, k in enumerate(m) if k) for m, c in poly.terms())


def _content(poly: Any) -> Any:
    """Return the positive rational c such that poly/c has coprime integer coefficients."""
    coefficients = poly.coeffs()
    if not coefficients:
        return poly.context().constant(1).leading_coefficient()
    one = coefficients[0] / coefficients[0]
    return one * math.gcd(*(int(c.p) for c in coefficients)) / math.lcm(*(int(c.q) for c in coefficients))
