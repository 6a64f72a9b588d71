"""Two solvers must not disagree."""

import pytest
import sympy as sp

from crossproof.numerics.signs import decide as first
from crossproof.numerics.signs.second_solver import second_opinion

pytest.importorskip("cvc5")
QUESTION = "(declare-fun x () Real)(assert (< (* x x) {})) (check-sat)"


def test_its_answers():
    assert second_opinion(QUESTION.format("0.0"), 1.0) == "unsat"
    assert second_opinion(QUESTION.format("1.0"), 1.0) == "sat"
    assert second_opinion("(nonsense)", 1.0) == "unknown"


@pytest.mark.parametrize(("opinion", "outcome"), [("unsat", "valid"), ("unknown", "valid"), ("sat", "unknown")])
def test_a_disagreement_leaves_the_question_open(monkeypatch, opinion, outcome):
    monkeypatch.setattr(first, "second_opinion", lambda question, seconds: opinion)
    x = sp.Symbol("x", real=True)
    found = first.decide(sp.Ge(x**2 + 1, 2 * x, evaluate=False), (), 5.0)
    assert found.outcome == outcome
    assert ("one of them errs" in found.reason) is (opinion == "sat")
