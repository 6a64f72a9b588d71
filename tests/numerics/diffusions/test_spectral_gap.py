"""Decay rates against closed forms, their errors included."""

import math

import pytest
import sympy as sp

from crossproof.derivations.errors import DomainError, NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.diffusions.boundaries import NATURAL, absorbing, reflecting
from crossproof.numerics.diffusions.scalar_diffusion import ScalarDiffusion
from crossproof.numerics.diffusions.spectral_gap import spectral_gap

x = real("x")
s = positive("s")
half = sp.Rational(1, 2)
brownian = ScalarDiffusion(SDE(x, 0 * x, 1))
ou = ScalarDiffusion(SDE(x, -3 * half * x, sp.sqrt(2)))


def logistic(ratio):
    """Return ds = 2 s (ratio v - s) dt + 2 sqrt(v) s dB for v = 1/2: 1/s is a Pearson diffusion."""
    return ScalarDiffusion(SDE(s, 2 * s * (ratio * half - s), sp.sqrt(2) * s))


BATTERY = [
    ("OU", ou, {}, 1.5),
    ("OU, third", ou, {"index": 3}, 4.5),
    ("reflecting", brownian, {"low": reflecting(-1), "high": reflecting(2)}, math.pi**2 / 18),
    ("absorbing", brownian, {"low": absorbing(-1), "high": absorbing(2)}, math.pi**2 / 18),
    ("one of each", brownian, {"low": absorbing(-1), "high": reflecting(2)}, math.pi**2 / 72),
    ("the other way", brownian, {"low": reflecting(-1), "high": absorbing(2)}, math.pi**2 / 72),
    (
        "drift between absorbing ends",
        ScalarDiffusion(SDE(x, 7 + 0 * x, 1)),
        {"low": absorbing(0), "high": absorbing(1)},
        math.pi**2 / 2 + 24.5,
    ),
    # OU absorbed at its centre: the odd eigenfunctions are left
    ("OU absorbed at 0", ou, {"low": absorbing(0)}, 1.5),
    ("OU absorbed at 0, second", ou, {"low": absorbing(0), "index": 2}, 4.5),
    ("square root process", ScalarDiffusion(SDE(s, 2 * (1 - s), sp.sqrt(s))), {}, 2.0),
    ("logistic", logistic(6), {}, 4.0),
    ("logistic, second", logistic(12), {"index": 2}, 18.0),
    ("Jacobi", ScalarDiffusion(SDE(x, 2 * (sp.Rational(1, 3) - x), sp.sqrt(x * (1 - x))), support=(0, 1)), {}, 2.0),
]


@pytest.mark.parametrize(("name", "process", "arguments", "exact"), BATTERY, ids=[b[0] for b in BATTERY])
def test_true_error_is_below_the_estimate_which_is_not_vacuous(name, process, arguments, exact):
    for cells in (256, 1024):
        found = spectral_gap(process, cells=cells, **arguments)
        true = abs(found.value - exact)
        assert true <= found.error
    assert found.error <= max(100 * true, 1e-6 * exact)


def test_a_slow_rate_keeps_its_digits():
    # Kramers' rate of a deep double well, against the inverse of the exit time by quadrature
    from crossproof.numerics.diffusions.passages import mean_passage_time

    well = ScalarDiffusion(SDE(x, 40 * (x - x**3), 1))
    found = spectral_gap(well, cells=2048)
    # to leading exponential order both wells exchange at twice the rate to reach the top and go on
    passage = mean_passage_time(well, -1.0, high=absorbing(1.0))
    assert found.value * passage.value == pytest.approx(2, rel=1e-2)
    assert found.error < 1e-6 * found.value


def test_a_continuum_shows_in_the_error():
    # for ratio 5/2 the continuum at v (ratio - 1)^2 / 2 comes before any eigenvalue
    found = spectral_gap(logistic(sp.Rational(5, 2)))
    assert abs(found.value - 0.5625) <= found.error
    assert found.error > 1e-3


def test_the_wrong_stiffness_is_seen():
    wrong = spectral_gap(ScalarDiffusion(SDE(x, -sp.Rational(151, 100) * x, sp.sqrt(2))))
    assert abs(wrong.value - 1.5) > 1e3 * wrong.error


def test_arguments_outside_their_range():
    with pytest.raises(DomainError, match="cells"):
        spectral_gap(ou, cells=100)
    with pytest.raises(DomainError, match="index"):
        spectral_gap(ou, index=0)
    with pytest.raises(DomainError, match="index"):
        spectral_gap(ou, cells=64, index=3)
    with pytest.raises(NumericsError, match="fall off"):
        spectral_gap(brownian, low=absorbing(0), high=NATURAL)
    with pytest.raises(DomainError, match="low < high"):
        spectral_gap(brownian, low=absorbing(1), high=absorbing(0))
