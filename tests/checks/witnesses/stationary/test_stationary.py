"""Witnesses on stationary laws accept textbook claims and reject wrong variants of them."""

import math
from typing import Any

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Kind, Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task, witness_named, witnesses_for
from crossproof.checks.witnesses.stationary import sampling as stationary_sampling
from crossproof.checks.witnesses.stationary.limits import settled
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError, NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import AtLeast, Integers, Positive, Real
from crossproof.derivations.statements.detailed_balance import DetailedBalance
from crossproof.derivations.statements.expansions import LocalBehaviour, RootExpansion, StationaryExpansion
from crossproof.derivations.statements.stationary import DiracLaw, NormalisableWhen, StationaryLaw
from crossproof.derivations.symbols import dimension, positive, real

x, y = real("x y")
s, k, D, g, e = positive("s k D g e")
line, half_line = sp.Interval(-sp.oo, sp.oo), sp.Interval.open(0, sp.oo)
KD = Domain(k=Positive, D=Positive, x=Real)
QUICK = "quick"


def examine(name: str, statement: Any, domain: Domain, size: str = QUICK) -> Finding:
    claim = Claim("test.claim", "a test", Source("test", "here"), statement, domain)
    assert name in [w.name for w in witnesses_for(claim)]
    return witness_named(name).examine(statement, Task(claim, effort(size), 1, "cpu", 1e-6, name))


ou = SDE(x, -k * x, sp.sqrt(2 * D))
ou_law = StationaryLaw(ou, sp.exp(-k * x**2 / (2 * D)), line)
ou_wrong = [
    StationaryLaw(ou, sp.exp(-k * x**2 / D), line),
    StationaryLaw(ou, sp.exp(-sp.Rational(21, 20) * k * x**2 / (2 * D)), line),
    StationaryLaw(ou, sp.exp(-k * x**2 / (2 * D) + x / 4), line),
]


@pytest.mark.parametrize("name", ["zero probability current", "stationary Fokker-Planck solve"])
def test_ornstein_uhlenbeck_law(name: str) -> None:
    assert examine(name, ou_law, KD).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
    for wrong in ou_wrong:
        finding = examine(name, wrong, KD)
        assert finding.outcome is Outcome.REFUTED
        assert finding.counterexample is not None


def test_long_simulation_confirms_and_refutes() -> None:
    right = examine("long simulation", ou_law, KD)
    assert right.outcome is Outcome.CONFIRMED
    assert right.resolution is not None
    assert right.resolution <= effort(QUICK).resolution
    assert examine("long simulation", ou_wrong[0], KD).outcome is Outcome.REFUTED
    # the same as the true law where D = 1
    squared = StationaryLaw(ou, sp.exp(-k * x**2 / (2 * D**2)), line)
    assert examine("long simulation", squared, KD).outcome is Outcome.REFUTED


@pytest.mark.parametrize("steps", [8, 16])
def test_long_simulation_does_not_accuse_a_true_law_with_too_long_steps(
    monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """A law spread over many decades, where one halving of the step alone would suggest that it is wrong."""
    load_catalog()
    claim = CLAIMS["004.eq59"]
    monkeypatch.setattr(stationary_sampling, "STEPS", steps)
    finding = examine("long simulation", claim.statement, claim.domain, "default")
    assert finding.outcome is not Outcome.REFUTED, finding.detail


def test_a_zero_current_density_with_infinite_mass_is_refuted() -> None:
    mode = SDE(s, s * (k - s), sp.sqrt(2 * D) * s)
    law = StationaryLaw(mode, s ** (k / D - 2) * sp.exp(-s / D), half_line)
    finding = examine("zero probability current", law, Domain(k=Positive, D=Positive, s=Positive))
    assert finding.outcome is Outcome.REFUTED
    assert finding.counterexample is not None
    assert finding.counterexample.found.startswith("infinite mass")


def test_a_constant_current_is_not_called_a_current_that_varies() -> None:
    # Brownian motion with drift: Lebesgue density is invariant although its current is not zero; it is no law
    law = StationaryLaw(SDE(x, k, 1), sp.Integer(1), line)
    finding = examine("zero probability current", law, Domain(k=Positive, x=Real))
    assert finding.outcome is Outcome.REFUTED
    assert "not integrable" in finding.detail


a = positive("a")
unit = sp.Interval.open(0, 1)
not_negative = sp.Symbol("a", nonnegative=True)
slow = -2 / (s + not_negative)  # (log p)' of (s + a)^-2, for the variance rate 2 s^2

LAWS = {
    "Cox-Ingersoll-Ross": StationaryLaw(SDE(s, a - s, sp.sqrt(2 * s)), s ** (a - 1) * sp.exp(-s), half_line),
    "Jacobi": StationaryLaw(SDE(s, a * (1 - 2 * s), sp.sqrt(s * (1 - s))), (s - s**2) ** (2 * a - 1), unit),
    "an absolute value of one sign": StationaryLaw(
        SDE(s, a * (sp.Abs(1 - s) - s), sp.sqrt(s * (1 - s))), (s * (1 - s)) ** (2 * a - 1), unit
    ),
    "Laplace": StationaryLaw(SDE(x, -a * sp.sign(x), 1), sp.exp(-2 * a * sp.Abs(x)), line),
    "two sides that do not mix": StationaryLaw(SDE(x, 1 / x - x, 1), x**2 * sp.exp(-(x**2)), line),
    "reflected": StationaryLaw(SDE(s, -a, sp.sqrt(2)), sp.exp(-a * s), half_line, (0,)),
    "log-normal": StationaryLaw(
        SDE(s, s * (1 - sp.log(s)), sp.sqrt(2) * s), sp.exp(-(sp.log(s) ** 2) / 2) / s, half_line
    ),
    "oscillating drift": StationaryLaw(SDE(x, sp.sin(x) - x, sp.sqrt(2)), sp.exp(-(x**2) / 2 - sp.cos(x)), line),
    "hyperbolic": StationaryLaw(SDE(x, -sp.tanh(x), 1), sp.cosh(x) ** -2, line),
}


@pytest.mark.parametrize("name", LAWS)
def test_laws_of_many_kinds_are_proved(name: str) -> None:
    statement = LAWS[name]
    domain = Domain(a=Positive, x=Real, s=Positive)
    finding = examine("zero probability current", statement, domain)
    assert finding.outcome is Outcome.PROVED, finding.detail


FAULTS = {
    "leaves": (StationaryLaw(SDE(s, -1, sp.sqrt(2)), sp.exp(-s), half_line), "reached in finite time and left"),
    "leaves above": (StationaryLaw(SDE(x, -x, sp.sqrt(2)), sp.exp(-(x**2) / 2), sp.Interval.open(-sp.oo, 0)), "left"),
    "reflected at one end only": (StationaryLaw(SDE(s, 0, 1), sp.Integer(1), unit, (0,)), "the end 1"),
    "explodes": (
        StationaryLaw(SDE(x, 2 * x * (1 + x**2) ** 2, (1 + x**2) ** sp.Rational(3, 2)), 1 / (1 + x**2), line),
        "reached in finite time",
    ),
    "absorbed": (
        StationaryLaw(
            SDE(s, -s, s ** sp.Rational(1, 4)), sp.exp(-4 * s ** sp.Rational(3, 2) / 3) / sp.sqrt(s), half_line
        ),
        "holds the process",
    ),
    "inner singularity": (StationaryLaw(SDE(x, -2 / x - x, sp.sqrt(2)), sp.exp(-(x**2) / 2) / x**2, line), "at 0"),
    "negative": (StationaryLaw(SDE(x, -x, sp.sqrt(2)), -sp.exp(-(x**2) / 2), line), "negative"),
    "negative on one side": (StationaryLaw(SDE(x, 1 / x - x, sp.sqrt(2)), x * sp.exp(-(x**2) / 2), line), "negative"),
    "edge of a parameter": (
        StationaryLaw(SDE(s, 2 * s + s**2 * slow, sp.sqrt(2) * s), (s + not_negative) ** -2, half_line),
        "not integrable at 0",
    ),
    "jump": (
        StationaryLaw(SDE(x, -sp.sign(x), 1), sp.exp(-2 * sp.Abs(x)) * (2 + sp.sign(x)), line),
        "jumps at 0",
    ),
    "far away": (
        StationaryLaw(SDE(x, -x - sp.Abs(x - 50) - x + 50, sp.sqrt(2)), sp.exp(-(x**2) / 2), line),
        "varies",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_no_law_is_refuted_inside_the_support_and_compared_by_no_numbers(name: str) -> None:
    statement, words = FAULTS[name]
    domain = Domain(a=AtLeast(0), x=Real, s=Positive)
    finding = examine("zero probability current", statement, domain)
    assert finding.outcome is Outcome.REFUTED
    assert words in finding.detail
    assert finding.certified
    assert finding.counterexample is not None
    state = str(statement.sde.state[0])
    if state in finding.counterexample.point:
        assert sp.sympify(finding.counterexample.point[state]) in statement.support
    if name != "far away":
        assert examine("stationary Fokker-Planck solve", statement, domain).outcome is Outcome.UNDECIDED
    if name not in ("far away", "edge of a parameter"):
        assert examine("long simulation", statement, domain).outcome is Outcome.UNDECIDED


@pytest.mark.parametrize(
    "statement",
    [
        # a process passes 0, where its drift has no value
        StationaryLaw(SDE(x, -x / sp.Abs(x), 1), sp.exp(-2 * sp.Abs(x)), line),
        StationaryLaw(SDE(x, -x, sp.sqrt(2)), sp.exp(-(x**2) / 2) * sp.sqrt(x) / sp.sqrt(x + 1), line),
    ],
)
def test_a_law_without_a_value_where_the_process_passes_is_undefined(statement: StationaryLaw) -> None:
    finding = examine("zero probability current", statement, Domain(x=Real))
    assert finding.outcome is Outcome.UNDEFINED


def test_an_end_that_a_convention_decides_stays_open() -> None:
    # Bessel process of dimension 3/2 with a restoring force: reflected at 0, or through it
    law = StationaryLaw(SDE(s, 1 / (4 * s) - s, 1), sp.sqrt(s) * sp.exp(-(s**2)), half_line)
    assert examine("zero probability current", law, Domain(s=Positive)).outcome is Outcome.UNDECIDED
    reflected = StationaryLaw(law.sde, law.density, half_line, (0,))
    assert examine("zero probability current", reflected, Domain(s=Positive)).outcome is Outcome.PROVED


def test_a_support_beyond_the_range_of_the_state_is_not_proved() -> None:
    law = StationaryLaw(SDE(s, -s, sp.sqrt(2)), sp.exp(-(s**2) / 2), line)
    finding = examine("zero probability current", law, Domain(s=Positive))
    assert finding.outcome is Outcome.UNDECIDED
    assert "declared range" in finding.detail


def test_reflection_is_printed_and_stands_at_ends_only() -> None:
    law = StationaryLaw(SDE(s, -k, sp.sqrt(2)), sp.exp(-k * s), half_line, (0,))
    assert "reflected at" in law.latex()
    with pytest.raises(ClaimError, match="no finite end"):
        StationaryLaw(SDE(s, -k, sp.sqrt(2)), sp.exp(-k * s), half_line, (1,))


logistic = SDE(s, s * (k - s), sp.sqrt(2 * D) * s)
PARAMETERS = Domain(k=Positive, D=Positive)


@pytest.mark.parametrize("name", ["end exponents", "comparison with powers"])
def test_threshold(name: str) -> None:
    right = NormalisableWhen(logistic, half_line, sp.Gt(k, D))
    assert examine(name, right, PARAMETERS).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
    for condition in (sp.Gt(k, 2 * D), sp.Gt(k, D / 2), sp.Lt(k, D), sp.false):
        wrong = NormalisableWhen(logistic, half_line, condition)
        assert examine(name, wrong, PARAMETERS).outcome is Outcome.REFUTED
    sufficient = NormalisableWhen(logistic, half_line, sp.Gt(k, 2 * D), direction="if")
    assert examine(name, sufficient, PARAMETERS).outcome in (Outcome.PROVED, Outcome.CONFIRMED)


def test_threshold_five_percent_off_is_seen_by_comparison() -> None:
    wrong = NormalisableWhen(logistic, half_line, sp.Gt(k, sp.Rational(21, 20) * D))
    assert examine("comparison with powers", wrong, PARAMETERS, "default").outcome is Outcome.REFUTED


@pytest.mark.parametrize("name", ["end exponents", "comparison with powers"])
def test_a_singularity_inside_the_support_counts(name: str) -> None:
    # |x|^(-c) needs c < 1 at 0 and c > 1 at infinity
    power = NormalisableWhen(SDE(x, -k / x, sp.sqrt(2)), line, sp.Gt(k, 1))
    assert examine(name, power, PARAMETERS).outcome is Outcome.REFUTED
    never = NormalisableWhen(power.sde, line, sp.false)
    assert examine(name, never, PARAMETERS).outcome in (Outcome.PROVED, Outcome.UNDECIDED)


def test_a_slope_that_vanishes_for_one_parameter_is_flat_there() -> None:
    b = real("b")
    linear, domain = SDE(x, -b * x, sp.sqrt(2)), Domain(b=Real)
    assert examine("end exponents", NormalisableWhen(linear, line, sp.Gt(b, 0)), domain).outcome is Outcome.PROVED
    assert examine("end exponents", NormalisableWhen(linear, line, sp.Ge(b, 0)), domain).outcome is Outcome.REFUTED


def test_that_a_density_is_never_normalisable_is_proved_not_sampled() -> None:
    never = NormalisableWhen(SDE(s, k * s, s), half_line, sp.false)
    assert examine("end exponents", never, PARAMETERS).outcome is Outcome.PROVED
    assert examine("comparison with powers", never, PARAMETERS).outcome is Outcome.UNDECIDED


quiet = SDE(s, k * (1 - s), sp.sqrt(D) * (s - 1))


def test_dirac_law() -> None:
    right = DiracLaw(quiet, sp.Integer(1), half_line)
    assert examine("exclusion of densities", right, PARAMETERS).outcome is Outcome.PROVED


def test_a_mass_at_the_end_excludes_densities_for_all_parameters_or_is_refuted() -> None:
    closed = sp.Interval(0, sp.oo)
    # s^(2k-2) is integrable at 0 for k > 1/2 and at infinity for k < 1/2
    assert examine("exclusion of densities", DiracLaw(SDE(s, k * s, s), sp.Integer(0), closed), PARAMETERS).outcome is (
        Outcome.PROVED
    )
    finding = examine("exclusion of densities", DiracLaw(SDE(s, k * s - s**2, s), sp.Integer(0), closed), PARAMETERS)
    assert finding.outcome is Outcome.REFUTED
    assert finding.counterexample is not None
    assert sp.Rational(finding.counterexample.point["k"]) > sp.Rational(1, 2)


# the noise does not vanish at 1, so that a mass there spreads: there is a density
wrong_dirac = DiracLaw(SDE(s, k * (1 - s), sp.sqrt(D) * s), sp.Integer(1), half_line)


@pytest.mark.parametrize(
    "statement",
    [
        wrong_dirac,
        DiracLaw(SDE(s, k * (2 - s), sp.sqrt(D) * (s - 1)), sp.Integer(1), half_line),  # the drift moves it
        DiracLaw(quiet, sp.Integer(-1), half_line),  # outside the support
        # both 0 and 1 are fixed
        DiracLaw(SDE(s, k * (1 - s) * s, sp.sqrt(D) * (s - 1) * s), sp.Integer(0), sp.Interval(0, sp.oo)),
    ],
)
def test_a_mass_that_cannot_stay_is_refuted(statement: DiracLaw) -> None:
    assert examine("exclusion of densities", statement, PARAMETERS).outcome is Outcome.REFUTED


@pytest.mark.parametrize(
    "statement",
    [
        DiracLaw(SDE(s, k * (1 - s), sp.sqrt(D) * (s - 1) * (s - 2)), sp.Integer(1), half_line),  # noise zero at 2 too
        # a reflecting or absorbing end may hold the mass
        DiracLaw(SDE(s, -k, sp.sqrt(D)), sp.Integer(0), sp.Interval(0, sp.oo)),
    ],
)
def test_a_mass_that_stays_is_not_refuted_at_the_point(statement: DiracLaw) -> None:
    assert examine("exclusion of densities", statement, PARAMETERS).outcome is Outcome.UNDECIDED


# dX = (1 - X) dt + sqrt(e) X dB: the mean is exactly 1 and the variance e/2 + O(e^2)
reverting = SDE(s, 1 - s, sp.sqrt(e) * s)


def expansion(observable: str, first: Any) -> StationaryExpansion:
    zeroth = sp.Integer(1 if observable == "mean" else 0)
    return StationaryExpansion(reverting, half_line, observable, e, sp.Integer(1), zeroth, sp.sympify(first))


@pytest.mark.parametrize("name", ["Laplace expansion", "moments at a decreasing parameter"])
def test_expansions(name: str) -> None:
    domain = Domain(e=Positive)
    # values at finitely many places never confirm a limit
    right = Outcome.PROVED if name == "Laplace expansion" else Outcome.UNDECIDED
    assert examine(name, expansion("mean", 0), domain).outcome is right
    assert examine(name, expansion("variance", "1/2"), domain).outcome is right
    for wrong in (expansion("mean", "1/20"), expansion("variance", "21/40"), expansion("variance", "-1/2")):
        assert examine(name, wrong, domain).outcome is Outcome.REFUTED


@pytest.mark.parametrize("name", ["implicit differentiation", "roots at a decreasing parameter"])
def test_root_expansion(name: str) -> None:
    function, domain = k**2 - s**2 + e * s**3, Domain(k=Positive, e=Positive)
    right = RootExpansion(function, s, e, k, k**2 / 2)
    expected = Outcome.PROVED if name == "implicit differentiation" else Outcome.UNDECIDED
    assert examine(name, right, domain).outcome is expected
    for first in (-(k**2) / 2, k**2, k / 2):
        assert examine(name, RootExpansion(function, s, e, k, first), domain).outcome is Outcome.REFUTED


@pytest.mark.parametrize(
    "function",
    [1 - s + sp.Abs(s - 1) / 2 + e, 1 - s + sp.sqrt(e), 1 - s + sp.Max(e, 2 * e * (s - 1))],
)
def test_a_function_that_is_not_smooth_at_its_zero_is_not_differentiated(function: sp.Expr) -> None:
    statement = RootExpansion(function, s, e, sp.Integer(1), sp.Integer(1))
    assert examine("implicit differentiation", statement, Domain(e=Positive)).outcome is Outcome.UNDECIDED


@pytest.mark.parametrize("name", ["leading powers", "ratios near the point"])
def test_local_behaviour(name: str) -> None:
    depth, domain = dimension("L"), Domain(L=Integers(2), k=Positive)
    expr = s ** (2 - 2 / depth) * (k**2 - s**2)
    right = -2 * k ** (3 - 2 / depth) * (s - k)
    expected = Outcome.PROVED if name == "leading powers" else Outcome.UNDECIDED
    assert examine(name, LocalBehaviour(s, k, ((expr, right),)), domain).outcome is expected
    assert examine(name, LocalBehaviour(s, k, ((expr, right / 2),)), domain).outcome is Outcome.REFUTED


@pytest.mark.parametrize(
    ("expr", "equivalent"),
    [
        (s - 1, (s - 1) * (1 + 1 / (1 + (s - 1) ** 2 * 10**80)) / 2),  # differs at a distance of 10^-40 only
        ((s - 1) * (1 + sp.sqrt(sp.Abs(s - 1))), s - 1),  # a remainder of order 1/2
        ((s - 1) * (1 + 1 / sp.log(sp.Abs(s - 1))), s - 1),  # and of none
    ],
)
def test_a_true_limit_with_a_slow_or_hidden_remainder_is_not_refuted(expr: Any, equivalent: Any) -> None:
    statement = LocalBehaviour(s, sp.Integer(1), ((expr, equivalent),))
    assert examine("ratios near the point", statement, Domain(k=Positive)).outcome is not Outcome.REFUTED


def test_a_variable_with_a_range_is_not_held_fixed() -> None:
    t = positive("t")
    rising = LocalBehaviour(t, sp.Integer(0), ((t + t**2, t),))
    assert examine("ratios near the point", rising, Domain(t=Positive)).outcome is Outcome.UNDECIDED
    steep = LocalBehaviour(t, sp.Integer(0), ((2 * t + t**2, t),))
    assert examine("ratios near the point", steep, Domain(t=Positive)).outcome is Outcome.REFUTED
    shifted = RootExpansion(s**2 - 1 - 2 * e, s, e, sp.Integer(1), sp.Integer(1))
    assert examine("roots at a decreasing parameter", shifted, Domain(s=Positive, e=Positive)).outcome is (
        Outcome.UNDECIDED
    )


def test_changes_that_do_not_shrink_settle_nothing() -> None:
    assert settled([1 + 2.0**-k for k in range(8)]).left == pytest.approx(2.0**-7)
    with pytest.raises(NumericsError, match="still change"):
        settled([1 / math.log(k + 2) for k in range(8)])
    with pytest.raises(NumericsError, match="no real number"):
        settled([1.0, 1.0, 1.0, float("nan")])


CD = Domain(x=Real, y=Real, g=Positive)
anisotropic = sp.diag(1, 2)


@pytest.mark.parametrize("name", ["mixed partials", "work along paths", "circulation"])
def test_detailed_balance_exists_when_noise_and_curvature_commute(name: str) -> None:
    aligned = DetailedBalance((x, y), [x, g * y], anisotropic)
    tilted = DetailedBalance((x, y), [x + y / 2, x / 2 + g * y], anisotropic)
    assert examine(name, aligned, CD).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
    assert examine(name, tilted, CD).outcome is Outcome.REFUTED


@pytest.mark.parametrize("name", ["mixed partials", "work along paths", "circulation"])
def test_asserted_density_of_a_gaussian_process(name: str) -> None:
    force = [x, g * y]
    right = DetailedBalance((x, y), force, anisotropic, sp.exp(-(x**2) / 2 - g * y**2 / 4))
    wrong = DetailedBalance((x, y), force, anisotropic, sp.exp(-(x**2) - g * y**2 / 2))
    assert examine(name, right, CD).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
    assert examine(name, wrong, CD).outcome is Outcome.REFUTED


@pytest.mark.parametrize("current", ["printed", "ito", "stratonovich"])
def test_the_sense_of_the_current_matters(current: str) -> None:
    tensor = 1 + x**2
    power = {"printed": 1, "ito": 3, "stratonovich": 2}
    for sense, p in power.items():
        statement = DetailedBalance((x,), [x], [[tensor]], tensor ** sp.Rational(-p, 2), current)
        for name in ("mixed partials", "work along paths"):
            finding = examine(name, statement, Domain(x=Real))
            assert (finding.outcome is Outcome.REFUTED) == (sense != current)


def test_a_field_that_changes_far_away_is_refuted_and_never_confirmed() -> None:
    statement = DetailedBalance((x,), [x + sp.Abs(x - 50) + x - 50], [[1]], sp.exp(-(x**2) / 2))
    assert examine("mixed partials", statement, Domain(x=Real)).outcome is Outcome.REFUTED
    assert examine("work along paths", statement, Domain(x=Real)).outcome is not Outcome.CONFIRMED


@pytest.mark.parametrize(
    "statement",
    [
        DetailedBalance((x, y), [y / (x**2 + y**2), -x / (x**2 + y**2)], sp.eye(2)),  # a vortex: no potential
        DetailedBalance((x,), [x], [[1]], -sp.exp(-(x**2) / 2)),  # negative
        DetailedBalance((x,), [-x], [[-1]], sp.exp(-(x**2) / 2)),  # no variance rate
        DetailedBalance((x,), [x], [[1]], sp.Piecewise((sp.exp(-(x**2) / 2), x < 0), (2 * sp.exp(-(x**2) / 2), True))),
    ],
)
def test_an_equation_that_holds_without_a_positive_density_is_not_proved(statement: DetailedBalance) -> None:
    assert examine("mixed partials", statement, CD).outcome is not Outcome.PROVED


@pytest.mark.parametrize("name", ["mixed partials", "work along paths"])
def test_a_member_confirms_nothing_of_all_functions(name: str) -> None:
    loss = sp.Function("L", real=True)(x)
    # the simple member has slope x + 1/3 as well
    statement = DetailedBalance((x,), [x + sp.Rational(1, 3)], [[1]], sp.exp(-loss))
    assert examine(name, statement, CD).outcome in (Outcome.UNDECIDED, Outcome.REFUTED)


def test_a_claim_about_all_functions_is_refuted_at_a_member_and_names_it() -> None:
    loss = sp.Function("L", real=True)(x)
    statement = DetailedBalance((x,), [sp.diff(loss, x)], [[g]], sp.exp(-2 * loss / g))
    finding = examine("mixed partials", statement, Domain(x=Real, g=Positive))
    assert finding.outcome is Outcome.REFUTED
    assert "L(x)" in finding.detail


def test_malformed_statements_are_refused() -> None:
    with pytest.raises(ClaimError, match="one-dimensional"):
        StationaryLaw(SDE((x, y), [0, 0], sp.eye(2)), sp.Integer(1), line)
    with pytest.raises(ClaimError, match="direction"):
        NormalisableWhen(logistic, half_line, sp.Gt(k, D), direction="when")
    with pytest.raises(ClaimError, match="relation"):
        NormalisableWhen(logistic, half_line, sp.And(sp.Gt(k, D), sp.Gt(k, 1)))
    with pytest.raises(ClaimError, match="observable"):
        StationaryExpansion(reverting, half_line, "median", e, sp.Integer(1), sp.Integer(1), sp.Integer(0))
    with pytest.raises(ClaimError, match="current"):
        DetailedBalance((x,), [x], [[1]], None, "strat")


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("004.dw.potential", Outcome.REFUTED),
        ("004.dw.potential.repaired", Outcome.PROVED),
        ("004.dw.collapse", Outcome.REFUTED),
        ("004.dw.collapse.repaired", Outcome.PROVED),
        ("004.eq54.literal", Outcome.REFUTED),
        ("004.eq54.literal.repaired", Outcome.PROVED),
        ("004.eq59", Outcome.PROVED),
        ("004.eq60", Outcome.PROVED),
        ("003.eq16", Outcome.PROVED),
        ("003.prop5.2.i.local", Outcome.PROVED),
        ("003.prop5.2.i.norm", Outcome.PROVED),
        ("003.prop5.2.i.dirac", Outcome.PROVED),
        ("003.eq17", Outcome.REFUTED),
        ("003.eq17.repaired", Outcome.PROVED),
        ("003.f.zero", Outcome.PROVED),
        ("003.eq18", Outcome.PROVED),
        ("003.f.ou", Outcome.PROVED),
        ("001.eq28", Outcome.REFUTED),
        ("001.eq28.repaired", Outcome.PROVED),
        ("001.eq28.beta", Outcome.REFUTED),
        ("001.eq28.beta.repaired", Outcome.PROVED),
        ("001.eq29", Outcome.REFUTED),
        ("001.eq29.repaired", Outcome.PROVED),
    ],
)
def test_catalog(identifier: str, expected: Outcome) -> None:
    load_catalog()
    claim = CLAIMS[identifier]
    exact = [w for w in witnesses_for(claim) if w.kind is Kind.ALGEBRA]
    findings = [w.examine(claim.statement, Task(claim, effort("default"), 0, "cpu", 1e-8, w.name)) for w in exact]
    assert [f.outcome for f in findings] == [expected]
