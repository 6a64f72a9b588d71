"""A linear process has a stationary law where its drift is stable on the whole domain, and coefficients have values."""

import pytest
import sympy as sp

from crossproof.checks.meaning.linear_laws import no_linear_law
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, Positive, Real
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
