"""Limits that are others at an edge of the parameters, states with a range, products that no matrix has."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.witness import Task, witness_named
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import AtLeast, Between, Positive, Range, Real
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.attractivity import Attractive, CollapsesWhen, Linearised, SmallStartLimit
from crossproof.derivations.statements.classes.suprema import SupremumBound
from crossproof.derivations.statements.detailed_balance import DetailedBalance
from crossproof.derivations.statements.distances import DistanceDrift
from crossproof.derivations.statements.expansions import RootExpansion, SmallNoiseGaussian, StationaryExpansion
from crossproof.derivations.statements.passage import EscapeTime, MeanTimeOrder, Passage
from crossproof.derivations.statements.stationary import DiracLaw

x, k, e, T, lam, near = sp.symbols("x k e T lam l", positive=True)
y = sp.Symbol("y", real=True)
b, d, r = sp.symbols("b d r", nonnegative=True)
HALF, LINE = sp.Interval.open(0, sp.oo), sp.Interval(-sp.oo, sp.oo)
RATE = -sp.Rational(3, 2)
ALWAYS = sp.Gt(k, 0, evaluate=False)


def examine(name: str, statement: Statement, **ranges: Range) -> Finding:
    claim = Claim("test.claim", "a test", Source("test", "here"), statement, Domain(**ranges))
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 1, "cpu", 1e-6, name))


@pytest.mark.parametrize(
    "bent",
    [
        x**3 / (x**2 + b**2),  # x at b = 0
        x**2 / (x + b),
    ],
)
def test_a_small_start_where_a_parameter_vanishes(bent: sp.Expr) -> None:
    statement = SmallStartLimit(SDE(x, -x + bent, x), RATE, sp.Integer(1))
    assert examine("Ito formula for the logarithm", statement, x=Positive, b=AtLeast(0)).outcome is Outcome.UNDECIDED
    plain = SmallStartLimit(SDE(x, -x + bent.subs(b, k), x), RATE, sp.Integer(1))
    assert examine("Ito formula for the logarithm", plain, x=Positive, k=Positive).outcome is Outcome.PROVED


def test_a_kink_where_a_parameter_vanishes() -> None:
    def bent(c: sp.Expr) -> sp.Expr:
        return sp.sqrt(y**2 + c**2) - c  # |y| at c = 0

    for c, given, outcome in ((b, AtLeast(0), Outcome.UNDECIDED), (k, Positive, Outcome.PROVED)):
        linear = Linearised(SDE(y, -y, bent(c)), (0,), SDE(y, -y, 0))
        assert examine("linear part", linear, y=Real, **{c.name: given}).outcome is outcome
        attractive = Attractive(SDE(y, -y + 3 * bent(c), y), (0,), ALWAYS, "if")
        ranges = {"y": Real, "k": Positive, c.name: given}
        assert examine("Lyapunov exponents", attractive, **ranges).outcome is outcome


@pytest.mark.parametrize(
    "sde",
    [
        SDE(x, -x + 3 * x**2 / ((x + b) * (1 + x)), x),  # drift 2 x near 0 at b = 0
        SDE(x, -x + 3 * x**2 / (1 + x), x * sp.sqrt(1 + b * x)),  # tends to infinity at b = 0
    ],
)
def test_a_collapse_where_a_parameter_vanishes(sde: SDE) -> None:
    name = "Feller boundary classification"
    statement = CollapsesWhen(sde, ALWAYS, "if")
    assert examine(name, statement, x=Positive, b=AtLeast(0), k=Positive).outcome is Outcome.UNDECIDED
    positive = CollapsesWhen(SDE(x, sde.drift.subs(b, k), sde.diffusion.subs(b, k)), ALWAYS, "if")
    assert examine(name, positive, x=Positive, k=Positive).outcome is Outcome.PROVED


@pytest.mark.parametrize(
    ("sde", "support", "centre"),
    [
        (SDE(x, x**2 * (1 - x) - e * x, sp.sqrt(e) * x ** sp.Rational(3, 2)), HALF, 1),  # tends to 0
        (SDE(y, -y / (1 + y**2) + e * y, sp.sqrt(e)), LINE, 0),  # density exp(y^2) far out
    ],
)
def test_no_stationary_law_for_small_noise(sde: SDE, support: sp.Interval, centre: int) -> None:
    half, ranges = sp.Rational(1, 2), {sde.state[0].name: Positive if centre else Real, "e": Positive}
    statement = SmallNoiseGaussian(sde, support, e, sp.Integer(centre), half)
    assert examine("Laplace limit", statement, **ranges).outcome is Outcome.UNDECIDED
    moments = StationaryExpansion(sde, support, "variance", e, sp.Integer(centre), sp.Integer(0), half)
    assert examine("Laplace expansion", moments, **ranges).outcome is Outcome.UNDECIDED
    tame = SmallNoiseGaussian(SDE(y, -y + e * y, sp.sqrt(e)), LINE, e, sp.Integer(0), half)
    assert examine("Laplace limit", tame, y=Real, e=Positive).outcome is Outcome.PROVED


def test_a_root_of_a_function_that_is_not_real() -> None:
    def shifted(inner: sp.Expr) -> RootExpansion:
        return RootExpansion(sp.exp(y - e) - 1 + sp.sqrt(inner) * e**2, y, e, sp.Integer(0), sp.Integer(1))

    assert examine("implicit differentiation", shifted(-1 - y**2), y=Real, e=Positive).outcome is Outcome.UNDECIDED
    assert examine("implicit differentiation", shifted(1 + y**2), y=Real, e=Positive).outcome is Outcome.PROVED


def test_a_density_with_a_jump_in_its_second_derivative() -> None:
    one = sp.ImmutableMatrix([[1]])
    for slope, density, outcome in (
        (2 * sp.Abs(y), sp.exp(-y * sp.Abs(y)), Outcome.UNDECIDED),
        (3 * y**2, sp.exp(-(y**3)), Outcome.PROVED),
    ):
        statement = DetailedBalance((y,), sp.ImmutableMatrix([slope]), one, density)
        assert examine("mixed partials", statement, y=Real).outcome is outcome


def test_products_that_no_matrix_has_refute_nothing() -> None:
    drift = lam * near ** (lam - 2) * d + lam * (lam - 2) * near ** (lam - 4) * r
    ranges: dict[str, Range] = {"lam": Positive, "l": Positive, "d": AtLeast(0), "r": AtLeast(0)}
    name = "chain rule on the squared distance"
    vacuous = DistanceDrift(lam, near, sp.Integer(0), d, r, drift + sp.Max(0, r - d * near**2))
    assert examine(name, vacuous, **ranges).outcome is Outcome.UNDECIDED
    wrong = DistanceDrift(lam, near, sp.Integer(0), d, r, drift + d)
    assert examine(name, wrong, **ranges).outcome is Outcome.REFUTED


def test_an_absolute_value_is_not_its_argument() -> None:
    a, name = sp.Symbol("a", real=True), "least bound of the supermartingales"
    for share, outcome in ((-sp.Abs(a), Outcome.REFUTED), (-a, Outcome.PROVED)):
        statement = SupremumBound(sp.Integer(1), k, 2 * k, sp.exp(share) / 2)
        assert examine(name, statement, a=Between(-3, -1), k=Positive).outcome is outcome


def test_an_end_that_holds_a_mass_for_one_irrational_parameter() -> None:
    a, name = sp.Symbol("a", real=True), "exclusion of densities"
    for inwards, outcome in (((a**2 - 2) ** 2, Outcome.UNDECIDED), (a**2 + 2, Outcome.PROVED)):
        sde = SDE(x, -x * (1 - x + x * inwards), x * (1 - x))
        statement = DiracLaw(sde, sp.Integer(0), sp.Interval(0, 1))
        assert examine(name, statement, x=Positive, a=Real).outcome is outcome


def test_a_range_of_the_state_holds_no_state_fixed() -> None:
    """Order of two flows from 1 to 3, whose drifts are the other way round below 1."""
    quick, slow = (Passage(SDE(x, drift, 0), sp.Integer(1), sp.Integer(3)) for drift in (x**2, x))
    name = "mean passage times"
    assert examine(name, MeanTimeOrder(quick, slow), x=Positive).outcome is Outcome.UNDECIDED
    assert examine(name, MeanTimeOrder(slow, quick), x=Positive).outcome is Outcome.REFUTED
    # the drift at the state 1, held fixed, would take the process over the barrier in another time
    start, barrier = sp.Rational(1, 2), sp.Integer(2)
    escape = EscapeTime(
        SDE(x, (x - start) * (x - barrier), sp.sqrt(2 * T)), low=sp.Rational(1, 4), start=start, barrier=barrier,
        level=sp.Integer(3), small=T, value=4 * sp.pi / 3 * sp.exp(sp.Rational(9, 16) / T),
    )  # fmt: skip
    assert examine("Laplace's method", escape, x=Positive, T=Positive).outcome is Outcome.PROVED
    with pytest.raises(NumericsError, match="still change"):  # not settled, which is no answer
        examine("mean times at vanishing noise", escape, x=Positive, T=Positive)
