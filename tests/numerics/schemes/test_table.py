"""One-step maps: local expansions proved symbolically, weak orders observed against closed forms, refusals.

Weak orders are observed without sampling: moments of the discrete chain are propagated exactly.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.errors import NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.schemes.one_step import OneStep
from crossproof.numerics.schemes.table import SCHEMES, chart, one_step

x, y, z = real("x, y, z")
s, a, v, sigma, k = positive("s, a, v, sigma, k")
mu = real("mu")
R = sp.Rational
GBM = SDE(s, mu * s, sigma * s)
OU = SDE(x, -k * x, sigma)
POLYNOMIAL = SDE(x, 1 - 2 * x + x**2 / 3, R(1, 2) + x - x**2 / 4)
DIAGONAL = SDE([x, y], [y - x**2, 1 - x * y], sp.Matrix([[1 + x / 2, 0], [0, y - y**2 / 3]]))
MIXED = SDE([x, y], [y - x / 2, x * y - 1], sp.Matrix([[1 + y, x], [x / 3, 1 - y * x]]))  # does not commute
ADDITIVE = SDE([x, y], [y - x**3, 1 - x * y], sp.Matrix([[1, R(1, 2)], [R(1, 3), 2]]))


def moment(law: str, power: int) -> sp.Expr:
    if power % 2:
        return sp.S.Zero
    if power == 0:
        return sp.S.One
    return {"gaussian": sp.factorial2(power - 1), "two-point": sp.S.One, "three-point": sp.S(3) ** (power // 2 - 1)}[
        law
    ]


def expectation(polynomial: sp.Expr, step: OneStep, law: str | None = None) -> sp.Expr:
    if not step.noises:
        return polynomial
    terms = sp.Poly(sp.expand(polynomial), *step.noises).terms()
    return sp.Add(*(c * sp.Mul(*(moment(law or step.law, p) for p in powers)) for powers, c in terms))


def local_defect(
    sde: SDE, step: OneStep, point: dict[sp.Symbol, sp.Expr], order: int, law: str | None = None
) -> list[object]:
    """Return E prod(x_1 - x_0)^k - sum_n h^n L^n(...)/n! up to h^order, for all monomials of degree <= 2 order + 1."""
    e = sp.Symbol("e", positive=True)
    moves = [(u - q).subs(point).subs(step.dt, e**2) for u, q in zip(step.update, step.state, strict=True)]
    if any(m.has(sp.exp) for m in moves):
        moves = [sp.series(m, e, 0, 2 * order + 2).removeO() for m in moves]
    # sqrt(3) comes with each zeta of the strong scheme: the moments below take it back
    thirds = step.noises[len(step.noises) // 2 :] if step.scheme == "strong-1.5" else ()
    moves = [sp.expand(m.subs({q: sp.sqrt(3) * q for q in thirds})) for m in moves]
    ring = sp.ring([e, *step.noises, *sde.state], sp.QQ)[0]
    places, noises = ring.gens[1 + len(step.noises) :], ring.gens[1 : 1 + len(step.noises)]
    drift, covariance = [ring(b) for b in sde.ito_drift], [ring(c) for c in sde.covariance]
    d = sde.dimension

    def short(polynomial: object) -> object:
        return ring.from_dict({n: c for n, c in polynomial.terms() if n[0] <= 2 * order})  # type: ignore[attr-defined]

    def average(polynomial: object) -> object:
        total = ring.zero
        for powers, c in polynomial.terms():  # type: ignore[attr-defined]
            weight = sp.S(c)
            for p, xi in zip(powers[1 : 1 + len(noises)], step.noises, strict=True):
                weight *= moment(law or step.law, p) / (sp.S(3) ** (p // 2) if xi in thirds else 1)
            total += ring.domain.from_sympy(weight) * ring.gens[0] ** powers[0]
        return total

    defects = []
    for powers in product(range(2 * order + 2), repeat=d):
        if not 0 < sum(powers) <= 2 * order + 1:
            continue
        image, found, wanted = ring.one, ring.one, ring.zero
        for q, place, move, p in zip(sde.state, places, moves, powers, strict=True):
            image *= (place - ring.domain.from_sympy(point[q])) ** p
            for _ in range(p):
                found = short(found * short(ring(move)))
        for n in range(order + 1):
            at = image.evaluate(
                [(place, ring.domain.from_sympy(point[q])) for place, q in zip(places, sde.state, strict=True)]
            )
            constant = at.coeff(1) if hasattr(at, "coeff") else at
            wanted += ring.gens[0] ** (2 * n) * constant / int(sp.factorial(n))
            gradient = [image.diff(q) for q in places]
            image = (
                sum((b * g for b, g in zip(drift, gradient, strict=True)), ring.zero)
                + sum(
                    (covariance[i * d + j] * gradient[i].diff(places[j]) for i in range(d) for j in range(d)), ring.zero
                )
                / 2
            )
        defects.append(average(found) - wanted)
    return defects


@pytest.mark.parametrize(
    ("sde", "scheme"),
    [
        *((POLYNOMIAL, name) for name in ("euler-maruyama", "milstein", "strong-1.5", "weak-1", "weak-2")),
        *((DIAGONAL, name) for name in ("milstein", "weak-1")),
        (MIXED, "weak-1"),
        (MIXED, "euler-maruyama"),
    ],
)
def test_expected_moments_of_one_step(sde: SDE, scheme: str) -> None:
    step = one_step(sde, scheme)
    point = dict(zip(sde.state, (R(2, 3), R(-1, 2)), strict=False))
    assert not any(local_defect(sde, step, point, int(step.weak_order)))


@pytest.mark.slow
@pytest.mark.parametrize(("sde", "scheme"), [(DIAGONAL, "strong-1.5"), (ADDITIVE, "strong-1.5"), (MIXED, "weak-2")])
def test_expected_moments_of_one_step_in_two_dimensions(sde: SDE, scheme: str) -> None:
    point = {x: R(2, 3), y: R(-1, 2)}
    assert not any(local_defect(sde, one_step(sde, scheme), point, 2))


def test_two_point_increments_do_not_reach_order_two() -> None:
    assert any(local_defect(POLYNOMIAL, one_step(POLYNOMIAL, "weak-2"), {x: R(2, 3)}, 2, law="two-point"))


def test_leaving_out_the_areas_loses_order_two() -> None:
    step = one_step(MIXED, "weak-2")
    (area,) = step.noises[2:]
    without = OneStep(**{**vars(step), "update": tuple(u.subs(area, 0) for u in step.update)})
    assert any(local_defect(MIXED, without, {x: R(2, 3), y: R(-1, 2)}, 2))


def test_logistic_step_has_weak_order_two() -> None:
    sde = SDE(s, s * (R(3, 2) - 2 * s), s / 3)
    step = one_step(sde, "logistic")
    assert not any(local_defect(sde, step, {s: R(2, 5)}, 2))
    h = step.dt
    left = OneStep(**{**vars(step), "update": (step.update[0].subs(h, h * (1 + h)),)})  # a wrong step length
    assert any(local_defect(sde, left, {s: R(2, 5)}, 2))


def test_exact_steps_have_the_transition_moments() -> None:
    h, (xi,) = one_step(OU, "exact").dt, one_step(OU, "exact").noises
    mean, slope = sp.Poly(one_step(OU, "exact").update[0], xi).all_coeffs()[::-1]
    assert sp.simplify(mean - x * sp.exp(-k * h)) == 0
    assert sp.simplify((slope**2 - sigma**2 * (1 - sp.exp(-2 * k * h)) / (2 * k)).rewrite(sp.exp)) == 0
    # the Stratonovich correction is half the variance rate, which the exponent takes off again
    (update,) = one_step(SDE(s, sigma**2 * s / 2, sp.Matrix([[sigma * s, a * s]]), "stratonovich"), "exact").update
    still = update.subs(dict.fromkeys(update.free_symbols - {h, s, sigma, a}, 0))
    assert sp.simplify(still / s - sp.exp(sigma**2 * h / 2)) == 0


def weak_errors(
    sde: SDE, step: OneStep, degree: int, closed: float, start: float, law: str | None = None
) -> np.ndarray:
    """Return |E x_N^degree - closed| at T = 1 for 8, 16, 32, 64 steps, by exact propagation of the moments."""
    (q,) = step.state
    rows = []
    for n in range(degree + 1):
        image = sp.Poly(expectation(sp.expand(step.update[0] ** n), step, law), q)
        rows.append([image.coeff_monomial(q**p) for p in range(degree + 1)])
    errors = []
    for steps in (8, 16, 32, 64):
        matrix = np.array([[float(c.subs(step.dt, R(1, steps))) for c in row] for row in rows])
        moments = np.linalg.matrix_power(matrix, steps) @ np.array([start**p for p in range(degree + 1)])
        errors.append(abs(moments[degree] - closed))
    return np.array(errors)


def slopes(errors: np.ndarray) -> np.ndarray:
    return np.log2(errors[:-1] / errors[1:])


WEAK = [(n, o) for n, o in (("euler-maruyama", 1), ("milstein", 1), ("weak-1", 1), ("weak-2", 2), ("strong-1.5", 2))]


@pytest.mark.parametrize(("scheme", "order"), WEAK)
def test_global_weak_order_on_geometric_brownian_motion(scheme: str, order: int) -> None:
    sde = SDE(s, R(3, 4) * s, R(1, 2) * s)
    errors = weak_errors(sde, one_step(sde, scheme), 2, np.exp(2 * 0.75 + 0.25), 1.0)
    assert slopes(errors)[-1] == pytest.approx(order, abs=0.15)
    assert one_step(sde, scheme).weak_order == order


@pytest.mark.parametrize(("scheme", "order"), WEAK)
def test_global_weak_order_on_ornstein_uhlenbeck(scheme: str, order: int) -> None:
    sde = SDE(x, -R(3, 2) * x, R(4, 5))
    variance = 0.64 * (1 - np.exp(-3.0)) / 3
    errors = weak_errors(sde, one_step(sde, scheme), 2, 4 * np.exp(-3.0) + variance, 2.0)
    assert slopes(errors)[-1] == pytest.approx(order, abs=0.2)


def test_weak_order_two_falls_to_one_with_two_point_increments() -> None:
    sde = SDE(s, R(3, 4) * s, R(1, 2) * s)
    errors = weak_errors(sde, one_step(sde, "weak-2"), 2, np.exp(2 * 0.75 + 0.25), 1.0, law="two-point")
    assert slopes(errors)[-1] == pytest.approx(1, abs=0.2)
    assert slopes(errors)[-1] != pytest.approx(2, abs=0.2)


def test_milstein_equals_euler_for_constant_noise_and_says_so() -> None:
    assert one_step(OU, "euler-maruyama").strong_order == 1
    assert one_step(OU, "euler-maruyama").update == one_step(OU, "milstein").update


def test_stratonovich_enters_by_its_ito_drift() -> None:
    step = one_step(SDE(s, 0, sigma * s, "stratonovich"), "euler-maruyama")
    assert (
        sp.expand(step.update[0] - (s + sigma**2 * s * step.dt / 2 + sigma * s * sp.sqrt(step.dt) * step.noises[0]))
        == 0
    )


def test_columns_without_noise_draw_nothing() -> None:
    assert one_step(SDE(x, -x, 0), "weak-2").noises == ()
    assert len(one_step(SDE([x, y], [0, 0], sp.Matrix([[0, 1], [0, x]])), "euler-maruyama").noises) == 1


def test_names_of_the_equation_are_not_taken() -> None:
    dt, xi1 = positive("dt, xi1")
    step = one_step(SDE(x, -dt * x, xi1), "milstein")
    assert step.dt.name == "dt_"
    assert step.noises[0].name == "xi1_"
    assert step.parameters == (dt, xi1)


def test_logarithm_of_the_positive_coordinates_only() -> None:
    step = one_step(SDE([s, x], [s * (1 - s), -x], sp.Matrix([[s, 0], [0, 1]])), "log-weak-2")
    assert step.readout == (sp.exp(step.state[0]), x)
    assert chart(step, (sp.S(2), sp.S(3))) == (sp.log(2), 3)


@pytest.mark.parametrize(
    ("sde", "scheme", "match"),
    [
        (MIXED, "milstein", "Levy area.*weak-2"),
        (MIXED, "strong-1.5", "mix"),
        (SDE(x, -(x**3), 1), "exact", "neither geometric"),
        (SDE([x, y], [-x, -y], sp.Matrix([[1], [1]])), "exact", "of its own"),
        (SDE(s, s * (1 - s**2), s), "logistic", "log-weak-2"),
        (SDE(x, -x, 1), "log-euler-maruyama", "declared positive"),
        (SDE(x, -x, sp.Abs(x)), "strong-1.5", "not smooth"),
        (SDE(x, sp.I * x, 1), "euler-maruyama", "imaginary"),
        (OU, "runge-kutta", "choose one of"),
    ],
)
def test_refusals_name_the_remedy(sde: SDE, scheme: str, match: str) -> None:
    with pytest.raises(NumericsError, match=match):
        one_step(sde, scheme)


def test_commuting_noise_off_the_diagonal_is_served() -> None:
    step = one_step(SDE([s, v], [0, 0], sp.Matrix([[s, 2 * s], [v, -v]])), "milstein")
    assert step.strong_order == 1
    assert len(one_step(SDE([s, v], [0, 0], sp.Matrix([[s, 2 * s], [v, -v]])), "weak-2").noises) == 2


def test_every_scheme_is_listed_and_builds() -> None:
    geometric = SDE(s, mu * s, sigma * s)
    for scheme in SCHEMES:
        assert one_step(geometric, scheme).scheme == scheme
