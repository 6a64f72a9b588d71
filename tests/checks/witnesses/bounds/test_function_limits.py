"""Limits with unknown functions: right ones are proved, wrong ones refuted, open ones left open."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Finding, Outcome
from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.witness import Task, witness_named
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.ranges import Above, Positive, Real
from crossproof.derivations.statements.function_limits import FunctionLimit, Jet
from crossproof.derivations.symbols import positive, real

load_catalog()
x, g = positive("x g")
a, b = real("a b")
f, h = sp.Function("f")(x), sp.Function("h")(x)
ZERO = sp.Integer(0)
RATIO = (Jet(f, (ZERO, a)), Jet(h, (ZERO, g)))
BOTH = ("leading terms of unknown functions", "members near the point")


def examine(name: str, statement: FunctionLimit, domain: Domain) -> Finding:
    claim = Claim("toy.limit", "A limit.", Source("toy", "1"), statement, domain)
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 0, "cpu", 1e-9, name))


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(
    ("expression", "jets", "right", "wrong"),
    [
        (f / h, RATIO, a / g, a / (2 * g)),
        ((f - a * x) / h, RATIO, ZERO, sp.Integer(1)),
        (sp.diff(x * f, x, 2), (Jet(f, (b, a, g)),), 2 * a, a),
        (x / sp.sqrt(h), (Jet(h, (ZERO, ZERO, g)),), sp.sqrt(2 / g), sp.sqrt(1 / g)),
        (sp.sin(f) / x, (Jet(f, (ZERO, a)),), a, 2 * a),
        (sp.exp(f) * sp.cos(x), (Jet(f, (b, a)),), sp.exp(b), sp.exp(a)),
        (sp.Abs(f) / x, (Jet(f, (ZERO, a)),), sp.Abs(a), a),
        (sp.log(x) * f, (Jet(f, (ZERO, a)),), ZERO, a),
        ((f - a * x) / x**2, (Jet(f, (ZERO, a, b)),), b / 2, b),
    ],
)
def test_a_limit_is_told_from_a_wrong_one(
    name: str, expression: sp.Expr, jets: tuple[Jet, ...], right: sp.Expr, wrong: sp.Expr
) -> None:
    domain = Domain(a=Real, b=Real, g=Positive)
    good = examine(name, FunctionLimit(expression, x, jets, right), domain)
    assert good.outcome is (Outcome.PROVED if name == BOTH[0] else Outcome.UNDECIDED), good.detail
    assert examine(name, FunctionLimit(expression, x, jets, wrong), domain).outcome is Outcome.REFUTED


def test_what_a_remainder_decides_is_left_open() -> None:
    # f(x) = a x + o(x) does not tell the limit of (f - a x)/x^2, and a may be 0 in 1/f
    domain = Domain(a=Real, g=Positive)
    for expression in ((f - a * x) / x**2, x / f, sp.diff(f, x, 2)):
        statement = FunctionLimit(expression, x, (Jet(f, (ZERO, a)),), ZERO)
        assert examine(BOTH[0], statement, domain).outcome is Outcome.UNDECIDED


def test_a_function_without_a_jet_is_refused() -> None:
    with pytest.raises(ClaimError, match="have no jet"):
        FunctionLimit(f / h, x, RATIO[:1], ZERO)


@pytest.mark.parametrize(
    ("expression", "jet"),
    [
        (x / (g - 1) + f, (ZERO,)),
        (x * sp.sqrt(g - 1) + f, (ZERO,)),
        (x * f, (1 / (g - 1),)),
    ],
)
def test_what_fades_must_have_a_value(expression: sp.Expr, jet: tuple[sp.Expr, ...]) -> None:
    statement = FunctionLimit(expression, x, (Jet(f, jet),), ZERO)
    assert examine(BOTH[0], statement, Domain(g=Positive)).outcome is Outcome.UNDEFINED
    assert examine(BOTH[0], statement, Domain(g=Above(1))).outcome is Outcome.PROVED


@pytest.mark.parametrize(
    ("expression", "jet"),
    [
        ((f - a * x) / x ** sp.Rational(9, 8), (ZERO, a)),  # f(x) = a x + x^(17/16)
        ((f - a * x) / x * sp.log(x), (ZERO, a)),  # f(x) = a x - x/log x
        (f**2 / x, (ZERO,)),
    ],
)
def test_a_rough_member_breaks_what_smooth_ones_keep(expression: sp.Expr, jet: tuple[sp.Expr, ...]) -> None:
    statement = FunctionLimit(expression, x, (Jet(f, jet),), ZERO)
    assert examine(BOTH[0], statement, Domain(a=Real)).outcome is Outcome.UNDECIDED
    assert examine(BOTH[1], statement, Domain(a=Real)).outcome is Outcome.REFUTED


@pytest.mark.parametrize(
    "expression",
    [
        x * sp.diff(f, x),  # f(x) = x sin(1/x)
        f * (10 + sp.log(-sp.log(x))),  # f(x) = 1/log(-log x)
    ],
)
def test_members_alone_confirm_no_limit(expression: sp.Expr) -> None:
    statement = FunctionLimit(expression, x, (Jet(f, (ZERO,)),), ZERO)
    for name in BOTH:
        assert examine(name, statement, Domain(a=Real)).outcome is Outcome.UNDECIDED


def test_a_slow_limit_is_not_refuted() -> None:
    # 1/log(-log x) is still 0.39 at x = 2^-18
    one = (Jet(f, (sp.Integer(1),)),)
    for value, outcome in ((ZERO, Outcome.UNDECIDED), (sp.Integer(1), Outcome.REFUTED)):
        statement = FunctionLimit(f / sp.log(-sp.log(x)), x, one, value)
        assert examine(BOTH[1], statement, Domain(a=Real)).outcome is outcome


@pytest.mark.parametrize("name", BOTH)
def test_a_limit_without_a_value_is_reported(name: str) -> None:
    """Where g'(0) = 0 may be, f/g has no limit that the derivatives tell."""
    slopes = (Jet(f, (ZERO, a)), Jet(h, (ZERO, b)))
    found = examine(name, FunctionLimit(f / h, x, slopes, a / b), Domain(a=Real, b=Real))
    assert found.outcome is Outcome.UNDEFINED
