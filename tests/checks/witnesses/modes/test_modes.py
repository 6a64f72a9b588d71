"""Witnesses on mode amplitudes: the printed claims, wrong variants that each witness rejects, and seeds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.modes.algebra import layer_sums, layer_sums_dependence, multilinearity
from crossproof.checks.witnesses.modes.curvature import exact_curvature
from crossproof.checks.witnesses.modes.exact import exact_coefficient, exact_networks, exact_networks_dependence
from crossproof.checks.witnesses.modes.sampling import sampled_coefficient, sampled_dependence
from crossproof.derivations.calculus.modes import coefficient, in_amplitudes
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import AtLeast, Between, Integers, Positive
from crossproof.derivations.statements.mode_curvature import HessianBlocks, VanishingCurvature
from crossproof.derivations.statements.modes import (
    DEPTH,
    LABEL_NOISE,
    STEP,
    ModeCoefficient,
    ModeDependence,
    ModeQuantity,
    ModeSetting,
    ModeTarget,
)

load_catalog()
COEFFICIENT_WITNESSES = [layer_sums, exact_networks, sampled_coefficient]
DEPENDENCE_WITNESSES = [layer_sums_dependence, exact_networks_dependence, sampled_dependence]
PASSED = {Outcome.PROVED, Outcome.CONFIRMED}

SINGLE, TWO = ModeSetting(1), ModeSetting(2)
S1, S2 = TWO.amplitudes
T1, T2 = TWO.teacher
L = DEPTH
OWN = STEP * L * (L - 1) / 2 * S1 ** (3 - 4 / L) * (2 * (S1 - T1) ** 2 + LABEL_NOISE**2)
DIFFUSION = STEP * L**2 * S1 ** (4 - 4 / L) * (2 * (T1 - S1) ** 2 + LABEL_NOISE**2)
VARIANCE = ModeTarget(TWO, ModeQuantity.COVARIATION, (1, 1), (1, 1))
ITO_SINGLE = ModeTarget(SINGLE, ModeQuantity.ITO_DRIFT)
GRADIENT = ModeTarget(TWO, ModeQuantity.GRADIENT_DRIFT)


def _domain(modes: int) -> Domain:
    modewise = {f"{name}{i}": Positive for i in range(1, modes + 1) for name in ("s", "stilde")}
    return Domain(L=Integers(2), **modewise, sigma=AtLeast(0), eta_b=Positive)


def _task(statement, domain: Domain | None = None, seed: int = 0, name: str = "quick") -> Task:
    domain = domain or _domain(statement.target.setting.modes)
    claim = Claim("test.mode", "t", Source("test", "here"), statement, domain)
    return Task(claim, effort(name), seed, "cpu", 1e-8, "test")


def _examine(witness, statement, **options) -> Finding:
    # algebra looks at few points in a quick run; sampling is cheap enough for tests only there
    name = "quick" if witness in (sampled_coefficient, sampled_dependence) else "default"
    return witness(statement, _task(statement, name=name, **options))


@pytest.mark.parametrize("witness", COEFFICIENT_WITNESSES)
@pytest.mark.parametrize(
    ("target", "value"),
    [
        (VARIANCE, DIFFUSION),
        (ITO_SINGLE, OWN),
        (GRADIENT, L * S1 ** (2 - 2 / L) * (T1 - S1)),
        (ModeTarget(TWO, ModeQuantity.COVARIATION, (1, 1), (2, 2)), sp.Integer(0)),
    ],
)
def test_true_coefficients_pass(witness, target: ModeTarget, value: sp.Expr) -> None:
    assert _examine(witness, ModeCoefficient(target, value)).outcome in PASSED


@pytest.mark.parametrize("witness", COEFFICIENT_WITNESSES)
@pytest.mark.parametrize(
    ("target", "value"),
    [
        (VARIANCE, DIFFUSION * sp.Rational(27, 25)),
        (VARIANCE, DIFFUSION.subs(LABEL_NOISE, 0)),
        (VARIANCE, STEP * L * S1 ** (4 - 4 / L) * (2 * (T1 - S1) ** 2 + LABEL_NOISE**2)),
        (VARIANCE, STEP * L**2 * S1 ** (4 - 2 / L) * (2 * (T1 - S1) ** 2 + LABEL_NOISE**2)),
        (VARIANCE, STEP * L**2 * S1 ** (4 - 4 / L) * ((T1 - S1) ** 2 + LABEL_NOISE**2)),
        (ITO_SINGLE, -OWN),
        (ITO_SINGLE, 2 * OWN),
        (ModeTarget(TWO, ModeQuantity.ITO_DRIFT), OWN),
        (GRADIENT, L * S1 ** (2 - 2 / L) * (S1 - T1)),
        (GRADIENT, L * S1 ** (2 - 2 / L) * (T2 - S1)),
        (ModeTarget(TWO, ModeQuantity.COVARIATION, (1, 2), (1, 2)), sp.Integer(0)),
        (ModeTarget(TWO, ModeQuantity.COVARIATION, (1, 2), (2, 1)), DIFFUSION),
        (ModeTarget(TWO, ModeQuantity.LABEL_ITO_DRIFT), OWN),
        (ModeTarget(TWO, ModeQuantity.IMBALANCE_DRIFT, (1, 1), layer=1), sp.Integer(0)),
    ],
)
def test_wrong_coefficients_are_refuted_inside_the_domain(witness, target: ModeTarget, value: sp.Expr) -> None:
    statement = ModeCoefficient(target, value)
    finding = _examine(witness, statement)
    assert finding.outcome is Outcome.REFUTED
    assert finding.counterexample is not None
    domain = _domain(target.setting.modes)
    domain.check({s: sp.sympify(finding.counterexample.point[s.name]) for s in domain.symbols})


@pytest.mark.parametrize("witness", DEPENDENCE_WITNESSES)
@pytest.mark.parametrize("quantity", [ModeQuantity.ITO_DRIFT, ModeQuantity.DRIFT])
def test_the_drift_of_a_mode_depends_on_the_others(witness, quantity: ModeQuantity) -> None:
    statement = ModeDependence(ModeTarget(TWO, quantity), (L, S1, T1, LABEL_NOISE, STEP))
    assert _examine(witness, statement).outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", DEPENDENCE_WITNESSES)
def test_the_variance_rate_of_a_mode_is_its_own(witness) -> None:
    statement = ModeDependence(VARIANCE, (L, S1, T1, LABEL_NOISE, STEP))
    assert _examine(witness, statement).outcome in PASSED


@pytest.mark.parametrize("quantity", [q for q in ModeQuantity if q is not ModeQuantity.IMBALANCE_DRIFT])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_symbolic_and_brute_force_values_agree(quantity: ModeQuantity, depth: int) -> None:
    """Two routes without common code: sums over layers in symbols, and derivatives by every single weight."""
    second = (2, 1) if quantity is ModeQuantity.COVARIATION else None
    first = (1, 2) if quantity is ModeQuantity.COVARIATION else (2, 2)
    target = ModeTarget(TWO, quantity, first, second)
    brute = exact_coefficient(
        target,
        depth,
        [Fraction(2, 3), Fraction(1, 2)],
        [Fraction(1), Fraction(2)],
        Fraction(1, 2),
        Fraction(1, 3),
    )
    point = {
        DEPTH: depth,
        S1: sp.Rational(2, 3) ** depth,
        S2: sp.Rational(1, 2) ** depth,
        T1: 1,
        T2: 2,
        LABEL_NOISE: sp.Rational(1, 2),
        STEP: sp.Rational(1, 3),
    }
    assert in_amplitudes(coefficient(target), TWO).subs(point) == sp.Rational(brute.numerator, brute.denominator)


@pytest.mark.parametrize("name", ["003.a1.sde.repaired", "003.a2.sde.repaired", "003.eq6.repaired"])
def test_repairs_are_proved(name: str) -> None:
    claim = CLAIMS[name]
    finding = layer_sums(claim.statement, Task(claim, effort("quick"), 0, "cpu", 1e-8, "test"))
    assert finding.outcome is Outcome.PROVED


def test_a_wrong_coupling_is_refuted_by_all() -> None:
    claim = CLAIMS["003.prop3.5.decoupled.repaired"]
    each = claim.statement.each
    wrong = replace(claim.statement, each=each.replace(sp.Sum, lambda f, *limits: 2 * sp.Sum(f, *limits)))
    assert {_examine(w, wrong, domain=claim.domain).outcome for w in COEFFICIENT_WITNESSES} == {Outcome.REFUTED}


def test_a_domain_without_listed_networks_leaves_the_numeric_witnesses_undecided() -> None:
    narrow = Domain(
        L=Integers(2),
        s1=Between(100, 101),
        stilde1=Positive,
        s2=Positive,
        stilde2=Positive,
        sigma=AtLeast(0),
        eta_b=Positive,
    )
    statement = ModeCoefficient(VARIANCE, DIFFUSION)
    for witness in (exact_networks, sampled_coefficient):
        assert _examine(witness, statement, domain=narrow).outcome is Outcome.UNDECIDED
    assert _examine(layer_sums, statement, domain=narrow).outcome is Outcome.PROVED


def test_sampling_is_deterministic_given_the_seed() -> None:
    statement = ModeCoefficient(VARIANCE, DIFFUSION)
    one, same, other = (_examine(sampled_coefficient, statement, seed=s).resolution for s in (1, 1, 2))
    assert one == same
    assert one != other


@pytest.mark.parametrize("contracted", [False, True])
def test_curvature_vanishes_within_a_layer_and_not_between_layers(contracted: bool) -> None:
    def examine(witness, blocks: HessianBlocks) -> Finding:
        statement = VanishingCurvature(blocks, contracted)
        claim = Claim("test.mode", "t", Source("test", "here"), statement, Domain(L=Integers(1)))
        return witness(statement, Task(claim, effort("quick"), 0, "cpu", 1e-8, "test"))

    assert examine(multilinearity, HessianBlocks.SAME_LAYER).outcome is Outcome.PROVED
    assert examine(exact_curvature, HessianBlocks.SAME_LAYER).outcome is Outcome.CONFIRMED
    assert examine(multilinearity, HessianBlocks.DIFFERENT_LAYERS).outcome is Outcome.UNDECIDED
    assert examine(exact_curvature, HessianBlocks.DIFFERENT_LAYERS).outcome is Outcome.REFUTED


def test_a_single_layer_has_no_blocks_between_layers() -> None:
    for depth, outcome in ((1, Outcome.UNDECIDED), (2, Outcome.REFUTED)):
        statement = VanishingCurvature(HessianBlocks.DIFFERENT_LAYERS, depth=sp.Integer(depth))
        claim = Claim("test.mode", "t", Source("test", "here"), statement, Domain())
        task = Task(claim, effort("quick"), 0, "cpu", 1e-8, "test")
        assert exact_curvature(statement, task).outcome is outcome
