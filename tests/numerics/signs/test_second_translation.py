"""The second translation against exact points: what it cannot say, and what it must not contradict."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sympy as sp

from crossproof.numerics.signs import decide as first
from crossproof.numerics.signs.second_solver import second_opinion
from crossproof.numerics.signs.second_translation import InexpressibleError, question

pytest.importorskip("cvc5")
r, q = sp.symbols("r q", real=True)
x = sp.Symbol("x", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
R = sp.Rational


def raw(kind: Any, one: Any, other: Any) -> Any:
    return kind(one, other, evaluate=False)


@pytest.mark.parametrize(
    ("claim", "conditions", "opinion"),
    [
        # a claim must have values wherever the conditions hold
        (raw(sp.Gt, 1 / r + 2, 1 / r), (), "sat"),
        (raw(sp.Gt, 1 / r + 2, 1 / r), (raw(sp.Ne, r, 0),), "unsat"),
        (raw(sp.Gt, sp.sqrt(r), -1), (), "sat"),
        (raw(sp.Gt, sp.sqrt(r), -1), (raw(sp.Ge, r, 0),), "unsat"),
        (raw(sp.Ge, r ** R(1, 3), -5), (raw(sp.Ge, r, -1),), "sat"),
        (raw(sp.Ge, sp.Pow(-1, R(1, 3)) + r, r), (), "sat"),
        (raw(sp.Gt, r ** R(-1, 2), 0), (raw(sp.Ge, r, 0),), "sat"),
        (raw(sp.Gt, r ** R(-1, 2), 0), (raw(sp.Gt, r, 0),), "unsat"),
        (sp.Or(raw(sp.Lt, r, 0), raw(sp.Ge, sp.sqrt(r), 0)), (), "sat"),
        # a condition without a value does not hold
        (raw(sp.Gt, r, 0), (raw(sp.Gt, sp.sqrt(r), 0),), "unsat"),
        (raw(sp.Gt, r, 0), (raw(sp.Ge, sp.sqrt(r), 0),), "sat"),
        (raw(sp.Gt, r, 0), (sp.Not(raw(sp.Lt, sp.sqrt(r), 1), evaluate=False),), "unsat"),
        (raw(sp.Gt, r, 0), (sp.Or(raw(sp.Lt, r, 0), raw(sp.Gt, sp.sqrt(r), 0)),), "sat"),
        # signs of denominators, also of their squares and products
        (raw(sp.Gt, 1 / r**2, 0), (raw(sp.Ne, r, 0),), "unsat"),
        (raw(sp.Lt, 1 / (r * q), 0), (raw(sp.Lt, r, 0), raw(sp.Gt, q, 0)), "unsat"),
        (raw(sp.Lt, 1 / (r * q), 0), (raw(sp.Lt, r, 0), raw(sp.Ne, q, 0)), "sat"),
        (raw(sp.Eq, 1 / (1 + 1 / x), x / (1 + x)), (), "unsat"),
        (raw(sp.Eq, 1 / (1 + 1 / r), r / (1 + r)), (raw(sp.Gt, r, -1),), "sat"),
        # a case distinction needs only the formula that holds, and one that holds
        (raw(sp.Ge, sp.Piecewise((sp.sqrt(r), r >= 0), (0, True)), 0), (), "unsat"),
        (raw(sp.Ge, sp.Piecewise((sp.sqrt(r), r >= -1), (0, True)), 0), (), "sat"),
        (raw(sp.Ge, sp.Piecewise((1, r > 0), (2, r < 0)), 0), (), "sat"),
        (raw(sp.Ge, sp.Piecewise((1, r > 0), (2, r < 0)), 0), (raw(sp.Ne, r, 0),), "unsat"),
        (raw(sp.Eq, sp.Piecewise((1, r > 0), (2, r > -1), (3, True)), 2), (raw(sp.Eq, r, R(-1, 2)),), "unsat"),
        # assumptions of symbols
        (raw(sp.Ge, n, 1), (), "unsat"),
        (raw(sp.Ne, sp.Symbol("s", real=True, nonzero=True), 0), (), "unsat"),
        (raw(sp.Lt, sp.Symbol("s", nonpositive=True), 0), (), "sat"),
        (raw(sp.Ge, (2 * n - 3) ** 2, 1), (), "sat"),  # integers are relaxed
    ],
    ids=str,
)
def test_what_a_question_means(claim: Any, conditions: tuple[Any, ...], opinion: str) -> None:
    assert second_opinion(claim, conditions, 5.0) == opinion


@pytest.mark.parametrize(
    "claim",
    [
        raw(sp.Gt, sp.exp(r), 0),
        raw(sp.Gt, x**r, 0),
        raw(sp.Ge, r**62, 0),
        raw(sp.Ge, 1.5 * r**2, 0),
        raw(sp.Gt, sp.pi * x, 0),
        raw(sp.Ge, sp.Symbol("free") ** 2, 0),
    ],
    ids=str,
)
def test_what_it_cannot_say_is_no_opinion(claim: Any) -> None:
    with pytest.raises(InexpressibleError):
        question(claim, ())
    assert second_opinion(claim, (), 1.0) == "unknown"


def drawn(draw: random.Random, depth: int) -> sp.Expr:
    """Return an expression in r of everything that is translated, which has no value at some points."""
    if depth == 0:
        return draw.choice((r, R(1, 2) * r, r**2)) + draw.randint(-2, 2)
    one, other = drawn(draw, depth - 1), drawn(draw, draw.randint(0, depth - 1))
    return draw.choice(
        (
            lambda: sp.Abs(one) + other,
            lambda: sp.sqrt(one) - other,
            lambda: sp.sqrt(1 + one**2) - other,
            lambda: one / other if other != 0 else one,
            lambda: 1 / (1 + sp.Abs(one)) + other,
            lambda: sp.Abs(one) ** R(2, 3) - other,
            lambda: sp.Max(one, other),
            lambda: sp.Min(one, other, 1),
            lambda: sp.Piecewise((one, r > draw.randint(-2, 2)), (other, True)),
            lambda: one * other - 1,
        )
    )()


def value_at(e: Any, at: sp.Rational) -> Any:
    """Return the exact value with r = `at`, None where a part that counts has none."""
    if isinstance(e, sp.Piecewise):
        return next(value_at(formula, at) for formula, condition in e.args if condition.subs(r, at) == sp.true)
    if not e.args:
        return e.subs(r, at)
    values = [value_at(a, at) for a in e.args]
    if None in values:
        return None
    if e.is_Pow and ((values[0] == 0 and values[1] < 0) or (values[0] < 0 and not values[1].is_Integer)):
        return None
    return e.func(*values)


def test_no_exact_point_is_contradicted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both translations alone, on 30 formulas at a point each: no false claim is proved, no true one denied."""
    monkeypatch.setattr(first, "second_opinion", lambda claim, conditions, seconds: "missing")
    counts = {"value": 0, "none": 0, "decided": 0}
    for seed in range(30):
        draw = random.Random(seed)
        e, at = drawn(draw, 3), R(draw.randint(-12, 12), draw.randint(1, 4))
        here, found = [raw(sp.Eq, r, at)], value_at(e, at)
        below = sp.floor(found) - 1 if found is not None else sp.Integer(0)
        true, false = raw(sp.Gt, e, below), raw(sp.Lt, e, below)
        opinions = second_opinion(true, here, 1.0), second_opinion(false, here, 1.0)
        outcomes = first.decide(true, here, 1.0).outcome, first.decide(false, here, 1.0).outcome
        if found is None:
            assert "unsat" not in opinions, (seed, e, at)
            assert outcomes == ("unknown", "unknown"), (seed, e, at)
        else:
            assert opinions in {(a, b) for a in ("unsat", "unknown") for b in ("sat", "unknown")}, (seed, e, at)
            assert outcomes in {(a, b) for a in ("valid", "unknown") for b in ("counterexample", "unknown")}, (seed, e)
        counts["none" if found is None else "value"] += 1
        counts["decided"] += "unknown" not in opinions
    assert counts["none"] >= 5
    assert counts["value"] >= 20
    assert counts["decided"] >= 25
