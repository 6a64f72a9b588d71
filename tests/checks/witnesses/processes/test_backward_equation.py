"""Expectations of functions beyond powers: the backward equation proves them, the generator at the start refutes."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.witness import Task, witness_named
from crossproof.derivations.calculus.observables import observables
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import AtLeast, Positive, Real
from crossproof.derivations.statements.processes import ExpectationAtAllTimes

t = sp.Symbol("t", nonnegative=True)
k, s, m, a, y0 = sp.symbols("k s m a y0", positive=True)
x, x0 = sp.symbols("x x0", real=True)
y = sp.Symbol("y", positive=True)
LINE = Domain(k=Positive, s=Positive, x0=Real, t=AtLeast(0))
HALF = Domain(k=Positive, s=Positive, m=Positive, a=Positive, y0=Positive, t=AtLeast(0))
SPRING = SDE(x, -k * x, s)
MOTION = SDE(x, sp.Integer(0), s)
RATE = SDE(y, k * (m - y), s * sp.sqrt(y))
FALL = sp.exp(-k * t)
SCALE = 1 + a * s**2 * (1 - FALL) / (2 * k)


def examine(sde: SDE, phi: sp.Expr, value: sp.Expr, domain: Domain = LINE) -> Finding:
    start = x0 if domain is LINE else y0
    claim = Claim(
        "test.claim", "a test", Source("test", "here"), ExpectationAtAllTimes(sde, phi, t, start, value), domain
    )
    name = "generator powers"
    return witness_named(name).examine(claim.statement, Task(claim, effort("quick"), 1, "cpu", 1e-6, name))


@pytest.mark.parametrize(
    ("sde", "phi", "value", "wrong", "domain"),
    [
        (SPRING, sp.exp(x), sp.exp(x0 * FALL + s**2 * (1 - FALL**2) / (4 * k)), sp.exp(x0 * FALL), LINE),
        (MOTION, sp.cos(x), sp.cos(x0) * sp.exp(-(s**2) * t / 2), sp.cos(x0) * sp.exp(-(s**2) * t), LINE),
        (
            MOTION,
            sp.exp(-(x**2)),
            sp.exp(-(x0**2) / (1 + 2 * s**2 * t)) / sp.sqrt(1 + 2 * s**2 * t),
            sp.exp(-(x0**2) / (1 + 2 * s**2 * t)),
            LINE,
        ),
        (
            RATE,
            sp.exp(-a * y),
            SCALE ** (-2 * k * m / s**2) * sp.exp(-a * FALL * y0 / SCALE),
            SCALE ** (-k * m / s**2) * sp.exp(-a * FALL * y0 / SCALE),
            HALF,
        ),
    ],
)
def test_transforms_of_known_processes(sde: SDE, phi: sp.Expr, value: sp.Expr, wrong: sp.Expr, domain: Domain) -> None:
    assert examine(sde, phi, value, domain).outcome is Outcome.PROVED
    assert examine(sde, phi, wrong, domain).outcome is Outcome.REFUTED


def test_what_grows_too_fast_is_left_open() -> None:
    """E exp(X^2) is infinite for late times; a solution for a process that explodes says nothing."""
    fast = sp.exp(x0**2 / (1 - 2 * s**2 * t)) / sp.sqrt(1 - 2 * s**2 * t)
    assert examine(MOTION, sp.exp(x**2), fast).outcome is Outcome.UNDECIDED
    assert examine(SDE(x, x**3, s), sp.cos(x), sp.cos(x0)).outcome is Outcome.UNDECIDED
    assert examine(SDE(x, sp.Integer(0), s * x), sp.exp(x), sp.exp(x0)).outcome is Outcome.UNDECIDED


def test_which_functions_are_admitted() -> None:
    steady, shaken = observables(SPRING, LINE), observables(SDE(x, -k * x, s * x), LINE)
    assert steady is not None
    assert shaken is not None
    assert steady.admit(x**3 * sp.exp(2 * x) * sp.cos(x))
    assert steady.admit(sp.exp(-(x**2)))
    assert not steady.admit(sp.exp(x**2))
    assert not steady.admit(sp.log(x**2 + 1))
    assert shaken.admit(x**3 * sp.sin(x))
    assert not shaken.admit(sp.exp(x))
    growing = observables(SDE(x, k * x, s), LINE)
    assert growing is not None
    assert not growing.admit(sp.exp(x))  # the drift pushes outwards
    assert observables(SDE(y, sp.Integer(0), s), HALF) is None  # it leaves the half line


@pytest.mark.parametrize("phi", [sp.cos(x), x])
def test_a_value_that_jumps_in_time_is_left_open(phi: sp.Expr) -> None:
    """It has the right derivatives wherever it has any."""
    right = phi.subs(x, x0) * (sp.exp(-(s**2) * t / 2) if phi.has(sp.cos) else 1)
    assert examine(MOTION, phi, right).outcome is Outcome.PROVED
    late = sp.Piecewise((0, t < 1), (1, True))
    for wrong in (right + late, right + sp.acot(t - 1) + sp.atan(t - 1) + sp.pi / 2):
        assert examine(MOTION, phi, wrong).outcome is Outcome.UNDECIDED
    start = sp.Piecewise((phi.subs(x, x0), sp.Eq(t, 0)), (right, True))
    assert examine(MOTION, phi, start).outcome is not Outcome.REFUTED


def test_neither_the_time_nor_the_state_stands_for_something_else() -> None:
    right = sp.cos(x0) * sp.exp(-t / 2)
    ExpectationAtAllTimes(SDE(x, sp.Integer(0), sp.Integer(1)), sp.cos(x), t, x0, right)
    with pytest.raises(ClaimError, match="equation depends on the time t"):
        ExpectationAtAllTimes(SDE(x, sp.Integer(0), sp.sqrt(1 + t)), sp.cos(x), t, x0, right)
    with pytest.raises(ClaimError, match="start depends on the time t"):
        ExpectationAtAllTimes(MOTION, sp.cos(x), t, t, right)
    with pytest.raises(ClaimError, match="observable depends on the time t"):
        ExpectationAtAllTimes(MOTION, t * sp.cos(x), t, x0, right)
    with pytest.raises(ClaimError, match="value contains the state x"):
        ExpectationAtAllTimes(MOTION, sp.cos(x), t, x0, sp.cos(x) * sp.exp(-t / 2))
