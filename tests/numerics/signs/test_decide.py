"""Nonlinear real arithmetic: valid relations with the conditions they need, and exact counterexamples."""

from __future__ import annotations

import random
import sys
import time
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import DomainError, NumericsError
from crossproof.derivations.ranges import Above, AtLeast, Integers, Positive
from crossproof.numerics.signs.decide import decide
from crossproof.numerics.signs.second_solver import second_opinion

x, y, z = sp.symbols("x y z", positive=True)
r, q = sp.symbols("r q", real=True)
n = sp.Symbol("n", integer=True, positive=True)


def raw(kind: Any, first: Any, second: Any) -> Any:
    return kind(first, second, evaluate=False)


VALID = [
    (raw(sp.Ge, r**2 + q**2, 2 * r * q), ()),
    (raw(sp.Ge, (x + y) / 2, sp.sqrt(x * y)), ()),
    (raw(sp.Lt, 1 / (1 + x), 1), ()),
    (raw(sp.Gt, 1 / (r - 1), 0), (r > 2,)),
    (raw(sp.Le, x * y * z, ((x + y + z) / 3) ** 3), ()),
    (raw(sp.Lt, sp.sqrt(x + 1), 1 + x / 2), ()),
    (raw(sp.Ge, sp.Abs(r), r), ()),
    (raw(sp.Eq, sp.Abs(r) ** 2, r**2), ()),
    (raw(sp.Ge, (r**3 - 1) / (r - 1), 0), (sp.Ne(r, 1),)),
    (sp.Or(x > 1, x < 2), ()),
    (sp.Not(sp.And(r > q, q > r, evaluate=False), evaluate=False), ()),
    (raw(sp.Ge, x ** sp.Rational(1, 3), x), (x <= 1,)),
    (raw(sp.Gt, x ** sp.Rational(-1, 2), 1), (x < 1,)),
    (raw(sp.Ge, n**2, n), ()),
    (raw(sp.Ge, sp.Max(r, 1 - r), sp.Rational(1, 2)), ()),
    (raw(sp.Le, sp.Min(r, 1 / x, q), r), ()),
    (raw(sp.Ge, sp.Piecewise((r, r > 0), (-2 * r, True)), sp.Abs(r)), ()),
]
FALSE = [
    (raw(sp.Gt, r**2 + q**2, 2 * r * q), ()),
    (raw(sp.Le, x + 1 / x, 2), ()),
    (raw(sp.Gt, sp.sqrt(x), x), ()),
    (raw(sp.Lt, x * y, 1), (x < 1,)),
    (raw(sp.Gt, (n - 5) ** 2, 0), ()),
    (sp.And(x > 1, x < 2), ()),
    (raw(sp.Eq, (r + q) ** 3, r**3 + q**3), ()),
    (raw(sp.Gt, 1 / r, 0), (sp.Ne(r, 0),)),
    (raw(sp.Gt, sp.Max(r, 1 - r), sp.Rational(1, 2)), ()),
    (raw(sp.Lt, sp.Min(r, 1 / x), r), ()),
    (raw(sp.Gt, sp.Piecewise((r, r > 0), (-2 * r, True)), r), ()),
]


@pytest.mark.parametrize(("relation", "conditions"), VALID, ids=str)
def test_valid_relations(relation: Any, conditions: tuple[Any, ...]) -> None:
    found = decide(relation, conditions)
    assert found.outcome == "valid", found.reason
    assert found.point is None


@pytest.mark.parametrize(("relation", "conditions"), FALSE, ids=str)
def test_counterexamples_are_exact_and_small(relation: Any, conditions: tuple[Any, ...]) -> None:
    found = decide(relation, conditions)
    assert found.outcome == "counterexample", found.reason
    assert relation.subs(found.point).doit() == sp.false
    assert all(c.subs(found.point).doit() == sp.true for c in conditions)
    assert all(v.is_Rational and abs(v.p) <= 10 and v.q <= 4 for v in found.point.values())
    assert all(v.is_positive for s, v in found.point.items() if s.is_positive)
    assert all(v.is_integer for s, v in found.point.items() if s.is_integer)


@pytest.mark.parametrize(
    ("relation", "conditions", "opinion"),
    [(*case, word) for cases, word in ((VALID, "unsat"), (FALSE, "sat")) for case in cases],
    ids=str,
)
def test_the_second_translation_alone_agrees(relation: Any, conditions: tuple[Any, ...], opinion: str) -> None:
    pytest.importorskip("cvc5")
    assert second_opinion(relation, conditions, 5.0) == opinion


def test_the_core_names_the_conditions_that_are_needed() -> None:
    found = decide(raw(sp.Gt, x * y, 1), (x > 2, y > 1, y < 7, z < 3))
    assert set(found.core) == {x > 2, y > 1}


def test_a_domain_with_a_root_in_its_bound() -> None:
    sigma, depth = sp.Symbol("sigma", positive=True), n
    least = 2 * sigma * sp.sqrt((depth - 1) * (3 * depth - 2)) / depth
    s = sp.Symbol("s", **AtLeast(least).assumptions)
    domain = Domain(n=Integers(2), sigma=Positive, s=AtLeast(least))
    p = 4 - 4 / depth
    root = ((p + 1) * s - sp.sqrt(s**2 - p * (p + 2) * sigma**2 / 2)) / (p + 2)
    assert decide(raw(sp.Lt, root, s), domain.conditions()).outcome == "valid"
    beyond = Domain(n=Integers(2), sigma=Positive, s=Above(least))
    wrong = decide(raw(sp.Lt, 2 * root, s), beyond.conditions())
    assert wrong.outcome == "counterexample"
    beyond.check(wrong.point)


@pytest.mark.parametrize(
    ("relation", "reason"),
    [
        (raw(sp.Gt, 1 / r + 2, 1 / r), "not shown that r is not 0"),
        (raw(sp.Gt, sp.sqrt(r), -1), "not shown that r is not negative"),
        (raw(sp.Ge, sp.Pow(-1, sp.Rational(1, 3)) + r, r), "not shown that -1 is not negative"),
        (raw(sp.Ge, sp.Piecewise((1, r > 0)), 0), "not in nonlinear real arithmetic"),
        (raw(sp.Eq, (r**2 - q**2) / (r - q), r + q), "is not 0"),
        (raw(sp.Gt, sp.exp(x), 1), "not in nonlinear real arithmetic"),
        (raw(sp.Gt, x**r, 0), "not in nonlinear real arithmetic"),
        (raw(sp.Ge, (2 * n - 3) ** 2, 1), "integers relaxed"),
    ],
)
def test_what_is_undefined_or_untranslatable_stays_open(relation: Any, reason: str) -> None:
    found = decide(relation)
    assert found.outcome == "unknown"
    assert reason in found.reason


@pytest.mark.parametrize(
    ("relation", "conditions"),
    [
        (raw(sp.Gt, 1 / (1 + 1 / r), 0), (r >= 0,)),  # 0 put for r makes it 0
        (raw(sp.Lt, sp.Abs(sp.sqrt(r)), 1), (r <= 0,)),  # the modulus of a complex number
    ],
)
def test_no_counterexample_where_a_part_has_no_value(relation: Any, conditions: tuple[Any, ...]) -> None:
    assert decide(relation, conditions).outcome == "unknown"
    assert decide(relation, (r > 4,)).outcome == ("valid" if relation.func is sp.Gt else "counterexample")


def test_an_irrational_counterexample_is_exact() -> None:
    found = decide(raw(sp.Gt, r**2, 2), (raw(sp.Ge, r**2, 2),))
    assert found.outcome == "counterexample"
    assert found.point in ({r: sp.sqrt(2)}, {r: -sp.sqrt(2)})
    cubic = decide(raw(sp.Ne, x**3 - 3 * x + y, y - 1), (x < 1,))
    assert cubic.outcome == "counterexample"
    root = cubic.point[x]
    assert sp.minimal_polynomial(root, r) == r**3 - 3 * r + 1
    assert abs(float(root) - 0.34729635533) < 1e-9
    # a model that is no root of a polynomial in one variable alone, with a second coordinate that depends on it
    pair = decide(raw(sp.Gt, (x**2 - 2) ** 2 + (y - x) ** 2, 0))
    assert pair.outcome == "counterexample"
    assert pair.point == {x: sp.sqrt(2), y: sp.sqrt(2)}


@settings(max_examples=15)
@given(st.lists(st.integers(-3, 3), min_size=6, max_size=6))
def test_random_quadratics_agree_with_their_matrix(c: list[int]) -> None:
    form = c[0] * r**2 + c[1] * q**2 + c[2] * r * q + c[3] * r + c[4] * q + c[5]
    matrix = sp.Matrix([[2 * c[0], c[2], c[3]], [c[2], 2 * c[1], c[4]], [c[3], c[4], 2 * c[5]]])
    found = decide(raw(sp.Ge, form, 0))
    assert found.outcome == ("valid" if matrix.is_positive_semidefinite else "counterexample")
    if found.point is not None:
        assert form.subs(found.point) < 0


def test_the_time_limit_is_respected() -> None:
    draw = random.Random(1)
    w = sp.symbols("w1:7", positive=True)
    hard = 1 + sum(a**11 for a in w) + sum(draw.randint(1, 9) * a**2 * b**3 * c for a in w for b in w for c in w)
    hard -= sum(draw.randint(1, 99) * a**4 * b * c for a in w for b in w for c in w if a != b)
    start = time.thread_time()
    found = decide(raw(sp.Gt, hard, 0), seconds=0.5)
    assert time.thread_time() - start < 3
    assert found.outcome in ("unknown", "counterexample")


def test_arguments_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DomainError, match="no relation"):
        decide(x + 1)
    with pytest.raises(DomainError, match="positive number"):
        decide(x > 1, seconds=0)
    with pytest.raises(DomainError, match="not real"):
        decide(raw(sp.Gt, sp.Symbol("free"), 0))
    monkeypatch.setitem(sys.modules, "z3", None)
    with pytest.raises(NumericsError, match="pip install z3-solver"):
        decide(x > 1)


X, K = sp.Symbol("X", real=True), sp.Symbol("K", positive=True)


def written(name: str, argument: sp.Expr) -> sp.Expr:
    """Return |argument| or its root as written."""
    return sp.Abs(argument, evaluate=False) if name == "abs" else sp.sqrt(argument)


@pytest.mark.parametrize(
    ("true", "wrong"),
    [
        (sp.Ge, sp.Gt),
        (sp.Le, sp.Lt),
    ],
)
def test_an_absolute_value_inside_another_is_a_number_of_its_own(true: Any, wrong: Any) -> None:
    inner = written("abs", X) + 1
    assert decide(raw(true, inner, written("abs", inner)), (), 10.0).outcome == "valid"
    assert decide(raw(wrong, inner, written("abs", inner)), (), 10.0).outcome == "counterexample"


def test_a_root_inside_another_is_a_number_of_its_own() -> None:
    inner, outer = sp.sqrt(K), sp.sqrt(1 + sp.sqrt(K))
    assert decide(raw(sp.Lt, outer, 1 + inner), (), 10.0).outcome == "valid"
    assert decide(raw(sp.Ge, outer, inner), (), 10.0).outcome == "counterexample"


def nested(draw: random.Random, depth: int) -> sp.Expr:
    """Return absolute values, roots and reciprocals inside each other, defined for every real number."""
    if depth == 0:
        return X + draw.randint(-3, 3)
    inside, shift = nested(draw, draw.randint(0, depth - 1)), draw.randint(-3, 3)
    return draw.choice(
        (
            written("abs", inside + shift),
            sp.sqrt(1 + inside**2) + shift,
            1 / (1 + written("abs", inside)),
            written("abs", inside) - sp.sqrt(2 + nested(draw, depth - 1) ** 2),
        )
    )


@pytest.mark.parametrize("seed", range(40))
def test_what_stands_for_roots_contradicts_no_point(seed: int) -> None:
    """Variables that stand for roots have values at every point: where they had none, anything would follow."""
    draw = random.Random(seed)
    e, at = nested(draw, 3), sp.Rational(draw.randint(-20, 20), draw.randint(1, 7))
    below = sp.floor(e.subs(X, at)) - 1
    assert decide(raw(sp.Lt, e, below), [sp.Eq(X, at)], 5.0).outcome != "valid"
