"""Two solvers must not disagree, and a fault of one translation must not decide."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import pytest
import sympy as sp

from crossproof.numerics.signs import decide as first
from crossproof.numerics.signs import real_arithmetic
from crossproof.numerics.signs.second_solver import answer

pytest.importorskip("cvc5")
QUESTION = "(declare-fun x () Real)(assert (< (* x x) {})) (check-sat)"
r = sp.Symbol("r", real=True)
x = sp.Symbol("x", positive=True)


def raw(kind: Any, one: Any, other: Any) -> Any:
    return kind(one, other, evaluate=False)


def test_its_answers() -> None:
    assert answer(QUESTION.format("0.0"), 1.0) == "unsat"
    assert answer(QUESTION.format("1.0"), 1.0) == "sat"
    assert answer("(nonsense)", 1.0) == "unknown"


@pytest.mark.parametrize(
    ("opinion", "outcome"), [("unsat", "valid"), ("unknown", "valid"), ("missing", "valid"), ("sat", "unknown")]
)
def test_a_disagreement_leaves_the_question_open(monkeypatch: pytest.MonkeyPatch, opinion: str, outcome: str) -> None:
    monkeypatch.setattr(first, "second_opinion", lambda claim, conditions, seconds: opinion)
    found = first.decide(raw(sp.Ge, r**2 + 1, 2 * r), (), 5.0)
    assert found.outcome == outcome
    assert ("one of them errs" in found.reason) is (opinion == "sat")


def one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """All roots share one variable."""
    monkeypatch.setattr(real_arithmetic, "itertools", SimpleNamespace(count=lambda: itertools.repeat(0)))


def no_absolute_value(monkeypatch: pytest.MonkeyPatch) -> None:
    right = real_arithmetic.Translation._auxiliary
    monkeypatch.setattr(
        real_arithmetic.Translation,
        "_auxiliary",
        lambda self, e: self.term(e.args[0]) if isinstance(e, sp.Abs) else right(self, e),
    )


def nothing_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real_arithmetic.Translation, "requirements", lambda self, claim: iter(()))


def too_much_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first, "assumption", lambda s: sp.Gt(s, 1, evaluate=False))


def positive_denominators(monkeypatch: pytest.MonkeyPatch) -> None:
    right = sp.fraction
    fake = SimpleNamespace(**{**vars(sp), "fraction": lambda e: (right(e)[0], sp.Integer(1))})
    monkeypatch.setattr(real_arithmetic, "sp", fake)


@pytest.mark.parametrize(
    ("fault", "claim", "conditions"),
    [
        (one_name, raw(sp.Le, sp.sqrt(1 + sp.sqrt(x)), sp.sqrt(x)), ()),
        (no_absolute_value, raw(sp.Le, sp.Abs(r), r), ()),
        (nothing_required, raw(sp.Gt, 1 / r + 2, 1 / r), ()),
        (nothing_required, raw(sp.Gt, sp.sqrt(r), -1), ()),
        (too_much_assumed, raw(sp.Ge, x**2, x), ()),
        (positive_denominators, raw(sp.Gt, 1 / r, 0), (raw(sp.Ne, r, 0),)),
    ],
)
def test_a_fault_of_the_first_translation_is_caught(
    monkeypatch: pytest.MonkeyPatch, fault: Any, claim: Any, conditions: Any
) -> None:
    assert first.decide(claim, conditions).outcome != "valid"
    fault(monkeypatch)
    found = first.decide(claim, conditions)
    assert found.outcome == "unknown"
    assert "one of them errs" in found.reason
    monkeypatch.setattr(first, "second_opinion", lambda claim, conditions, seconds: "unknown")
    assert first.decide(claim, conditions).outcome == "valid"  # what nothing else would have caught
