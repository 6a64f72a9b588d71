"""Powers as monomials in roots and units: the monomials have the values of the powers, texts tell equal fractions."""

from __future__ import annotations

import math
from typing import Any

import pytest
import sympy as sp

from crossproof.numerics.exact.fraction_field import Unanswerable
from crossproof.numerics.exact.powers import Powers

x, y, L = sp.symbols("x y L", positive=True)
r = sp.Symbol("r", real=True)
R = sp.Rational
#: Parameters at which monomials are compared with powers.
AT = {x: 1.7, y: 0.6, L: 2.3, r: -1.3}


def collected(*exprs: Any) -> Powers:
    powers = Powers()
    for e in exprs:
        powers.scan(e)
    powers.assign()
    return powers


def number(e: Any) -> complex:
    return complex(sp.N(sp.sympify(e).subs(AT), 30))


def base_number(powers: Powers, index: int) -> complex:
    """Return the value of a base, from what it is built of."""
    base = powers.bases[index]
    if base.kind == "number":
        return complex(base.number)
    if base.kind == "exp":
        return number(sp.E)
    if base.kind == "value":
        top, bottom = (
            sum(int(c.p) / int(c.q) * math.prod(number(node) ** k for node, k in monomial) for c, monomial in terms)
            for terms in base.value
        )
        return complex(top / bottom)
    return number(sp.sympify(base.name, locals={s.name: s for s in AT}))


@pytest.mark.parametrize(
    "expr",
    [
        sp.sqrt(x) * x ** R(1, 3),
        sp.sqrt(8) + sp.sqrt(R(2, 9)),
        sp.sqrt(x**2 + 3 * x * y + 2 * y**2),
        (x * (y + 1)) ** (1 / L),
        x ** ((L - 1) / (L + 1)) + x ** (2 / (L + 1)),
        sp.exp(x / 2) * sp.exp(-y),
        sp.sqrt(r - 1) + sp.I,
        12**L,
    ],
    ids=str,
)
def test_products_of_bases_have_the_values_of_the_powers(expr: Any) -> None:
    powers = collected(expr)
    assert powers.products
    for node, product in powers.products.items():
        value, off = complex(1), complex(1)
        for index, exponent in product:
            value *= base_number(powers, index) ** number(exponent)
            off *= base_number(powers, index) ** (number(exponent) + 0.01)
        assert abs(value - number(node)) < 1e-10 * (1 + abs(value))
        assert abs(off - number(node)) > 1e-4


@pytest.mark.parametrize(("base", "exponents"), [(x, [R(1, 2), R(2, 3)]), (x, [1 / L, 2 - 2 / L, R(1, 2) + 3 / L])])
def test_exponents_split_into_one_root_and_units(base: Any, exponents: list[Any]) -> None:
    powers = collected(*(base**e for e in exponents))
    (index,) = {i for e in exponents for i, _ in powers.products[base**e]}
    made = powers.bases[index]
    for e in exponents:
        root, units = made.split[e]
        left = e - R(root, made.degree)
        assert left == 0 if not units else sp.simplify(left * L).is_Rational
        assert bool(units) is e.has(L)
    # the exponents of one unit are commensurate as the numbers in front of 1/L
    if exponents[0].has(L):
        (unit,) = {g for e in exponents for g in made.split[e][1]}
        assert [made.split[e][1][unit] for e in exponents] in ([1, -2, 3], [-1, 2, -3])
    assert made.degree == (6 if not exponents[0].has(L) else 2)


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ((x**2 - y**2) / (x - y), x + y, x - y),
        (1 / (1 + 1 / x), x / (x + 1), x / (x + 2)),
        ((2 * x + 2) / 4, x / 2 + R(1, 2), x / 2 + R(1, 3)),
        (sp.sqrt(2) * sp.sqrt(8) * x, sp.sqrt(2) * sp.sqrt(2) * 2 * x, 3 * x),
    ],
)
def test_texts_are_shared_by_equal_fractions_only(one: Any, same: Any, other: Any) -> None:
    powers = collected(one, same, other)
    assert powers.canonical_text(one) == powers.canonical_text(same)
    assert powers.canonical_text(one) != powers.canonical_text(other)


def test_content_and_sign_are_taken_out() -> None:
    powers = collected(x, y)
    content, top, bottom, nodes = powers.canonical((6 * x - 9 * y) / (-4 * x))
    assert (int(content.p), int(content.q)) == (3, 4)
    value = number((6 * x - 9 * y) / (-4 * x))
    at = [number(node).real for node in nodes]

    def evaluated(poly: Any) -> float:
        terms = ((int(c.p) / int(c.q), map(int, m)) for m, c in poly.terms())
        return sum(c * math.prod(v**k for v, k in zip(at, m, strict=True)) for c, m in terms)

    assert 0.75 * evaluated(top) / evaluated(bottom) == pytest.approx(value.real)
    assert bottom.leading_coefficient() > 0


def test_what_may_depend_on_others_is_opaque() -> None:
    assert not collected(sp.sqrt(x) + sp.sqrt(2) + sp.pi * y).opaque
    for doubtful in (sp.log(x), sp.E * x, x ** (1 / L), sp.EulerGamma + x, sp.sqrt(x + y)):
        assert collected(doubtful).opaque, doubtful


@pytest.mark.parametrize(
    "wrong", [sp.Float(0.5) * x, sp.oo, sp.nan, sp.Symbol("A", commutative=False), sp.Symbol("z", zero=True)]
)
def test_inexact_or_infinite_numbers_have_no_powers(wrong: Any) -> None:
    with pytest.raises(Unanswerable):
        collected(wrong)
