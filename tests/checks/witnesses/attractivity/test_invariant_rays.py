"""Rays that a process keeps: found exactly, with the right exponent, and never where the function may decay."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.attractivity.invariant_rays import does_not_decay, escape_rate
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, Positive, Real
from crossproof.derivations.statements.processes import AlmostSureDecay
from crossproof.derivations.symbols import positive, real

a, b = real("a b")
g, k = positive("g k")
#: The two weights of one mode; on a = b = w it is dw = w (g - w^2) dt + sqrt(k) w dB.
WEIGHTS = SDE((a, b), [-b * (a * b - g), -a * (a * b - g)], [sp.sqrt(k) * b, sp.sqrt(k) * a])


def _task(statement: AlmostSureDecay, domain: Domain) -> Task:
    claim = Claim("test.rays", "A test.", Source("test", "here"), statement, domain)
    return Task(claim, effort("quick"), 0, "cpu", 1e-8, "linear decay")


def test_the_exponent_at_zero_is_that_of_ito_s_formula() -> None:
    point = {g: sp.Integer(3), k: sp.Integer(2)}
    assert escape_rate(WEIGHTS, (1, 1), point) == 2  # g - k / 2
    assert escape_rate(WEIGHTS, (1, -1), point) == -4  # dw = -w (g + w^2) dt - sqrt(k) w dB


@pytest.mark.parametrize(
    "sde",
    [
        SDE((a, b), [-a, -2 * b], [a, b]),  # the ray is not kept
        SDE((a, b), [1 - a, 1 - b], [a, b]),  # 0 is not a rest point
        SDE((a, b), [a, b], [a * (1 - a), b * (1 - b)]),  # the noise vanishes at 1, where paths may settle
        SDE((a, b), [a, b], [0, 0]),  # no noise at all
        SDE((a, b), [a, b], [sp.Integer(1), sp.Integer(1)]),  # paths leave through 0
    ],
)
def test_rays_on_which_a_path_may_settle_or_leave_say_nothing(sde: SDE) -> None:
    assert escape_rate(sde, (1, 1), {}) is None


def test_what_decays_is_left_alone_and_what_does_not_is_refuted() -> None:
    domain = Domain(a=Real, b=Real, g=Positive, k=Positive)
    right = AlmostSureDecay(WEIGHTS, a**2 - b**2)
    assert does_not_decay(right, _task(right, domain)) is None
    for function in (2 * a**2 - b**2, a**2, a - b**2, sp.Rational(21, 20) * a**2 - b**2):
        wrong = AlmostSureDecay(WEIGHTS, function)
        found = does_not_decay(wrong, _task(wrong, domain))
        assert found is not None
        assert found.outcome is Outcome.REFUTED
        assert found.counterexample is not None
        assert {"a": "1", "b": "1"}.items() <= found.counterexample.point.items()


def test_strong_noise_makes_everything_decay_and_nothing_is_refuted() -> None:
    statement = AlmostSureDecay(WEIGHTS, a**2)
    domain = Domain(a=Real, b=Real, g=Positive, k=Above(2 * g))  # the exponent g - k / 2 is negative
    assert does_not_decay(statement, _task(statement, domain)) is None
