"""Ball arithmetic on boxes: certified signs agree with mpmath at random points, failures are exact."""

from __future__ import annotations

import random
import time

import mpmath
import pytest
import sympy as sp

from crossproof.derivations.errors import DomainError, NumericsError
from crossproof.numerics.signs.boxes import prove_sign

x, y = sp.symbols("x y", positive=True)
R = sp.Rational

HOLDS = [
    (x**2 + y**2 - 2 * x * y + R(1, 100), {x: (0, 2), y: (0, 2)}, 1),
    (sp.exp(x) - 1 - x, {x: (R(1, 100), 3)}, 1),
    (sp.log(1 + x) - x, {x: (R(1, 100), 10)}, -1),
    (sp.sqrt(x * y) - (x + y) / 2 - R(1, 1000), {x: (R(1, 10), 1), y: (R(1, 10), 1)}, -1),
    (x**3 - x + 1, {x: (R(-1), 1)}, 1),
    (sp.exp(-x) * x ** (y - R(3, 2)) - sp.gamma(y), {x: (1, 3), y: (2, 3)}, -1),
    (x**4 - x**2 * y + y**2 + sp.Abs(x - 1), {x: (R(1, 10), 1), y: (R(1, 10), 1)}, 1),
    (x - y, {x: (2, 2), y: (1, 1)}, 1),
]


@pytest.mark.parametrize(("expr", "box", "sign"), HOLDS, ids=lambda v: str(v)[:40])
def test_certified_signs_agree_with_mpmath(expr: sp.Expr, box: dict, sign: int) -> None:
    found = prove_sign(expr, box, sign=sign)
    assert found.outcome == "holds", found.reason
    value = sp.lambdify(list(box), expr, "mpmath")
    draw = random.Random(1)
    for _ in range(200):
        point = [mpmath.mpf(float(a)) + draw.random() * mpmath.mpf(float(b - a)) for a, b in box.values()]
        assert sign * value(*point) > 0
    opposite = prove_sign(expr, box, sign=-sign)
    assert opposite.outcome == "fails"
    assert sign * float(opposite.value) > 0


@pytest.mark.parametrize(
    ("expr", "box", "point"),
    [
        (x * y - 1, {x: (R(1, 2), 3), y: (R(1, 2), 3)}, {x: R(1, 2), y: R(1, 2)}),
        ((x - 1) ** 2, {x: (R(1, 3), 2)}, {x: 1}),
        (x**2 - 3 * x + 2, {x: (R(1, 2), R(5, 2))}, {x: R(3, 2)}),
        (sp.sqrt(x) - x, {x: (0, R(1, 2))}, {x: 0}),
    ],
)
def test_failures_are_exact_and_simple(expr: sp.Expr, box: dict, point: dict) -> None:
    found = prove_sign(expr, box)
    assert found.outcome == "fails"
    assert found.point is not None
    assert expr.subs(found.point) <= 0
    assert all(abs(v.q) <= 8 for v in found.point.values())
    if box.keys() == point.keys() and len(box) > 1:
        assert found.point == point


def test_a_narrow_dip_is_found() -> None:
    dip = (x - R(1, 7)) ** 2 - R(1, 10**10)
    found = prove_sign(dip, {x: (0, 1)})
    assert found.outcome == "fails"
    assert found.point == {x: R(1, 7)}


def test_budgets_end_in_unknown_with_a_reason() -> None:
    touching = (x**2 - 2) ** 2
    found = prove_sign(touching, {x: (1, 2)})
    assert found.outcome == "unknown"
    assert "1.41421" in found.reason
    hard = sum(sp.sin(k * x * y) ** 2 for k in range(1, 6)) * x - R(1, 10**6) * y
    box = {x: (R(1, 10), 3), y: (R(1, 10), 3)}
    assert "50 boxes" in prove_sign(hard, box, boxes=50).reason
    start = time.thread_time()
    prove_sign(hard - R(1, 10**5) * y, box, boxes=10**9, seconds=0.3)
    assert time.thread_time() - start < 2
    assert prove_sign(1 / (x - 1), {x: (R(1, 2), 2)}, sign=-1).outcome == "fails"
    assert prove_sign(1 / (x - 1) ** 2, {x: (R(1, 3), 2)}).outcome == "unknown"


def test_arguments_are_checked() -> None:
    with pytest.raises(DomainError, match="every free symbol"):
        prove_sign(x + y, {x: (0, 1)})
    with pytest.raises(DomainError, match="low <= high"):
        prove_sign(x, {x: (1, 0)})
    with pytest.raises(DomainError, match="exact rationals"):
        prove_sign(x, {x: (0.5, 1)})
    with pytest.raises(NumericsError, match="ball arithmetic"):
        prove_sign(sp.besselj(0, x), {x: (1, 2)})
