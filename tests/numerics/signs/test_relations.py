"""Relations at exact points: truth by certified signs, and no truth where a part has no value."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from crossproof.numerics.signs.relations import assumption, holds, is_formula

r, q = sp.symbols("r q", real=True)
ROOT = sp.CRootOf(sp.Symbol("x") ** 3 - 3 * sp.Symbol("x") + 1, 1)  # 0.347...
NESTED = sp.sqrt(r + 2 * sp.sqrt(6)) - sp.sqrt(2) - sp.sqrt(3)  # 0 at r = 5
KINDS = (sp.Gt, sp.Ge, sp.Lt, sp.Le, sp.Eq, sp.Ne)


def raw(kind: Any, one: Any, other: Any) -> Any:
    return kind(one, other, evaluate=False)


@pytest.mark.parametrize(
    ("expr", "point", "sign"),
    [
        (r**2 - 2, {r: sp.Rational(141421356237, 10**11)}, -1),
        (r**2 - 2, {r: sp.Rational(141421356238, 10**11)}, 1),
        (r**2 - 2, {r: sp.sqrt(2)}, 0),
        (1 / (r + sp.sqrt(2)) - sp.sqrt(2) + r, {r: sp.Integer(1)}, 0),
        (NESTED, {r: 5 + sp.Rational(1, 10**30)}, 1),
        (r**3 - 3 * r + 1, {r: ROOT}, 0),
        (r**3 - 3 * r + 1 - sp.Rational(1, 10**12), {r: ROOT}, -1),
        (r + q, {r: ROOT, q: -ROOT}, 0),
        (sp.Max(r, q) - 1, {r: sp.Integer(3), q: sp.Integer(-3)}, 1),
    ],
)
def test_every_relation_follows_the_sign(expr: Any, point: Any, sign: int) -> None:
    true = {1: (sp.Gt, sp.Ge, sp.Ne), 0: (sp.Ge, sp.Le, sp.Eq), -1: (sp.Lt, sp.Le, sp.Ne)}[sign]
    assert [holds(raw(kind, expr, 0), point) for kind in KINDS] == [kind in true for kind in KINDS]
    assert [holds(sp.Not(raw(kind, expr, 0), evaluate=False), point) for kind in KINDS] == [
        kind not in true for kind in KINDS
    ]


@pytest.mark.parametrize(
    ("expr", "at"),
    [
        (1 / r, 0),
        (sp.sqrt(r), -1),
        (1 / (1 + 1 / r), 0),  # SymPy makes 0 of it
        (sp.Abs(sp.sqrt(r)), -4),  # the modulus of a complex number is no real value of the root
        (r ** sp.Rational(1, 3) + 10, -8),
        (r / sp.sqrt(r**2 - 1), 1),
        (r**r, -1 / sp.Integer(2)),
    ],
)
def test_nothing_holds_where_a_part_has_no_value(expr: Any, at: Any) -> None:
    assert [holds(raw(kind, expr, 0), {r: sp.sympify(at)}) for kind in KINDS] == [None] * len(KINDS)
    assert holds(raw(sp.Gt, expr, 0), {r: sp.Integer(4)}) is True


def test_a_zero_that_is_not_recognised_is_no_sign() -> None:
    assert {holds(raw(kind, NESTED, 0), {r: sp.Integer(5)}) for kind in KINDS} == {None}


def test_combinations_are_decided_by_what_is_known() -> None:
    point, open_one = {r: sp.Integer(0)}, raw(sp.Gt, 1 / r, 0)
    yes, no = raw(sp.Ge, r, 0), raw(sp.Gt, r, 0)

    def both(kind: Any, *parts: Any) -> bool | None:
        return holds(kind(*parts, evaluate=False), point)

    assert both(sp.And, yes, no) is False
    assert both(sp.And, yes, sp.Ge(r, -1)) is True
    assert both(sp.And, no, open_one) is False
    assert both(sp.And, yes, open_one) is None
    assert both(sp.Or, yes, open_one) is True
    assert both(sp.Or, no, open_one) is None
    assert holds(sp.true, point) is True
    assert holds(sp.false, point) is False


def test_only_relations_are_formulas() -> None:
    assert is_formula(sp.And(r > 0, sp.Not(sp.Eq(r, q), evaluate=False), evaluate=False))
    assert is_formula(sp.true)
    assert not is_formula(r + 1)
    assert not is_formula(sp.And(r > 0, sp.Symbol("b"), evaluate=False))
    assert not is_formula(sp.Symbol("b"))


@pytest.mark.parametrize(
    ("assumed", "inside", "outside"),
    [
        ({"positive": True}, [sp.Rational(1, 9)], [0, -1]),
        ({"negative": True}, [-sp.Rational(1, 9)], [0, 1]),
        ({"nonnegative": True}, [0, 1], [-1]),
        ({"nonpositive": True}, [0, -1], [1]),
        ({"integer": True, "positive": True}, [1, 2], [0, sp.Rational(1, 2)]),
        ({"real": True}, [0, -1, 1], []),
    ],
)
def test_assumptions_as_inequalities(assumed: dict[str, bool], inside: list[Any], outside: list[Any]) -> None:
    s = sp.Symbol("s", **assumed)
    condition, free = assumption(s), sp.Symbol("s", real=True)
    assert all(holds(condition.xreplace({s: free}), {free: sp.sympify(v)}) is True for v in inside)
    assert all(holds(condition.xreplace({s: free}), {free: sp.sympify(v)}) is False for v in outside)
