"""How a claim follows, for readers: steps of exact arguments, in every report, and never with another verdict."""

from __future__ import annotations

import json

import pytest
import sympy as sp

from crossproof.checks.evidence import Evidence, Finding, Kind, Outcome, Verdict, combine
from crossproof.checks.judgement.findings import confirmed, proved, refuted, undecided
from crossproof.derivations.calculus.batches import factor
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.matrices.sampling import Sampling, Scheme
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Between, Integers, Positive, Real
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.attractivity import Attractive
from crossproof.derivations.statements.batches import BatchFactor, BatchQuantity
from crossproof.derivations.statements.classes.exit_times import ExitProbability, MeanExitTime
from crossproof.derivations.statements.classes.linear_covariances import StationaryCovariance
from crossproof.derivations.statements.extrema import EquivalentConditions, Inequality
from crossproof.derivations.statements.networks import MatrixIdentity
from crossproof.derivations.statements.processes import SDETransform
from crossproof.derivations.statements.scalar import Identity
from crossproof.derivations.statements.stationary import StationaryLaw
from crossproof.reports.commands import shown
from crossproof.reports.content.argument.choose import argument
from crossproof.reports.content.build import build
from crossproof.reports.formats import html, latex
from crossproof.reports.formats.terminal import show_rows

x, y = sp.symbols("x y", positive=True)
z = sp.Symbol("z", real=True)
k, D, r = sp.symbols("k D r", positive=True)
PAIR = Domain(x=Positive, y=Positive)


def verdict_of(statement: Statement, domain: Domain, finding: Finding | None = None) -> Verdict:
    claim = Claim("t.one", "A title.", Source("t", "(1)"), statement, domain)
    said = finding or proved("It reduces to an identity.")
    return combine(claim, [Evidence("w", Kind.ALGEBRA, "the sides", said, None, {}, 0.1)])


def a_refutation() -> Finding:
    return refuted("It fails.", {"x": "1", "y": "1"}, "1", "2", "-1", certified=True)


def chain(verdict: Verdict) -> list[str]:
    """Return the formulas of the steps that are brought to 0."""
    return [s.latex for s in argument(verdict) if "difference" in s.words or " less " in s.words]


def test_an_identity_is_followed_down_to_zero() -> None:
    (only,) = chain(verdict_of(Identity((x + y) ** 2, x**2 + 2 * x * y + y**2), PAIR))
    assert only.endswith("= 0")
    assert "x^{2}" in only


def test_a_sum_is_carried_out_before() -> None:
    n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
    steps = argument(verdict_of(Identity(sp.Sum(i, (i, 1, n)), n * (n + 1) / 2), Domain(n=Integers(1))))
    assert steps[0].words == "left side, carried out"
    assert steps[0].latex.startswith("\\sum")


@pytest.mark.parametrize(
    ("statement", "domain"),
    [
        (SDETransform(SDE(z, -k * z, sp.sqrt(2 * D)), z**2, SDE(y, -2 * k * y, 0 * y)), Domain(z=Real, k=Positive)),
        (StationaryLaw(SDE(z, -k * z, sp.sqrt(2 * D)), sp.exp(-k * z**2 / D), sp.S.Reals), Domain(z=Real, k=Positive)),
    ],
)
def test_what_is_wrong_is_never_brought_to_zero(statement: Statement, domain: Domain) -> None:
    domain = Domain(**{s.name: v for s, v in domain.ranges.items()}, D=Positive)
    steps = argument(verdict_of(statement, domain, a_refutation()))
    assert steps
    assert not any(s.latex.endswith("= 0") for s in steps if "difference" in s.words)
    assert any("as stated" in s.words for s in steps)


def test_a_transform_shows_the_derivatives_and_itos_formula() -> None:
    source = SDE(x, -k * x, sp.sqrt(2 * D) * x)
    right = SDETransform(source, sp.log(x), SDE(z, -k - D, sp.sqrt(2 * D)))
    steps = argument(verdict_of(right, Domain(x=Positive, k=Positive, D=Positive)))
    assert [s.words for s in steps[:2]] == ["first derivative in x", "second derivative"]
    assert steps[1].latex == r"- \frac{1}{x^{2}}"
    assert any("drift" in s.words and "Ito's formula" in s.words for s in steps)


def test_a_law_shows_the_slope_without_flux_and_both_ends() -> None:
    law = StationaryLaw(SDE(z, -k * z, sp.sqrt(2 * D)), sp.exp(-k * z**2 / (2 * D)), sp.S.Reals)
    words = [s.words for s in argument(verdict_of(law, Domain(z=Real, k=Positive, D=Positive)))]
    assert "slope of log p as stated" in words
    assert sum(w.startswith("at the end") and "integrable" in w for w in words) == 2


def test_thresholds_end_in_a_positive_ratio() -> None:
    near = Domain(z=Real, k=Positive, r=Positive)
    point = Attractive(SDE(z, k * z, r * z), (0,), sp.Gt(r**2, 2 * k))
    ratio = argument(verdict_of(point, near))[-2]
    assert (ratio.words, ratio.latex) == ("the first over the second, which is positive", r"\frac{1}{2}")
    # another condition has no positive ratio, and none is shown
    other = Attractive(SDE(z, k * z, r * z), (0,), sp.Gt(r**2, k))
    assert not any("ratio" in s.words or "over the second" in s.words for s in argument(verdict_of(other, near)))
    both = EquivalentConditions(sp.Gt(x, y), sp.Gt(2 * x, 2 * y))
    assert [s.latex for s in argument(verdict_of(both, PAIR))][2] == r"\frac{1}{2}"


def test_an_inequality_ends_with_the_reason_of_its_witness() -> None:
    finding = proved("x**2 > 0 on the whole domain by a parametrisation: x**2 is positive on the domain.")
    steps = argument(verdict_of(Inequality(sp.Gt(x**2 + x * y, 0, evaluate=False)), PAIR, finding))
    assert steps[1].latex == r"x \left(x + y\right)"
    assert "by a parametrisation" in steps[-1].words


def test_exit_times_covariances_batches_and_matrices() -> None:
    time = MeanExitTime(SDE(z, sp.Integer(0), sp.sqrt(2 * D)), -r, r, (r**2 - z**2) / (2 * D))
    words = [s.words for s in argument(verdict_of(time, Domain(D=Positive, r=Positive, z=Between(-r, r))))]
    assert "mean time from the upper end here is the same" in words
    y = sp.Symbol("y", positive=True)
    for value in (sp.exp(-k * y / D), 1 / (1 + y)):
        ruin = ExitProbability(SDE(y, k + 0 * y, sp.sqrt(2 * D)), value, sp.Integer(0), through="low")
        words = [s.words for s in argument(verdict_of(ruin, Domain(D=Positive, k=Positive, y=Positive)))]
        assert "its limit at the other end by leading terms is the same" in words
        same = "generator of the probability, which is a martingale, here is the same" in words
        assert same is value.has(sp.exp)
    linear = StationaryCovariance(SDE(z, -k * z, sp.sqrt(2 * D)), z, z, D / k)
    shown_entry = next(
        s for s in argument(verdict_of(linear, Domain(z=Real, k=Positive, D=Positive))) if "entry" in s.words
    )
    assert shown_entry.latex == r"c_{11} = \frac{D}{k}"
    b, n = sp.symbols("b n", integer=True, positive=True)
    sampling = Sampling(Scheme.WITH_REPLACEMENT, b, n)
    counted = factor(sampling, BatchQuantity.COVARIANCE)
    right = BatchFactor(sampling, BatchQuantity.COVARIANCE, counted)
    assert argument(verdict_of(right, Domain(b=Integers(1), n=Integers(1))))[-1].latex == ""
    p = sp.Symbol("p", integer=True, positive=True)
    A, B = (sp.MatrixSymbol(name, p, p) for name in "AB")
    steps = argument(verdict_of(MatrixIdentity((A + B) * A, A * A + B * A), Domain(p=Integers(1))))
    assert steps[0].latex == "A A + B A"
    assert steps[1].latex == ""
    wrong = argument(verdict_of(MatrixIdentity((A + B) * A, A * A + A * B), Domain(p=Integers(1)), a_refutation()))
    assert [{*s.latex.split(" + ")} for s in wrong] == [{"A A", "B A"}, {"A A", "A B"}]


def test_only_what_an_exact_argument_decides_has_one() -> None:
    right = Identity((x + y) ** 2, x**2 + 2 * x * y + y**2)
    for finding in (confirmed("Values agree.", 0.01), undecided("Nothing.")):
        assert argument(verdict_of(right, PAIR, finding)) == ()
    sampled = refuted("It fails.", {"x": "1"}, "1", "2", "-1", effect=0.5, level=1e-9)
    assert argument(verdict_of(SDETransform(SDE(x, x, x), x, SDE(y, y, y)), PAIR, sampled)) == ()


def test_a_long_formula_is_named_by_its_length() -> None:
    long = sp.Add(*(sp.Rational(1, 3**n) * x**n for n in range(1, 200)))
    steps = argument(verdict_of(Inequality(sp.Gt(long, 0, evaluate=False)), Domain(x=Positive)))
    assert "a formula of" in steps[0].words
    assert steps[0].latex == ""


def test_every_report_shows_the_steps() -> None:
    verdict = verdict_of(Identity((x + y) ** 2, x**2 + 2 * x * y + y**2), PAIR)
    report = build([verdict])
    page, source = html.render(report), latex.render(report)
    assert "how it follows: 1 steps" not in page
    assert "how it follows: 1 step" in page
    assert "left side less right side" in page
    assert "left side less right side" in source
    rows = dict(show_rows(verdict))
    assert rows["how it follows"] == "1 step"
    assert rows["  1"].startswith("left side less right side: ")
    data = json.loads(json.dumps(shown(verdict), default=str))["shown"]["argument"]
    assert data[0]["words"] == "left side less right side"
    assert data[0]["latex"].endswith("= 0")
    # a claim that is not decided exactly has none of it
    other = build([verdict_of(Identity(x, y), PAIR, undecided("Nothing."))])
    assert "how it follows" not in html.render(other) + latex.render(other)
    assert Outcome.UNDECIDED is other.entries[0].outcome
