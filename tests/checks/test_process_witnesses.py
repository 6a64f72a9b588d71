"""Every process witness rejects a wrong variant of a claim and accepts the right one."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp
import torch

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Kind, Outcome
from crossproof.checks.unit import load_catalog
from crossproof.checks.witness import Task, witnesses_for
from crossproof.derivations.catalog import determinant_law, fokker_planck_form, geometric_brownian
from crossproof.derivations.catalog import student_dynamics as student
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import AtLeast, Positive, Real
from crossproof.derivations.sde import SDE
from crossproof.derivations.statements.base import Statement
from crossproof.derivations.statements.determinant import DeterminantDrift, DeterminantPath
from crossproof.derivations.statements.fokker_planck_form import FokkerPlanckForm
from crossproof.derivations.statements.processes import (
    AlmostSureDecay,
    ExpectationAtAllTimes,
    LongTimeLimit,
    PathSolution,
    SDETransform,
)
from crossproof.numerics.matrix_flow import MatrixProblem

load_catalog()
x = sp.Symbol("x", real=True)


def examine(statement: Statement, domain: Domain, size: str = "quick") -> dict[Kind, Finding]:
    """Run every witness of `statement` on an unregistered claim."""
    made = Claim("test.variant", "A variant.", Source("test", "here"), statement, domain)
    found = {}
    for w in witnesses_for(made):
        task = Task(made, effort(size), 0, "cpu", 1e-8, w.name)
        found[w.kind] = w.examine(statement, task)
    return found


def outcomes(found: dict[Kind, Finding]) -> dict[Kind, Outcome]:
    """Return the outcomes by kind."""
    return {kind: f.outcome for kind, f in found.items()}


ALL_REFUTE = {
    Kind.ALGEBRA: Outcome.REFUTED,
    Kind.DETERMINISTIC: Outcome.REFUTED,
    Kind.MONTE_CARLO: Outcome.REFUTED,
}


def target_variants() -> list[tuple[str, SDETransform, Domain]]:
    """Return wrong drifts and noises of three transforms."""
    variants = []
    for name in ("004.gbm.log", "004.eq42", "004.eq44"):
        right = CLAIMS[name]
        st = right.statement
        assert isinstance(st, SDETransform)
        drift, diffusion = st.target.drift[0], st.target.diffusion[0, 0]
        for kind, wrong in (
            ("drift sign", SDE(st.image, -drift, diffusion)),
            ("noise doubled", SDE(st.image, drift, 2 * diffusion)),
        ):
            variants.append((f"{name} {kind}", replace(st, target=wrong), right.domain))
    return variants


@pytest.mark.parametrize(("statement", "domain"), [pytest.param(s, d, id=n) for n, s, d in target_variants()])
def test_wrong_transforms_are_refuted_by_all_kinds(statement: SDETransform, domain: Domain) -> None:
    assert outcomes(examine(statement, domain)) == ALL_REFUTE


def test_missing_ito_correction_is_refuted() -> None:
    claim = CLAIMS["004.gbm.log"]
    wrong = SDE(geometric_brownian.z, geometric_brownian.mu, geometric_brownian.zeta)
    statement = SDETransform(geometric_brownian.geometric, sp.log(geometric_brownian.theta), wrong)
    assert outcomes(examine(statement, claim.domain, "default")) == ALL_REFUTE


def test_sign_of_the_noise_has_no_meaning() -> None:
    claim = CLAIMS["004.eq44"]
    st = claim.statement
    assert isinstance(st, SDETransform)
    flipped = replace(st, target=SDE(st.image, st.target.drift[0], -st.target.diffusion[0, 0]))
    found = outcomes(examine(flipped, claim.domain))
    assert found[Kind.ALGEBRA] is Outcome.PROVED
    assert found[Kind.MONTE_CARLO] is Outcome.CONFIRMED


@pytest.mark.parametrize("factor", [1, sp.Rational(3, 2)], ids=["one for two", "three halves"])
def test_wrong_integral_factor_of_the_path_solution_is_refuted(factor: sp.Expr) -> None:
    st = CLAIMS["004.thm6.1"].statement
    assert isinstance(st, PathSolution)
    (integral,) = st.solution.atoms(sp.Integral)
    wrong = replace(st, solution=st.solution.subs(integral, factor * integral / 2))
    assert wrong.solution != st.solution
    found = outcomes(examine(wrong, CLAIMS["004.thm6.1"].domain, "default"))
    assert found == {Kind.ALGEBRA: Outcome.REFUTED, Kind.MONTE_CARLO: Outcome.REFUTED}


def test_wrong_initial_value_and_wrong_rate_of_an_ode_solution_are_refuted() -> None:
    claim = CLAIMS["003.eq3"]
    st = claim.statement
    assert isinstance(st, PathSolution)
    for wrong in (
        replace(st, start=2 * student.s0),
        replace(st, sde=SDE(student.s, student.s * (student.stilde - student.s), 0)),
    ):
        found = outcomes(examine(wrong, claim.domain))
        assert found == {Kind.ALGEBRA: Outcome.REFUTED, Kind.DETERMINISTIC: Outcome.REFUTED}


def ornstein_uhlenbeck(value: sp.Expr) -> tuple[ExpectationAtAllTimes, Domain]:
    """Return the claim that E[X^2 + X] of an OU process from 1 is `value`; x^2 + x has no closed equation."""
    k, t = sp.Symbol("k", positive=True), sp.Symbol("t", nonnegative=True)
    statement = ExpectationAtAllTimes(
        SDE(x, -k * x, sp.Integer(1)), x**2 + x, t, sp.Integer(1), value.subs({"k": k, "t": t})
    )
    return statement, Domain(t=AtLeast(0), k=Positive)


def test_expectation_right_and_with_a_factor_wrong() -> None:
    k, t = sp.symbols("k t")
    right = sp.exp(-2 * k * t) * (1 - 1 / (2 * k)) + 1 / (2 * k) + sp.exp(-k * t)
    found = outcomes(examine(*ornstein_uhlenbeck(right), "default"))
    assert found[Kind.ALGEBRA] is Outcome.UNDECIDED  # finitely many derivatives are no proof
    assert found[Kind.DETERMINISTIC] is Outcome.CONFIRMED
    wrong = sp.exp(-2 * k * t) * (1 - 1 / k) + 1 / k + sp.exp(-k * t)
    assert outcomes(examine(*ornstein_uhlenbeck(wrong), "default")) == ALL_REFUTE


def test_conjecture_is_refuted_by_all_kinds_and_its_repair_proved() -> None:
    claim = CLAIMS["004.conj-i.1"]
    found = examine(claim.statement, claim.domain, "default")
    assert outcomes(found) == ALL_REFUTE
    assert found[Kind.ALGEBRA].counterexample is not None
    assert found[Kind.ALGEBRA].counterexample.stated == "derivative 1 at t = 0 = -1"
    assert found[Kind.ALGEBRA].counterexample.found == "derivative 1 at t = 0 = 1"
    repaired = CLAIMS["004.conj-i.1.repaired"]
    assert outcomes(examine(repaired.statement, repaired.domain))[Kind.ALGEBRA] is Outcome.PROVED


def test_limits_right_and_wrong() -> None:
    above = CLAIMS["004.conj-i.1.limits"]
    st = above.statement
    assert isinstance(st, LongTimeLimit)
    assert set(outcomes(examine(st, above.domain)).values()) == {Outcome.PROVED, Outcome.CONFIRMED}
    wrong = outcomes(examine(replace(st, limit=student.stilde), above.domain))
    assert wrong == {Kind.ALGEBRA: Outcome.REFUTED, Kind.DETERMINISTIC: Outcome.REFUTED}


def test_growth_is_not_taken_for_decay() -> None:
    claim = CLAIMS["004.lemi.1.limit"]
    a = sp.Symbol("a", positive=True)
    grows = AlmostSureDecay(SDE(a, a, 0), a)
    found = outcomes(examine(grows, Domain(a=Positive)))
    assert found == {Kind.ALGEBRA: Outcome.REFUTED, Kind.MONTE_CARLO: Outcome.UNDECIDED}
    noisy = AlmostSureDecay(student.weights, student.a + student.b)
    assert outcomes(examine(noisy, claim.domain))[Kind.ALGEBRA] is Outcome.REFUTED  # on a = b it never settles


def test_fokker_planck_of_constant_noise_and_of_state_dependent_noise() -> None:
    theta = sp.Symbol("theta", real=True)
    p, S, L = (sp.Function(n, real=True)(theta) for n in ("p", "S", "L"))
    flat = sp.diff(sp.diff(L, theta) * p + S**2 * sp.diff(p, theta) / 2, theta)
    domain = Domain(theta=Real)
    wrong = examine(FokkerPlanckForm(SDE(theta, -sp.diff(L, theta), S), p, flat), domain)
    assert outcomes(wrong) == {Kind.ALGEBRA: Outcome.REFUTED, Kind.DETERMINISTIC: Outcome.REFUTED}
    point = wrong[Kind.ALGEBRA].counterexample
    assert point is not None
    assert point.point["S(theta)"] == "theta**2 + 1"
    right = sp.diff(sp.diff(L, theta) * p + sp.diff(S**2 * p, theta) / 2, theta)
    found = outcomes(examine(FokkerPlanckForm(SDE(theta, -sp.diff(L, theta), S), p, right), domain))
    assert found == {Kind.ALGEBRA: Outcome.PROVED, Kind.DETERMINISTIC: Outcome.CONFIRMED}


def test_every_member_of_the_functions_has_a_covariance_that_is_positive_semidefinite() -> None:
    statement = CLAIMS["001.eq24"].statement
    assert isinstance(statement, FokkerPlanckForm)
    for chosen in statement.members():
        covariance = fokker_planck_form.Sigma.subs(chosen)
        for point in ((0, 0), (1, -2)):
            at = sp.Matrix(covariance.subs(dict(zip(statement.sde.state, point, strict=True))))
            assert at.is_positive_semidefinite


@pytest.mark.parametrize("factor", [-1, 2, sp.Rational(1, 2)])
def test_wrong_determinant_rates_are_refuted_by_all_kinds(factor: sp.Expr) -> None:
    wrong = DeterminantDrift(determinant_law.noisy, factor * determinant_law.rate)
    assert outcomes(examine(wrong, determinant_law.NOISY)) == ALL_REFUTE


def test_wrong_determinant_path_is_refuted() -> None:
    claim = CLAIMS["000.eq6.solution"]
    st = claim.statement
    assert isinstance(st, DeterminantPath)
    wrong = replace(st, factor=sp.exp(sp.Rational(9, 10) * determinant_law.rate * determinant_law.t))
    found = outcomes(examine(wrong, claim.domain, "default"))
    assert found == {Kind.ALGEBRA: Outcome.REFUTED, Kind.MONTE_CARLO: Outcome.REFUTED}


def test_a_determinant_with_noise_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = CLAIMS["000.eq6.pathwise"]
    step = MatrixProblem.step

    def with_trace(
        self: MatrixProblem, theta: torch.Tensor, variance: float, dt: float, noise: torch.Tensor
    ) -> torch.Tensor:
        scale = 1 + 0.1 * variance**0.5 * noise.sum(dim=(1, 2), keepdim=True)
        return scale * step(self, theta, variance, dt, noise)

    monkeypatch.setattr(MatrixProblem, "step", with_trace)
    found = outcomes(examine(claim.statement, claim.domain))
    assert found[Kind.DETERMINISTIC] is Outcome.REFUTED
    assert found[Kind.MONTE_CARLO] is Outcome.REFUTED


def test_same_seed_gives_the_same_finding() -> None:
    claim = CLAIMS["004.thm6.1"]
    first, second = (examine(claim.statement, claim.domain)[Kind.MONTE_CARLO] for _ in range(2))
    assert first == second
