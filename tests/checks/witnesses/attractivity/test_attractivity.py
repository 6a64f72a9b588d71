"""Witnesses of attraction accept true thresholds and reject shifted ones."""

import dataclasses

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.judgement.straddle import excess, straddle
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.attractivity import algebra, numerics, sampling, small_starts, training
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, AtLeast, Positive, Real
from crossproof.derivations.statements.attractivity import Attractive, CollapsesWhen, Linearised, SmallStartLimit

load_catalog()
x, mu = sp.symbols("x mu", real=True)
zeta, theta = sp.symbols("zeta theta", positive=True)
plane = Domain(mu=Real, zeta=Positive)
gbm = SDE(x, mu * x, zeta * x)


def examine(witness, statement, domain, size="quick"):
    made = Claim("test.attraction", "", Source("test", ""), statement, domain)
    return witness(statement, Task(made, effort(size), 1, "cpu", 1e-8, witness.__name__))


def of_catalog(witness, name, **changes):
    made = CLAIMS[name]
    return examine(witness, dataclasses.replace(made.statement, **changes), made.domain)


def attractive(threshold, direction="iff"):
    return Attractive(gbm, (0,), sp.Lt(mu, threshold, evaluate=False), direction)


EXITS = [algebra.lyapunov_threshold, numerics.exits_near_the_point, sampling.simulated_exits]
ACCEPT = {Outcome.PROVED, Outcome.CONFIRMED}


@pytest.mark.parametrize("witness", EXITS)
def test_true_threshold_is_accepted(witness):
    assert examine(witness, attractive(zeta**2 / 2), plane).outcome in ACCEPT


@pytest.mark.parametrize("witness", EXITS)
@pytest.mark.parametrize("factor", [sp.Rational(1, 4), 1, sp.Rational(23, 40), sp.Rational(17, 40)])
def test_shifted_threshold_is_rejected(witness, factor):
    finding = examine(witness, attractive(factor * zeta**2), plane)
    assert finding.outcome is Outcome.REFUTED
    assert finding.counterexample is not None


@pytest.mark.parametrize("witness", [algebra.lyapunov_threshold, numerics.exits_near_the_point])
@pytest.mark.parametrize("factor", [sp.Rational(21, 40), sp.Rational(19, 40)])
def test_a_shift_of_five_per_cent_is_seen(witness, factor):
    finding = examine(witness, attractive(factor * zeta**2), plane, "default")
    assert finding.outcome is Outcome.REFUTED


@pytest.mark.slow
@pytest.mark.parametrize("factor", [sp.Rational(21, 40), sp.Rational(19, 40)])
def test_a_shift_of_five_per_cent_is_seen_by_sampling(factor):
    finding = examine(sampling.simulated_exits, attractive(factor * zeta**2), plane, "default")
    assert finding.outcome is Outcome.REFUTED


@pytest.mark.parametrize("witness", EXITS)
def test_a_sufficient_condition_may_be_too_strong(witness):
    assert examine(witness, attractive(zeta**2 / 4, "if"), plane).outcome is not Outcome.REFUTED


@pytest.mark.parametrize("witness", EXITS)
def test_reversed_condition_is_rejected(witness):
    reversed_claim = Attractive(gbm, (0,), sp.Gt(mu, zeta**2 / 2, evaluate=False), "if")
    assert examine(witness, reversed_claim, plane).outcome is Outcome.REFUTED


@pytest.mark.parametrize("name", ["004.thm4.1.taylor", "004.dw.agrees", "004.steep", "000.sc2"])
@pytest.mark.parametrize("witness", EXITS[:2])
def test_catalog_thresholds_are_accepted(witness, name):
    assert of_catalog(witness, name).outcome in ACCEPT


@pytest.mark.slow
@pytest.mark.parametrize("name", ["004.thm4.1.taylor", "004.dw.agrees", "004.steep", "000.sc2"])
def test_catalog_thresholds_are_accepted_by_sampling(name):
    assert of_catalog(sampling.simulated_exits, name).outcome in ACCEPT


def test_proof_covers_both_signs_of_the_slope():
    assert of_catalog(algebra.lyapunov_threshold, "004.thm5.1").outcome is Outcome.PROVED
    assert of_catalog(algebra.lyapunov_threshold, "000.sc3.repaired").outcome is Outcome.PROVED


def test_a_point_that_is_left_at_once_is_not_attractive():
    """With sigma(0) != 0 label noise moves the second weight; where sigma(0) = 0 the same condition is right."""
    found = of_catalog(algebra.lyapunov_threshold, "000.sc3")
    assert found.outcome is Outcome.REFUTED
    assert found.counterexample is not None
    assert found.counterexample.point["c0"] != "0"


def weaker(name, factor):
    """Return a condition that holds on a larger set than the printed one."""
    printed = CLAIMS[name].statement.condition
    return sp.Gt(factor * printed.lhs, printed.rhs, evaluate=False)


@pytest.mark.parametrize("witness", [algebra.lyapunov_threshold, sampling.simulated_exits, training.label_noise_sgd])
def test_neuron_threshold_and_its_double(witness):
    assert of_catalog(witness, "004.thm5.1").outcome in ACCEPT
    assert of_catalog(witness, "004.thm5.1", condition=weaker("004.thm5.1", 2)).outcome is Outcome.REFUTED


COLLAPSE = [algebra.boundary_classification, numerics.exits_of_the_half_line, sampling.simulated_collapse]


@pytest.mark.parametrize("witness", COLLAPSE)
def test_mode_collapse_and_its_double(witness):
    made = CLAIMS["004.sec6.threshold"].statement
    assert of_catalog(witness, "004.sec6.threshold").outcome in ACCEPT
    doubled = sp.Lt(made.condition.lhs, 2 * made.condition.rhs, evaluate=False)
    assert of_catalog(witness, "004.sec6.threshold", condition=doubled).outcome is Outcome.REFUTED


def test_collapse_needs_infinity_to_repel():
    s = sp.Symbol("s", positive=True)
    growing = SDE(s, mu * s + s**2, zeta * s)
    statement = CollapsesWhen(growing, sp.Lt(mu, zeta**2 / 2, evaluate=False))
    assert examine(algebra.boundary_classification, statement, plane).outcome not in ACCEPT


@pytest.mark.parametrize("witness", [algebra.linear_part, numerics.slopes_at_the_point])
def test_linear_part(witness):
    made = CLAIMS["004.eq5.taylor"].statement
    expected = {algebra.linear_part: Outcome.PROVED}.get(witness, Outcome.UNDECIDED)
    assert of_catalog(witness, "004.eq5.taylor").outcome is expected
    for wrong in (
        SDE(made.linear.state, -made.linear.drift, made.linear.diffusion),
        SDE(made.linear.state, made.linear.drift, made.linear.diffusion * sp.Rational(21, 20)),
    ):
        assert of_catalog(witness, "004.eq5.taylor", linear=wrong).outcome is Outcome.REFUTED


def test_a_kink_of_the_noise_is_none_of_the_covariance_and_one_of_the_drift_is_seen() -> None:
    y = sp.Symbol("y", real=True)
    length, shared = zeta * sp.sqrt(x**2 + y**2), sp.Matrix([[zeta * x, zeta * y], [0, 0]])
    line, two = SDE(x, -x, zeta * x), [-x, -y]
    for found, stated, outcome in (
        (SDE(x, -x, zeta * sp.Abs(x)), line, Outcome.PROVED),
        (SDE(x, -x, zeta * sp.Abs(x)), SDE(x, -x, 2 * zeta * x), Outcome.REFUTED),
        (SDE((x, y), two, [length, 0]), SDE((x, y), two, shared), Outcome.PROVED),
        (SDE((x, y), two, [length, 0]), SDE((x, y), two, [zeta * x, 0]), Outcome.REFUTED),
        (SDE(x, sp.Abs(x) - 2 * x, zeta * x), line, Outcome.REFUTED),
        (SDE(x, 1 - x, zeta * x), line, Outcome.REFUTED),  # it leaves the point
        (line, SDE(x, -x, zeta * x + x**2), Outcome.REFUTED),  # not linear
        (SDE(x, -x + x * sp.Abs(x), zeta * x), line, Outcome.UNDECIDED),
    ):
        statement = Linearised(found, (0,) * found.dimension, stated)
        domain = Domain(zeta=Positive, x=Real, y=Real)
        assert examine(algebra.linear_part, statement, domain).outcome is outcome, found


def test_a_side_outside_of_the_range_is_not_looked_at() -> None:
    s = sp.Symbol("s", nonnegative=True)
    bent = SDE(s, sp.Piecewise((-s, s > 0), (s, True)), zeta * s)
    statement = Linearised(bent, (0,), SDE(s, -s, zeta * s))
    assert examine(algebra.linear_part, statement, Domain(s=AtLeast(0), zeta=Positive)).outcome is Outcome.UNDECIDED


def test_a_linear_equation_without_values_is_not_confirmed():
    made = CLAIMS["004.eq5.taylor"].statement.linear
    undefined = SDE(made.state, sp.Matrix([sp.nan]), made.diffusion)
    assert of_catalog(numerics.slopes_at_the_point, "004.eq5.taylor", linear=undefined).outcome not in ACCEPT


@pytest.mark.parametrize("witness", [algebra.logarithm_at_zero, small_starts.coupled_small_starts])
def test_small_start_limit(witness):
    made = CLAIMS["004.cor6.1"].statement
    assert of_catalog(witness, "004.cor6.1").outcome in ACCEPT
    assert of_catalog(witness, "004.cor6.1", rate=made.rate * sp.Rational(11, 10)).outcome is Outcome.REFUTED
    assert of_catalog(witness, "004.cor6.1", volatility=made.volatility / 2).outcome is Outcome.REFUTED


def test_straddle_keeps_to_the_domain():
    condition = sp.Lt(mu, zeta**2 / 2, evaluate=False)
    pairs = list(straddle(condition, plane, sp.Rational(1, 50), 4))
    assert len(pairs) == 4
    for pair in pairs:
        plane.check(pair.inside)
        plane.check(pair.outside)
        assert excess(condition).subs(pair.inside) > 0 > excess(condition).subs(pair.outside)


def test_sampling_is_deterministic():
    first, second = (of_catalog(small_starts.coupled_small_starts, "004.cor6.1") for _ in range(2))
    assert first == second


def test_malformed_statements_are_refused():
    with pytest.raises(ClaimError, match="direction"):
        Attractive(gbm, (0,), sp.Lt(mu, 1, evaluate=False), "when")
    with pytest.raises(ClaimError, match="entries"):
        Attractive(gbm, (0, 0), sp.Lt(mu, 1, evaluate=False))
    with pytest.raises(ClaimError, match="inequality"):
        CollapsesWhen(gbm, sp.Eq(mu, 1, evaluate=False))
    with pytest.raises(ClaimError, match="states differ"):
        Linearised(gbm, (0,), SDE(theta, theta, theta))
    with pytest.raises(ClaimError, match="one Brownian"):
        SmallStartLimit(SDE(x, x, sp.Matrix([[x, x]])), mu, zeta)


@pytest.mark.parametrize("witness", [algebra.boundary_classification, numerics.exits_of_the_half_line])
@pytest.mark.parametrize("direction", ["if", "iff"])
def test_geometric_brownian_motion_collapses_below_half_the_variance(witness, direction):
    """Escape probabilities of a power law fall by powers only: they are followed until they settle."""
    s = sp.Symbol("s", positive=True)
    motion = SDE(s, mu * s, zeta * s)
    for threshold, accepted in ((zeta**2 / 2, True), (zeta**2 / 4, direction == "if"), (zeta**2, False)):
        statement = CollapsesWhen(motion, sp.Lt(mu, threshold, evaluate=False), direction)
        outcome = examine(witness, statement, plane).outcome
        assert outcome in ACCEPT if accepted else outcome is Outcome.REFUTED, threshold


def test_a_weak_threshold_asserts_collapse_at_equality() -> None:
    """At equality the logistic equation is null recurrent and the geometric one oscillates: neither tends to 0."""
    s = sp.Symbol("s", positive=True)
    r = sp.Symbol("r", positive=True)
    growing, logistic = SDE(s, mu * s, zeta * s), SDE(s, r * s * (1 - s), zeta * s)
    for motion, rate, domain in ((growing, mu, plane), (logistic, r, Domain(r=Positive, zeta=Positive))):
        weak = CollapsesWhen(motion, sp.Le(rate, zeta**2 / 2, evaluate=False), "iff")
        found = examine(algebra.boundary_classification, weak, domain)
        assert found.outcome is Outcome.REFUTED
        assert found.certified


@pytest.mark.parametrize("direction", ["if", "iff"])
def test_a_weak_threshold_asserts_attraction_at_equality(direction) -> None:
    """At equality log|X| is a Brownian motion, which leaves every neighbourhood; without noise it may stay."""
    weak = Attractive(gbm, (0,), sp.Le(mu, zeta**2 / 2, evaluate=False), direction)
    assert examine(algebra.lyapunov_threshold, weak, plane).outcome is Outcome.REFUTED
    for witness in (numerics.exits_near_the_point, sampling.simulated_exits):
        assert examine(witness, weak, plane).outcome is Outcome.UNDECIDED
    still = Attractive(SDE(x, mu * x - x**3, 0), (0,), sp.Le(mu, 0, evaluate=False), direction)
    assert examine(algebra.lyapunov_threshold, still, plane).outcome is Outcome.UNDECIDED


def test_a_damped_oscillator_is_stable_however_weak_the_damping() -> None:
    """Its eigenvalues are complex below twice the frequency."""
    v, g = sp.symbols("v g", real=True)
    oscillator = SDE((x, v), [v, -x - g * v], sp.zeros(2, 1))
    for least, outcome in ((0, Outcome.PROVED), (1, Outcome.REFUTED)):
        statement = Attractive(oscillator, (0, 0), sp.Gt(g, least, evaluate=False))
        assert examine(algebra.lyapunov_threshold, statement, Domain(g=Real)).outcome is outcome


def test_a_state_with_a_range_is_not_held_fixed() -> None:
    domain = Domain(x=Real, mu=Real, zeta=Positive)
    assert examine(sampling.simulated_exits, attractive(zeta**2 / 2), domain).outcome is Outcome.CONFIRMED


LIFE = sp.Symbol("s", positive=True)


@pytest.mark.parametrize(
    "motion",
    [
        SDE(LIFE, -LIFE * (1 - LIFE), zeta * LIFE * (1 - LIFE)),  # rests at 1
        SDE(LIFE, LIFE / (LIFE - 1), zeta * LIFE),  # pushed away from 1
        SDE(LIFE, LIFE * (LIFE - 1) * (4 - LIFE), zeta * LIFE * (LIFE - 2)),  # starts above 2 never pass it
    ],
)
@pytest.mark.parametrize(
    "witness",
    [algebra.boundary_classification, numerics.exits_of_the_half_line, sampling.simulated_collapse],
)
def test_a_process_that_is_held_up_on_its_way_does_not_collapse(witness, motion) -> None:
    """Near 0 and far out all three fall; from some starts they stay away from 0."""
    statement = CollapsesWhen(motion, sp.Gt(zeta, 0, evaluate=False), "if")
    assert examine(witness, statement, plane).outcome not in ACCEPT
    free = CollapsesWhen(SDE(LIFE, -LIFE, zeta * LIFE * (1 + LIFE)), sp.Gt(zeta, 0, evaluate=False), "if")
    assert examine(algebra.boundary_classification, free, plane).outcome is Outcome.PROVED


def test_a_rest_point_above_0_refutes_a_collapse_where_the_condition_holds() -> None:
    motion = SDE(LIFE, -LIFE * (1 - LIFE), zeta * LIFE * (1 - LIFE))
    found = examine(algebra.boundary_classification, CollapsesWhen(motion, sp.Gt(zeta, 2, evaluate=False), "if"), plane)
    assert found.outcome is Outcome.REFUTED
    assert sp.sympify(found.counterexample.point["zeta"]) > 2


@pytest.mark.parametrize(("factor", "accepted"), [(1, True), (-1, False)])
def test_powers_of_the_state_that_are_no_whole_numbers(factor, accepted) -> None:
    """With noise s^q, q > 1, the drift leads near 0, and far out as well where q < 3/2."""
    q = sp.Symbol("q", positive=True)
    statement = CollapsesWhen(SDE(LIFE, -factor * LIFE, LIFE**q), sp.Gt(q, 1, evaluate=False), "if")
    outcome = examine(algebra.boundary_classification, statement, Domain(q=Above(1))).outcome
    assert outcome is (Outcome.PROVED if accepted else Outcome.REFUTED)


def test_a_threshold_without_a_value_somewhere_is_reported():
    """At n = 0 neither the equation nor the condition has a value."""
    n, p = sp.Symbol("n", nonnegative=True), sp.Symbol("p", positive=True)
    for rate, within, told in ((n, AtLeast(0), Outcome.UNDEFINED), (p, Positive, Outcome.PROVED)):
        statement = Attractive(SDE(x, x / rate, zeta * x), (0,), sp.Gt(zeta**2 / 2, 1 / rate, evaluate=False))
        domain = Domain(zeta=Positive, **{str(rate): within})
        assert examine(algebra.lyapunov_threshold, statement, domain).outcome is told


def test_a_process_that_leaves_0_again_does_not_collapse() -> None:
    """With b^2 > 2 a the root process reaches 0, and its drift a takes it away at once."""
    a, b, s = sp.symbols("a b s", positive=True)
    statement = CollapsesWhen(SDE(s, a, b * sp.sqrt(s)), sp.Gt(b**2, 2 * a, evaluate=False), "if")
    domain = Domain(a=Positive, b=Positive)
    assert examine(algebra.boundary_classification, statement, domain).outcome is Outcome.REFUTED
    assert examine(numerics.exits_of_the_half_line, statement, domain).outcome is Outcome.UNDECIDED
    dying = CollapsesWhen(SDE(s, -a * s, b * sp.sqrt(s)), sp.Gt(a, 0, evaluate=False), "if")
    assert examine(algebra.boundary_classification, dying, domain).outcome is not Outcome.REFUTED
