"""Bounds over classes: the least ones are proved, smaller ones refuted by members, and no search confirms one."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task, witness_named
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Integers, Positive
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.sets.gradient_classes import GradientBound, GradientQuantity, RootDistance
from crossproof.derivations.symbols import dimension, positive

load_catalog()
L, M, r = positive("L M r")
d = dimension("d")
Q = GradientQuantity
RIGHT = {
    Q.MEAN_SIZE: M,
    Q.MEAN_CHANGE: L * r,
    Q.DEVIATION_SIZE: 2 * M,
    Q.DEVIATION_CHANGE: 2 * L * r,
    Q.ENTRY_CHANGE: 2 * L * M * r,
    Q.COVARIANCE_CHANGE: 2 * L * M * r,
    Q.ROOT_CHANGE: sp.sqrt(2) * L * r,
}


def examine(name: str, statement: Statement, domain: Domain) -> Finding:
    claim = Claim("toy.bound", "A bound.", Source("toy", "1"), statement, domain)
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 0, "cpu", 1e-9, name))


def gradients(name: str, quantity: GradientQuantity, bound: sp.Expr) -> Finding:
    return examine(name, GradientBound(quantity, L, M, r, bound), Domain(L=Positive, M=Positive, r=Positive))


@pytest.mark.parametrize("quantity", list(Q))
def test_the_least_bound_is_proved_and_a_third_of_it_refuted(quantity: GradientQuantity) -> None:
    assert gradients("ceiling of the class", quantity, RIGHT[quantity]).outcome is Outcome.PROVED
    assert gradients("ceiling of the class", quantity, RIGHT[quantity] / 3).outcome is Outcome.REFUTED


@pytest.mark.parametrize("quantity", list(Q))
def test_sampled_members_break_a_small_bound_and_confirm_none(quantity: GradientQuantity) -> None:
    assert gradients("sampled gradients", quantity, RIGHT[quantity]).outcome is Outcome.UNDECIDED
    assert gradients("sampled gradients", quantity, RIGHT[quantity] / 4).outcome is Outcome.REFUTED


def test_a_bound_between_member_and_ceiling_stays_open() -> None:
    # sqrt(2) is the constant for all matrices; on the line a pair reaches 1
    between = sp.Rational(6, 5) * L * r
    assert gradients("ceiling of the class", Q.ROOT_CHANGE, between).outcome is Outcome.UNDECIDED


@pytest.mark.parametrize(
    ("p", "q", "least"), [(2, 1, sp.S.One), (2, sp.oo, sp.sqrt(d)), (sp.oo, sp.oo, sp.S.One), (4, 1, sp.S.One)]
)
def test_roots_of_matrices(p: sp.Expr, q: sp.Expr, least: sp.Expr) -> None:
    domain = Domain(d=Integers(1))

    def outcome(name: str, factor: sp.Expr) -> Outcome:
        return examine(name, RootDistance(d, sp.sympify(p), sp.sympify(q), sp.sympify(factor)), domain).outcome

    assert outcome("sharp constant of roots", least) is Outcome.PROVED
    assert outcome("sharp constant of roots", least * sp.Rational(9, 10)) is Outcome.REFUTED
    assert outcome("sampled pairs of matrices", least) is Outcome.UNDECIDED
    assert outcome("sampled pairs of matrices", least / 2) is Outcome.REFUTED
