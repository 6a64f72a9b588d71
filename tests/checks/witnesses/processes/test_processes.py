"""Every process witness rejects a wrong variant of a claim and accepts the right one."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp
import torch

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Kind, Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task, witnesses_for
from crossproof.derivations.catalog import determinant_law, fokker_planck_form, geometric_brownian
from crossproof.derivations.catalog import student_dynamics as student
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, AtLeast, Between, Positive, Range, Real
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.determinant import DeterminantDrift, DeterminantPath
from crossproof.derivations.statements.fokker_planck_form import FokkerPlanckForm
from crossproof.derivations.statements.processes import (
    AlmostSureDecay,
    ExpectationAtAllTimes,
    LongTimeLimit,
    PathSolution,
    SDETransform,
)
from crossproof.numerics.networks.matrix_flow import MatrixProblem

load_catalog()
x = sp.Symbol("x", real=True)


def examine(
    statement: Statement, domain: Domain, size: str = "quick", kinds: tuple[Kind, ...] = tuple(Kind)
) -> dict[Kind, Finding]:
    """Run every witness of `statement` of some kinds on an unregistered claim."""
    made = Claim("test.variant", "A variant.", Source("test", "here"), statement, domain)
    found = {}
    for w in witnesses_for(made):
        if w.kind not in kinds:
            continue
        task = Task(made, effort(size), 0, "cpu", 1e-8, w.name)
        found[w.kind] = w.examine(statement, task)
    return found


def outcomes(found: dict[Kind, Finding]) -> dict[Kind, Outcome]:
    """Return the outcomes by kind."""
    return {kind: f.outcome for kind, f in found.items()}


EXACT = (Kind.ALGEBRA, Kind.DETERMINISTIC)
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
    found = outcomes(examine(*ornstein_uhlenbeck(right), kinds=EXACT))
    assert found[Kind.ALGEBRA] is Outcome.PROVED  # x^2, x and 1 form a closed system
    assert found[Kind.DETERMINISTIC] is Outcome.CONFIRMED
    wrong = sp.exp(-2 * k * t) * (1 - 1 / k) + 1 / k + sp.exp(-k * t)
    assert outcomes(examine(*ornstein_uhlenbeck(wrong))) == ALL_REFUTE
    late = right + t**9 / 10**9  # agrees to eight derivatives at t = 0
    assert outcomes(examine(*ornstein_uhlenbeck(late), kinds=EXACT))[Kind.ALGEBRA] is Outcome.REFUTED


#: Moments of textbook processes: the equation, the observable, the right expectation, and a domain.
P, T, X0 = sp.Symbol("p", positive=True), sp.Symbol("t", nonnegative=True), sp.Symbol("x0", positive=True)
K, M, S = sp.symbols("k m s", positive=True)
HALF = {"p": Positive, "x0": Positive, "t": AtLeast(0)}
CIR = SDE(P, K * (M - P), S * sp.sqrt(P))
CIR_SECOND = sp.exp(-2 * K * T) * X0**2 + (2 * K * M + S**2) * (
    M / (2 * K) * (1 - sp.exp(-K * T)) ** 2 + X0 / K * (sp.exp(-K * T) - sp.exp(-2 * K * T))
)


@pytest.mark.parametrize(
    ("sde", "observable", "value", "parameters"),
    [
        (CIR, P, M + (X0 - M) * sp.exp(-K * T), {"k": Positive, "m": Positive, "s": Positive}),
        (CIR, P**2, CIR_SECOND, {"k": Positive, "m": Positive, "s": Positive}),
        (SDE(P, 1, 2 * sp.sqrt(P)), P, X0 + T, {}),
        (SDE(P, K * P, S * P), sp.log(P), sp.log(X0) + (K - S**2 / 2) * T, {"k": Positive, "s": Positive}),
        (SDE(P, K * P, S * P), 1 / P, sp.exp((S**2 - K) * T) / X0, {"k": Positive, "s": Positive}),
    ],
)
def test_moments_of_textbook_processes_are_proved_and_a_wrong_rate_is_refuted(
    sde: SDE, observable: sp.Expr, value: sp.Expr, parameters: dict[str, Range]
) -> None:
    domain = Domain(**HALF, **parameters)
    statement = ExpectationAtAllTimes(sde, observable, T, X0, value)
    found = outcomes(examine(statement, domain, kinds=EXACT))
    assert found[Kind.ALGEBRA] is Outcome.PROVED
    assert found[Kind.DETERMINISTIC] is not Outcome.REFUTED
    wrong = replace(statement, value=value + T / 1000)
    assert outcomes(examine(wrong, domain, kinds=EXACT))[Kind.ALGEBRA] is Outcome.REFUTED


@pytest.mark.parametrize(
    ("sde", "observable", "value"),
    [
        (SDE(P, 0, P**2), P, X0),
        (SDE(P, P, P**2), P, X0 * sp.exp(T)),
        (SDE(P, 4, 2 * sp.sqrt(P)), 1 / P, 1 / X0),
        (SDE(P, 0, P**2), P, 2 * X0),
    ],
)
def test_values_that_a_strict_local_martingale_never_reaches_are_refuted(
    sde: SDE, observable: sp.Expr, value: sp.Expr
) -> None:
    found = outcomes(examine(ExpectationAtAllTimes(sde, observable, T, X0, value), Domain(**HALF)))
    assert found[Kind.ALGEBRA] is Outcome.REFUTED
    assert {found[Kind.DETERMINISTIC], found[Kind.MONTE_CARLO]} == {Outcome.UNDECIDED}


def test_an_expectation_whose_existence_is_open_is_left_open() -> None:
    exploding = ExpectationAtAllTimes(SDE(P, P**2, P), 1 / P, T, X0, sp.exp(T) / X0 - (sp.exp(T) - 1))
    leaving = ExpectationAtAllTimes(SDE(P, 0, 1), P, T, X0, X0)
    for statement in (exploding, leaving):
        assert set(outcomes(examine(statement, Domain(**HALF))).values()) == {Outcome.UNDECIDED}


def test_a_start_outside_of_the_range_has_no_expectation() -> None:
    anywhere = sp.Symbol("x0", real=True)
    domain = Domain(**{**HALF, "x0": Real, "k": Positive, "m": Positive, "s": Positive})
    growing = ExpectationAtAllTimes(SDE(P, P, P), P, T, anywhere, anywhere * sp.exp(T))
    assert set(outcomes(examine(growing, domain)).values()) == {Outcome.UNDEFINED}
    reverting = ExpectationAtAllTimes(CIR, P, T, anywhere, M + (anywhere - M) * sp.exp(-K * T))
    assert outcomes(examine(reverting, domain))[Kind.ALGEBRA] is Outcome.UNDEFINED
    assert outcomes(examine(replace(growing, start=X0, value=X0 * sp.exp(T)), Domain(**HALF)))[Kind.ALGEBRA] in (
        Outcome.PROVED,
    )


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
    assert outcomes(examine(st, above.domain)) == {Kind.ALGEBRA: Outcome.PROVED}
    wrong = outcomes(examine(replace(st, limit=student.stilde), above.domain))
    assert wrong == {Kind.ALGEBRA: Outcome.REFUTED}


@pytest.mark.parametrize(
    ("expression", "limit", "outcome"),
    [
        (1 / (1 + T / 10**40), 0, Outcome.PROVED),  # looks like 1 at every time that is tried
        (sp.erf(T - 10**5), -1, Outcome.REFUTED),
        (1 / sp.sqrt(1 + T), sp.Rational(1, 10**6), Outcome.REFUTED),
        (K / x * (1 - sp.exp(-T)), K / x, Outcome.UNDEFINED),  # at x = 0
        (sp.sin(T), 0, Outcome.REFUTED),  # it returns to 1 again and again
        (sp.exp(K * T), 0, Outcome.REFUTED),
    ],
)
def test_limits_are_decided_by_leading_terms(expression: sp.Expr, limit: sp.Expr, outcome: Outcome) -> None:
    domain = Domain(t=AtLeast(0), k=Positive, x=Real)
    assert outcomes(examine(LongTimeLimit(expression, T, sp.sympify(limit)), domain)) == {Kind.ALGEBRA: outcome}


def test_growth_is_not_taken_for_decay() -> None:
    claim = CLAIMS["004.lemi.1.limit"]
    a = sp.Symbol("a", positive=True)
    grows = AlmostSureDecay(SDE(a, a, 0), a)
    assert outcomes(examine(grows, Domain(a=Positive))) == {Kind.ALGEBRA: Outcome.REFUTED}
    noisy = AlmostSureDecay(student.weights, student.a + student.b)
    assert outcomes(examine(noisy, claim.domain))[Kind.ALGEBRA] is Outcome.REFUTED  # on a = b it never settles


@pytest.mark.parametrize(
    ("sde", "function", "state", "outcome"),
    [
        (SDE(x, -x, S / 10**4), x, Real, Outcome.REFUTED),  # a stationary law, however narrow
        (SDE(P, -P * (P - sp.Rational(1, 10**4)), 0), P, Between(0, 5), Outcome.REFUTED),  # rests elsewhere
        (SDE(P, K * P, 2 * sp.sqrt(K) * P), P, Positive, Outcome.PROVED),  # k < (2 sqrt k)^2 / 2
        (SDE(P, K * P, sp.sqrt(K) * P), P, Positive, Outcome.REFUTED),
        (CIR, P - 1, Positive, Outcome.REFUTED),
        (CIR, P, Positive, Outcome.UNDECIDED),  # no noise at 0
        (SDE(x, x**3, 1), x, Real, Outcome.UNDECIDED),  # explodes
        # log f falls like a Brownian motion with drift until it is reflected where f is 1
        (SDE(P, sp.Rational(1, 4) - sp.sqrt(P), sp.sqrt(P)), sp.exp(2 * sp.sqrt(P)), Positive, Outcome.UNDECIDED),
    ],
)
def test_decay_and_settling(sde: SDE, function: sp.Expr, state: Range, outcome: Outcome) -> None:
    name = sde.state[0].name
    domain = Domain(**{name: state, "k": Positive, "m": Positive, "s": Positive})
    assert outcomes(examine(AlmostSureDecay(sde, function), domain)) == {Kind.ALGEBRA: outcome}


W, Y, A, B = sp.Symbol("w", nonnegative=True), sp.Symbol("y", real=True), sp.Symbol("a", real=True), sp.Function("B")


@pytest.mark.parametrize(
    ("source", "function", "target", "state", "outcome"),
    [
        (SDE(x, 0, 1), sp.Abs(x), SDE(W, 0, 1), Real, Outcome.REFUTED),
        (SDE(x, 0, 1), sp.Abs(x - 3), SDE(W, 0, 1), Real, Outcome.REFUTED),
        (SDE(P, 0, 1), sp.Abs(P - 3), SDE(Y, 0, 1), Above(4), Outcome.PROVED),
        (SDE(x, 0, x), sp.Abs(x), SDE(W, 0, W), Real, Outcome.UNDECIDED),  # true: no path crosses 0
        (SDE(P, 1, 2 * sp.sqrt(P)), sp.sqrt(P), SDE(K, 0, 1), Positive, Outcome.PROVED),
        (SDE(x, 0, 1), 1 / x, SDE(Y, Y**3, Y**2), Real, Outcome.UNDEFINED),
        (SDE(x, 0, 1), x**2, SDE(W, 1, 2 * sp.sqrt(W)), Real, Outcome.PROVED),
        (SDE(x, 0, 1), x, SDE(W, 0, 1), Real, Outcome.UNDEFINED),  # not a non-negative image
    ],
)
def test_transforms_at_kinks_ends_and_poles(
    source: SDE, function: sp.Expr, target: SDE, state: Range, outcome: Outcome
) -> None:
    domain = Domain(**{source.state[0].name: state})
    found = outcomes(examine(SDETransform(source, function, target), domain, kinds=EXACT))
    assert found[Kind.ALGEBRA] is outcome
    assert found[Kind.DETERMINISTIC] is (Outcome.CONFIRMED if outcome is Outcome.PROVED else Outcome.UNDECIDED)


def test_a_square_root_that_reaches_0_reflects() -> None:
    """sqrt(X) of dX = dt + 2 sqrt(X) dB is the absolute value of a Brownian motion, no Brownian motion."""
    statement = SDETransform(SDE(W, 1, 2 * sp.sqrt(W)), sp.sqrt(W), SDE(sp.Symbol("z", nonnegative=True), 0, 1))
    found = examine(statement, Domain(w=AtLeast(0)), kinds=EXACT)
    assert found[Kind.ALGEBRA].outcome is Outcome.REFUTED
    assert found[Kind.ALGEBRA].certified
    assert found[Kind.DETERMINISTIC].outcome is Outcome.UNDECIDED


@pytest.mark.parametrize(
    ("sde", "solution", "start", "outcome"),
    [
        (SDE(P, P**3, P**2), X0 / (1 - X0 * B(T)), X0, Outcome.UNDEFINED),  # B reaches 1 / x0
        (SDE(P, P**2, 0), X0 / (1 - X0 * T), X0, Outcome.UNDEFINED),
        (SDE(x, 0, 1), sp.Abs(A + B(T)), sp.Abs(A), Outcome.REFUTED),
        (SDE(P, P / 2, P), X0 * sp.exp(B(T)), X0, Outcome.PROVED),
    ],
)
def test_path_solutions_that_explode_or_reflect(sde: SDE, solution: sp.Expr, start: sp.Expr, outcome: Outcome) -> None:
    found = outcomes(examine(PathSolution(sde, solution, T, B, start), Domain(a=Real, **HALF)))
    assert found.pop(Kind.ALGEBRA) is outcome
    assert set(found.values()) <= {Outcome.CONFIRMED if outcome is Outcome.PROVED else Outcome.UNDECIDED}


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
    step, sde = MatrixProblem.step, MatrixProblem.sde

    def with_trace(
        self: MatrixProblem, theta: torch.Tensor, variance: float, dt: float, noise: torch.Tensor
    ) -> torch.Tensor:
        scale = 1 + 0.1 * variance**0.5 * noise.sum(dim=(1, 2), keepdim=True)
        return scale * step(self, theta, variance, dt, noise)

    def with_trace_of_all(self: MatrixProblem, variance: sp.Expr) -> SDE:
        plain = sde(self, variance)
        more = sp.Matrix(plain.state) * sp.ones(1, plain.noises) * sp.sqrt(variance) / 10
        return SDE(plain.state, plain.drift, plain.diffusion + more)

    monkeypatch.setattr(MatrixProblem, "step", with_trace)
    monkeypatch.setattr(MatrixProblem, "sde", with_trace_of_all)
    found = outcomes(examine(claim.statement, claim.domain))
    assert found[Kind.DETERMINISTIC] is Outcome.REFUTED
    assert found[Kind.MONTE_CARLO] is Outcome.REFUTED


def test_same_seed_gives_the_same_finding() -> None:
    claim = CLAIMS["004.thm6.1"]
    first, second = (examine(claim.statement, claim.domain)[Kind.MONTE_CARLO] for _ in range(2))
    assert first == second
