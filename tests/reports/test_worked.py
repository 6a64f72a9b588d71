"""Counterexamples that can be checked by hand, and what a repair changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from crossproof.checks.evidence import Counterexample, Evidence, Finding, Kind, Outcome, Verdict, combine
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, Positive, Real
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.extrema import GlobalMaximum, Inequality
from crossproof.derivations.statements.scalar import Identity
from crossproof.derivations.statements.stationary import StationaryLaw
from crossproof.reports.content.difference import changes
from crossproof.reports.content.readable import readable
from crossproof.reports.content.simpler import exact_point, simplest
from crossproof.reports.content.worked import inserted, steps

x, y = sp.Symbol("x", positive=True), sp.Symbol("y", positive=True)
DOMAIN = Domain(x=Positive, y=Positive)


def _claim(statement: Statement, domain: Domain = DOMAIN, **fields: object) -> Claim:
    return Claim("t.one", "A title.", Source("t", "(1)"), statement, domain, **fields)  # type: ignore[arg-type]


def _refuted(claim: Claim, point: dict[str, str]) -> Verdict:
    finding = Finding(Outcome.REFUTED, "d", counterexample=Counterexample(point, "1", "2", "-1"), certified=True)
    return combine(claim, [Evidence("w", Kind.ALGEBRA, "the sides", finding, None, {}, 0.1)])


UGLY = {"x": "104729/716682", "y": "1000003/777781"}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (Identity(x + y, x * y), {"x": 1, "y": 1}),
        (Identity(x, x * y), {"x": 1, "y": 2}),  # all ones would agree
        (Inequality(sp.Gt(x, 3 * y, evaluate=False)), {"x": 1, "y": 1}),
        (Inequality(sp.Gt(2 * x, y, evaluate=False)), {"x": 1, "y": 2}),  # no violation at equal numbers
    ],
)
def test_a_counterexample_is_simplified_where_the_claim_still_fails(
    statement: Statement, expected: dict[str, int]
) -> None:
    claim = _claim(statement)
    point = exact_point(claim, _refuted(claim, UGLY).evidence[0].finding.counterexample)  # type: ignore[arg-type]
    assert point is not None
    assert {s.name: v for s, v in simplest(claim, point).items()} == expected


def test_a_point_where_the_claim_is_right_is_never_moved() -> None:
    claim = _claim(Identity(x + y, y + x + sp.Integer(0)))
    point = {s: sp.Rational(UGLY[s.name]) for s in claim.domain.symbols}
    assert simplest(claim, point) == point


def test_a_simpler_point_stays_inside_of_the_domain_and_where_both_sides_have_values() -> None:
    z = sp.Symbol("z", positive=True)
    claim = _claim(Identity(z, z + 1 / (x - 1)), Domain(x=Positive, z=Above(3 * sp.Symbol("x", positive=True))))
    point = {s: sp.Rational(v) for s, v in zip(claim.domain.symbols, ("104729/716682", "1000003/7777"), strict=True)}
    found = simplest(claim, point)
    assert found != point
    claim.domain.check(found)
    assert found[claim.domain.symbol("x")] != 1  # a side has no value there, and would not differ


def test_a_point_outside_of_the_domain_is_no_exact_point() -> None:
    claim = _claim(Identity(x, y))
    assert exact_point(claim, Counterexample({"x": "-1", "y": "1"}, "", "", "")) is None
    assert exact_point(claim, Counterexample({"x": "1"}, "", "", "")) is None
    assert exact_point(claim, Counterexample({"x": "__import__('os')", "y": "1"}, "", "", "")) is None
    assert exact_point(claim, Counterexample({"x": "sqrt(2)", "y": "1"}, "", "", "")) == {x: sp.sqrt(2), y: 1}


def test_an_identity_is_worked_out_on_both_sides() -> None:
    claim = _claim(Identity(x**2 + y, x / y))
    first, second = steps(_refuted(claim, {"x": "1/2", "y": "3"}), None, {x: sp.Rational(1, 2), y: sp.Integer(3)})
    assert first.words == "left side"
    assert first.latex.endswith(r"= \frac{13}{4}")
    assert r"\left(\frac{1}{2}\right)^{2}" in first.latex
    assert second.latex == r"\frac{\left(\frac{1}{2}\right)}{3} = \frac{1}{6}"


def test_a_side_of_one_symbol_or_number_is_worked_out_too() -> None:
    claim = _claim(Identity(x, sp.Integer(3)))
    found = steps(_refuted(claim, {"x": "1", "y": "1"}), None, {x: sp.Integer(1), y: sp.Integer(1)})
    assert [(s.words, s.latex) for s in found] == [("left side", "x = 1"), ("right side", "3")]


def test_what_a_repair_assumes_as_its_original_does_is_no_change() -> None:
    old = _claim(Identity(x, y), given=("A1 holds", "p > n"))
    new = replace(_claim(Identity(x, 2 * y), given=("as for t.one", "n > 1")), id="t.two", repairs="t.one")
    assert [(c.what, c.before, c.after) for c in changes(old, new) if not c.formulas] == [("assumed", "", "n > 1")]


def test_values_that_are_not_rational_have_six_digits() -> None:
    (first, _) = steps(_refuted(_claim(Identity(sp.sqrt(x), y / 2)), UGLY), None, {x: sp.Integer(2), y: sp.Integer(1)})
    assert first.latex == r"\sqrt{2} \approx 1.41421"


def test_the_slopes_of_a_stationary_law_without_a_current() -> None:
    s, mu = sp.Symbol("s", positive=True), sp.Symbol("mu", positive=True)
    sde = SDE(s, drift=mu * s - s**3, diffusion=s)
    law = StationaryLaw(sde, density=s**mu * sp.exp(-(s**2)), support=sp.Interval.open(0, sp.oo))
    claim = _claim(law, Domain(mu=Positive, s=Positive))
    found = steps(_refuted(claim, {}), None, {mu: sp.Integer(3), s: sp.Integer(2)})
    values = [step.latex.rpartition("= ")[2] for step in found]
    assert values[0] == r"- \frac{5}{2}"  # mu/s - 2 s
    assert values[2] == "-2"  # (2 (mu s - s^3) - 2 s)/s^2


def test_a_maximum_is_compared_with_the_end_of_the_interval() -> None:
    z = sp.Symbol("z", positive=True)
    claim = _claim(
        GlobalMaximum(z * (2 * y - z) + z**3, z, location=y / 2, interval=sp.Interval.Lopen(0, y)), Domain(y=Positive)
    )
    words = [step.words for step in steps(_refuted(claim, {"y": "2"}), None, {y: sp.Integer(2)})]
    assert words == ["the place of the maximum as printed", "the function there", "the function at the right end"]
    assert simplest(claim, {y: sp.Rational(1000003, 777781)}) == {y: 1}


def test_bound_symbols_keep_their_names() -> None:
    formula = sp.Integral(x * y, (x, 0, 1)) + y
    assert inserted(formula, {y: sp.Integer(2)}).count("x") == 2
    assert inserted(sp.Derivative(x * y, x), {x: sp.Integer(1)}).count(r"\frac{\partial}{\partial x}") == 1


def test_the_smallest_part_that_a_repair_changes() -> None:
    old, new = _claim(Identity(y, sp.exp(-x) * (x + 2 * y))), _claim(Identity(y, sp.exp(-x) * (x + 3 * y)))
    (change,) = changes(old, new)
    assert (change.what, change.before, change.after) == ("right side", "2", "3")
    assert r"\underline{3}" in change.marked
    assert "e^{- x}" in change.marked
    assert changes(old, old) == ()


def test_changes_of_ranges_and_assumptions_are_said_in_words() -> None:
    old = _claim(Identity(x, y), given=("one", "two"))
    new = _claim(Identity(x, y), Domain(x=Positive, y=Above(x)), given=("two", "three"))
    found = [(c.what, c.before, c.after) for c in changes(old, new)]
    assert found == [("range of y", "y > 0", "y > x"), ("no longer assumed", "one", ""), ("assumed", "", "three")]


def test_symbols_of_other_assumptions_are_the_same_to_a_reader() -> None:
    real = sp.Symbol("x", real=True)
    old, new = _claim(Identity(x, 2 * x), Domain(x=Positive)), _claim(Identity(real, 3 * real), Domain(x=Real))
    assert [(c.what, c.after) for c in changes(old, new)] == [("right side", "3"), ("range of x", "x real")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mu <= -zeta**4/4 + zeta**2 fails", "μ ≤ -ζ⁴/4 + ζ² fails"),
        ("critical polynomial [(Poly(4*s - 3, s, domain='QQ'), 2)]", "critical polynomial (4 s - 3)²"),
        ("integrable on Interval.open(0, oo): False", "integrable on (0, ∞): no"),
        ("gap -1.00000000000000, 0.0833333333333333, 1.5e-07", "gap -1, 0.0833333, 1.5e-07"),
        ("what that says, in 004.eq24.beta and 3.25", "what that says, in 004.eq24.beta and 3.25"),
        ("stilde1 > eta_b", "s̃1 > η_b"),
        ("w_in = ((1,), (1,))", "w_in = ((1), (1))"),
    ],
)
def test_texts_of_witnesses_are_written_as_on_paper(text: str, expected: str) -> None:
    assert readable(text) == expected
