"""Witnesses of Euler steps accept textbook updates and reject other rates, noises and correlations."""

from __future__ import annotations

import itertools

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.witness import Task, witness_named, witnesses_for
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Positive, Real
from crossproof.derivations.statements.euler_steps import EulerStep, RandomUpdate, descent
from crossproof.derivations.symbols import positive, real

x, y, z, w = real("x y z w")
h, v = positive("h v")
NAMES = ["moments of the draws", "cubature over the draws"]
DOMAIN = Domain(x=Real, y=Real, h=Positive, v=Positive)
L = sp.Function("L", real=True)(x, y)


def examine(name: str, statement: EulerStep, domain: Domain = DOMAIN) -> Finding:
    claim = Claim("test.claim", "a test", Source("test", "here"), statement, domain)
    assert name in [found.name for found in witnesses_for(claim)]
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 1, "cpu", 1e-6, name))


#: Descent on any loss tilted by one shared draw in both coordinates.
shared = descent(L + (x + 2 * y) * z, (x, y), h, ((z, v),))
flow = [-sp.diff(L, x), -sp.diff(L, y)]
root = sp.sqrt(h * v)


@pytest.mark.parametrize("name", NAMES)
def test_a_tilted_loss(name: str) -> None:
    right = EulerStep(shared, SDE((x, y), flow, [root, 2 * root]), h)
    assert examine(name, right).outcome in (Outcome.PROVED, Outcome.CONFIRMED)
    wrong = {
        "no noise": SDE((x, y), flow, [0, 0]),
        "independent noises": SDE((x, y), flow, sp.diag(root, 2 * root)),
        "opposite signs": SDE((x, y), flow, [root, -2 * root]),
        "half the drift": SDE((x, y), [e / 2 for e in flow], [root, 2 * root]),
    }
    for what, sde in wrong.items():
        assert examine(name, EulerStep(shared, sde, h)).outcome is Outcome.REFUTED, what
    assert examine(name, EulerStep(shared, right.sde, h**2)).outcome is Outcome.REFUTED


@pytest.mark.parametrize("name", NAMES)
def test_squares_of_draws_add_to_the_mean_and_to_the_covariance(name: str) -> None:
    """z^2 has mean v and variance 2 v^2; z w has mean 0 and variance v^2."""
    update = RandomUpdate((x, y), (h * z**2, h * z * w), ((z, v), (w, v)))
    noise = sp.diag(sp.sqrt(2 * h) * v, sp.sqrt(h) * v)
    assert examine(name, EulerStep(update, SDE((x, y), [v, 0], noise), h)).outcome in (
        Outcome.PROVED,
        Outcome.CONFIRMED,
    )
    assert examine(name, EulerStep(update, SDE((x, y), [0, 0], noise), h)).outcome is Outcome.REFUTED
    assert examine(name, EulerStep(update, SDE((x, y), [v, 0], noise / 2), h)).outcome is Outcome.REFUTED


def test_what_the_cubature_does_not_integrate_is_left_open() -> None:
    cubed = EulerStep(RandomUpdate((x,), (h * z**3,), ((z, v),)), SDE(x, 0, sp.sqrt(15 * h * v**3)), h)
    domain = Domain(x=Real, h=Positive, v=Positive)
    assert examine(NAMES[0], cubed, domain).outcome is Outcome.PROVED
    assert examine(NAMES[1], cubed, domain).outcome is Outcome.UNDECIDED


def test_malformed_updates_are_refused() -> None:
    with pytest.raises(ClaimError, match="polynomial"):
        RandomUpdate((x,), (sp.exp(z),), ((z, v),))
    for draws in (((x, v),), ((z, v), (z, h)), ((z, w**2), (w, v))):
        with pytest.raises(ClaimError, match="its own symbol"):
            RandomUpdate((x,), (h * draws[0][0],), draws)
    with pytest.raises(ClaimError, match="fresh draws"):
        EulerStep(RandomUpdate((x,), (z,), ((z, v),)), SDE(x, z, sp.sqrt(v)), sp.Integer(1))
    with pytest.raises(ClaimError, match="2 state variables"):
        RandomUpdate((x, y), (z,), ((z, v),))
    with pytest.raises(ClaimError, match="use the same"):
        EulerStep(shared, SDE(x, 0, 1), h)
    with pytest.raises(ClaimError, match="Ito"):
        EulerStep(shared, SDE((x, y), flow, [root, root], "stratonovich"), h)


@pytest.mark.parametrize("name", NAMES)
def test_variances_and_times_must_have_their_sign(name: str) -> None:
    u = real("u")
    domain = Domain(x=Real, h=Positive, v=Positive, u=Real)
    signed = EulerStep(RandomUpdate((x,), (h * z,), ((z, u),)), SDE(x, 0, sp.sqrt(h * u)), h)
    hidden = EulerStep(RandomUpdate((x,), (h * (z + w),), ((z, 3 * v), (w, -v))), SDE(x, 0, sp.sqrt(2 * h * v)), h)
    backwards = EulerStep(RandomUpdate((x,), (-x,), ((z, v),)), SDE(x, x, 0), sp.Integer(-1))
    resting = EulerStep(RandomUpdate((x,), (0 * x,), ((z, v),)), SDE(x, x, 1), sp.Integer(0))
    for statement in (signed, hidden, backwards, resting):
        assert examine(name, statement, domain).outcome is Outcome.UNDECIDED
    square = EulerStep(RandomUpdate((x,), (h * z,), ((z, u**2),)), SDE(x, 0, sp.sqrt(h) * u), h)
    assert examine(name, square, domain).outcome in (Outcome.PROVED, Outcome.CONFIRMED)


def test_updates_and_equations_must_be_real() -> None:
    everywhere = Domain(x=Real, h=Positive)
    f, p = sp.Function("f", real=True), positive("p")
    for state, domain, wanted in (
        (x, everywhere, Outcome.UNDEFINED),
        (p, Domain(p=Positive, h=Positive), Outcome.PROVED),
    ):
        update = RandomUpdate((state,), (sp.sqrt(state) * z - h * f(state),), ((z, h),))
        assert examine(NAMES[0], EulerStep(update, SDE(state, -f(state), sp.sqrt(state)), h), domain).outcome is wanted
    split = SDE(x, 0, sp.Matrix([[sp.sqrt(1 - x), sp.sqrt(x)]]))
    plain = EulerStep(RandomUpdate((x,), (z,), ((z, h),)), split, h)
    assert examine(NAMES[0], plain, everywhere).outcome is Outcome.UNDEFINED


@pytest.mark.parametrize("name", NAMES)
def test_a_draw_that_is_given_a_range_is_drawn_all_the_same(name: str) -> None:
    noisy = RandomUpdate((x,), (-h * x + sp.sqrt(h) * x * z,), ((z, sp.Integer(1)),))
    domain = Domain(x=Real, h=Positive, z=Real)
    for width, accepted in ((x, True), (2 * x, False)):
        found = examine(name, EulerStep(noisy, SDE(x, -x, width), h), domain).outcome
        assert found in ((Outcome.PROVED, Outcome.CONFIRMED) if accepted else (Outcome.REFUTED,))


def test_an_update_without_draws_moves_as_it_is_written() -> None:
    """-h x has odd powers of the state, and no draw of which odd powers would vanish on average."""
    update = RandomUpdate((x,), (-h * x,), ())
    for drift, outcome in ((-x, Outcome.PROVED), (0 * x, Outcome.REFUTED), (-2 * x, Outcome.REFUTED)):
        statement = EulerStep(update, SDE(x, drift, sp.Integer(0)), h)
        assert examine(NAMES[0], statement, Domain(x=Real, h=Positive)).outcome is outcome


def test_no_two_of_many_parameters_are_taken_for_one() -> None:
    """The drift of any two coordinates swapped is another drift, in however many dimensions."""
    state = real("a1:15")
    update = descent(sum(k * s**2 for k, s in enumerate(state, 1)) / 2 + z * state[0], state, h, ((z, v),))
    right = [-k * s for k, s in enumerate(state, 1)]
    noise = [root, *[0] * 13]
    domain = Domain(**{s.name: Real for s in state}, h=Positive, v=Positive)
    name = "cubature over the draws"
    assert examine(name, EulerStep(update, SDE(state, right, noise), h), domain).outcome is Outcome.CONFIRMED
    for i, j in itertools.combinations(range(14), 2):
        drift = [e.subs({state[i]: state[j], state[j]: state[i]}, simultaneous=True) for e in right]
        for one in (i, j):
            wrong = SDE(state, [drift[k] if k == one else e for k, e in enumerate(right)], noise)
            assert examine(name, EulerStep(update, wrong, h), domain).outcome is Outcome.REFUTED, (i, j)
