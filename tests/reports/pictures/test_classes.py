"""Pictures of bounds over classes, of small steps and of what is linear near a point, against known numbers."""

import numpy as np
import pytest
import sympy as sp

from crossproof import load_catalog
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Integers, Positive, Real
from crossproof.derivations.statements.attractivity import Linearised
from crossproof.derivations.statements.classes.weak_orders import WeakApproximation
from crossproof.derivations.statements.euler_steps import RandomUpdate
from crossproof.derivations.statements.matrix_equations import MatrixEquation
from crossproof.derivations.statements.sets.gradient_classes import GradientBound, GradientQuantity, RootDistance
from crossproof.derivations.statements.small_steps import OnlineTraining, SmallStepLimit
from crossproof.reports.pictures.choose import picture_of
from crossproof.reports.pictures.picture import NoPicture

x, z, w = sp.symbols("x z w", real=True)
k, L, r, h, n, v = sp.symbols("k L r h n v", positive=True)
d = sp.Symbol("d", integer=True, positive=True)


def claim_of(statement, **ranges):
    return Claim("mine.4", "A title.", Source("mine", "(4)"), statement, Domain(**ranges))


def curves_of(claim):
    picture = picture_of(claim)
    return {curve.label.split(":")[0]: curve for curve in picture.panels[0].curves}


@pytest.mark.parametrize("factor", [1, sp.Rational(1, 4)])
def test_members_lie_below_the_least_bound_and_above_a_smaller_one(factor):
    bound = factor * L * r
    statement = GradientBound(GradientQuantity.MEAN_CHANGE, L, L, r, bound)
    curves = curves_of(claim_of(statement, L=Positive, r=Positive))
    found, stated = curves["largest of sampled members"], curves["stated bound"]
    there = np.interp(found.x, stated.x, stated.y)
    assert np.all(found.y <= np.interp(found.x, stated.x, curves["what the class obeys"].y) + 1e-9)
    assert np.any(found.y > there * (1 + 1e-9)) == (factor != 1)
    line = curves["clipped lines"]
    assert np.isfinite(line.y).any()
    assert np.isnan(line.y[-1])  # two places further apart than the cut allows


@pytest.mark.parametrize("factor", [1, sp.Rational(9, 10)])
def test_the_least_constant_of_roots_is_reached_and_never_passed(factor):
    statement = RootDistance(d, sp.oo, sp.oo, sp.Integer(1) * factor)
    made = picture_of(claim_of(RootDistance(d, 2, sp.oo, factor * sp.sqrt(d)), d=Integers(1)))
    curves = {c.label.split(":")[0]: c for c in made.panels[0].curves}
    sampled = curves["largest ratio of sampled pairs"]
    least = np.interp(sampled.x, curves["least constant"].x, curves["least constant"].y)
    assert np.all(sampled.y <= least * (1 + 1e-9))
    assert np.all(curves["stated"].y[:3] >= curves["least constant"].y[:3] * (1 - 1e-9)) == (factor == 1)
    with pytest.raises(NoPicture, match="number"):  # one constant for every size
        picture_of(claim_of(statement, d=Integers(1)))


@pytest.mark.parametrize("limit", [v / 2, v])
def test_moments_of_gradient_steps_tend_to_their_limit_and_to_no_other(limit):
    # w <- (1 - 1/n) w + z/n has n times the variance v (1 - (1 - 1/n)^(2 n t)) n/(2 n - 1)
    time = sp.Symbol("t", positive=True)
    training = OnlineTraining((w - z) ** 2 / 2, w, ((z, v),), sp.Integer(0), n)
    value = limit * (1 - sp.exp(-2 * time))
    statement = SmallStepLimit(training, w, time, value, spread=True, factor=n)
    (panel,) = picture_of(claim_of(statement, v=Positive, t=Positive)).panels
    (curve,), (rule,) = panel.curves, [one for one in panel.rules if one.role == "stated"]
    assert (abs(curve.y[-1] - rule.at) < 1e-3 * abs(rule.at)) == (limit == v / 2)


@pytest.mark.parametrize("slope", [-1, -2])
def test_the_error_of_an_update_falls_with_the_step_unless_the_equation_is_another(slope):
    update = RandomUpdate((x,), (-h * k * x,), ())
    statement = WeakApproximation(update, SDE(x, slope * k * x, 0 * x), h)
    curve = curves_of(claim_of(statement, x=Real, k=Positive, h=Positive))["update against equation"]
    error = curve.y[np.isfinite(curve.y)]
    assert (error[-1] < error[0] / 100) == (slope == -1)


@pytest.mark.parametrize("slope", [-1, 2])
def test_a_linear_part_touches_the_equation_at_the_point(slope):
    sde = SDE(x, -sp.sin(x), sp.tanh(x))
    statement = Linearised(sde, (0,), SDE(x, slope * x, x))
    drift, variance = picture_of(claim_of(statement)).panels
    found, stated = drift.curves
    near = np.abs(found.x) < 0.1
    assert (np.abs(found.y - stated.y)[near].max() < 1e-3) == (slope == -1)
    assert not variance.y.logarithmic


def test_a_determinant_without_noise_spreads_less_with_finer_steps():
    load_catalog()
    (panel,) = picture_of(CLAIMS["000.eq6.pathwise"]).panels
    found = panel.curves[0].y
    assert found[-1] < found[0] / 4  # as the root of a step that is 32 times as small, against 1 for a noise


@pytest.mark.parametrize("name", ["004.thm4.1", "004.negcurv"])
def test_the_threshold_near_a_point_is_the_one_of_its_rates(name):
    load_catalog()
    (panel,) = picture_of(CLAIMS[name]).panels
    assert any("drift of -log|X| at 0" in c.label for c in panel.curves)


def test_why_others_have_none():
    load_catalog()
    with pytest.raises(NoPicture, match="gives no number"):
        picture_of(CLAIMS["004.e2.tau"])
    A = sp.MatrixSymbol("A", d, d)
    with pytest.raises(NoPicture, match="matrices of every size"):
        picture_of(claim_of(MatrixEquation(A * A, A**2), d=Integers(1)))
