"""Overlaps of singular vectors around the threshold, and functions of inner products in high dimensions."""

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
from crossproof.derivations.ranges import Above, Between, Positive
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.classes.gram_limits import GramLimit, inner_product
from crossproof.derivations.statements.classes.overlaps import SpikedOverlap
from crossproof.derivations.symbols import positive, real

load_catalog()
A, s, t = positive("A s t")
OVERLAP = sp.sqrt(1 - A * (1 + s**2) / (s**2 * (A + s**2))) * sp.sqrt(1 - (A + s**2) / (s**2 * (1 + s**2)))
RESIDUE, SAMPLED = "residue at the spike", "sampled overlaps"
LARGE, VECTORS = "law of large numbers", "sampled vectors"
g11, g12, g22 = inner_product(1, 1), inner_product(1, 2), inner_product(2, 2)


def examine(name: str, statement: Statement, domain: Domain) -> Finding:
    claim = Claim("toy.overlap", "A limit.", Source("toy", "1"), statement, domain)
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 0, "cpu", 1e-9, name))


def test_the_residue_above_and_below_the_threshold() -> None:
    above = Domain(A=Positive, s=Above(A ** sp.Rational(1, 4)))
    assert examine(RESIDUE, SpikedOverlap(s, A, OVERLAP), above).outcome is Outcome.PROVED
    for wrong in (OVERLAP**2, OVERLAP * sp.Rational(21, 20), sp.Integer(0)):
        assert examine(RESIDUE, SpikedOverlap(s, A, wrong), above).outcome is Outcome.REFUTED
    under, below = SpikedOverlap(t * A ** sp.Rational(1, 4), A, sp.Integer(0)), Domain(A=Positive, t=Between(0, 1))
    assert examine(RESIDUE, under, below).outcome is Outcome.PROVED
    raised = SpikedOverlap(t * A ** sp.Rational(1, 4), A, sp.Rational(1, 20))
    assert examine(RESIDUE, raised, below).outcome is Outcome.REFUTED
    assert examine(RESIDUE, SpikedOverlap(s, A, OVERLAP), Domain(A=Positive, s=Positive)).outcome is Outcome.UNDECIDED


@pytest.mark.slow
@pytest.mark.parametrize("aspect", [sp.Rational(1, 2), sp.Integer(2)])
def test_sampled_overlaps_tell_a_half(aspect: sp.Expr) -> None:
    # level 1e-9 a comparison; interval and bias bound at this effort are 0.1 to 0.2 together, half of the value is 0.35
    spike, domain = sp.Integer(2), Domain(A=Positive)
    value = OVERLAP.subs({A: aspect, s: spike})
    found = [
        examine(SAMPLED, SpikedOverlap(spike, aspect, value * factor), domain).outcome
        for factor in (sp.Integer(1), sp.Rational(1, 2))
    ]
    assert found[0] is not Outcome.REFUTED
    assert found[1] is Outcome.REFUTED


@pytest.mark.parametrize(("name", "holds"), [(LARGE, Outcome.PROVED), (VECTORS, Outcome.CONFIRMED)])
def test_distances_and_angles_of_random_vectors(name: str, holds: Outcome) -> None:
    # level 1e-9; the interval of 512 samples a look is well below a twentieth
    domain = Domain(c=Positive)
    c = positive("c")
    distance = 2 * (g11 - 2 * g12 + g22) / (g11 + g22)
    for expression, value in ((distance, 2), (g12 / g11, 0), (g11 / (g11 + g22), sp.Rational(1, 2))):
        assert examine(name, GramLimit(2, expression, sp.Integer(0) + value), domain).outcome is holds
        wrong = GramLimit(2, expression, value + sp.Rational(1, 5))
        assert examine(name, wrong, domain).outcome is Outcome.REFUTED
    assert examine(LARGE, GramLimit(2, distance, c), domain).outcome is Outcome.REFUTED


def test_what_scaling_changes_or_has_no_limit_is_left_open() -> None:
    domain = Domain(A=Positive)
    for expression in (g12, g11 / g12, sp.sqrt(g11) / sp.sqrt(g22)):
        assert examine(LARGE, GramLimit(2, expression, sp.Integer(1)), domain).outcome is Outcome.UNDECIDED
    with pytest.raises(ClaimError, match="inner_product"):
        GramLimit(1, g12, sp.Integer(1))
    with pytest.raises(ClaimError, match="known to be positive"):
        SpikedOverlap(real("b"), A, A)
