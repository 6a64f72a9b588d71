"""Linearisation, Lyapunov exponents and boundary exponents against textbook cases."""

import pytest
import sympy as sp

from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.positivity import edge_points, parametrise, sign_on
from crossproof.derivations.processes.lyapunov import attraction_margin, boundary_exponent, exponents, linearise
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, AtLeast, Between, Integers, Positive, Real

x, y, mu = sp.symbols("x y mu", real=True)
zeta = sp.Symbol("zeta", positive=True)


def test_exponent_of_geometric_brownian_motion():
    gbm = SDE(x, mu * x, zeta * x)
    assert exponents(linearise(gbm, (0,))) == (mu - zeta**2 / 2,)


def test_stratonovich_noise_does_not_shift_the_exponent():
    gbm = SDE(x, mu * x, zeta * x, calculus="stratonovich")
    assert exponents(linearise(gbm, (0,))) == (mu,)


def test_common_eigenbasis_of_the_swap():
    # p = x + y and s = x - y are geometric Brownian motions with drift +-mu and the same noise strength
    swap = SDE((x, y), (mu * y, mu * x), sp.Matrix([zeta * y, zeta * x]))
    assert set(exponents(linearise(swap, (0, 0)))) == {mu - zeta**2 / 2, -mu - zeta**2 / 2}
    assert sp.simplify(attraction_margin(swap, (0, 0)) - (zeta**2 / 2 - sp.Abs(mu))) == 0


def test_higher_orders_do_not_enter():
    sde = SDE(x, mu * x + 3 * x**2 - x**5, zeta * x * (1 + x))
    assert attraction_margin(sde, (0,)) == zeta**2 / 2 - mu


def test_rotation_is_refused():
    rotation = SDE((x, y), (-y, x), sp.Matrix([0, 0]))
    with pytest.raises(ClaimError, match="real"):
        exponents(linearise(rotation, (0, 0)))


STILL = sp.zeros(2, 1)


@pytest.mark.parametrize(
    ("drift", "noise", "at", "attracts"),
    [
        # a damped oscillator, below and above the damping at which its eigenvalues are real
        ((y, -x - mu * y), STILL, {mu: 1}, True),
        ((y, -x - mu * y), STILL, {mu: 3}, True),
        ((y, -x - mu * y), STILL, {mu: -1}, False),
        ((-x + mu * y, -mu * y - x), sp.Matrix([zeta * x, zeta * y]), {mu: 1, zeta: 1}, True),
        ((-x + 9 * y, -y), STILL, {}, True),  # one eigenvector only
        ((x, y), sp.Matrix([zeta * x, zeta * y]), {zeta: 2}, True),  # noise along the radius stabilises
        ((x, y), sp.Matrix([-zeta * y, zeta * x]), {zeta: 2}, False),  # noise across it does the opposite
        ((-x, -y), sp.Matrix([-zeta * y, zeta * x]), {zeta: 1}, True),
        ((-x, -y), sp.Matrix([-zeta * y, zeta * x]), {zeta: 2}, False),
    ],
)
def test_points_of_the_plane_with_complex_eigenvalues(drift, noise, at, attracts) -> None:
    margin = attraction_margin(SDE((x, y), drift, noise), (0, 0)).subs(at)
    assert bool(margin > 0) is attracts


def test_a_root_of_what_may_be_negative_is_no_exponent() -> None:
    damped = SDE((x, y), (y, -x - mu * y), STILL)
    with pytest.raises(ClaimError, match="real"):
        exponents(linearise(damped, (0, 0)))
    third = sp.Symbol("z", real=True)
    with pytest.raises(ClaimError, match="real"):
        attraction_margin(SDE((x, y, third), (y, -x - mu * y, -third), sp.zeros(3, 1)), (0, 0, 0))


def test_matrices_without_common_eigenbasis_are_refused():
    sde = SDE((x, y), (x, 2 * y), sp.Matrix([y, x]))
    with pytest.raises(ClaimError, match="common eigenbasis"):
        exponents(linearise(sde, (0, 0)))


def test_point_must_be_invariant():
    with pytest.raises(ClaimError, match="not invariant"):
        linearise(SDE(x, 1 - x, x), (0,))


def test_boundary_exponents_of_the_logistic_mode():
    s, a, q = sp.symbols("s a q", positive=True)
    mode = SDE(s, 2 * s * (a - s), 2 * sp.sqrt(q) * s)
    assert sp.simplify(boundary_exponent(mode, 0) - a / q) == 0
    assert boundary_exponent(mode, sp.oo) == -sp.oo


def test_sign_of_an_expression_on_dependent_ranges():
    domain = Domain(L=Integers(2), a=Positive, b=Above(sp.Symbol("a", positive=True)))
    depth, a, b = domain.symbols
    assert sign_on(domain, b**2 - a**2) == "positive"
    assert sign_on(domain, (1 - depth) * a) == "negative"
    assert sign_on(domain, b - 2 * a) is None


def test_edge_points_lie_in_the_domain():
    a = sp.Symbol("a", positive=True)
    domain = Domain(a=Positive, b=Between(0, a), c=AtLeast(a), d=Real, n=Integers(2), m=Integers(1, 3))
    found = list(edge_points(domain))
    assert len(found) > 5
    for point in found:
        domain.check({**point, domain.symbol("d"): 0})


def test_parametrisation_covers_the_bounds():
    domain = Domain(n=Integers(3))
    ((symbol, image),) = parametrise(domain).items()
    (fresh,) = image.free_symbols
    assert symbol.name == "n"
    assert image.subs(fresh, 0) == 3


def test_a_kink_at_the_point_has_no_derivative():
    """The sign of 0 is 0 to SymPy: x + |x| has the slope 2 on one side and 0 on the other."""
    x = sp.Symbol("x", real=True)
    with pytest.raises(ClaimError, match="no derivative"):
        linearise(SDE(x, x + sp.Abs(x), x), (0,))
    with pytest.raises(ClaimError, match="no derivative"):
        linearise(SDE(x, sp.Max(x, 0), x), (0,))
    assert linearise(SDE(x, x * sp.Abs(x - 1), x), (0,)).drift == sp.ImmutableMatrix([[1]])
