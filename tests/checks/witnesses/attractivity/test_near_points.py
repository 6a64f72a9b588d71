"""Diffusions known by derivatives at 0: the threshold of attraction, escape from above, and what is left open."""

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
from crossproof.derivations.ranges import Above, Between, Positive, Real
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.classes.near_points import AttractiveNear, EscapesNear, LocalDiffusion, Starts
from crossproof.derivations.statements.function_limits import Jet
from crossproof.derivations.symbols import positive, real

load_catalog()
x, a, l0 = real("x a l0")
q, c = positive("q c")
ZERO = sp.Integer(0)
L, D = sp.Function("L")(x), sp.Function("D")(x)
flat = Jet(D, (ZERO, ZERO, q))
flow = LocalDiffusion(x, -sp.diff(L, x), 2 * D, (Jet(L, (l0, ZERO, a)), flat))
DOMAIN = Domain(a=Real, l0=Real, q=Positive)
RATES, MEMBERS = "rates of the logarithm near 0", "scale function of members near 0"
ESCAPE, EXITS = "escape by the logarithm near 0", "exits of members near 0"


def examine(name: str, statement: Statement, domain: Domain = DOMAIN) -> Finding:
    claim = Claim("toy.near", "Near a point.", Source("toy", "1"), statement, domain)
    return witness_named(name).examine(statement, Task(claim, effort("quick"), 0, "cpu", 1e-9, name))


def attractive(excess: sp.Expr, process: LocalDiffusion = flow, direction: str = "iff") -> AttractiveNear:
    return AttractiveNear(process, sp.Gt(excess, 0, evaluate=False), direction)


@pytest.mark.parametrize(("name", "holds"), [(RATES, Outcome.PROVED), (MEMBERS, Outcome.CONFIRMED)])
def test_curvature_and_half_of_that_of_the_diffusion(name: str, holds: Outcome) -> None:
    assert examine(name, attractive(a + q / 2)).outcome is holds
    assert examine(name, attractive(a + q / 4, direction="if")).outcome is holds
    assert examine(RATES, attractive(a)).outcome is Outcome.REFUTED
    for wrong in (a + q, a + q / 4, a - q / 2):
        assert examine(name, attractive(wrong)).outcome is Outcome.REFUTED, wrong


def test_what_is_not_known_is_left_open() -> None:
    slope_only = LocalDiffusion(x, -sp.diff(L, x), 2 * D, (Jet(L, (l0, ZERO)), flat))
    moved = LocalDiffusion(x, -sp.diff(L, x), 2 * D, (Jet(L, (l0, l0, a)), flat))
    quiet = LocalDiffusion(x, -sp.diff(L, x), 2 * D, (Jet(L, (l0, ZERO, a)), Jet(D, (ZERO, ZERO, ZERO, q))))
    for process in (slope_only, moved, quiet):
        assert examine(RATES, attractive(a + q / 2, process)).outcome is Outcome.UNDECIDED


def test_escape_from_above_and_from_the_other_side() -> None:
    steep = LocalDiffusion(x, -sp.diff(L, x), 2 * D, (Jet(L, (l0, ZERO, -c)), flat))
    away, back = (Domain(q=Positive, l0=Real, c=given) for given in (Above(q / 2), Between(0, q / 2)))
    above, everywhere = (EscapesNear(steep, starts) for starts in (Starts.POSITIVE, Starts.REAL))
    assert examine(ESCAPE, above, away).outcome is Outcome.PROVED
    assert examine(ESCAPE, above, back).outcome is Outcome.REFUTED
    assert examine(ESCAPE, above, Domain(q=Positive, l0=Real, c=Positive)).outcome is Outcome.REFUTED
    assert examine(ESCAPE, everywhere, away).outcome is Outcome.REFUTED
    assert examine(EXITS, above, away).outcome is Outcome.UNDECIDED
    assert examine(EXITS, above, back).outcome is Outcome.REFUTED


def test_a_weak_threshold_asserts_attraction_at_equality() -> None:
    """A polynomial member whose logarithm has no drift at 0 is not attracted."""
    weak = AttractiveNear(flow, sp.Ge(a + q / 2, 0, evaluate=False), "if")
    assert examine(RATES, weak).outcome is Outcome.REFUTED
    assert examine(MEMBERS, weak).outcome is Outcome.UNDECIDED


def test_malformed_processes_are_refused() -> None:
    with pytest.raises(ClaimError, match="both sides"):
        LocalDiffusion(positive("x"), ZERO, ZERO, ())
    with pytest.raises(ClaimError, match="add one Jet"):
        LocalDiffusion(x, -sp.diff(L, x), 2 * D, (flat,))
    with pytest.raises(ClaimError, match="alone"):
        LocalDiffusion(x, ZERO, ZERO, (Jet(sp.Function("f")(x, a), (ZERO,)),))
    with pytest.raises(ClaimError, match="inequality"):
        AttractiveNear(flow, sp.Eq(a, q))
