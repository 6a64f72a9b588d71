"""Monte Carlo from first principles judges the functions that users call, at points that nobody chose.

Level 1e-9 a point; power: at the points that count the same samples reject a function that is wrong by 20 %.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp

import crossproof as cp
from crossproof.checks.functions.called import called, pinned
from crossproof.checks.functions.checks import function_checks
from crossproof.checks.functions.judgement import judge_function
from crossproof.checks.witness import witnesses_for

cp.load_catalog()

CHECKS = function_checks()
JUDGED = [c for c in CHECKS if not c.reason]
REVIEWED = json.loads((Path(cp.__file__).parent / "verdicts.lock.json").read_text(encoding="utf-8"))["claims"]
#: One of each type of statement and quantity, with the number of points; the rest is slow, two points each.
QUICK = {
    "000.eq6.solution": 1,
    "001.4.2.vec-left": 2,
    "003.a1.flow": 1,
    "003.a1.sde": 3,
    "003.eq1.limit.fluctuations": 2,
    "003.eq2": 3,
    "003.eq7": 3,
    "003.f.ou": 1,
    "003.prop3.1.critical": 1,
    "003.prop3.1.jacobian": 1,
    "003.prop3.2.cov": 1,
    "003.prop3.3.grad": 1,
    "004.conj-i.1.reciprocal": 2,
    "004.eq15": 3,
}


#: Laws at long times, some forty CPU seconds a point each: of these a few are judged here, and all of them by
#: ``pytest --crossproof-properties``.
LAWS = {"003.f.ou", "004.dw.potential"}
SHOWN = [
    c
    for c in JUDGED
    if c.name in LAWS or not isinstance(cp.CLAIMS[c.claim].statement, cp.StationaryLaw | cp.LimitInLaw)
]


@pytest.mark.parametrize(
    "check", [pytest.param(c, id=c.name, marks=[] if c.name in QUICK else pytest.mark.slow) for c in SHOWN]
)
def test_samples_confirm_the_function_and_reject_a_wrong_one(check: cp.FunctionCheck) -> None:
    verdict = judge_function(
        cp.CLAIMS[check.claim], check.part, examples=1 if check.name in LAWS else QUICK.get(check.name, 2)
    )
    reviewed = REVIEWED.get(check.claim)
    if reviewed in ("proved", "confirmed"):
        assert verdict.outcome is cp.Outcome.CONFIRMED, str(verdict)
    elif verdict.outcome is not cp.Outcome.REFUTED:
        pytest.skip(f"reviewed as {reviewed}, which no drawn point shows: {verdict}")


@pytest.mark.parametrize("claim_id", ["003.eq7", "004.conj-i.1.reciprocal"])
@pytest.mark.parametrize("factor", [sp.Rational(4, 5), sp.Rational(6, 5)])
def test_a_claim_that_is_off_by_a_fifth_is_rejected(claim_id: str, factor: sp.Rational) -> None:
    right = cp.CLAIMS[claim_id]
    wrong = replace(right, statement=replace(right.statement, value=factor * right.statement.value))
    verdict = judge_function(wrong, examples=3)
    assert verdict.outcome is cp.Outcome.REFUTED
    assert "samples:" in str(verdict)


def test_points_are_the_same_in_every_run_unless_others_are_asked_for() -> None:
    first, again = (judge_function(cp.CLAIMS["004.eq15"], examples=3) for _ in range(2))
    assert [look.point for look in first.looks] == [look.point for look in again.looks]
    assert str(first) == str(again)


def test_every_function_has_samples_or_a_reason() -> None:
    assert all(bool(c.witness) != bool(c.reason) for c in CHECKS)
    assert len(CHECKS) >= 445
    assert len(JUDGED) >= 137, "the number may only grow"
    sampled = {c.claim for c in CHECKS if any(w.kind is cp.Kind.MONTE_CARLO for w in witnesses_for(cp.CLAIMS[c.claim]))}
    reasons = {c.name: c.reason for c in CHECKS if c.claim in sampled and c.reason}
    few = ("curvature of the logarithm", "batch of one sample", "samples of a data set", "order of the step", "coarse")
    assert all(any(text in reason for text in few) for reason in reasons.values()), reasons


@pytest.mark.parametrize(
    ("claim_id", "part", "message"),
    [
        ("003.decay", 1, "no witness samples what a statement of type Identity"),
        ("004.mean-noise", 1, "a batch of one sample"),
        ("001.eq33", 1, "samples of a data set"),
        ("003.eq7", 2, "it has none"),
    ],
)
def test_a_function_without_samples_says_why(claim_id: str, part: int, message: str) -> None:
    with pytest.raises(cp.SelectionError, match=message):
        judge_function(cp.CLAIMS[claim_id], part)


def test_the_number_of_points_is_positive() -> None:
    with pytest.raises(cp.UsageError, match="examples is 0"):
        judge_function(cp.CLAIMS["003.eq7"], examples=0)


def test_the_stand_in_is_the_function_and_nothing_else() -> None:
    k, n = cp.positive("k"), sp.Symbol("n", integer=True, positive=True)
    asked: list[dict[str, float]] = []

    def function(**arguments: float) -> float:
        asked.append(arguments)
        return arguments["k"] / 3

    value = called(function, (k, n))(k, n)
    assert not asked
    assert value.free_symbols == {k, n}
    assert value.subs({k: sp.Rational(1, 2), n: 3}) == sp.Rational(0.5 / 3)
    assert asked == [{"k": 0.5, "n": 3.0}]
    with pytest.raises(cp.NumericsError, match="returns inf"):
        called(lambda k: float("inf"), (k,))(sp.Integer(1))


def test_a_pinned_parameter_has_one_value_and_its_assumptions() -> None:
    domain = cp.Domain(n=cp.Integers(2), k=cp.Positive)
    n, k = domain.symbols
    held = pinned(domain, {n: sp.Integer(4)})
    assert held.symbols == (n, k)
    assert {point[n] for point in held.points(5)} == {4}
    with pytest.raises(cp.DomainError, match="n = 5"):
        held.check({n: sp.Integer(5), k: sp.Integer(1)})
