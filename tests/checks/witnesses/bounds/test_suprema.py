"""Bounds of suprema: Ville's is proved, anything below it refuted, and no search confirms one."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task, witness_named
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.ranges import Between, Positive
from crossproof.derivations.statements.classes.suprema import SupremumBound
from crossproof.derivations.symbols import positive, real

load_catalog()
p, r, s = positive("p r s")
LEVEL = sp.exp(-r)
START = s * LEVEL
DOMAIN = Domain(p=Positive, r=Positive, s=Between(0, 1))
LEAST, EXITS = "least bound of the supermartingales", "exits of geometric members"


def examine(name: str, bound: sp.Expr, power: sp.Expr = p, domain: Domain = DOMAIN) -> Finding:
    statement = SupremumBound(power, START, LEVEL, bound)
    claim = Claim("toy.supremum", "A bound.", Source("toy", "1"), statement, domain)
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 0, "cpu", 1e-9, name))


def test_the_least_bound() -> None:
    assert examine(LEAST, s**p).outcome is Outcome.PROVED
    assert examine(LEAST, 2 * s**p).outcome is Outcome.PROVED
    assert examine(LEAST, sp.Integer(1)).outcome is Outcome.PROVED
    for small in (s**p / 2, s ** (2 * p), s**p * LEVEL):
        assert examine(LEAST, small).outcome is Outcome.REFUTED


@pytest.mark.parametrize("name", [LEAST, EXITS])
def test_a_level_without_its_power(name: str) -> None:
    # (start/level)^p against start^p/level: larger for p < 1 and level < 1, smaller for p > 1
    low = Domain(p=Between(0, 1), r=Positive, s=Between(0, 1))
    without = START**p / LEVEL
    assert examine(name, without, domain=low).outcome in (Outcome.PROVED, Outcome.UNDECIDED)
    assert examine(LEAST, without, domain=low).outcome is Outcome.PROVED
    assert examine(name, without).outcome is Outcome.REFUTED


def test_logarithms_of_factors_without_a_sign_prove_nothing() -> None:
    # (1 - 2 s) and its root change the sign on the domain
    assert examine(LEAST, sp.sqrt((1 - 2 * s) ** 2)).outcome is not Outcome.PROVED
    assert examine(LEAST, 9 * (s - 2) * (s - 3)).outcome is not Outcome.REFUTED


def test_members_confirm_nothing_and_find_small_bounds() -> None:
    assert examine(EXITS, s**p).outcome is Outcome.UNDECIDED
    assert examine(EXITS, sp.Rational(9, 10) * s**p).outcome is Outcome.REFUTED


def test_signs_are_needed() -> None:
    with pytest.raises(ClaimError, match="known to be positive"):
        SupremumBound(real("a"), START, LEVEL, s)


def test_a_bound_of_0_is_exceeded() -> None:
    a = positive("a")
    shrunk = s**p * (a - 2) ** 2
    assert examine(EXITS, shrunk, domain=Domain(p=Positive, r=Positive, s=Between(0, 1), a=Between(1, 3))).outcome is (
        Outcome.REFUTED
    )
    assert examine(EXITS, 0 * s).outcome is Outcome.REFUTED
