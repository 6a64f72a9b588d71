"""Signs on whole domains: names of parameters do not matter, nor what SymPy takes for a sign."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.derivations.domain import Domain
from crossproof.derivations.expressions import canonical
from crossproof.derivations.positivity import sign_on
from crossproof.derivations.ranges import Above, Integers, Positive, Range

FAR = 10**40


@pytest.mark.parametrize("name", ["r_0", "r", "x_", "u_x", "root_x"])
def test_a_parameter_is_no_fresh_symbol(name: str) -> None:
    domain = Domain(x=Above(1), **{name: Positive})
    x, other = domain.symbols
    assert sign_on(domain, x - 1) == "positive"
    assert sign_on(domain, x - 1 - other) is None


@pytest.mark.parametrize(
    ("expr", "given", "sign"),
    [
        (lambda n: sp.atan((n - FAR) ** 2), Integers(0), "nonnegative"),  # 0 at n = FAR
        (lambda n: sp.atan(n), Integers(0), "nonnegative"),
        (lambda n: sp.atan(n), Integers(1), "positive"),
        (lambda n: -sp.atan(1 + n**2), Integers(-3), "negative"),
        (lambda n: sp.binomial(n - FAR, 3), Integers(0), None),  # of both signs
        (lambda n: sp.binomial(n, 3), Integers(0), "nonnegative"),
        (lambda n: -sp.binomial(n, 3), Integers(-5), None),
    ],
)
def test_signs_that_sympy_mistakes(expr: object, given: Range, sign: str | None) -> None:
    domain = Domain(n=given)
    assert sign_on(domain, expr(*domain.symbols)) == sign  # type: ignore[operator]


def test_an_absolute_value_of_a_binomial_coefficient_stays() -> None:
    n = sp.Symbol("n", integer=True)
    written = sp.Abs(sp.binomial(n, 3, evaluate=False), evaluate=False)
    for value in (-2, 5):
        assert canonical(written).subs(n, value) == abs(sp.binomial(value, 3))
