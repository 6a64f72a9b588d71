"""Local laws: Ito drift, variance rate, slopes and integrability against textbook processes, and wrong densities."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from crossproof.checks.meaning.local_laws import integrable, local_laws
from crossproof.checks.meaning.state_pieces import Unresolved
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.boundary_classification import Fate
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Positive

x = sp.Symbol("x", real=True)
k, s, a = sp.symbols("k s a", positive=True)
DOMAIN = Domain(k=Positive, s=Positive, a=Positive)
LINE, HALF = sp.Interval(-sp.oo, sp.oo), sp.Interval(0, sp.oo)
OU = SDE(x, -k * x, s)
CIR = SDE(x, k * (a - x), s * sp.sqrt(x))

STATIONARY = [
    (OU, LINE, sp.exp(-k * x**2 / s**2)),
    (CIR, HALF, x ** (2 * k * a / s**2 - 1) * sp.exp(-2 * k * x / s**2)),
    (SDE(x, -k * sp.sign(x), s), LINE, sp.exp(-2 * k * sp.Abs(x) / s**2)),
    (SDE(x, -k * x, s * sp.sqrt(1 + x**2)), LINE, (1 + x**2) ** (-1 - k / s**2)),
]


@pytest.mark.parametrize(("sde", "support", "density"), STATIONARY, ids=str)
def test_the_density_without_current_has_none_and_a_wrong_one_has(sde: SDE, support: Any, density: Any) -> None:
    for law in local_laws(sde, support, DOMAIN, density):
        assert sp.simplify(law.current) == 0
        assert sp.simplify(law.slope - law.balanced_slope) == 0
    for law in local_laws(sde, support, DOMAIN, density * sp.exp(x)):
        assert sp.simplify(law.current + law.rate) == 0  # (log p)' is larger by 1
        assert sp.simplify(law.slope - law.balanced_slope - 1) == 0


def test_stratonovich_noise_moves_the_drift() -> None:
    (ito,) = local_laws(SDE(x, -k * x, s * sp.exp(x)), LINE, DOMAIN)
    (strato,) = local_laws(SDE(x, -k * x, s * sp.exp(x), "stratonovich"), LINE, DOMAIN)
    assert ito.drift == -k * x
    assert sp.expand(strato.drift - ito.drift - s**2 * sp.exp(2 * x) / 2) == 0
    assert ito.rate == strato.rate
    assert ito.slope == ito.balanced_slope  # without a stated density


def test_several_noises_add_their_squares_and_absolute_values_split() -> None:
    laws = local_laws(SDE(x, 0, [[sp.Abs(x), s]]), LINE, DOMAIN)
    assert [(law.piece.low, law.piece.high) for law in laws] == [(-sp.oo, 0), (0, sp.oo)]
    assert {sp.expand(law.rate - x**2 - s**2) for law in laws} == {0}
    with pytest.raises(Unresolved, match="no noise"):
        local_laws(SDE(x, -x, 0), LINE, DOMAIN)


def test_integrability_of_powers_at_both_ends() -> None:
    """x^(a-1) is integrable at 0 for every positive a, x^(-a) at 0 for a < 1 and at infinity for a > 1."""
    (gamma,) = local_laws(SDE(x, 0, 1), HALF, DOMAIN, x ** (a - 1) * sp.exp(-x))
    assert integrable([gamma], DOMAIN) == sp.true
    (power,) = local_laws(SDE(x, 0, 1), HALF, DOMAIN, x ** (-a))
    at_zero, at_infinity = (power.integrable(end) for end in power.ends)
    below, above = {a: sp.Rational(1, 2)}, {a: sp.Integer(2)}
    assert (at_zero.subs(below), at_zero.subs(above)) == (sp.true, sp.false)
    assert (at_infinity.subs(below), at_infinity.subs(above)) == (sp.false, sp.true)
    assert integrable([power], DOMAIN) == sp.false  # never both
    (growing,) = local_laws(SDE(x, 0, 1), LINE, DOMAIN, sp.exp(k * x**2))
    assert integrable([growing], DOMAIN) == sp.false


def test_fates_of_the_ends() -> None:
    (ou,) = local_laws(OU, LINE, DOMAIN)
    assert [ou.fates(end) for end in ou.ends] == [{Fate.INACCESSIBLE}] * 2
    (explosive,) = local_laws(SDE(x, x**3, 1), LINE, DOMAIN)
    assert [explosive.fates(end) for end in explosive.ends] == [{Fate.EXPLODES}] * 2
    (brownian,) = local_laws(SDE(x, 0, 1), HALF, DOMAIN)
    assert [brownian.fates(end) for end in brownian.ends] == [{Fate.LEAVES}, {Fate.INACCESSIBLE}]
    (feller,) = local_laws(CIR, HALF, DOMAIN)  # reached where 2 k a < s^2, and then left by the drift
    assert feller.fates(feller.ends[0]) == {Fate.INACCESSIBLE, Fate.KEPT}
