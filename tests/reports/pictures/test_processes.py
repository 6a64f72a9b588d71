"""Pictures of processes: rates, laws, means, thresholds and spreads, against closed forms and with wrong statements."""

import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import AtLeast, Between, Positive, Real
from crossproof.derivations.statements.attractivity import CollapsesWhen
from crossproof.derivations.statements.classes.suprema import SupremumBound
from crossproof.derivations.statements.euler_steps import EulerStep, RandomUpdate
from crossproof.derivations.statements.fokker_planck_form import FokkerPlanckForm
from crossproof.derivations.statements.processes import (
    AlmostSureDecay,
    ExpectationAtAllTimes,
    InitialRate,
    PathSolution,
    SDETransform,
)
from crossproof.derivations.statements.stationary import StationaryLaw
from crossproof.reports.pictures.choose import picture_of
from crossproof.reports.pictures.picture import NoPicture

x, z, mu = (sp.Symbol(name, real=True) for name in ("x", "z", "mu"))
y, kappa, D, zeta, t0, eta = (sp.Symbol(name, positive=True) for name in ("y", "kappa", "D", "zeta", "t0", "eta"))
t = sp.Symbol("t", nonnegative=True)


def claim_of(statement, **ranges):
    return Claim("mine.2", "A title.", Source("mine", "(2)"), statement, Domain(**ranges))


def inside(intervals, truth):
    """Return how many of the intervals hold the truth at their x."""
    return int(((intervals.low <= truth) & (truth <= intervals.high)).sum())


def test_measured_rates_hold_the_drift_of_a_logarithm_and_not_the_naive_one():
    """Seven intervals of 95 % (confidence sequences, which are wider); the wrong drift mu is 10 widths away."""
    motion = SDE(y, mu * y, zeta * y)
    ranges = {"y": Positive, "mu": Real, "zeta": Positive}
    right, wrong = (
        claim_of(SDETransform(motion, sp.log(y), SDE(z, drift, zeta)), **ranges) for drift in (mu - zeta**2 / 2, mu)
    )
    for claim, agreeing in ((right, True), (wrong, False)):
        drift, variance = picture_of(claim).panels
        (measured,) = drift.intervals
        for panel in (drift, variance):
            found = next(c for c in panel.curves if c.role == "found")
            assert inside(panel.intervals[0], np.interp(panel.intervals[0].x, found.x, found.y)) >= 6
        stated = next(c for c in drift.curves if c.role == "stated")
        assert (inside(measured, np.interp(measured.x, stated.x, stated.y)) >= 6) is agreeing


def test_drawn_updates_hold_the_moments_of_an_update():
    noise = sp.Symbol("xi", real=True)
    update = RandomUpdate((x,), (-eta * (x - noise),), ((noise, D),))
    right, wrong = (
        claim_of(EulerStep(update, SDE(x, -x * sign, sp.sqrt(eta * D)), eta), x=Real, eta=Positive, D=Positive)
        for sign in (1, -1)
    )
    for claim, agreeing in ((right, True), (wrong, False)):
        panel = picture_of(claim).panels[0]
        stated, found = (next(c for c in panel.curves if c.role == r) for r in ("stated", "found"))
        assert np.allclose(stated.y, found.y) is agreeing
        (measured,) = panel.intervals
        assert inside(measured, np.interp(measured.x, found.x, found.y)) >= 6
        assert (inside(measured, np.interp(measured.x, stated.x, stated.y)) >= 6) is agreeing


def test_initial_rate_of_a_square():
    claim = claim_of(
        InitialRate(SDE(x, -kappa * x, sp.sqrt(2 * D)), x**2, t0, 2 * D - 2 * kappa * t0**2),
        t0=Positive, kappa=Positive, D=Positive,
    )  # fmt: skip
    (panel,) = picture_of(claim).panels
    found = next(c for c in panel.curves if c.role == "found")
    assert inside(panel.intervals[0], np.interp(panel.intervals[0].x, found.x, found.y)) >= 6


def gaussian(x, variance):
    return np.exp(-(x**2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)


def test_the_law_of_ornstein_and_uhlenbeck_over_its_histogram():
    """The solved density is the Gaussian; of the stated ones only the right one is. 512 paths: bars within 15 %."""
    process = SDE(x, -kappa * x, sp.sqrt(2 * D))
    for factor in (1, 2):
        law = StationaryLaw(process, sp.exp(-kappa * x**2 / (2 * factor * D)), sp.Interval(-sp.oo, sp.oo))
        made = picture_of(claim_of(law, x=Real, kappa=Positive, D=Positive))
        density, slopes = made.panels
        found, stated = (next(c for c in density.curves if c.role == r) for r in ("found", "stated"))
        peak = found.y.max()
        variance = 1 / (2 * np.pi * peak**2)
        assert np.allclose(found.y, gaussian(found.x, variance), atol=2e-4 * peak)
        assert np.allclose(stated.y, gaussian(stated.x, factor * variance), atol=2e-4 * peak)
        bars = density.bars[0]
        middles = (bars.edges[1:] + bars.edges[:-1]) / 2
        assert np.abs(bars.heights - gaussian(middles, variance)).max() < 0.15 * peak
        assert np.allclose(*(c.y for c in slopes.curves)) is (factor == 1)


def test_a_density_without_finite_mass_is_drawn_up_to_a_factor():
    process = SDE(x, -2 * D * x / (x**2 + 1), 2)
    law = StationaryLaw(process, (x**2 + 1) ** (-D), sp.Interval(-sp.oo, sp.oo))
    made = picture_of(claim_of(law, x=Real, D=Between(0, sp.Rational(1, 2))))
    assert made.panels[0].y.label == "density up to a factor"
    assert made.panels[0].bars == ()
    assert "integrable" in made.caption


def moments(value):
    process = SDE(x, -kappa * x, sp.sqrt(2 * D))
    return claim_of(
        ExpectationAtAllTimes(process, x, t, t0, value), t=AtLeast(0), t0=Positive, kappa=Positive, D=Positive
    )


def test_a_mean_over_time_and_its_confidence_sequence():
    right, wrong = moments(t0 * sp.exp(-kappa * t)), moments(t0 * sp.exp(-2 * kappa * t))
    for claim, agreeing in ((right, True), (wrong, False)):
        over_time, sequence = picture_of(claim).panels
        stated, solved = (next(c for c in over_time.curves if c.role == r) for r in ("stated", "found"))
        assert np.allclose(solved.y, np.interp(solved.x, stated.x, stated.y), rtol=2e-2) is agreeing
        (band,) = sequence.bands
        widths = band.high - band.low
        assert widths[-1] < widths[0] / 2
        (rule,) = sequence.rules
        assert bool(band.low[-1] <= rule.at <= band.high[-1]) is agreeing
        (near,) = over_time.bands
        truth = np.interp(near.x, solved.x, solved.y)
        assert ((near.low <= truth + 0.03) & (truth - 0.03 <= near.high)).all()


def test_moments_that_may_be_infinite_have_no_sample_means():
    process = SDE(y, y**3, y**2)
    claim = claim_of(ExpectationAtAllTimes(process, y, t, t0, t0), t=AtLeast(0), t0=Positive)
    with pytest.raises(NoPicture, match="moments"):
        picture_of(claim)


def test_a_threshold_is_the_curve_on_which_the_exponent_changes_sign():
    process = SDE(y, mu * y - y**3, zeta * y)
    half, whole = (
        claim_of(CollapsesWhen(process, sp.Lt(mu, share * zeta**2, evaluate=False), "iff"), zeta=Positive, mu=Real)
        for share in (sp.Rational(1, 2), 1)
    )
    for claim, share in ((half, 0.5), (whole, 1.0)):
        (panel,) = picture_of(claim).panels
        found, stated = (next(c for c in panel.curves if c.role == r) for r in ("found", "stated"))
        seen = np.isfinite(found.y)
        assert seen.sum() > 10
        first = panel.x.label == r"$\zeta$"
        truth = found.x**2 / 2 if first else np.sqrt(2 * found.x)
        assert np.allclose(found.y[seen], truth[seen], rtol=1e-6)
        both = np.isfinite(stated.y)
        truth = share * stated.x**2 if first else np.sqrt(stated.x / share)
        assert np.allclose(stated.y[both], truth[both], rtol=1e-6)


def test_paths_that_do_not_tend_to_0():
    stays = claim_of(AlmostSureDecay(SDE(x, -x, 1), x), x=Real)
    decays = claim_of(AlmostSureDecay(SDE(y, -2 * y, y), y), y=Positive)
    spread = {}
    for name, claim in (("stays", stays), ("decays", decays)):
        (panel,) = picture_of(claim).panels
        (band,) = panel.bands
        spread[name] = band.high[-1] - band.low[-1]
    assert spread["stays"] > 1.5  # the stationary law has standard deviation 0.7
    assert spread["decays"] < 0.05


def test_a_functional_on_one_path():
    """Geometric Brownian motion without its Ito correction leaves the simulated path; with it both are one curve."""
    B = sp.Function("B")
    motion = SDE(y, mu * y, zeta * y)
    for share, agreeing in ((sp.Rational(1, 2), True), (0, False)):
        solution = t0 * sp.exp((mu - share * zeta**2) * t + zeta * B(t))
        claim = claim_of(PathSolution(motion, solution, t, B, t0), t=AtLeast(0), t0=Positive, mu=Real, zeta=Positive)
        (panel,) = picture_of(claim).panels
        found, stated = (c.y for c in panel.curves)
        assert found[0] == stated[0]
        assert np.allclose(found, stated, rtol=0.01) is agreeing


def test_a_fokker_planck_equation_for_chosen_functions():
    """dx = -k x dt + sqrt(2 D) dB with the sign of its drift, and with the other."""
    p = sp.Function("p")(x)
    process = SDE(x, -kappa * x, sp.sqrt(2 * D))
    for sign, agreeing in ((1, True), (-1, False)):
        right = sign * sp.diff(kappa * x * p, x) + D * sp.diff(p, x, 2)
        claim = claim_of(FokkerPlanckForm(process, p, right), x=Real, kappa=Positive, D=Positive)
        (panel,) = picture_of(claim).panels
        assert np.allclose(*(c.y for c in panel.curves)) is agreeing


def test_the_largest_probability_beside_a_bound():
    r = sp.Symbol("r", positive=True)
    claim = claim_of(SupremumBound(kappa, r, sp.Integer(1), 2 * r**kappa), kappa=Positive, r=Between(0, 1))
    (panel,) = picture_of(claim).panels
    shown = {c.role: c for c in panel.curves}
    assert (shown["found"].y <= 1).all()
    assert np.allclose(shown["stated"].y, 2 * shown["found"].y)


def test_the_same_seed_gives_the_same_numbers():
    one, same, other = (picture_of(moments(t0 * sp.exp(-kappa * t)), seed=s) for s in (1, 1, 2))
    (a,), (b,), (c,) = (p.panels[1].bands for p in (one, same, other))
    assert np.array_equal(a.low, b.low)
    assert not np.array_equal(a.low, c.low)
    assert "seed 2" in other.caption
