"""Witnesses on matrix claims: the catalog holds, and wrong variants are refuted by every numeric witness."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp
from sympy import Identity, KroneckerProduct

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.witness import Task, witness_named
from crossproof.derivations.catalog import gradient_noise as printed
from crossproof.derivations.catalog import two_layer_noise as two_layer
from crossproof.derivations.claim import CLAIMS, Claim
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.matrices.kronecker import CommutationMatrix, Vec
from crossproof.derivations.ranges import Integers
from crossproof.derivations.statements.invariances import HiddenBasisChange
from crossproof.derivations.statements.networks import (
    AllOf,
    GradientNoiseCovariance,
    GradientOf,
    LayerGradient,
    MatrixIdentity,
    MatrixStatement,
    NetworkJacobian,
)

WORDS, EXACT, SAMPLING = "trace words", "exact small networks", "autograd networks"
#: Statements about shapes are confirmed on small networks; words have no entries.
SHAPES = {"004.defh1", "004.defh1.repaired", "004.fn4", "004.fn4.repaired"}
#: Claims whose domain holds none of the smallest networks.
SHAPES |= {"000.xie.cov-min.repaired"}
#: Claims that are repaired do not hold.
REPAIRED = {c.repairs for c in CLAIMS.values()}
IDS = [
    k
    for k, c in CLAIMS.items()
    if isinstance(c.statement, MatrixStatement) and k not in SHAPES | REPAIRED and (c.stated or c.repairs)
]
#: Transposes of products that are numbers, which words do not reduce.
BY_NETWORKS = {"004.thme1.types.repaired"}


def examine(claim: Claim, witness: str, name: str = "quick", seed: int = 0) -> Outcome:
    task = Task(claim, effort(name), seed, "cpu", 1e-8, witness)
    return witness_named(witness).examine(claim.statement, task).outcome


def wrong(id: str, statement: MatrixStatement) -> Claim:
    return replace(CLAIMS[id], id=f"{id}.wrong", statement=statement)


@pytest.mark.parametrize("id", IDS)
def test_catalog_holds(id: str) -> None:
    assert examine(CLAIMS[id], WORDS) is (Outcome.UNDECIDED if id in BY_NETWORKS else Outcome.PROVED)
    assert examine(CLAIMS[id], EXACT) is Outcome.CONFIRMED
    assert examine(CLAIMS[id], SAMPLING) is Outcome.CONFIRMED


online = printed.online
I0, K = Identity(online.inputs), CommutationMatrix(online.inputs, online.inputs)
GL = printed.gap_left


def block(bracket: sp.MatrixExpr, factor: sp.Expr = sp.S.One) -> GradientNoiseCovariance:
    value = sp.MatMul(factor, printed.jacobian("i").T, bracket, printed.jacobian("j"))
    return GradientNoiseCovariance(online, ("i",), ("j",), value)


M1, M2, C = two_layer.first, two_layer.second, two_layer.C
P, Q, E = printed.P, printed.Q, online.gap
W1, W2, Z = two_layer.W1, two_layer.W2, two_layer.Z
two = two_layer.two_layers
mode = CLAIMS["003.prop3.3.grad"].statement

WRONG = {
    "cov without commutation": ("003.prop3.2.cov", block(sp.MatAdd(sp.MatMul(GL, GL.T), printed.labels))),
    "cov without identity": ("003.prop3.2.cov", block(sp.MatAdd(sp.MatMul(GL, K, GL.T), printed.labels))),
    "cov of the loss without 1/2": (
        "003.prop3.2.cov",
        block(sp.MatAdd(printed.mismatch, printed.labels), sp.Integer(4)),
    ),
    "cov 5 % too large": (
        "003.prop3.2.cov",
        block(sp.MatAdd(printed.mismatch, printed.labels), sp.Rational(21, 20)),
    ),
    "cov without label noise": ("003.prop3.2.cov", block(printed.mismatch)),
    "cov with sigma for sigma^2": (
        "003.prop3.2.cov",
        block(sp.MatAdd(printed.mismatch, printed.sigma * Identity(online.inputs * online.outputs))),
    ),
    "zero away from minima": (
        "003.prop3.2.cov",
        replace(CLAIMS["003.prop3.2.zero-min"].statement, setting=online),
    ),
    "gradient of the other sign": ("003.prop3.1.gradient", LayerGradient(online, "l", GradientOf.MEAN, -P.T * E * Q.T)),
    "gradient with factor 2": ("003.prop3.1.gradient", LayerGradient(online, "l", GradientOf.MEAN, 2 * P.T * E * Q.T)),
    "noise without centring": (
        "003.b.noise",
        LayerGradient(
            online, "l", GradientOf.NOISE, P.T * (E * online.x * online.x.T - online.noise * online.x.T) * Q.T
        ),
    ),
    "noise with the other label sign": (
        "003.b.noise",
        LayerGradient(
            online, "l", GradientOf.NOISE, P.T * (E * (online.x * online.x.T - I0) + online.noise * online.x.T) * Q.T
        ),
    ),
    "mode gradient doubled": ("003.prop3.3.grad", replace(mode, value=2 * mode.value)),
    "Jacobian doubled": (
        "003.prop3.1.jacobian",
        NetworkJacobian(printed.noiseless, "l", 2 * printed.jacobian("l")),
    ),
    "per-sample gradient without 2": (
        "001.4.2.persample",
        AllOf(
            (
                LayerGradient(two, "1", GradientOf.SAMPLE, 2 * W2.T * Z),
                LayerGradient(two, "2", GradientOf.SAMPLE, Z * W1.T),
            )
        ),
    ),
    "mean gradient without 1/N": (
        "001.eq33",
        LayerGradient(two, "1", GradientOf.MEAN, 2 * W2.T * two_layer.over_data(Z)),
    ),
    "block with 2 for 4": ("001.4.2.block12", GradientNoiseCovariance(two, ("1",), ("2",), 2 * M1 * C * M2.T)),
    "identity with factor 2": ("001.4.2.vec-left", MatrixIdentity(Vec(two_layer.A), 2 * Vec(two_layer.A))),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("witness", [EXACT, SAMPLING])
def test_wrong_variants_are_refuted(name: str, witness: str) -> None:
    id, statement = WRONG[name]
    claim = wrong(id, statement)
    assert examine(claim, witness) is Outcome.REFUTED
    assert examine(claim, WORDS) is Outcome.UNDECIDED


def square(expr_left: sp.MatrixExpr, expr_right: sp.MatrixExpr) -> Claim:
    return replace(
        CLAIMS["001.4.2.vec-left"],
        id="textbook.vec.wrong",
        statement=MatrixIdentity(expr_left, expr_right),
        domain=Domain(m=Integers(1)),
    )


def test_row_stacking_order_is_refuted_with_a_minimal_counterexample() -> None:
    m = two_layer.m
    A, B = sp.MatrixSymbol("A", m, m), sp.MatrixSymbol("B", m, m)
    claim = square(Vec(A * B), KroneckerProduct(A, Identity(m)) * Vec(B))
    task = Task(claim, effort("quick"), 0, "cpu", 1e-8, EXACT)
    finding = witness_named(EXACT).examine(claim.statement, task)
    assert finding.outcome is Outcome.REFUTED
    assert finding.counterexample is not None
    assert finding.counterexample.point["shapes"] == "m=2"
    assert finding.counterexample.gap != "0"
    assert examine(claim, SAMPLING) is Outcome.REFUTED


def test_sampling_never_refutes_a_true_claim_over_seeds() -> None:
    outcomes = [examine(CLAIMS["003.prop3.2.split"], SAMPLING, seed=seed) for seed in range(1, 6)]
    assert Outcome.REFUTED not in outcomes
    assert outcomes.count(Outcome.CONFIRMED) >= 4


def test_statements_check_shapes_and_names() -> None:
    with pytest.raises(ClaimError, match="value has shape"):
        LayerGradient(two, "1", GradientOf.MEAN, Z)
    with pytest.raises(ClaimError, match="the statement needs"):
        MatrixIdentity(Vec(two_layer.B), Vec(two_layer.D)).free_symbols()


@pytest.mark.parametrize("id", IDS)
def test_latex_has_both_sides(id: str) -> None:
    statement = CLAIMS[id].statement
    relation = r"\text{is invariant under}" if isinstance(statement, HiddenBasisChange) else " = "
    left, found, right = statement.latex().partition(relation)
    assert all((left, found, right))
