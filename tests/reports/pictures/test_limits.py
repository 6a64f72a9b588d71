"""Pictures of limits, marked functions and random matrices, against closed forms."""

import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, Positive, Real
from crossproof.derivations.statements.expansions import LocalBehaviour, StationaryExpansion
from crossproof.derivations.statements.extrema import EquivalentConditions, GlobalMaximum, LocalExtrema
from crossproof.derivations.statements.function_limits import FunctionLimit, Jet
from crossproof.derivations.statements.passage import EscapeTime
from crossproof.derivations.statements.processes import LongTimeLimit
from crossproof.derivations.statements.random_matrices import NoiseSingularValues, SpikedSingularValue
from crossproof.reports.pictures.choose import picture_of
from crossproof.reports.pictures.window import window

x = sp.Symbol("x", real=True)
a, c, s, n, h = sp.symbols("a c s n h", positive=True)


def claim_of(statement, **ranges):
    return Claim("mine.3", "A title.", Source("mine", "(3)"), statement, Domain(**ranges))


def test_an_expression_over_time_with_its_refuted_limit(refuting):
    claim = claim_of(LongTimeLimit(a + 1 / n, n, 2 * a), a=Positive)
    (panel,) = picture_of(claim, refuting(claim, {"a": "3"})).panels
    (curve,) = panel.curves
    assert np.allclose(curve.y, 3 + 1 / curve.x)
    (mark,) = panel.marks
    assert (mark.y, mark.other) == (pytest.approx(3, abs=1e-3), 6.0)
    right = claim_of(LongTimeLimit(a + 1 / n, n, a), a=Positive)
    assert picture_of(right).panels[0].marks == ()


def test_ratios_around_the_point():
    claim = claim_of(LocalBehaviour(x, sp.Integer(0), ((sp.sin(x), x),)))
    (panel,) = picture_of(claim).panels
    (curve,) = panel.curves
    assert np.allclose(curve.y, np.sin(curve.x) / curve.x)
    assert 0 not in curve.x


def test_a_limit_of_unknown_functions_at_one_choice():
    f = sp.Function("f")(a)
    claim = claim_of(FunctionLimit(f / a**2, a, (Jet(f, (sp.Integer(0), sp.Integer(0), c)),), c / 2), c=Positive)
    (panel,) = picture_of(claim).panels
    curve = panel.curves[0]
    assert np.allclose(curve.y - curve.y[0], (curve.x - curve.x[0]) / 3, atol=1e-12)
    assert panel.rules[0].at == pytest.approx(curve.y[0] - curve.x[0] / 3)


def test_a_stationary_expansion_settles_at_its_coefficient():
    """dx = -(x - 1) x dt + sqrt(c) x dB has the mean 1 - c/2."""
    process = SDE(s, -(s - 1) * s, sp.sqrt(c) * s)
    right, wrong = (
        claim_of(StationaryExpansion(process, sp.Interval.open(0, sp.oo), "mean", c, sp.Integer(1), sp.Integer(1), e),
                 c=Positive)
        for e in (sp.Rational(-1, 2), sp.Rational(1, 2))
    )  # fmt: skip
    for claim, gap in ((right, 0.0), (wrong, -1.0)):
        (panel,) = picture_of(claim).panels
        curve = panel.curves[0]
        assert curve.y[-1] - panel.rules[0].at == pytest.approx(gap, abs=1e-3)


def test_escape_times_over_the_stated_ones():
    """Kramers' time of x - x^3/... from 0 over 1: the ratio tends to 1, with a third of the prefactor to 3."""
    drift = -h * x * (1 - x)
    time = 2 * sp.pi / h * sp.exp(h / (6 * c))
    right, wrong = (
        claim_of(
            EscapeTime(SDE(x, drift, sp.sqrt(2 * c)), c, sp.Rational(-1, 2), sp.Integer(0), sp.Integer(1),
                       sp.Rational(5, 4), value),
            h=Positive, c=Positive,
        )
        for value in (time, time / 3)
    )  # fmt: skip
    assert picture_of(right).panels[0].curves[0].y[-1] == pytest.approx(1, abs=0.05)
    assert picture_of(wrong).panels[0].curves[0].y[-1] == pytest.approx(3, abs=0.15)


def test_a_function_with_its_places_and_a_larger_value_elsewhere(refuting):
    well = claim_of(
        LocalExtrema((x**2 - a) ** 2, x, minima=(sp.sqrt(a), -sp.sqrt(a)), maxima=(sp.Integer(0),)), a=Positive
    )
    (panel,) = picture_of(well).panels
    assert [m.label for m in panel.marks] == ["stated minimum", "stated minimum", "stated maximum"]
    assert [m.y for m in panel.marks] == pytest.approx([0, 0, panel.marks[2].y], abs=1e-9)
    (curve,) = panel.curves
    root = panel.marks[0].x
    assert np.allclose(curve.y, (curve.x**2 - root**2) ** 2)
    wrong = claim_of(GlobalMaximum(s * (a - s) ** 2, s, a / 3, sp.Interval.open(0, sp.oo)), a=Positive)
    (panel,) = picture_of(wrong, refuting(wrong, {"a": "1", "s": "3"})).panels
    place, elsewhere = panel.marks
    assert elsewhere.label == "counterexample"
    assert elsewhere.y == 12.0 > place.y == pytest.approx(4 / 27)
    assert panel.x.low < 3 < panel.x.high


def test_two_conditions_on_one_parameter(refuting):
    claim = claim_of(EquivalentConditions(sp.Gt(a, 1, evaluate=False), sp.Gt(a, 2, evaluate=False)), a=Positive)
    (panel,) = picture_of(claim, refuting(claim, {"a": "3/2"})).panels
    shown = {curve.role: curve for curve in panel.curves}
    assert np.allclose(shown["found"].y, shown["found"].x - 1)
    assert np.allclose(shown["stated"].y, shown["stated"].x - 2)
    assert panel.marks[0].x == 1.5
    assert panel.rules[0].at == 0.0


def noise(atom, scale=1):
    density = scale * sp.sqrt(4 * a - (s**2 - 1 - a) ** 2) / (sp.pi * a * s)
    ends = sp.Abs(1 - sp.sqrt(a)), 1 + sp.sqrt(a)
    return claim_of(NoiseSingularValues(s, a, density, *ends, atom), a=Positive)


def test_spectrum_against_density(refuting):
    """24 matrices: bars within a fifth of the peak of the right density; half of it is told apart."""
    for scale in (1, sp.Rational(1, 2)):
        claim = noise(sp.Max(0, 1 - 1 / a), scale)
        (panel,) = picture_of(claim, refuting(claim, {"a": "2"})).panels
        (bars,), (stated,) = panel.bars, panel.curves
        middles = (bars.edges[1:] + bars.edges[:-1]) / 2
        inner = (middles > stated.x[0] + 0.15) & (middles < stated.x[-1] - 0.15)
        apart = np.abs(bars.heights - np.interp(middles, stated.x, stated.y))[inner].max()
        assert bool(apart < 0.2 * stated.y.max()) is (scale == 1)
        assert panel.rules[0].label == "at 0: stated mass 0.5, sampled 0.5"


def test_spikes_at_two_sizes_hold_the_limit(refuting):
    right = sp.sqrt((1 + s**2) * (a + s**2)) / s
    for value, agreeing in ((right, True), (right * sp.Rational(6, 5), False)):
        claim = claim_of(SpikedSingularValue(s, a, value), a=Positive, s=Above(a ** sp.Rational(1, 4)))
        (panel,) = picture_of(claim, refuting(claim, {"a": "1/2", "s": "3"})).panels
        (stated,), (measured,) = panel.curves, panel.intervals
        truth = np.interp(measured.x, stated.x, stated.y)
        held = (measured.low <= truth) & (truth <= measured.high)
        assert held.all() if agreeing else not held.any()


def test_real_parameters_move_within_their_range():
    domain = Domain(x=Real, a=Positive, s=Above(a))
    point = {domain.symbol("x"): sp.Integer(0), domain.symbol("a"): sp.Integer(2), domain.symbol("s"): sp.Integer(3)}
    for name, (low, high) in {"x": (-9, 9), "a": (0, 9), "s": (2, 9)}.items():
        ends = window(domain, point, domain.symbol(name)).ends
        assert low < ends[0] < ends[1] < high
