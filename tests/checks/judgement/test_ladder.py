"""The ladder: which rung decides, that time limits hold, and that counterexamples lie in the domain."""

from __future__ import annotations

import signal
import sys
import threading
import time
from typing import Any

import pytest
import sympy as sp

from crossproof.checks.judgement import normal_forms
from crossproof.checks.judgement.ladder import equivalent, holds, vanishes
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import DomainError
from crossproof.derivations.ranges import Above, Between, Integers, Positive

x, y = sp.symbols("x y", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
unit = Domain(y=Between(0, 1))


def raw(kind: Any, first: Any, second: Any) -> Any:
    return kind(first, second, evaluate=False)


def slow() -> sp.Expr:
    """An expression on which SymPy's normal forms take long."""
    terms = [sp.gamma(x * k + y) * sp.gamma(sp.Rational(1, k + 1) + x * y) for k in range(1, 9)]
    return sum(t / sp.gamma(k * x + y / 2) for k, t in enumerate(terms, 1)) - sp.log(x + y)


def test_rational_identities_end_on_the_first_rung() -> None:
    found = vanishes((x**2 - y**2) / (x - y) - x - y)
    assert (found.answer, found.decided_by, len(found.rungs)) == (True, "flint", 1)
    found = vanishes(x / (x + y) - y)
    assert (found.answer, found.decided_by) == (False, "flint")


def test_sympy_is_asked_where_polynomials_do_not_suffice() -> None:
    found = vanishes(sp.gamma(x + 1) - x * sp.gamma(x))
    assert (found.answer, found.decided_by) == (True, "sympy")
    assert [r.name for r in found.rungs] == ["flint", "sympy"]
    assert str(found).startswith("flint: None after ")
    assert vanishes(sp.atan(x) + sp.atan(1 / x) - sp.pi / 2).answer is None


def test_sympy_is_interrupted_at_the_limit() -> None:
    before, start = signal.getsignal(signal.SIGPROF), time.thread_time()
    found = vanishes(slow(), seconds=0.2)
    assert time.thread_time() - start < 2
    assert found.answer is None
    assert "time limit" in found.rungs[-1].reason
    assert signal.getsignal(signal.SIGPROF) is before
    assert signal.getitimer(signal.ITIMER_PROF)[0] == 0


def test_other_threads_need_no_signal() -> None:
    answers: list[bool | None] = []
    thread = threading.Thread(target=lambda: answers.append(vanishes(sp.gamma(x + 1) - x * sp.gamma(x)).answer))
    thread.start()
    thread.join()
    assert answers == [True]


def test_exact_vanishes_uses_the_polynomial_rung(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normal_forms, "normal_forms", lambda e: pytest.fail("SymPy was asked"))
    assert normal_forms.vanishes((x + y) ** 5 - sp.expand((x + y) ** 5))
    assert not normal_forms.vanishes((x + y) ** 5 - sp.expand((x + y) ** 5) + x)


def test_signs_of_the_parametrisation_come_first() -> None:
    found = holds(raw(sp.Gt, y**2, x**2), Domain(x=Positive, y=Above(x)))
    assert (found.answer, found.decided_by, len(found.rungs)) == (True, "parametrisation", 1)


def test_inequalities_end_on_z3_where_it_can_speak() -> None:
    domain = Domain(x=Positive, y=Above(1 / x))
    found = holds(raw(sp.Gt, x + y, 2), domain)
    assert (found.answer, found.decided_by) == (True, "z3")
    assert found.rungs[-1].reason.startswith("the negation is unsatisfiable; it needs y > 1/x")
    found = holds(raw(sp.Gt, x + y, 3), domain)
    assert (found.answer, found.decided_by) == (False, "z3")
    domain.check(found.point)
    assert found.point[x] + found.point[y] <= 3


def test_two_conditions_are_compared() -> None:
    domain = Domain(x=Positive, y=Positive)

    def answer(first: sp.Expr, second: sp.Expr, one: type[sp.Rel] = sp.Gt, other: type[sp.Rel] = sp.Gt) -> bool | None:
        found = equivalent(raw(one, first, 0), raw(other, second, 0), domain, 5.0)
        if found.point is not None:
            assert (first.subs(found.point) > 0) != (second.subs(found.point) > 0) or one is not other
        return found.answer

    gap, square = x - sp.sqrt(y), x**2 - y
    assert answer(gap, square) is True
    assert answer(gap, square, sp.Ge, sp.Ge) is True
    assert answer(gap, square, sp.Gt, sp.Ge) is False
    assert answer(gap, square + x) is False
    assert answer(x - 1, x**3 - 1 + (x - 1) ** 3 * (1 - x) * 9) is False
    below = sp.Piecewise((x - 1, x >= 1), (sp.Integer(-1), True))
    assert answer(x - 1, below) is True
    assert answer(x - 2, below) is False
    assert answer(x - 1, sp.exp(x) - sp.E) is None  # not in nonlinear real arithmetic


def test_without_z3_the_rung_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    found = holds(raw(sp.Gt, x + y, 3), Domain(x=Positive, y=Above(1 / x)))
    assert [r.name for r in found.rungs] == ["parametrisation", "ranges", "z3", "descent", "boxes"]
    assert found.rungs[2].reason == "skipped: z3-solver is not installed; run `pip install z3-solver`"


def test_transcendental_inequalities_in_one_parameter_end_on_the_line() -> None:
    found = holds(raw(sp.Gt, sp.exp(y) + sp.Rational(1, 9), 1 + y), unit)
    assert (found.answer, found.decided_by) == (True, "line")
    assert holds(raw(sp.Gt, sp.exp(y), 1 + y), unit).answer is True  # equality at the excluded end
    found = holds(raw(sp.Gt, sp.exp(y), sp.Rational(3, 2) + y), unit)
    assert (found.answer, found.decided_by) == (False, "line")
    unit.check(found.point)
    assert float(sp.exp(found.point[y]) - found.point[y]) < 1.5
    assert holds(raw(sp.Gt, sp.exp(x), x), Domain(x=Positive)).answer is True
    assert holds(raw(sp.Gt, sp.exp(x), x**3), Domain(x=Positive)).answer is False


def test_several_parameters_end_on_descent_or_boxes() -> None:
    both = Domain(x=Positive, y=Positive)
    found = holds(raw(sp.Ge, x / y - sp.log(x / y), 1), both)
    assert (found.answer, found.decided_by) == (True, "descent")
    square = Domain(x=Between(0, 1), y=Between(0, 1))
    found = holds(raw(sp.Gt, sp.exp(x * y) + sp.Rational(1, 9), 1 + sp.sin(x * y)), square)
    assert found.answer is True
    assert holds(raw(sp.Gt, sp.exp(x * y), 1 + sp.sin(x * y) + sp.Rational(1, 9)), square).answer is False


def test_what_fails_between_the_whole_numbers_only_holds_on_them() -> None:
    relation = raw(sp.Gt, sp.exp(n) * (2 * n - 3) ** 2, 1)
    assert holds(relation, Domain(n=Integers(1, 4))).answer is True
    assert holds(relation, Domain(n=Integers(1))).answer is True
    assert holds(raw(sp.Gt, (n - 3) ** 2, 0), Domain(n=Integers(1))).answer is False


@pytest.mark.parametrize("call", [lambda: vanishes(x, seconds=0), lambda: holds(x > 1, unit, seconds=-1)])
def test_limits_are_checked(call: Any) -> None:
    with pytest.raises(DomainError, match="positive number"):
        call()
