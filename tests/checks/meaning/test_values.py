"""Parts in parameters alone: what algebra drops or cancels still needs a value, in every statement about processes."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Kind, Outcome
from crossproof.checks.meaning.values import unvalued
from crossproof.checks.witness import Task, witness_named, witnesses_for
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import AtLeast, Positive, Range, Real
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.attractivity import Attractive, CollapsesWhen, Linearised, SmallStartLimit
from crossproof.derivations.statements.classes.near_points import AttractiveNear, LocalDiffusion
from crossproof.derivations.statements.classes.suprema import SupremumBound
from crossproof.derivations.statements.classes.weak_orders import WeakApproximation
from crossproof.derivations.statements.detailed_balance import DetailedBalance
from crossproof.derivations.statements.euler_steps import EulerStep, RandomUpdate
from crossproof.derivations.statements.expansions import RootExpansion, SmallNoiseGaussian
from crossproof.derivations.statements.fokker_planck_form import FokkerPlanckForm
from crossproof.derivations.statements.function_limits import Jet
from crossproof.derivations.statements.long_time_laws import LimitInLaw, StationaryMean
from crossproof.derivations.statements.passage import EscapeTime
from crossproof.derivations.statements.processes import InitialRate, SDETransform
from crossproof.derivations.statements.small_steps import OnlineTraining, SmallStepLimit
from crossproof.derivations.statements.stationary import DiracLaw, NormalisableWhen, StationaryLaw

a, x, z, w, start = sp.symbols("a x z w start", real=True)
k, y, e, h, n, T, u = sp.symbols("k y e h n T u", positive=True)
t = sp.Symbol("t", nonnegative=True)
p, f = sp.Function("p")(x), sp.Function("f")(x)
ALWAYS = sp.Gt(k, 0, evaluate=False)
LINE, HALF = sp.Interval(-sp.oo, sp.oo), sp.Interval.open(0, sp.oo)
#: 0 where it has a value, which it has not at a = 0; and a number that is not real for a < 0.
HOLE, ROOT = (a + 1) / a - 1 / a - 1, sp.sqrt(a)
RANGES: dict[str, Range] = {
    **dict.fromkeys("axwz", Real), "start": Real, **dict.fromkeys("kyehnT", Positive), "t": AtLeast(0),
}  # fmt: skip


def examine(statement: Statement) -> list[Finding]:
    """Return what the witness by algebra says; the exact moments of steps are counted among numerics."""
    named = {s.name for s in statement.free_symbols()}
    claim = Claim(
        "test.claim",
        "a test",
        Source("test", "here"),
        statement,
        Domain(**{s: r for s, r in RANGES.items() if s in named}),
    )
    exact = [v.name for v in witnesses_for(claim) if v.kind is Kind.ALGEBRA or v.name == "exact moments of the steps"]
    return [witness_named(v).examine(statement, Task(claim, effort("quick"), 1, "cpu", 1e-6, v)) for v in exact]


def statements(hole: sp.Expr, root: sp.Expr) -> list[Statement]:
    """Return true claims with parts that algebra drops (hole times a state that vanishes) or squares."""
    two = sp.Matrix([[root, sp.sqrt(1 - root**2)]])
    ou = SDE(x, -x + hole * x, 1)
    update = RandomUpdate((x,), (-h * x + h * z + hole * h**2 * x,), ((z, sp.Integer(1)),))
    steps = OnlineTraining((w - z) ** 2 / 2, w, ((z, sp.Integer(1)),), start, n)
    double = (x**3 - x) * (hole - 1)
    return [
        SmallNoiseGaussian(SDE(x, -x + e * x * hole, sp.sqrt(e)), LINE, e, sp.Integer(0), sp.Rational(1, 2)),
        RootExpansion(x - e + hole * e**2, x, e, sp.Integer(0), sp.Integer(1)),
        EulerStep(RandomUpdate((x,), (-h * x + h * x * hole + z,), ((z, h),)), ou, h),
        WeakApproximation(update, SDE(x, -x, sp.sqrt(h) * root), h),
        InitialRate(SDE(x, -x, 1), x + hole, start, -start),
        FokkerPlanckForm(SDE(x, -x, root), p, sp.diff(x * p, x) + root**2 * sp.diff(p, x, 2) / 2),
        SupremumBound(sp.Integer(1), k, y, k / y * (1 + hole)),
        SDETransform(SDE(x, -x, x), x, SDE(z, -z, two * z)),
        Linearised(SDE(x, -x + hole * x**3, x), (0,), SDE(x, -x, x)),
        SmallStartLimit(SDE(y, -y + hole * y**3, y), -sp.Rational(3, 2), sp.Integer(1)),
        Attractive(SDE(x, -x + hole * x**3, x), (0,), ALWAYS, "if"),
        AttractiveNear(LocalDiffusion(x, f, k * x**2 + hole * x**3, (Jet(f, (0, -k)),)), ALWAYS, "if"),
        CollapsesWhen(SDE(y, -y + y * hole, y), ALWAYS, "if"),
        StationaryLaw(ou, sp.exp(-(x**2)), LINE),
        NormalisableWhen(ou, LINE, ALWAYS, "if"),
        DiracLaw(SDE(y, -y + y * hole, y), sp.Integer(0), sp.Interval(0, sp.oo)),
        LimitInLaw(SDE(y, -y + y * hole, y), HALF, point=0),
        StationaryMean(SDE(y, k - y, sp.sqrt(k * y)), HALF, y + y * hole, k),
        SmallStepLimit(steps, w + hole, t, sp.Integer(0), process=SDE(w, -w, 1 / sp.sqrt(n))),
        EscapeTime(
            SDE(x, double, sp.sqrt(2 * T)), low=sp.Integer(-3), start=sp.Integer(-1), barrier=sp.Integer(0),
            level=sp.Rational(1, 2), small=T, value=sp.sqrt(2) * sp.pi * sp.exp(1 / (4 * T)),
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(len(statements(HOLE, ROOT))))
def test_what_algebra_drops_needs_a_value(number: int) -> None:
    without = examine(statements(HOLE, ROOT)[number])
    assert without
    assert all(found.outcome in (Outcome.UNDEFINED, Outcome.UNDECIDED) for found in without)
    sound = examine(statements(sp.Integer(0), sp.Rational(1, 2))[number])
    assert [found.outcome for found in sound] == [Outcome.PROVED]


def test_a_law_is_not_refuted_where_it_has_no_value() -> None:
    law = StationaryLaw(SDE(x, -x, 1), sp.exp(-(x**2) + 1 / a), LINE)
    assert [found.outcome for found in examine(law)] == [Outcome.UNDEFINED]
    assert [found.outcome for found in examine(StationaryLaw(SDE(x, -x, 1), sp.exp(a * x), LINE))] == [Outcome.REFUTED]


def test_a_support_that_may_be_empty() -> None:
    for end, outcome in ((a, Outcome.UNDECIDED), (k, Outcome.PROVED)):
        law = StationaryLaw(SDE(x, -x, 1), sp.exp(-(x**2)), sp.Interval(0, end), (0, end))
        assert [found.outcome for found in examine(law)] == [outcome]


def test_an_integral_that_diverges_is_no_density() -> None:
    coordinates = (y, x)
    force, unit = sp.ImmutableMatrix([1 / y, x]), sp.ImmutableMatrix(sp.eye(2))
    diverging = sp.exp(-sp.Integral(1 / u, (u, 0, y)) - x**2 / 2)
    assert [f.outcome for f in examine(DetailedBalance(coordinates, force, unit, diverging))] == [Outcome.UNDECIDED]
    density = sp.exp(-(x**2) / 2) / y
    assert [f.outcome for f in examine(DetailedBalance(coordinates, force, unit, density))] == [Outcome.PROVED]


def test_parts_of_one_product_stand_together() -> None:
    domain = Domain(a=Real, x=Real)
    assert unvalued([x * sp.sqrt(a**2 + 1) * sp.exp(a)], (x,), domain) is None
    found = unvalued([sp.sin(x / a)], (x,), domain)
    assert found is not None
    assert found.outcome is Outcome.UNDEFINED
    assert unvalued([sp.Piecewise((x / a, sp.Ne(a, 0)), (x, True))], (x,), domain) is None
