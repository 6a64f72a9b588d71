"""Two sides along one parameter: values against closed forms, gaps where undefined, and the marked counterexample."""

import math

import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.matrices.sampling import Sampling, Scheme
from crossproof.derivations.ranges import Above, Between, Integers, Positive, Real
from crossproof.derivations.statements.batches import BatchFactor, BatchQuantity
from crossproof.derivations.statements.extrema import Inequality
from crossproof.derivations.statements.networks import MatrixIdentity
from crossproof.derivations.statements.scalar import Identity
from crossproof.derivations.text.parsing import parse_equation
from crossproof.reports.pictures.choose import picture_of
from crossproof.reports.pictures.picture import NoPicture
from crossproof.reports.pictures.values import along, number, visible_range

k, T = sp.symbols("k T", positive=True)
x = sp.Symbol("x", real=True)


def claim_of(statement, **ranges):
    return Claim("mine.1", "A title.", Source("mine", "(1)"), statement, Domain(**ranges))


def curves(picture, panel=0):
    return {c.role: c for c in picture.panels[panel].curves}


def test_both_sides_of_a_true_identity_are_its_closed_form():
    claim = claim_of(Identity(sp.sinh(2 * x), 2 * sp.sinh(x) * sp.cosh(x)), x=Real)
    shown = curves(picture_of(claim))
    for side in shown.values():
        assert np.allclose(side.y, np.sinh(2 * side.x), rtol=1e-12, atol=1e-300)
    assert shown["found"].x.min() < 0 < shown["found"].x.max()
    assert picture_of(claim).panels[0].marks == ()


def test_a_claim_from_text_and_its_marked_counterexample(refuting):
    """With the wrong factor the gap is as large as the sides differ there; with the right one there is no mark."""
    domain = {"x": Real}
    symbols = {s.name: s for s in Domain(**domain).symbols}
    wrong = claim_of(Identity(*parse_equation("sin(2*x) == sin(x)*cos(x)", symbols)), **domain)
    made = picture_of(wrong, refuting(wrong, {"x": "1"}))
    (mark,) = made.panels[0].marks
    assert (mark.label, mark.x) == ("counterexample", 1.0)
    assert {round(mark.y, 12), round(mark.other, 12)} == {round(math.sin(2), 12), round(math.sin(2) / 2, 12)}
    assert "the counterexample is at x = 1" in made.caption
    right = claim_of(Identity(*parse_equation("sin(2*x) == 2*sin(x)*cos(x)", symbols)), **domain)
    assert picture_of(right, refuting(right, {"x": "1"})).panels[0].marks == ()


@pytest.mark.parametrize("at", ["1/100000", "3", "104729/13", "10**6"])
def test_the_counterexample_is_always_inside_the_axes(at, refuting):
    claim = claim_of(Identity(k * T + 1 / k, k * T), k=Positive, T=Above(2))
    (panel,) = picture_of(claim, refuting(claim, {"k": at, "T": "5/2"})).panels
    (mark,) = panel.marks
    assert panel.x.low <= mark.x <= panel.x.high
    for value in (mark.y, mark.other):
        assert panel.y.low <= value <= panel.y.high


def test_undefined_values_leave_gaps():
    claim = claim_of(Identity(sp.sqrt(x), sp.sqrt(x)), x=Real)
    found = curves(picture_of(claim))["found"]
    assert np.isnan(found.y[found.x < 0]).all()
    assert np.isfinite(found.y[found.x > 0]).all()
    assert math.isnan(number(1 / x, {x: 0}))


def test_values_do_not_cancel():
    """In float64 (1 - exp(-2kT))/(2k) is 0 at k = 1e-17; by balls it is T (1 - kT)."""
    formula = (1 - sp.exp(-2 * k * T)) / (2 * k)
    small = sp.Rational(1, 10**17)
    assert (1 - math.exp(-2e-17)) / 2e-17 == 0.0
    assert along(formula, k, [small], {T: sp.Integer(3)})[0] == pytest.approx(3.0, rel=1e-12)


def test_points_outside_the_domain_of_another_parameter_are_left_out():
    claim = claim_of(Identity(k + T, k + T), k=Positive, T=Above(k))
    found = curves(picture_of(claim))["found"]
    assert np.isfinite(found.y).any()
    moving = along(k + T, k, [sp.Integer(1), sp.Integer(9)], {k: sp.Integer(1), T: sp.Integer(5)}, claim.domain)
    assert moving[0] == 6.0
    assert np.isnan(moving[1])


def test_an_inequality_shows_where_it_fails(refuting):
    claim = claim_of(Inequality(sp.Ge(k**2, k, evaluate=False)), k=Positive)
    panel = picture_of(claim, refuting(claim, {"k": "1/2"})).panels[0]
    (band,) = panel.bands
    failing = np.isfinite(band.low)
    assert (failing == (band.x < 1)).all()
    assert np.allclose(band.high[failing] - band.low[failing], (band.x - band.x**2)[failing])
    true = claim_of(Inequality(sp.Ge(k**2 + 1, 2 * k, evaluate=False)), k=Positive)
    assert picture_of(true).panels[0].bands == ()


def test_integers_are_dots(refuting):
    n, B = sp.Symbol("n", integer=True, positive=True), sp.Symbol("B", integer=True, positive=True)
    sampling = Sampling(Scheme.WITH_REPLACEMENT, batch=B, population=n)
    claim = claim_of(BatchFactor(sampling, BatchQuantity.COVARIANCE, 2 / B), B=Integers(1), n=Integers(2))
    shown = curves(picture_of(claim, refuting(claim, {"B": "2", "n": "3"})))
    assert shown["found"].dots
    assert np.allclose(shown["found"].y, 1 / shown["found"].x)
    assert np.allclose(shown["stated"].y, 2 / shown["stated"].x)


def test_what_has_no_picture_says_why():
    two = claim_of(Identity(sp.Integer(2), sp.Integer(2)))
    with pytest.raises(NoPicture, match=r"mine\.1.*number"):
        picture_of(two)
    never = claim_of(Identity(sp.log(-k), sp.log(-k)), k=Between(1, 2))
    with pytest.raises(NoPicture, match="no real values"):
        picture_of(never)
    n = sp.Symbol("n", integer=True, positive=True)
    A = sp.MatrixSymbol("A", n, n)
    matrices = claim_of(MatrixIdentity(A, A), n=Integers(1))
    with pytest.raises(NoPicture, match="matrices of every size"):
        picture_of(matrices)


def test_an_axis_shows_the_rest_beside_a_pole_and_what_must_be_seen():
    poles = 1 / np.linspace(-1, 1, 101)[np.r_[0:50, 51:101]]
    low, high, logarithmic = visible_range([poles])
    assert high < poles.max()
    assert not logarithmic
    assert visible_range([poles], [200.0])[1] > 200
    assert visible_range([np.array([1e-3, 1.0, 1e4])])[2]
    low, high, _ = visible_range([np.full(5, 2.0)])
    assert low < 2 < high
