"""Kinds of fault in claims about networks and modes: floors, cancellations, closed sums, missing moments and values."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import sympy as sp
import torch
from sympy import KroneckerProduct, MatrixSymbol, ZeroMatrix

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task, witness_named
from crossproof.checks.witnesses.modes.algebra import layer_sums
from crossproof.checks.witnesses.modes.exact import exact_networks
from crossproof.checks.witnesses.networks.amplitude_autograd import trace_size
from crossproof.checks.witnesses.networks.amplitude_exact import degree
from crossproof.checks.witnesses.networks.invariance_exact import central_differences
from crossproof.checks.witnesses.networks.matrix_means import BEYOND_ROUNDING, Exact, judge_exactly
from crossproof.checks.witnesses.networks.random_networks import check_numbers, printed, term_size
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError, NumericsError, UndefinedError
from crossproof.derivations.matrices.kronecker import SampleSum, Vec
from crossproof.derivations.matrices.networks import NetworkSetting
from crossproof.derivations.ranges import AtLeast, Integers, Positive, Real
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.amplitudes import SecondMoment
from crossproof.derivations.statements.modes import (
    DEPTH,
    LABEL_NOISE,
    STEP,
    ModeCoefficient,
    ModeQuantity,
    ModeSetting,
    ModeTarget,
)
from crossproof.derivations.statements.networks import AllOf, GradientOf, LayerGradient, MatrixIdentity, MatrixStatement
from crossproof.numerics.matrices import Floating, Values

load_catalog()
WORDS, EXACT, SAMPLED = "trace words", "exact small networks", "autograd networks"
AGREES = (Outcome.PROVED, Outcome.CONFIRMED)
CRITICAL, FLOW = CLAIMS["003.prop3.1.critical"], CLAIMS["003.a1.flow"]
R = sp.Rational


def _task(statement: Statement, domain: Domain, witness: str) -> Task:
    claim = Claim("test.network", "t", Source("test", "here"), statement, domain)
    return Task(claim, effort("quick"), 0, "cpu", 1e-8, witness)


def examined(statement: Statement, domain: Domain, witness: str) -> Finding:
    return witness_named(witness).examine(statement, _task(statement, domain, witness))


@pytest.mark.parametrize("witness", [WORDS, EXACT, SAMPLED])
@pytest.mark.parametrize("factor", [R(1, 10**20), sp.Integer(10) ** 20, sp.sqrt(2), -sp.pi])
def test_a_condition_times_a_number_is_the_same_condition(witness: str, factor: sp.Expr) -> None:
    statement = replace(CRITICAL.statement, condition=factor * CRITICAL.statement.condition)
    assert examined(statement, CRITICAL.domain, witness).outcome in AGREES


def test_a_factor_that_may_vanish_is_another_condition() -> None:
    width = CRITICAL.statement.setting.inputs
    statement = replace(CRITICAL.statement, condition=(width - 1) * CRITICAL.statement.condition)
    assert examined(statement, CRITICAL.domain, EXACT).outcome is Outcome.REFUTED
    with pytest.raises(ClaimError, match="may vanish"):
        examined(statement, CRITICAL.domain, WORDS)


@pytest.mark.parametrize("witness", [WORDS, EXACT, SAMPLED])
@pytest.mark.parametrize("power", [1, 2, 3])
def test_powers_of_a_conserved_quantity_are_conserved(witness: str, power: int) -> None:
    whole = FLOW.statement.quantity
    for _ in range(power - 1):
        whole = whole * FLOW.statement.quantity
    assert examined(replace(FLOW.statement, quantity=whole), FLOW.domain, witness).outcome in AGREES


@pytest.mark.parametrize("witness", [EXACT, SAMPLED])
@pytest.mark.parametrize("factor", [sp.Integer(1), R(1, 10**30)])
def test_a_quantity_that_moves_is_refuted_at_every_scale(witness: str, factor: sp.Expr) -> None:
    weight = FLOW.statement.setting.weight("l")
    found = examined(replace(FLOW.statement, quantity=factor * weight * weight.T), FLOW.domain, witness)
    assert found.outcome is Outcome.REFUTED
    assert found.certified is (witness == EXACT)


def test_a_conserved_quantity_may_hold_moving_layers_only() -> None:
    setting = FLOW.statement.setting
    for other in (setting.end_to_end, setting.left("l"), setting.teacher):
        with pytest.raises(ClaimError, match="moves too"):
            replace(FLOW.statement, quantity=other * other.T)


@pytest.mark.parametrize("order", range(1, 9))
def test_central_differences_are_exact_up_to_their_degree(order: int) -> None:
    def slope(degree_of_p: int) -> object:
        return sum(c * (j**degree_of_p - (-j) ** degree_of_p) for j, c in central_differences(order))

    assert [slope(k) for k in range(order + 1)] == [int(k == 1) for k in range(order + 1)]
    assert slope(2 * ((order + 1) // 2) + 1) != 0


def test_moments_beyond_those_of_the_nodes_are_not_compared() -> None:
    setting = CRITICAL.statement.setting
    x, noise = setting.x, setting.noise
    domain = Domain(**{setting.inputs.name: Integers(1), setting.outputs.name: Integers(1)}, sigma=AtLeast(0))
    n = setting.inputs
    assert degree(x * x.T * x, {x.name}) == 3
    cube = SecondMoment(setting, x * x.T * x, x * x.T * x, (n + 2) * (n + 4) * sp.Identity(n))
    with pytest.raises(ClaimError, match="order 6"):
        examined(cube, domain, EXACT)
    square = SecondMoment(setting, noise * noise.T, noise * noise.T, sp.ZeroMatrix(*(setting.outputs**2,) * 2))
    with pytest.raises(ClaimError, match="order 4"):
        examined(square, domain, EXACT)
    right = SecondMoment(setting, x, x, sp.Identity(n))
    assert examined(right, domain, EXACT).outcome is Outcome.CONFIRMED
    assert examined(replace(right, value=2 * sp.Identity(n)), domain, EXACT).outcome is Outcome.REFUTED


def test_second_moments_with_matrices_of_their_own() -> None:
    setting = NetworkSetting(R(1, 2), "teacher")
    x, n, rows = setting.x, setting.inputs, sp.Symbol("n", integer=True, positive=True)
    A, B, w = sp.MatrixSymbol("A", rows, n), sp.MatrixSymbol("B", rows, n), sp.MatrixSymbol("w", rows, 1)
    domain = Domain(**{n.name: Integers(1), rows.name: Integers(1)})
    for right in (
        SecondMoment(setting, A * x, B * x, A * B.T),
        SecondMoment(setting, A * x, w * x.T, A * sp.KroneckerProduct(sp.Identity(n), w.T)),
    ):
        for witness in (EXACT, SAMPLED):
            assert examined(right, domain, witness).outcome is Outcome.CONFIRMED
            assert examined(replace(right, value=2 * right.value), domain, witness).outcome is Outcome.REFUTED
    first = SecondMoment(setting, A * x, B * x, A * B.T)
    assert examined(first, domain, WORDS).outcome is Outcome.PROVED
    assert examined(replace(first, value=B * A.T), domain, WORDS).outcome is Outcome.UNDECIDED
    assert first.fixed() == (A, B)


def test_a_second_moment_is_not_proved_by_terms_that_words_lose() -> None:
    """x^T Q x times a free number is not x^T Q x, though both have the letters of one scalar."""
    setting = NetworkSetting(R(1, 2), "teacher")
    x, n = setting.x, setting.inputs
    c, Q = sp.MatrixSymbol("c", 1, 1), sp.MatrixSymbol("Q", n, n)
    wrong = SecondMoment(setting, c * x.T * Q * x - x.T * Q * x, x * x.T, sp.ZeroMatrix(1, n**2))
    domain = Domain(**{n.name: Integers(1)})
    with pytest.raises(ClaimError, match="no product of scalars"):
        examined(wrong, domain, WORDS)
    assert examined(wrong, domain, EXACT).outcome is Outcome.REFUTED
    with pytest.raises(ClaimError, match="data='teacher'"):
        replace(wrong, setting=NetworkSetting(R(1, 2), "dataset"))
    with pytest.raises(ClaimError, match="has the name of a column"):
        replace(wrong, left=sp.MatrixSymbol("u", n, n), value=sp.ZeroMatrix(n**2, n**2))


def test_words_know_the_gap_of_a_network_of_fixed_depth() -> None:
    setting = NetworkSetting(R(1, 2), "teacher", depth=2)
    right = LayerGradient(setting, "1", GradientOf.MEAN, setting.weight("2").T * setting.gap)
    domain = Domain(d0=Integers(1), d1=Integers(1), d2=Integers(1))
    assert examined(right, domain, WORDS).outcome is Outcome.PROVED
    assert examined(replace(right, value=2 * right.value), domain, WORDS).outcome is Outcome.UNDECIDED


def test_a_root_of_a_trace_is_no_integer_power() -> None:
    claim = CLAIMS["003.prop3.3.covariation"]
    teacher = claim.statement.setting.teacher
    for exponent in (R(1, 2), R(3, 2), -1):
        value = sp.Trace(teacher * teacher.T) ** exponent * claim.statement.value
        for witness in (EXACT, SAMPLED, WORDS):
            with pytest.raises(ClaimError, match="no sum of products of traces"):
                examined(replace(claim.statement, value=value), claim.domain, witness)


def test_random_networks_refuse_what_is_not_finite() -> None:
    m, s = sp.Symbol("m", integer=True, positive=True), sp.Symbol("sigma", nonnegative=True)
    A = sp.MatrixSymbol("A", m, m)
    ones = torch.ones(2, 2, dtype=torch.float64)

    def value(number: sp.Expr, entries: torch.Tensor = ones) -> torch.Tensor:
        return printed(number * A, Values(Floating(), {"A": entries}, {m: 2, s: sp.Integer(0)}))

    assert bool((value(m / 4) == ones / 2).all())
    for undefined in (1 / s, 1 / (m - 2), sp.log(s), sp.sqrt(1 - m)):
        with pytest.raises(UndefinedError):
            value(undefined)
    for beyond in (sp.Integer(10) ** 400, R(1, 10**400), sp.exp(-1000 * m)):
        with pytest.raises(NumericsError, match="range of float64"):
            value(beyond)
    for entry in (float("nan"), float("inf")):
        with pytest.raises(NumericsError, match="not finite"):
            value(sp.Integer(1), ones * entry)
    check_numbers(s * A, {m: 2, s: sp.Integer(0)})


def test_the_size_of_terms_does_not_cancel() -> None:
    m = sp.Symbol("m", integer=True, positive=True)
    A, B = sp.MatrixSymbol("A", m, m), sp.MatrixSymbol("B", m, m)
    values = Values(Floating(), {k: torch.eye(2, dtype=torch.float64) for k in "AB"}, {m: 2})
    assert float(printed(A * B - B * A, values).norm()) == 0.0
    assert float(term_size(A * B - B * A, values)) == pytest.approx(4.0)
    assert float(term_size(R(1, 10**30) * A, values)) == pytest.approx(2**0.5 * 1e-30)


def test_the_size_of_terms_covers_every_node() -> None:
    m = sp.Symbol("m", integer=True, positive=True)
    A = MatrixSymbol("A", m, m)
    values = Values(Floating(), {"A": torch.eye(2, dtype=torch.float64)}, {m: 2})
    for expr, size in (
        (sp.Identity(m), 2**0.5),
        (Vec(A).T, 2**0.5),
        (sp.MatPow(A - sp.Identity(m), 2), 8.0),
        (sp.BlockMatrix([[A, -A]]), 2 * 2**0.5),
    ):
        assert float(term_size(expr, values)) == pytest.approx(size)
    assert trace_size(3 * sp.Trace(A) ** 2 - 12, values) == pytest.approx(24.0)


def _exact(stated: float, found: float, size: float) -> Exact:
    return Exact("a value", "here", {}, torch.tensor([[stated]]), torch.tensor([[found]]), size)


@pytest.mark.parametrize("size", [1e-250, 1.0, 1e250])
def test_rounding_is_relative_to_the_terms_and_never_an_effect(size: float) -> None:
    def outcome(stated: float, found: float) -> Outcome:
        tensors = (torch.tensor([[v * size]], dtype=torch.float64) for v in (stated, found))
        return judge_exactly(Exact("a value", "here", {}, *tensors, size), 0.05).outcome

    assert outcome(1.0, 1.0 + 1e-12) is Outcome.CONFIRMED
    assert outcome(1e-4, 1e-4) is Outcome.CONFIRMED
    for stated, found in ((0.0, 1e-16), (1e-16, 2e-16), (0.0, 0.0), (1.0, 1.0 + BEYOND_ROUNDING / 2)):
        assert outcome(stated, found) is Outcome.UNDECIDED
    for stated, found in ((1.0, 1.0 + 2 * BEYOND_ROUNDING), (0.0, 1e-6), (1e-3, 2e-3)):
        assert outcome(stated, found) is Outcome.REFUTED


def test_the_resolution_and_the_effect_are_relative_to_the_values() -> None:
    agreeing = judge_exactly(_exact(1e-3, 1e-3, 1.0), 0.05)
    assert agreeing.resolution == pytest.approx(1e-7)
    assert judge_exactly(_exact(1e-3, 1e-3, 1.0), 1e-8).outcome is Outcome.UNDECIDED
    assert judge_exactly(_exact(1e-3, 2e-3, 1.0), 0.05).effect == pytest.approx(0.5)
    assert judge_exactly(_exact(0.0, 0.0, 0.0), 0.05).outcome is Outcome.CONFIRMED
    assert judge_exactly(_exact(float("nan"), 1.0, 1.0), 0.05).outcome is Outcome.UNDECIDED
    assert judge_exactly(_exact(float("inf"), 1.0, 1.0), 0.05).outcome is Outcome.UNDECIDED


m = sp.Symbol("m", integer=True, positive=True)
SIZES = Domain(m=Integers(1))
A, B = MatrixSymbol("A", m, m), MatrixSymbol("B", m, m)
MOVED = Vec(A * B) - KroneckerProduct(B.T, sp.Identity(m)) * Vec(A)
NOTHING = ZeroMatrix(m**2, 1)


@pytest.mark.parametrize("sides", [(MOVED, NOTHING), (NOTHING, MOVED), (MOVED, MOVED * 2)])
def test_sides_that_cancel_to_rounding_are_left_open(sides: tuple[sp.MatrixExpr, sp.MatrixExpr]) -> None:
    assert examined(MatrixIdentity(*sides), SIZES, SAMPLED).outcome is Outcome.UNDECIDED
    assert examined(MatrixIdentity(*sides), SIZES, EXACT).outcome is Outcome.CONFIRMED


@pytest.mark.parametrize("factor", [R(1, 10**5), R(1, 10**20)])
def test_a_small_term_among_large_ones_is_refuted_or_left_open(factor: sp.Expr) -> None:
    wrong = MatrixIdentity(MOVED, factor * Vec(A))
    told = Outcome.REFUTED if factor > BEYOND_ROUNDING else Outcome.UNDECIDED
    assert examined(wrong, SIZES, SAMPLED).outcome is told
    assert examined(wrong, SIZES, EXACT).outcome is Outcome.REFUTED


@pytest.mark.parametrize("of", [GradientOf.MEAN, GradientOf.SAMPLE])
def test_a_gradient_without_residual_is_never_refuted_by_its_rounding(of: GradientOf) -> None:
    claim = CLAIMS["003.prop3.1.gradient"]
    setting = replace(claim.statement.setting, at_teacher=True, label_noise=sp.Integer(0))
    zero = LayerGradient(setting, "l", of, ZeroMatrix(*setting.layer_shape("l")))
    assert examined(zero, claim.domain, SAMPLED).outcome is not Outcome.REFUTED
    gap = replace(zero, value=replace(claim.statement, setting=setting).value)
    assert examined(gap, claim.domain, SAMPLED).outcome is not Outcome.REFUTED
    wrong = replace(zero, value=setting.weight("l"))
    assert examined(wrong, claim.domain, SAMPLED).outcome is Outcome.REFUTED


def test_a_covariance_without_residual_is_never_refuted_by_its_rounding() -> None:
    claim = CLAIMS["003.prop3.2.cov"]
    setting = replace(claim.statement.setting, at_teacher=True, label_noise=sp.Integer(0))
    silent = replace(claim.statement, setting=setting, value=claim.statement.value.subs(LABEL_NOISE, 0))
    assert examined(silent, claim.domain, SAMPLED).outcome is not Outcome.REFUTED
    assert examined(replace(claim.statement, setting=setting), claim.domain, SAMPLED).outcome is Outcome.REFUTED


@pytest.mark.parametrize("number", [1 / (m - 1), sp.sqrt(m - 2), sp.log(m - 4), sp.log(m - 30)])
def test_sampling_tells_where_a_number_has_no_value(number: sp.Expr) -> None:
    assert examined(MatrixIdentity(number * A, number * A), SIZES, SAMPLED).outcome is Outcome.UNDEFINED


def test_sampling_refutes_before_it_tells_where_there_is_no_value() -> None:
    wrong = MatrixIdentity(A / (m - 40), -A / (m - 40))
    assert examined(wrong, SIZES, SAMPLED).outcome is Outcome.REFUTED


@pytest.mark.parametrize("number", [R(1, 10**400), sp.Integer(10) ** 400])
def test_numbers_beyond_float64_agree_with_nothing(number: sp.Expr) -> None:
    for rhs in (ZeroMatrix(m, m), 2 * number * A):
        with pytest.raises(NumericsError, match="range of float64"):
            examined(MatrixIdentity(number * A, rhs), SIZES, SAMPLED)


HIDDEN = [
    lambda d: 1 + sp.Max(d - 50, 0),
    lambda d: 1 + (d - 1) * (d - 2) * (d - 3),
    lambda d: sp.Piecewise((1, d < 1000), (2, True)),
    lambda d: 1 + sp.floor(d / 100),
]


@pytest.mark.parametrize(
    ("id", "hidden"),
    [
        *itertools.product(["003.prop3.3.grad", "003.prop3.1.gradient", "003.prop3.1.jacobian"], HIDDEN),
        *itertools.product(["003.prop3.2.cov"], HIDDEN[:2]),
    ],
)
def test_sampling_confirms_no_number_that_its_networks_do_not_tell(id: str, hidden) -> None:
    claim = CLAIMS[id]
    (part, *_) = getattr(claim.statement, "parts", (claim.statement,))
    width = part.setting.inputs
    assert examined(part, claim.domain, SAMPLED).outcome is Outcome.CONFIRMED
    wrong = replace(part, value=hidden(width) * part.value)
    assert examined(wrong, claim.domain, SAMPLED).outcome not in AGREES
    assert examined(replace(part, value=2 * part.value), claim.domain, SAMPLED).outcome is Outcome.REFUTED


def test_what_one_part_visits_tells_nothing_of_another() -> None:
    claim = CLAIMS["003.prop3.1.gradient"]
    statement: MatrixStatement = claim.statement
    width = statement.setting.inputs
    seen = MatrixIdentity(*(width * MatrixSymbol("A", width, width),) * 2)
    hidden = replace(statement, value=(1 + (width - 1) * (width - 2) * (width - 3)) * statement.value)
    assert examined(AllOf((statement, seen)), claim.domain, SAMPLED).outcome is Outcome.CONFIRMED
    assert examined(AllOf((hidden, seen)), claim.domain, SAMPLED).outcome not in AGREES


@pytest.mark.parametrize("factor", [lambda d: d - 7, lambda d: d**2 - 36, lambda d: sp.log(d)])
def test_sampling_confirms_no_condition_whose_factor_may_vanish(factor) -> None:
    statement = replace(
        CRITICAL.statement, condition=factor(CRITICAL.statement.setting.inputs) * CRITICAL.statement.condition
    )
    with pytest.raises(ClaimError, match="other than 0"):
        examined(statement, CRITICAL.domain, SAMPLED)
    positive = replace(
        CRITICAL.statement, condition=(1 + CRITICAL.statement.setting.inputs) * CRITICAL.statement.condition
    )
    assert examined(positive, CRITICAL.domain, SAMPLED).outcome is Outcome.CONFIRMED


# modes

SINGLE, TWO = ModeSetting(1), ModeSetting(2)
S1, S2 = TWO.amplitudes
T1, T2 = TWO.teacher
VARIANCE = ModeTarget(TWO, ModeQuantity.COVARIATION, (1, 1), (1, 1))
DIFFUSION = STEP * DEPTH**2 * S1 ** (4 - 4 / DEPTH) * (2 * (T1 - S1) ** 2 + LABEL_NOISE**2)
MODES = Domain(
    L=Integers(2), s1=Positive, stilde1=Positive, s2=Positive, stilde2=Positive, sigma=AtLeast(0), eta_b=Positive
)


def modes(witness, value: sp.Expr) -> Finding:
    statement = ModeCoefficient(VARIANCE, value)
    return witness(statement, _task(statement, MODES, "test"))


@pytest.mark.parametrize(
    "value",
    [
        sp.Mul(DIFFUSION, S1 - S2, 1 / (S1 - S2), evaluate=False),
        sp.Mul(DIFFUSION, LABEL_NOISE, 1 / LABEL_NOISE, evaluate=False),
        sp.Add(DIFFUSION, 1 / (DEPTH - 2), -1 / (DEPTH - 2), evaluate=False),
    ],
)
@pytest.mark.parametrize("witness", [layer_sums, exact_networks])
def test_a_formula_without_a_value_somewhere_is_told(witness, value: sp.Expr) -> None:
    found = modes(witness, value)
    assert found.outcome is Outcome.UNDEFINED
    assert found.counterexample is not None


@pytest.mark.parametrize(
    "value",
    [
        DIFFUSION + sp.Max(S1 - 100, 0),
        DIFFUSION * sp.Piecewise((1, T1 < 10**6), (2, True)),
        DIFFUSION * (1 + (DEPTH - 2) * (DEPTH - 3) * (DEPTH - 4)),
        DIFFUSION + R(1, 10**60),
        DIFFUSION * sp.sign(S1 - S2) ** 2,
    ],
)
def test_a_formula_that_differs_at_other_networks_only_is_never_passed(value: sp.Expr) -> None:
    found = modes(layer_sums, value)
    assert found.outcome is Outcome.REFUTED
    assert found.certified


@pytest.mark.parametrize("value", [DIFFUSION + sp.Max(S1 - 100, 0), DIFFUSION * sp.sign(S1 + S2)])
def test_exact_modes_confirm_no_formula_with_pieces_that_they_do_not_see(value: sp.Expr) -> None:
    found = modes(exact_networks, value)
    assert found.outcome is (Outcome.UNDECIDED if value.has(sp.Max) else Outcome.CONFIRMED)


def test_the_resolution_of_exact_modes_is_measured() -> None:
    found = modes(exact_networks, DIFFUSION)
    assert found.outcome is Outcome.CONFIRMED
    assert found.resolution is not None
    assert 0 < found.resolution < 1e-100
    assert modes(exact_networks, DIFFUSION * (1 + R(1, 10**90))).outcome is Outcome.REFUTED


def test_a_sum_that_may_run_backwards_is_not_closed() -> None:
    k = sp.Symbol("k", integer=True, positive=True)
    backwards = DIFFUSION / DEPTH * (sp.Sum(1, (k, 1, DEPTH - 3)) + 3)
    whole = DIFFUSION / DEPTH * sp.Sum(S2 / S2, (k, 1, DEPTH))
    assert modes(layer_sums, backwards).outcome not in AGREES
    assert modes(layer_sums, whole).outcome is Outcome.PROVED


@pytest.mark.parametrize("witness", [WORDS, EXACT, SAMPLED])
def test_a_condition_that_vanishes_alone_is_never_equivalent(witness: str) -> None:
    """At c = 0, or at weights 0, the condition holds whatever the gradient is: random networks meet neither."""
    setting, c = CRITICAL.statement.setting, sp.Symbol("c", real=True)
    weight = setting.weight("l")
    gradient = setting.left("l").T * setting.gap * setting.right("l").T
    domain = Domain(**{s.name: r for s, r in CRITICAL.domain.ranges.items()}, c=Real)
    for condition in (Vec(c * gradient), Vec((c - R(7, 3)) * gradient), Vec(weight * weight.T * gradient)):
        statement = replace(CRITICAL.statement, condition=condition)
        claim = Claim("test.network", "t", Source("test", "here"), statement, domain)
        task = Task(claim, effort("quick"), 0, "cpu", 1e-8, witness)
        try:
            outcome = witness_named(witness).examine(statement, task).outcome
        except ClaimError:
            outcome = Outcome.UNDECIDED
        assert outcome is Outcome.UNDECIDED


@pytest.mark.parametrize("witness", [WORDS, EXACT, SAMPLED])
def test_the_scale_of_a_loss_may_be_a_parameter(witness: str) -> None:
    c = sp.Symbol("c", positive=True)
    setting = replace(CRITICAL.statement.setting, loss_scale=c, data="dataset", label_noise=sp.S.Zero)
    residual = setting.network("i") * setting.x - setting.y
    right = 2 * c * setting.left("i").T * residual * setting.x.T * setting.right("i").T
    made = LayerGradient(setting, "i", GradientOf.SAMPLE, right)
    domain = Domain(**{s.name: Integers(1) for s in made.free_symbols() if s != c}, c=Positive)
    assert examined(made, domain, witness).outcome in AGREES
    wrong = LayerGradient(setting, "i", GradientOf.SAMPLE, c * right)
    assert examined(wrong, domain, witness).outcome is (Outcome.UNDECIDED if witness == WORDS else Outcome.REFUTED)


def test_a_sum_over_the_data_has_as_many_samples_as_the_data() -> None:
    """The mean over a data set of N samples is no sum divided by another number, which no witness could give it."""
    m, n, d = (sp.Symbol(name, integer=True, positive=True) for name in ("m", "N", "d"))
    x = MatrixSymbol("x_mu", d, 1)
    for size, refused in ((m, True), (2 * n, True), (n, False)):
        statement = MatrixIdentity(SampleSum(x * x.T, size, (x,)) / size, SampleSum(x * x.T, size, (x,)) / size)
        assert (statement.problem() is not None) is refused
    assert "parts is empty" in str(AllOf(()).problem())


@pytest.mark.parametrize("witness", [EXACT, SAMPLED])
def test_numbers_at_several_places_of_a_product_are_told_together(witness: str) -> None:
    """(n - 1) (n - 2) ... A vanishes at every size that is looked at; each factor alone is told by two sizes."""
    n = sp.Symbol("n", integer=True, positive=True)
    matrix = MatrixSymbol("A", n, n)
    product = sp.MatMul(*(n - k for k in range(1, 41)), matrix, evaluate=False)
    false = MatrixIdentity(product, ZeroMatrix(n, n))
    assert examined(false, Domain(n=Integers(1)), witness).outcome is Outcome.UNDECIDED
    once = sp.MatMul(n, sp.MatMul(n + 1, matrix, evaluate=False), evaluate=False)
    right = MatrixIdentity(once, n * (n + 1) * matrix)
    assert examined(right, Domain(n=Integers(1)), witness).outcome is Outcome.CONFIRMED


def test_names_that_a_proof_brings_in_are_no_names_of_a_statement() -> None:
    """tr(U^T (S - S^T) U) = 0 for every U, but not for a matrix of the statement that happens to be called so."""
    setting = CRITICAL.statement.setting
    rows, columns = setting.layer_shape("i")
    u, v = MatrixSymbol("u", setting.outputs, 1), MatrixSymbol("v", setting.inputs, 1)
    s, other = MatrixSymbol("S", rows, rows), MatrixSymbol("test U", rows, columns)
    right = setting.left("i").T * u * v.T * setting.right("i").T
    for value, outcome in ((right, Outcome.PROVED), (right + (s - s.T) * other, Outcome.UNDECIDED)):
        made = LayerGradient(setting, "i", GradientOf.MODE, value)
        domain = Domain(**{size.name: Integers(1) for size in made.free_symbols() if size.is_integer}, sigma=AtLeast(0))
        assert examined(made, domain, WORDS).outcome is outcome


def test_a_formula_made_for_the_listed_networks_is_not_confirmed() -> None:
    setting = ModeSetting(1, depth=sp.Integer(2))
    (own,), (teacher,) = setting.amplitudes, setting.teacher
    target = ModeTarget(setting, ModeQuantity.GRADIENT_DRIFT)
    right = 2 * own * (teacher - own)
    domain = Domain(s1=Positive, stilde1=Positive, sigma=AtLeast(0), eta_b=Positive)
    for value, outcome in ((right, Outcome.CONFIRMED), (right + (own - 1) * (teacher - 1), Outcome.REFUTED)):
        statement = ModeCoefficient(target, value)
        task = _task(statement, domain, "exact modes of small networks")
        assert exact_networks(statement, task).outcome is outcome
