"""Passage times and hitting probabilities of described SDEs against 30-digit quadrature and closed forms."""

import mpmath
import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.errors import DomainError, NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.diffusions.boundaries import NATURAL, absorbing, reflecting
from crossproof.numerics.diffusions.passages import hitting_probability, mean_passage_time
from crossproof.numerics.diffusions.scalar_diffusion import ScalarDiffusion

x = real("x")
s = positive("s")
ou = ScalarDiffusion(SDE(x, -x, sp.sqrt(2)))
brownian = ScalarDiffusion(SDE(x, 0 * x, 1))
growth = ScalarDiffusion(SDE(s, s / 5, s))
logistic = ScalarDiffusion(SDE(s, 2 * s * (sp.Rational(5, 4) - s), sp.sqrt(2) * s))
well = ScalarDiffusion(SDE(x, x - x**3, sp.sqrt(1 + x**2) / 2))


def drifting(speed):
    return ScalarDiffusion(SDE(x, speed + 0 * x, 1))


def ou_time(start, end):
    with mpmath.workdps(30):
        return mpmath.quad(
            lambda y: mpmath.sqrt(2 * mpmath.pi) * mpmath.exp(y * y / 2) * mpmath.ncdf(y),
            mpmath.linspace(start, end, 6),
        )


def logistic_time(start, end):
    """Return 2 int S'(y) int_0^y m for alpha = 5/4, v = 1/2."""
    with mpmath.workdps(30):
        shape, v = mpmath.mpf("1.5"), mpmath.mpf("0.5")
        return 2 * mpmath.quad(
            lambda y: y ** (-shape - 1) * mpmath.exp(y / v) * v**shape * mpmath.gammainc(shape, 0, y / v) / (4 * v),
            [start, 2 * start, end / 2, end],
        )


def well_time(start, end):
    """The scale density (1 + x^2)^-8 e^{4 x^2} from 2 b / sigma^2 = 8 x (1 - x^2) / (1 + x^2), by 200-point rules."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    y = start + (end - start) * (nodes + 1) / 2
    below = -5 + (y[:, None] + 5) * (nodes + 1) / 2
    mass = (4 * (1 + below**2) ** 7 * np.exp(-4 * below**2)) @ weights * (y + 5) / 2
    return float(2 * (mass * (1 + y**2) ** -8 * np.exp(4 * y**2)) @ weights * (end - start) / 2)


BATTERY = [
    ("OU upwards", lambda: mean_passage_time(ou, -1.0, high=absorbing(2.5)), lambda: ou_time(-1, 2.5)),
    ("OU downwards", lambda: mean_passage_time(ou, 1.0, low=absorbing(-2)), lambda: ou_time(-1, 2)),
    ("OU, rare", lambda: mean_passage_time(ou, 0.0, high=absorbing(7)), lambda: ou_time(0, 7)),
    ("logistic", lambda: mean_passage_time(logistic, 0.05, high=absorbing(2)), lambda: logistic_time(0.05, 2)),
    ("double well", lambda: mean_passage_time(well, -1.0, high=absorbing(1)), lambda: well_time(-1, 1)),
    ("drift", lambda: mean_passage_time(drifting(1), 0.5, high=absorbing(3)), lambda: 2.5),
    (
        "both ends absorb",
        lambda: mean_passage_time(brownian, 0.5, low=absorbing(-1), high=absorbing(3)),
        lambda: 1.5 * 2.5,
    ),
    (
        "one end reflects",
        lambda: mean_passage_time(brownian, 0.5, low=absorbing(-1), high=reflecting(3)),
        lambda: 16 - 2.5**2,
    ),
    (
        "hitting against escape in the logarithm",
        lambda: hitting_probability(growth, 0.5, low=NATURAL, high=absorbing(3)),
        lambda: mpmath.mpf(6) ** mpmath.mpf("-0.6"),
    ),
    (
        "hitting against the drift",
        lambda: hitting_probability(drifting(-1), 0.5, low=NATURAL, high=absorbing(3)),
        lambda: mpmath.exp(-5),
    ),
    (
        "escape upwards",
        lambda: hitting_probability(drifting(1), 0.5, low=absorbing(0), high=NATURAL),
        lambda: 1 - mpmath.exp(-1),
    ),
    (
        "OU between ends",
        lambda: hitting_probability(ou, 0.3, low=absorbing(-1), high=absorbing(2)),
        lambda: (
            (mpmath.erfi(0.3 / mpmath.sqrt(2)) + mpmath.erfi(1 / mpmath.sqrt(2)))
            / (mpmath.erfi(mpmath.sqrt(2)) + mpmath.erfi(1 / mpmath.sqrt(2)))
        ),
    ),
    ("certain", lambda: hitting_probability(ou, 0.3, low=NATURAL, high=absorbing(2)), lambda: 1.0),
]


@pytest.mark.parametrize(("name", "answer", "exact"), BATTERY, ids=[b[0] for b in BATTERY])
def test_answers_hold_to_1e_minus_10_and_errors_are_honest(name, answer, exact):
    found, truth = answer(), exact()
    true = abs(float(found.value / truth - 1))
    assert true <= found.error <= 1e-10


def test_the_wrong_noise_is_seen():
    wrong = ScalarDiffusion(SDE(x, -x, sp.sqrt(sp.Rational(201, 100))))
    found = mean_passage_time(wrong, -1.0, high=absorbing(2.5))
    assert abs(found.value / float(ou_time(-1, 2.5)) - 1) > 1e6 * found.error


def test_paths_that_escape_have_no_mean_passage_time():
    for process, start, end in [(ScalarDiffusion(SDE(s, -s, s)), 0.5, 3), (brownian, 0.0, 1), (drifting(-1), 0.0, 1)]:
        with pytest.raises(NumericsError, match="escape"):
            mean_passage_time(process, start, high=absorbing(end))


def test_arguments_outside_their_range():
    with pytest.raises(DomainError, match="make one absorbing"):
        mean_passage_time(ou, 0.0)
    with pytest.raises(DomainError, match="reflects"):
        hitting_probability(ou, 0.0, low=reflecting(-1), high=absorbing(1))
    with pytest.raises(DomainError, match="low < start < high"):
        mean_passage_time(ou, 3.0, high=absorbing(1))
    with pytest.raises(DomainError, match="tolerance"):
        mean_passage_time(ou, 0.0, high=absorbing(1), tolerance=2.0)
    with pytest.raises(DomainError, match="support"):
        mean_passage_time(logistic, -1.0, high=absorbing(1))


def test_an_end_that_recedes_in_a_logarithm_is_not_lost_among_large_exponents():
    """The log scale density reaches 10**18 far out, where a sum from there has no digits left for what matters."""
    process = ScalarDiffusion(SDE(x, 0 * x - sp.Rational(1, 2), 2), support=(-np.inf, 1 / 3))
    found = hitting_probability(process, -1 / 3, low=NATURAL, high=absorbing(0.0), tolerance=1e-9)
    assert found.value == pytest.approx(np.exp(-1 / 12), rel=1e-11)
