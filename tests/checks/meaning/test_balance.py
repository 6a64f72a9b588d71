"""A tensor that vanishes for some parameter, or a kink, makes no balance: neither proof nor confirmation."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Kind, Outcome
from crossproof.checks.meaning.balance import no_balance
from crossproof.checks.witness import Task, witness_named, witnesses_for
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import AtLeast, Positive, Real
from crossproof.derivations.statements.detailed_balance import DetailedBalance

x, y = sp.symbols("x y", real=True)
edge, inner = sp.Symbol("b", nonnegative=True), sp.Symbol("b", positive=True)


def statement(b: sp.Symbol) -> DetailedBalance:
    density = sp.exp(-b * (x**2 + y**2) / 2)
    return DetailedBalance(
        (x, y), (b**2 * x, b * y), ((b, sp.Integer(0)), (sp.Integer(0), sp.Integer(1))), density=density
    )


def found(b: sp.Symbol, given: object) -> dict[Kind, Finding]:
    domain = Domain(b=given, x=Real, y=Real)  # type: ignore[arg-type]
    made = Claim("test.claim", "a test", Source("test", "here"), statement(b), domain)
    return {
        w.kind: witness_named(w.name).examine(made.statement, Task(made, effort("quick"), 1, "cpu", 1e-6, w.name))
        for w in witnesses_for(made)
    }


def test_a_tensor_that_may_vanish_is_neither_proved_nor_confirmed() -> None:
    """At b = 0 there is no noise along x and no law."""
    assert all(f.outcome not in (Outcome.PROVED, Outcome.CONFIRMED) for f in found(edge, AtLeast(0)).values())
    sound = found(inner, Positive)
    assert sound[Kind.ALGEBRA].outcome is Outcome.PROVED
    assert sound[Kind.DETERMINISTIC].outcome is Outcome.CONFIRMED


@pytest.mark.parametrize(("b", "given", "seen"), [(edge, AtLeast(0), False), (inner, Positive, True)])
def test_what_is_missing_is_named(b: sp.Symbol, given: object, seen: bool) -> None:
    domain = Domain(b=given, x=Real, y=Real)  # type: ignore[arg-type]
    made = Claim("test.claim", "a test", Source("test", "here"), statement(b), domain)
    reason = no_balance(statement(b), sp.Matrix([-b * x, -b * y]), Task(made, effort("quick"), 1, "cpu", 1e-6, "w"))
    assert reason == ("" if seen else "the tensor is not seen to be positive definite")
