"""Mode coefficients for symbolic depth: closed layer sums, limits, symmetry, and refusals."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given

from crossproof.checks.strategies import points
from crossproof.derivations.calculus.modes import (
    closed_sum,
    coefficient,
    first_variation,
    gradient_noise,
    in_amplitudes,
    in_layer_weights,
    normal_form,
)
from crossproof.derivations.catalog.modewise_sde import d
from crossproof.derivations.claim import CLAIMS
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError, DomainError
from crossproof.derivations.ranges import Integers, Positive
from crossproof.derivations.statements.modes import (
    DEPTH,
    LABEL_NOISE,
    STEP,
    ModeCoefficient,
    ModeDependence,
    ModeQuantity,
    ModeSetting,
    ModeTarget,
)

TWO = ModeSetting(2)
S1, S2 = TWO.amplitudes
T1, T2 = TWO.teacher
a, b = sp.symbols("a b", positive=True)
k = sp.Symbol("k", integer=True, positive=True)
RATIOS = Domain(a=Positive, b=Positive, n=Integers(1, 6))


@pytest.mark.parametrize(
    "summand",
    [
        sp.Integer(3),
        k,
        a ** (2 * k) * b ** (3 - k),
        (5 - k) * a**k * b ** (-k),
        k**2 * a**k + (a * b) ** (k - 1),
    ],
)
@given(points(RATIOS, largest=30))
def test_closed_sums_equal_the_written_out_sums(summand: sp.Expr, point: dict) -> None:
    values = {a: point[RATIOS.symbol("a")], b: point[RATIOS.symbol("b")]}
    n = int(point[RATIOS.symbol("n")])
    closed = closed_sum(summand, k, sp.Integer(1), sp.Integer(n)).subs(values)
    if closed.is_finite:  # a ratio of 1 is a removable singularity of the closed form
        assert closed == sp.Add(*(summand.subs(k, i).subs(values) for i in range(1, n + 1)))


def test_an_empty_sum_is_zero() -> None:
    assert sp.cancel(closed_sum((4 - k) * a**k, k, sp.Integer(1), sp.Integer(0))) == 0


def test_a_sum_that_is_not_geometric_is_refused() -> None:
    with pytest.raises(DomainError, match="not geometric"):
        closed_sum(1 / (k + a), k, sp.Integer(1), DEPTH)


def test_the_gradient_noise_has_mean_zero_and_the_loss_gradient_is_the_gap() -> None:
    _, mean, _ = gradient_noise(TWO)
    assert mean == sp.diag(S1 - T1, S2 - T2)


def test_a_mode_feels_only_its_own_entry_and_every_layer_alike() -> None:
    weights = first_variation(TWO, (0, 0))
    assert set(weights) == {(0, 0)}
    assert normal_form(weights[0, 0] - DEPTH * S1 ** (2 - 2 / DEPTH), TWO) == 0


def test_depth_one_has_no_ito_drift_and_depth_two_couples_through_the_other_amplitude() -> None:
    drift = coefficient(ModeTarget(TWO, ModeQuantity.ITO_DRIFT))
    assert normal_form(drift.subs(DEPTH, 1), ModeSetting(2, depth=1)) == 0
    two_layers = ModeSetting(2, depth=2)
    own = STEP * S1 * (2 * (S1 - T1) ** 2 + LABEL_NOISE**2)
    coupling = STEP * S2 * (S1 - T1) * (S2 - T2)
    assert normal_form(coefficient(ModeTarget(two_layers, ModeQuantity.ITO_DRIFT)) - own - coupling, two_layers) == 0


def test_a_learned_mode_does_not_couple() -> None:
    drift = coefficient(ModeTarget(TWO, ModeQuantity.ITO_DRIFT)).subs(T2, S2)
    assert not normal_form(drift, TWO).has(S2)


def test_modes_are_interchangeable() -> None:
    swap = {S1: S2, S2: S1, T1: T2, T2: T1}
    one = in_amplitudes(coefficient(ModeTarget(TWO, ModeQuantity.ITO_DRIFT, (1, 1))), TWO)
    two = in_amplitudes(coefficient(ModeTarget(TWO, ModeQuantity.ITO_DRIFT, (2, 2))), TWO)
    assert normal_form(one.subs(swap, simultaneous=True) - two, TWO) == 0


def test_cross_amplitudes_have_no_drift_on_the_manifold() -> None:
    for quantity in (ModeQuantity.GRADIENT_DRIFT, ModeQuantity.ITO_DRIFT):
        assert coefficient(ModeTarget(TWO, quantity, (1, 2))) == 0


def test_the_normal_form_separates_what_differs() -> None:
    assert normal_form(S1 ** (2 - 2 / DEPTH) - S1 ** (2 - 1 / DEPTH), TWO) != 0
    summed = sp.Sum(S1 ** (2 * d / DEPTH), (d, 1, DEPTH))
    assert normal_form(summed - in_layer_weights(summed, TWO), TWO) == 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ModeSetting(0), "modes"),
        (lambda: ModeSetting(1, depth=sp.Rational(3, 2)), "depth"),
        (lambda: ModeSetting(1, label_noise=sp.Integer(-1)), "label_noise"),
        (lambda: ModeTarget(TWO, ModeQuantity.DRIFT, (1, 3)), "pair"),
        (lambda: ModeTarget(TWO, ModeQuantity.COVARIATION), "second"),
        (lambda: ModeTarget(TWO, ModeQuantity.DRIFT, (1, 1), (1, 1)), "second"),
        (lambda: ModeTarget(TWO, ModeQuantity.IMBALANCE_DRIFT), "layer"),
        (lambda: ModeTarget(ModeSetting(2, depth=2), ModeQuantity.IMBALANCE_DRIFT, layer=2), "layer"),
        (lambda: ModeDependence(ModeTarget(TWO, ModeQuantity.DRIFT), (a,)), "variables"),
        (lambda: ModeDependence(ModeTarget(TWO, ModeQuantity.DRIFT), tuple(TWO.symbols)), "every symbol"),
    ],
)
def test_malformed_statements_are_refused(make, message: str) -> None:
    with pytest.raises(ClaimError, match=message):
        make()


def test_every_mode_claim_prints_and_gives_its_formula() -> None:
    found = [c for c in CLAIMS.values() if isinstance(c.statement, ModeCoefficient | ModeDependence)]
    assert len(found) >= 14
    for c in found:
        assert c.statement.latex().count("{") == c.statement.latex().count("}")
        if isinstance(c.statement, ModeCoefficient):
            sums = c.statement.value.has(sp.Sum) or c.statement.each != 0
            assert (c.statement.formula() is None) == sums
            assert (r"\sum_{j >" in c.statement.latex()) == (c.statement.each != 0)
