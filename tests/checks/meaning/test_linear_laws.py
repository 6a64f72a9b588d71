"""A linear process has a stationary law where its drift is stable on the whole domain, and coefficients have values."""

import numpy as np
import pytest
import sympy as sp

from crossproof.checks.meaning.linear_laws import no_linear_law, no_stationary_law, stability_conditions
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, Between, Positive, Real
from crossproof.derivations.symbols import positive, real

x, y, h = real("x y h")
a, b = positive("a b")
quadratic = [-a * x - h * y, -h * x - b * y]


@pytest.mark.parametrize(
    ("drift", "domain", "said"),
    [
        (quadratic, Domain(a=Positive, h=Real, b=Above(h**2 / a)), ""),
        (quadratic, Domain(a=Positive, h=Real, b=Positive), "determinant"),
        ([-x - h * y, h * x - y], Domain(h=Real), ""),
        ([a * x - h * y, h * x - b * y], Domain(a=Positive, b=Above(a), h=Real), "determinant"),
        ([x - 2 * h * y, 2 * h * x - y / 2], Domain(h=Real), "trace"),
        ([-x - y / h, y / h - y], Domain(h=Real), "defined"),
    ],
)
def test_stability_on_the_domain(drift, domain, said):
    found = no_linear_law(SDE((x, y), drift, sp.eye(2)), domain, 4.0)
    assert said in found
    assert bool(said) is bool(found)


@pytest.mark.parametrize(
    ("slopes", "discrete", "domain", "said"),
    [
        # w^3 + 2 w^2 + w + a is stable below a = 2
        (sp.Matrix([[0, 1, 0], [0, 0, 1], [-a, -1, -2]]), False, Domain(a=Between(0, 2)), ""),
        (sp.Matrix([[0, 1, 0], [0, 0, 1], [-a, -1, -2]]), False, Domain(a=Between(0, 3)), "stability"),
        (sp.Matrix([[1 - a]]), True, Domain(a=Between(0, 2)), ""),
        (sp.Matrix([[1 - a]]), True, Domain(a=Positive), "stability"),
        # momentum a, curvature times step b
        (sp.Matrix([[1 - b, a], [-b, a]]), True, Domain(a=Between(0, 1), b=Between(0, 2 * (1 + a))), ""),
        (sp.Matrix([[1 - b, a], [-b, a]]), True, Domain(a=Positive, b=Between(0, 2 * (1 + a))), "stability"),
        (sp.Matrix([[1 / h - 1]]), False, Domain(h=Real), "defined"),
    ],
)
def test_stability_in_any_dimension(slopes, discrete, domain, said):
    found = no_stationary_law(slopes, sp.ones(slopes.rows, 1), discrete, domain, 4.0)
    assert said in found
    assert bool(said) is bool(found)


@pytest.mark.parametrize("discrete", [False, True])
def test_conditions_of_stability_hold_exactly_where_the_eigenvalues_say_so(discrete):
    random, told = np.random.default_rng(7), set()
    for _ in range(60):
        slopes = sp.Matrix(random.integers(-4, 5, (3, 3)).tolist()) / (4 if discrete else 1) - (
            0 if discrete else 2
        ) * sp.eye(3)
        eigenvalues = np.linalg.eigvals(np.array(slopes.tolist(), dtype=float))
        margin = float((1 - abs(eigenvalues)).min() if discrete else (-eigenvalues.real).min())
        if abs(margin) > 1e-9:
            assert all(e > 0 for e in stability_conditions(slopes, discrete)) is (margin > 0)
            told.add(margin > 0)
    assert told == {True, False}
