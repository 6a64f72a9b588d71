"""The ladder behind printed thresholds: what only it decides, exact refutations, and what stays open."""

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.judgement import thresholds
from crossproof.checks.judgement.straddle import excess
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.attractivity import algebra
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Between, Integers, Positive, Real
from crossproof.derivations.statements.attractivity import Attractive

x, mu = sp.symbols("x mu", real=True)
zeta = sp.Symbol("zeta", positive=True)
plane = Domain(mu=Real, zeta=Positive)
gbm = SDE(x, mu * x, zeta * x)


def examine(statement, domain, size="quick"):
    made = Claim("test.threshold", "", Source("test", ""), statement, domain)
    task = Task(made, effort(size), 1, "cpu", 1e-8, "threshold")
    return algebra.lyapunov_threshold(statement, task)


slack = mu + (mu**2 - 2) ** 2 / 100


@pytest.mark.parametrize(
    ("condition", "direction", "domain", "rung"),
    [
        (sp.Gt(zeta**2 / 2, slack, evaluate=False), "if", plane, "z3"),
        (
            sp.Gt((zeta**2 / 2 - mu) * (2 + sp.sin(mu)), 0, evaluate=False),
            "iff",
            Domain(mu=Between(-3, 3), zeta=Between(1, 2)),
            "ranges",
        ),
    ],
)
def test_the_ladder_decides_what_is_no_positive_multiple(condition, direction, domain, rung):
    finding = examine(Attractive(gbm, (0,), condition, direction), domain)
    assert finding.outcome is Outcome.PROVED
    assert f"({rung}:" in finding.detail


@pytest.mark.parametrize(
    ("condition", "direction"),
    [
        (sp.Gt(zeta**2 / 2, slack - sp.Rational(1, 10**6), evaluate=False), "if"),
        (
            sp.Gt(
                (zeta**2 / 2 - mu) * ((mu * zeta - sp.Rational(22, 7)) ** 2 - sp.Rational(1, 10**5)), 0, evaluate=False
            ),
            "iff",
        ),
    ],
)
def test_the_ladder_refutes_at_an_exact_point(condition, direction):
    margin, gap = zeta**2 / 2 - mu, excess(condition)
    tried = thresholds._candidates(condition, plane, effort("default").points)
    assert not any(thresholds._opposed(gap, margin, direction, p, plane) for p in tried)
    finding = examine(Attractive(gbm, (0,), condition, direction), plane, "default")
    assert finding.outcome is Outcome.REFUTED
    point = {s: sp.sympify(finding.counterexample.point[s.name]) for s in plane.symbols}
    plane.check(point)
    assert (margin * gap).subs(point) < 0
    assert direction == "iff" or gap.subs(point) > 0


def test_a_vanishing_exponent_and_equality_are_left_open():
    """dx = -a x^3 dt attracts without a linear rate; an integer threshold is not tested at equality."""
    a, count = sp.Symbol("a", real=True), sp.Symbol("count", integer=True, positive=True)
    cubic = Attractive(SDE(x, -a * x**3, sp.Integer(0)), (0,), sp.Gt(a, 0, evaluate=False))
    assert examine(cubic, Domain(a=Real)).outcome is Outcome.UNDECIDED
    slow = SDE(x, (sp.Rational(7, 2) - count) * x, sp.Integer(0))
    sufficient = Attractive(slow, (0,), sp.Gt(count, 3, evaluate=False), "if")
    assert examine(sufficient, Domain(count=Integers(1))).outcome is not Outcome.REFUTED
