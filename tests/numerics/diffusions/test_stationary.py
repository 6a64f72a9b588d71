"""The stationary Fokker-Planck solver against exact laws."""

import math

import numpy as np
import pytest
import sympy as sp
from scipy import special, stats

from crossproof.derivations.errors import DomainError, NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.diffusions.boundaries import absorbing, reflecting
from crossproof.numerics.diffusions.scalar_diffusion import ScalarDiffusion
from crossproof.numerics.diffusions.stationary import solve_stationary, stationary_law, to_line

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


def test_grid_error_falls_with_the_width() -> None:
    sde = SDE(x, x - x**3, 1)
    errors = [solve_stationary(sde, {}, cells=n).cdf(0.7)[1] for n in (64, 128)]
    assert errors[1] < errors[0] / 16


def test_no_stationary_law_is_an_error() -> None:
    line, _ = to_line(SDE(s, s * (k - s), sp.sqrt(2 * c) * s), half_line)
    with pytest.raises(NumericsError, match="fall off"):
        solve_stationary(line, {k: sp.Rational(1, 2), c: 1})


def test_unsupported_arguments_are_refused() -> None:
    with pytest.raises(NumericsError, match="support"):
        to_line(SDE(x, -x, 1), sp.Interval.open(0, 1))
    with pytest.raises(NumericsError, match="cells"):
        solve_stationary(SDE(x, -x, 1), {}, cells=3)


def double_well_cdf(at):
    """dX = (X - X^3) dt + sqrt(1 + X^2) dB: (log p)' = -2 x^3 / (1 + x^2), p ~ (1 + x^2) exp(-x^2)."""
    total = 1.5 * math.sqrt(math.pi)
    return (1.5 * math.sqrt(math.pi) / 2 * (special.erf(at) + 1) - at * math.exp(-at * at) / 2) / total


def double_well_pdf(at):
    return (1 + at * at) * math.exp(-at * at) / (1.5 * math.sqrt(math.pi))


gamma = stats.gamma(1.5, scale=0.5)
normal = stats.norm(scale=math.sqrt(2 / 3))
CLOSED_FORMS = [
    ("Ornstein-Uhlenbeck", SDE(x, -k * x, sp.sqrt(2)), {k: 1.5}, {}, normal.cdf, normal.pdf, 0.0),
    # ds = 2 s (a + v/2 - s) dt + 2 sqrt(v) s dB for a = 1, v = 1/2: Gamma(a/v - 1/2, scale v)
    (
        "logistic with multiplicative noise",
        SDE(s, 2 * s * (sp.Rational(5, 4) - s), sp.sqrt(2) * s),
        {},
        {},
        gamma.cdf,
        gamma.pdf,
        0.75,
    ),
    (
        "double well with multiplicative noise",
        SDE(x, x - x**3, sp.sqrt(1 + x**2)),
        {},
        {},
        double_well_cdf,
        double_well_pdf,
        0.0,
    ),
    (
        "drift against a wall",
        SDE(x, -1 + 0 * x, 1),
        {},
        {"low": reflecting(0)},
        lambda at: -math.expm1(-2 * at),
        lambda at: 2 * math.exp(-2 * at),
        0.5,
    ),
]


@pytest.mark.parametrize(
    ("name", "sde", "values", "ends", "cdf", "pdf", "mean"), CLOSED_FORMS, ids=[c[0] for c in CLOSED_FORMS]
)
def test_closed_forms_to_1e_minus_8(name, sde, values, ends, cdf, pdf, mean) -> None:
    """In the largest distance of distribution functions, the L1 distance of densities, and the mean."""
    process = ScalarDiffusion(sde, values)
    found = stationary_law(process, cells=400, **ends)
    points = np.linspace(found.low, found.high, 401)
    distance = 0.0
    for at, state, slope in zip(points, process.x(points), process.slope(points), strict=True):
        value, error = found.cdf(at)
        true = abs(value - cdf(float(state)))
        assert true <= error < 1e-8
        value, error = found.density(at)
        assert abs(value - pdf(float(state)) * slope) <= error
        distance += abs(value - pdf(float(state)) * slope) * (points[1] - points[0])
    assert distance < 1e-8
    value, error = found.mean(lambda at: at)
    assert abs(value - mean) <= error < 1e-8


def test_a_wrong_law_is_seen() -> None:
    found = stationary_law(ScalarDiffusion(CLOSED_FORMS[1][1]), cells=400)
    value, error = found.cdf(math.log(0.5))
    assert abs(value - stats.gamma(1.5, scale=0.505).cdf(0.5)) > 1e3 * error


def test_means_that_do_not_exist_are_refused() -> None:
    found = stationary_law(ScalarDiffusion(CLOSED_FORMS[1][1]), cells=400)
    value, error = found.mean(lambda at: 1 / at)
    assert abs(value - 4) <= error
    with pytest.raises(NumericsError, match="may not exist"):
        found.mean(lambda at: at**-2)
    with pytest.raises(NumericsError, match="not finite"):
        stationary_law(ScalarDiffusion(SDE(x, -x, 1))).mean(np.log)


def test_an_absorbing_end_leaves_nothing_stationary() -> None:
    with pytest.raises(DomainError, match="absorbs"):
        stationary_law(ScalarDiffusion(SDE(x, -x, 1)), low=absorbing(-1))
