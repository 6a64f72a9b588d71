"""Witnesses on stationary laws accept textbook claims and reject wrong variants of them."""

from typing import Any

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Kind, Outcome
from crossproof.checks.unit import load_catalog
from crossproof.checks.witness import Task, witness_named, witnesses_for
from crossproof.checks.witnesses import stationary_sampling
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.ranges import Integers, Positive, Real
from crossproof.derivations.sde import SDE
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
    claim = CLAIMS["004.eq54"]
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


def test_a_constant_current_is_not_called_a_refutation() -> None:
    # Brownian motion with drift: Lebesgue density is invariant although its current is not zero
    law = StationaryLaw(SDE(x, k, 1), sp.Integer(1), line)
    finding = examine("zero probability current", law, Domain(k=Positive, x=Real))
    assert finding.outcome is Outcome.UNDECIDED


logistic = SDE(s, s * (k - s), sp.sqrt(2 * D) * s)
PARAMETERS = Domain(k=Positive, D=Positive)


@pytest.mark.parametrize("name", ["end exponents", "mass shells"])
def test_threshold(name: str) -> None:
    right = NormalisableWhen(logistic, half_line, sp.Gt(k, D))
    assert examine(name, right, PARAMETERS).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
    for condition in (sp.Gt(k, 2 * D), sp.Gt(k, D / 2), sp.Lt(k, D), sp.false):
        wrong = NormalisableWhen(logistic, half_line, condition)
        assert examine(name, wrong, PARAMETERS).outcome is Outcome.REFUTED
    sufficient = NormalisableWhen(logistic, half_line, sp.Gt(k, 2 * D), direction="if")
    assert examine("mass shells", sufficient, PARAMETERS).outcome is Outcome.CONFIRMED


def test_threshold_five_percent_off_is_seen_by_the_shells() -> None:
    wrong = NormalisableWhen(logistic, half_line, sp.Gt(k, sp.Rational(21, 20) * D))
    assert examine("mass shells", wrong, PARAMETERS, "default").outcome is Outcome.REFUTED


quiet = SDE(s, k * (1 - s), sp.sqrt(D) * (s - 1))


@pytest.mark.parametrize("name", ["exclusion of densities", "mass shells around the point"])
def test_dirac_law(name: str) -> None:
    right = DiracLaw(quiet, sp.Integer(1), half_line)
    assert examine(name, right, PARAMETERS).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
    assert examine(name, wrong_dirac, PARAMETERS).outcome in (Outcome.REFUTED, Outcome.UNDECIDED)


# the noise does not vanish at 1, so that a mass there spreads: there is a density
wrong_dirac = DiracLaw(SDE(s, k * (1 - s), sp.sqrt(D) * s), sp.Integer(1), half_line)


@pytest.mark.parametrize(
    "statement",
    [
        wrong_dirac,
        DiracLaw(SDE(s, k * (2 - s), sp.sqrt(D) * (s - 1)), sp.Integer(1), half_line),  # the drift moves it
        DiracLaw(quiet, sp.Integer(-1), half_line),  # outside the support
    ],
)
def test_a_mass_that_cannot_stay_is_refuted(statement: DiracLaw) -> None:
    assert examine("exclusion of densities", statement, PARAMETERS).outcome is Outcome.REFUTED


@pytest.mark.parametrize(
    "statement",
    [
        DiracLaw(SDE(s, k * (1 - s), sp.sqrt(D) * (s - 1) * (s - 2)), sp.Integer(1), half_line),  # noise zero at 2 too
        # both 0 and 1 are fixed
        DiracLaw(SDE(s, k * (1 - s) * s, sp.sqrt(D) * (s - 1) * s), sp.Integer(0), sp.Interval(0, sp.oo)),
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
    assert examine(name, expansion("mean", 0), domain).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
    assert examine(name, expansion("variance", "1/2"), domain).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
    for wrong in (expansion("mean", "1/20"), expansion("variance", "21/40"), expansion("variance", "-1/2")):
        assert examine(name, wrong, domain).outcome is Outcome.REFUTED


@pytest.mark.parametrize("name", ["implicit differentiation", "roots at a decreasing parameter"])
def test_root_expansion(name: str) -> None:
    function, domain = k**2 - s**2 + e * s**3, Domain(k=Positive, e=Positive)
    right = RootExpansion(function, s, e, k, k**2 / 2)
    assert examine(name, right, domain).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
    for first in (-(k**2) / 2, k**2, k / 2):
        assert examine(name, RootExpansion(function, s, e, k, first), domain).outcome is Outcome.REFUTED


@pytest.mark.parametrize("name", ["leading powers", "ratios near the point"])
def test_local_behaviour(name: str) -> None:
    depth, domain = dimension("L"), Domain(L=Integers(2), k=Positive)
    expr = s ** (2 - 2 / depth) * (k**2 - s**2)
    right = -2 * k ** (3 - 2 / depth) * (s - k)
    assert examine(name, LocalBehaviour(s, k, ((expr, right),)), domain).outcome in (
        Outcome.PROVED,
        Outcome.CONFIRMED,
    )
    assert examine(name, LocalBehaviour(s, k, ((expr, right / 2),)), domain).outcome is Outcome.REFUTED


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
        ("004.dw.collapse", Outcome.PROVED),
        ("004.eq54", Outcome.PROVED),
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
