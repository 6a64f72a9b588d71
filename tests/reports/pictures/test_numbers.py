"""Pictures of stated values beside solved, derived and sampled ones, against closed forms."""

import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, AtLeast, Between, Integers, Positive, Real
from crossproof.derivations.statements.attractivity import SmallStartLimit
from crossproof.derivations.statements.classes.exit_times import ExitProbability, MeanExitTime
from crossproof.derivations.statements.classes.gram_limits import GramLimit, inner_product
from crossproof.derivations.statements.classes.linear_covariances import StationaryCovariance
from crossproof.derivations.statements.detailed_balance import StationaryRotation
from crossproof.derivations.statements.euler_steps import RandomUpdate
from crossproof.derivations.statements.expansions import RootExpansion
from crossproof.derivations.statements.long_time_laws import StationaryMean
from crossproof.derivations.statements.modes import (
    STEP,
    ModeCoefficient,
    ModeDependence,
    ModeQuantity,
    ModeSetting,
    ModeTarget,
)
from crossproof.derivations.statements.passage import MeanTimeOrder, Passage
from crossproof.derivations.statements.stationary import DiracLaw
from crossproof.reports.pictures.choose import picture_of
from crossproof.reports.pictures.picture import NoPicture

x, y = sp.symbols("x y", real=True)
s = sp.Symbol("s", positive=True)
k, D, c, r, low, high = sp.symbols("k D c r low high", positive=True)


def claim_of(statement, **ranges):
    return Claim("mine.4", "A title.", Source("mine", "(4)"), statement, Domain(**ranges))


def panel_of(claim, verdict=None):
    (panel,) = picture_of(claim, verdict).panels
    return panel


def stated_there(curves):
    """Return the stated curve at the places of what was found."""
    return np.interp(curves["found"].x, curves["stated"].x, curves["stated"].y)


def by_role(panel):
    return {curve.role: curve for curve in panel.curves}


def test_mean_exit_times_by_quadrature_and_a_wrong_one():
    flat = SDE(x, sp.Integer(0), sp.sqrt(2 * D))
    for factor in (1, 2):
        value = factor * (r**2 - x**2) / (2 * D)
        claim = claim_of(MeanExitTime(flat, -r, r, value), D=Positive, r=Positive, x=Between(-r, r))
        curves = by_role(panel_of(claim))
        stated = stated_there(curves)
        assert curves["found"].dots
        assert np.allclose(stated, factor * curves["found"].y, rtol=2e-3)


def test_exit_probabilities_by_quadrature_and_a_wrong_one():
    flat = SDE(x, sp.Integer(0), sp.sqrt(2 * D))
    for power in (1, 2):
        value = ((x + r) / (2 * r)) ** power
        claim = claim_of(ExitProbability(flat, value, -r, r), D=Positive, r=Positive, x=Between(-r, r))
        curves = by_role(panel_of(claim))
        assert np.allclose(stated_there(curves), curves["found"].y ** power, rtol=2e-3)


def test_covariances_of_equations_and_of_updates():
    process = SDE(x, -k * x, sp.sqrt(2 * D))
    t = sp.Symbol("t", nonnegative=True)
    lagged = claim_of(
        StationaryCovariance(process, x, x, D / k * sp.exp(-k * t), t), x=Real, k=Positive, D=Positive, t=AtLeast(0)
    )
    curves = by_role(panel_of(lagged))
    assert np.allclose(stated_there(curves), curves["found"].y, rtol=0.01)
    z = sp.Symbol("z", real=True)
    update = RandomUpdate((x,), (-x / 2 + c * z,), ((z, sp.Integer(1)),))
    right = claim_of(StationaryCovariance(update, x, x, c**2 / (1 - sp.Rational(1, 4))), x=Real, c=Positive)
    curves = by_role(panel_of(right))
    assert np.allclose(curves["found"].y, curves["found"].x ** 2 / 0.75)


def test_the_mean_of_a_solved_law():
    """ds = s (k - s) dt + c s dB has the stationary mean k - c^2/2, where that is positive."""
    statement = StationaryMean(SDE(s, s * (k - s), c * s), sp.Interval.open(0, sp.oo), s, k - c**2 / 2)
    curves = by_role(panel_of(claim_of(statement, s=Positive, c=Positive, k=Above(c**2 / 2))))
    seen = np.isfinite(curves["found"].y)
    assert seen.sum() >= 5
    assert np.allclose(stated_there(curves)[seen], curves["found"].y[seen], rtol=1e-3)


def test_the_rotation_of_a_linear_process():
    """dX = (-k 1 + c J) X dt + sqrt(2 D) dB turns at c times twice the variance D/k."""
    sde = SDE((x, y), (-k * x - c * y, c * x - k * y), sp.diag(sp.sqrt(2 * D), sp.sqrt(2 * D)))
    claim = claim_of(StationaryRotation(sde, 2 * c * D / k), x=Real, y=Real, k=Positive, c=Positive, D=Positive)
    curves = by_role(panel_of(claim))
    assert np.allclose(stated_there(curves), curves["found"].y, rtol=0.02)


def test_the_order_of_passages_is_shown_inside_the_domain_only():
    """ds = high s dt is quicker than ds = low s dt by high/low, where low < high."""
    one, two = (Passage(SDE(s, rate * s, 0 * s), sp.Integer(1), 1 + c) for rate in (high, low))
    claim = claim_of(MeanTimeOrder(one, two), s=Positive, low=Positive, high=Above(low), c=Positive)
    panel = panel_of(claim)
    (curve,) = panel.curves
    assert np.nanmin(curve.y) > 1
    assert panel.rules[0].at == 1.0
    assert np.ptp(curve.y[np.isfinite(curve.y)]) < 1e-6 or np.isnan(curve.y).any()


def test_a_root_and_its_expansion():
    """x = 1 + c solves x - 1 - c + c^2 (x - 1) = 0 to first order."""
    function = x - 1 - c + c**2 * (x - 1)
    curves = by_role(panel_of(claim_of(RootExpansion(function, x, c, sp.Integer(1), sp.Integer(1)), c=Positive)))
    at = curves["found"].x
    assert np.allclose(curves["found"].y, 1 + at / (1 + at**2))
    assert np.allclose(curves["stated"].y, 1 + curves["stated"].x)


def test_a_coefficient_derived_from_the_loss():
    setting = ModeSetting(1, sp.Integer(2), sp.Integer(0))
    (amplitude,), (teacher,) = setting.amplitudes, setting.teacher
    target = ModeTarget(setting, ModeQuantity.GRADIENT_DRIFT)
    for factor in (2, 1):
        claim = claim_of(
            ModeCoefficient(target, factor * amplitude * (teacher - amplitude)),
            **{amplitude.name: Positive, teacher.name: Positive, STEP.name: Positive},
        )
        curves = by_role(panel_of(claim))
        assert np.allclose(curves["stated"].y * 2, curves["found"].y * factor)


def test_a_quantity_that_moves_with_what_is_stated_not_to_matter():
    setting = ModeSetting(1, sp.Integer(2), sp.Integer(0))
    (amplitude,), (teacher,) = setting.amplitudes, setting.teacher
    target = ModeTarget(setting, ModeQuantity.GRADIENT_DRIFT)
    ranges = {amplitude.name: Positive, teacher.name: Positive, STEP.name: Positive}
    panel = panel_of(claim_of(ModeDependence(target, (amplitude,)), **ranges))
    (curve,), (rule,) = panel.curves, panel.rules
    assert np.allclose(
        curve.y, np.polyval(np.polyfit(curve.x, curve.y, 1), curve.x)
    )  # linear in the teacher, and not the constant that is stated
    assert np.ptp(curve.y) > 0.5
    assert curve.y.min() < rule.at < curve.y.max()
    with pytest.raises(NoPicture, match="named variables only"):
        picture_of(claim_of(ModeDependence(target, (amplitude, teacher)), **ranges))


def test_small_starts_come_close_to_the_exponential_on_one_path():
    statement = SmallStartLimit(SDE(s, s * (k - s), c * s), k - c**2 / 2, c)
    curves = by_role(panel_of(claim_of(statement, s=Positive, k=Positive, c=Positive)))
    assert np.allclose(curves["found"].y, curves["stated"].y, rtol=0.05)
    wrong = SmallStartLimit(SDE(s, s * (k - s), c * s), k + 3 * c**2, c)
    curves = by_role(panel_of(claim_of(wrong, s=Positive, k=Positive, c=Positive)))
    assert not np.allclose(curves["found"].y, curves["stated"].y, rtol=0.15)


def test_inner_products_of_random_vectors():
    expression = inner_product(1, 2) ** 2 / (inner_product(1, 1) * inner_product(2, 2))
    panel = panel_of(claim_of(GramLimit(2, expression, sp.Integer(0)), k=Positive))
    (one,) = panel.intervals
    assert np.all((one.low < 1 / one.x) & (1 / one.x < one.high))
    assert panel.rules[0].at == 0.0


def test_paths_fall_to_the_point_that_holds_all_mass():
    law = DiracLaw(SDE(s, -s, s), sp.Integer(0), sp.Interval(0, sp.oo))
    panel = panel_of(claim_of(law, s=Positive))
    assert panel.rules[0].at == 0.0
    assert panel.curves[0].y[-1] < 0.05 * panel.curves[0].y[0]


def test_matrices_against_the_drift_of_their_determinant():
    from crossproof.derivations.matrices.matrix_flow import MatrixFlow
    from crossproof.derivations.statements.determinant import DeterminantDrift

    p, q, n = sp.symbols("p q n", integer=True, positive=True)
    gram = sp.Symbol("gram", positive=True)
    flow = MatrixFlow(p, q, n, c, gram)
    ranges = dict.fromkeys("pqn", Integers(1)) | {"c": Positive, "gram": Positive}
    right, wrong = (claim_of(DeterminantDrift(flow, e), **ranges) for e in (-2 * c * gram * q, sp.Integer(0)))
    for claim, holds in ((right, True), (wrong, False)):
        panel = panel_of(claim)
        (one,), (curve,) = panel.intervals, panel.curves
        stated = np.interp(one.x, curve.x, curve.y)
        assert bool(np.all(np.abs(stated - one.y) < 0.02)) is holds


@pytest.mark.parametrize("dark", [False, True])
def test_the_new_pictures_can_be_drawn(tmp_path, dark):
    flat = SDE(x, sp.Integer(0), sp.sqrt(2 * D))
    claim = claim_of(MeanExitTime(flat, -r, r, (r**2 - x**2) / (2 * D)), D=Positive, r=Positive, x=Between(-r, r))
    picture_of(claim).save(tmp_path / "one.svg", dark=dark)
    assert "mean exit time" in (tmp_path / "one.svg").read_text()
