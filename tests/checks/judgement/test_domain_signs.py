"""Signs at exact points and on whole domains; wrong neighbours have another sign or none."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.judgement.domain_signs import candidates, certified_sign, ladder_seconds, strict_sign
from crossproof.checks.witness import Task
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.ranges import Above, AtLeast, Between, Integers, Positive, Real
from crossproof.derivations.statements.extrema import Inequality

x = sp.Symbol("x", real=True)
LINE, PLANE = Domain(x=Real), Domain(x=Positive, y=Positive)
p, q = PLANE.symbols


@pytest.mark.parametrize(
    ("expr", "at", "sign"),
    [
        (sp.exp(sp.pi * sp.sqrt(x)) - 640320**3 - 744, 163, -1),  # nearly a whole number (Ramanujan)
        (sp.exp(sp.pi * sp.sqrt(x)) - 640320**3 - 744 + sp.Rational(1, 10**12), 163, 1),
        (sp.cos(x) ** 2 + sp.sin(x) ** 2 - 1, 7, 0),
        (sp.sqrt(x) * sp.sqrt(3) - sp.sqrt(6), 2, 0),
        (1 / x, 0, None),
        (sp.log(x), -1, None),
    ],
)
def test_signs_at_points(expr: Any, at: Any, sign: int | None) -> None:
    assert certified_sign(expr, {x: sp.sympify(at)}) == sign


@pytest.mark.parametrize(
    ("expr", "domain", "sign"),
    [
        (p**2 - 2 * p * q + q**2 + p, PLANE, "positive"),
        (-(p**4) - q**4 + p * q - sp.Rational(1, 2) - q, PLANE, "negative"),
        (p**2 - 2 * p * q + q**2, PLANE, "nonnegative"),
        (p - q, PLANE, None),
        (p**2 - 2 * p * q + q**2 - sp.Rational(1, 10**6), PLANE, None),
        (sp.exp(p) - 1 - p, PLANE, "positive"),
        (sp.exp(p) - 1 - p - p**2, PLANE, None),
    ],
)
def test_signs_on_domains(expr: Any, domain: Domain, sign: str | None) -> None:
    # a weak sign is found only where it is plain; a strict one must not be claimed for it
    found = strict_sign(expr, domain, 3.0)
    assert found == sign or (sign == "nonnegative" and found is None)


def test_the_ladder_gets_a_quarter_of_the_time() -> None:
    claim = Claim("test.sign", "", Source("test", ""), Inequality(sp.Gt(p, q)), PLANE)
    tasks = (Task(claim, effort(name), 1, "cpu", 1e-8, "test") for name in ("quick", "thorough"))
    seconds = [ladder_seconds(task) for task in tasks]
    assert seconds == [2.5, 30.0]


def test_candidates_lie_in_the_domain_without_repetition_and_reach_every_scale() -> None:
    domain = Domain(a=Above(1), b=AtLeast(0), c=Between(-1, 1), n=Integers(2))
    points = list(itertools.islice(candidates(domain, 6), 400))
    for point in points:
        domain.check(point)
    assert len({tuple(point.values()) for point in points}) == len(points)
    gaps = [sp.N(point[domain.symbol("a")] - 1) for point in points]
    assert min(gaps) < 1e-11
    assert max(gaps) > 1e11
    assert any(not point[domain.symbol("b")].is_rational for point in points)
    assert any(point[domain.symbol("b")] == 0 for point in points)
