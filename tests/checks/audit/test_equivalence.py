"""What a mutant asserts beyond its original: weaker inequalities assert nothing, stronger ones do."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.audit.equivalence import implies
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Between, Positive, Real

DOMAIN = Domain(m=Real, v=Positive, z=Between(0, 1))


def entropy(inside: str, bound: str) -> sp.Rel:
    """Return an inequality between a logarithm and an entropy, with parts to change."""
    symbols = {s.name: s for s in DOMAIN.symbols}
    left, right = (sp.sympify(text, locals=symbols) for text in (inside, bound))
    return sp.Le(symbols["m"] ** 2 * symbols["z"] + symbols["z"] * (symbols["v"] - 1) - sp.log(left), right)


PREMISE = entropy("z*(v - 1) + 1", "z*(m**2 + v - log(v) - 1)")


@pytest.mark.parametrize(
    ("inside", "bound"),
    [
        ("z*(v - 1) + 1", "2*z*(m**2 + v - log(v) - 1)"),
        ("z*(v - 1) + 2", "z*(m**2 + v - log(v) - 1)"),
        ("z*(v - 1/2) + 1", "z*(m**2 + v - log(v) - 1)"),
    ],
)
def test_a_weaker_bound_is_implied(inside: str, bound: str) -> None:
    assert implies(PREMISE, entropy(inside, bound), DOMAIN)


@pytest.mark.parametrize(
    ("inside", "bound"),
    [
        ("z*(v - 1) + 1", "z*(m**2 + v - log(v) - 1)/2"),
        ("z*(v - 1) + 19/20", "z*(m**2 + v - log(v) - 1)"),
        ("z*(v - 1) + 1", "z*(m**2 + v - log(v) - 21/20)"),
    ],
)
def test_a_stronger_bound_is_not(inside: str, bound: str) -> None:
    assert not implies(PREMISE, entropy(inside, bound), DOMAIN)
