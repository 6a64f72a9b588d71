"""The check of declared weak orders: it passes the built-in schemes at their own orders, and none beyond."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import sympy as sp

from crossproof.derivations.errors import NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.symbols import dimension, positive, real
from crossproof.numerics.schemes import weak_order
from crossproof.numerics.schemes.one_step import OneStep
from crossproof.numerics.schemes.table import one_step
from crossproof.numerics.schemes.weak_order import check_weak_order

x, y = real("x y")
s, m, v = positive("s m v")
n = dimension("n")
EQUATIONS = {
    "geometric": SDE(s, m * s, v * s),
    "logistic": SDE(s, s * (m - s), v * s),
    "linear": SDE(x, -m * x, v),
    "no polynomial": SDE(x, -(x**n), sp.sqrt(1 + x**2)),
    "stratonovich": SDE(x, sp.sin(x), x, "stratonovich"),
    "not commutative": SDE([x, y], [y, -x], sp.Matrix([[x, 1], [0, y]])),
    "no noise": SDE([x, y], [-x * y, -x], sp.zeros(2, 1)),
}
SERVED = {
    "exact": {"geometric", "linear"},
    "logistic": {"geometric", "logistic"},
    "milstein": EQUATIONS.keys() - {"not commutative"},
    "strong-1.5": EQUATIONS.keys() - {"not commutative"},
}


@pytest.mark.parametrize("name", EQUATIONS)
@pytest.mark.parametrize("scheme", ["euler-maruyama", "weak-1", "weak-2", *SERVED])
def test_built_in_schemes_have_their_orders_and_no_more(scheme: str, name: str) -> None:
    if name not in SERVED.get(scheme, EQUATIONS):
        return
    sde = EQUATIONS[name]
    step = one_step(sde, scheme)
    if step.weak_order >= 2:
        check_weak_order(step, sde, 2)
        return
    check_weak_order(step, sde, 1)
    with pytest.raises(NumericsError, match=r"moment 1 of one step is wrong by O\(h\^2\) at .* needs O\(h\^3\)"):
        check_weak_order(step, sde, 2)


def changed(sde: SDE, change: Callable[[OneStep], Sequence[sp.Expr]]) -> OneStep:
    step = one_step(sde, "weak-2")
    return OneStep(**{**vars(step), "update": tuple(change(step))})


WRONG = {
    "noise of a wrong size": (lambda u, h, xi: u + sp.sqrt(h) * xi / 50, 1, "moment 2 .* O(h^1) "),
    "drift of a wrong size": (lambda u, h, xi: u + h * x / 100, 1, "moment 1 .* O(h^1) "),
    "a term of second order": (lambda u, h, xi: u + h**2, 2, "moment 1 .* O(h^2) "),
    "a covariance of second order": (lambda u, h, xi: u + h ** sp.Rational(3, 2) * xi, 2, "moment 2 .* O(h^2) "),
    "half an order": (lambda u, h, xi: u + h ** sp.Rational(3, 2), 1, "moment 1 .* O(h^1.5) "),
    "noise that does not fall": (lambda u, h, xi: u + xi, 1, "moment 2 .* O(h^0) "),
    "no value": (lambda u, h, xi: u + 1 / (u - u), 1, "its weak order cannot be checked"),
    "a function without a name": (lambda u, h, xi: sp.Function("f")(u), 1, "name 'f' is not defined"),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", ["linear", "no polynomial"])
def test_a_wrong_step_names_the_moment(name: str, wrong: str) -> None:
    change, order, said = WRONG[wrong]
    sde = EQUATIONS[name]
    step = changed(sde, lambda step: [change(u, step.dt, step.noises[0]) for u in step.update])
    pattern = said.replace("(", r"\(").replace(")", r"\)").replace("^", r"\^")
    with pytest.raises(NumericsError, match=pattern) as caught:
        check_weak_order(step, sde, order)
    assert "\n" not in str(caught.value)


def test_a_fault_in_one_coordinate_or_one_covariance_is_seen() -> None:
    sde = EQUATIONS["not commutative"]
    for place in (0, 1):
        step = changed(sde, lambda s, at=place: [u + (s.dt * x / 50 if i == at else 0) for i, u in enumerate(s.update)])
        with pytest.raises(NumericsError, match="moment 1"):
            check_weak_order(step, sde, 1)
    # a stand-in of the Levy area with half its size, which no mean sees
    step = changed(sde, lambda s: [u.subs(s.noises[2], s.noises[2] / 2) for u in s.update])
    check_weak_order(step, sde, 1)
    with pytest.raises(NumericsError, match="moment 2"):
        check_weak_order(step, sde, 2)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_rule_has_the_moments_of_normals_to_degree_five(size: int) -> None:
    rule = list(weak_order._normals(size))
    assert sum(w for w, _ in rule) == pytest.approx(1)
    assert sum(w * z[0] ** 4 for w, z in rule) == pytest.approx(3)
    assert sum(w * z[0] ** 2 * z[-1] ** 2 for w, z in rule) == pytest.approx(3 if size == 1 else 1)
    assert sum(w * z[0] ** 6 for w, z in rule) != pytest.approx(15)
