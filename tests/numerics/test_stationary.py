"""The stationary Fokker-Planck solver against exact laws."""

import math

import pytest
import sympy as sp
from scipy import stats

from crossproof.derivations.errors import NumericsError
from crossproof.derivations.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.stationary import solve_stationary, to_line

x = real("x")
s, k, c = positive("s k c")
half_line = sp.Interval.open(0, sp.oo)


def test_ornstein_uhlenbeck() -> None:
    solution = solve_stationary(SDE(x, -k * x, sp.sqrt(2)), {k: sp.Rational(3, 2)})
    exact = stats.norm(scale=math.sqrt(2 / 3))
    for at in (-1.3, 0.0, 0.4, 2.0):
        value, error = solution.cdf(at)
        assert abs(value - exact.cdf(at)) <= error < 1e-4


def test_state_dependent_noise_is_ito() -> None:
    # dX = -k X dt + sqrt(1 + X^2) dB has density (1 + x^2)^(-1 - k): Student's law
    solution = solve_stationary(SDE(x, -k * x, sp.sqrt(1 + x**2)), {k: 3}, cells=8000)
    exact = stats.t(7, scale=1 / math.sqrt(7))
    for at in (-0.5, 0.1, 0.8):
        value, error = solution.cdf(at)
        assert abs(value - exact.cdf(at)) <= error + 1e-9


def test_positive_process_in_the_logarithm() -> None:
    line, inverse = to_line(SDE(s, s * (k - s), sp.sqrt(2 * c) * s), half_line)
    assert inverse == sp.exp(line.state[0])
    solution = solve_stationary(line, {k: sp.Rational(7, 5), c: 1})
    exact = stats.gamma(0.4)
    for at in (0.01, 0.3, 2.0):
        value, error = solution.cdf(math.log(at))
        assert abs(value - exact.cdf(at)) <= error


def test_grid_error_falls_with_the_square_of_the_width() -> None:
    sde = SDE(x, x - x**3, 1)
    errors = [solve_stationary(sde, {}, cells=n).cdf(0.7)[1] for n in (500, 1000)]
    assert errors[1] < errors[0] / 3


def test_no_stationary_law_is_an_error() -> None:
    line, _ = to_line(SDE(s, s * (k - s), sp.sqrt(2 * c) * s), half_line)
    with pytest.raises(NumericsError, match="fall off"):
        solve_stationary(line, {k: sp.Rational(1, 2), c: 1})


def test_unsupported_arguments_are_refused() -> None:
    with pytest.raises(NumericsError, match="support"):
        to_line(SDE(x, -x, 1), sp.Interval.open(0, 1))
    with pytest.raises(NumericsError, match="cells"):
        solve_stationary(SDE(x, -x, 1), {}, cells=3)
