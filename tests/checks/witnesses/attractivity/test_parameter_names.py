"""A parameter may have the name that a witness uses for a variable of its own."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.evidence import Outcome
from crossproof.checks.runs.unit import Unit, load_catalog, run_unit
from crossproof.derivations import claim as registry
from crossproof.derivations.claim import Source, claim
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Positive, Real
from crossproof.derivations.statement import Statement
from crossproof.derivations.statements.attractivity import CollapsesWhen
from crossproof.derivations.statements.stationary import StationaryLaw
from crossproof.derivations.symbols import positive, real

load_catalog()
x, r, s = positive("x r s")
z: sp.Symbol = real("z")
EXITS, SOLVED, SAMPLED = (
    "scale-function exit probabilities to 0 and infinity",
    "stationary Fokker-Planck solve",
    "simulated exits near zero",
)


def _collapse(growth: sp.Symbol, factor: int) -> CollapsesWhen:
    return CollapsesWhen(SDE(x, x * (growth - x), s * x), sp.Lt(factor * growth, s**2, evaluate=False), "iff")


def _law(power: sp.Expr) -> StationaryLaw:
    return StationaryLaw(SDE(x, sp.exp(z) + 1 - x, sp.sqrt(2 * x)), x**power * sp.exp(-x), sp.Interval.open(0, sp.oo))


@pytest.mark.parametrize(
    ("witness", "statement", "domain", "holds"),
    [
        (EXITS, _collapse(r, 2), Domain(r=Positive, s=Positive), True),
        (EXITS, _collapse(r, 3), Domain(r=Positive, s=Positive), False),
        (SOLVED, _law(sp.exp(z)), Domain(x=Positive, z=Real), True),
        (SOLVED, _law(2 * sp.exp(z)), Domain(x=Positive, z=Real), False),
        pytest.param(SAMPLED, _collapse(z, 2), Domain(z=Real, s=Positive), True, marks=pytest.mark.slow),
        pytest.param(SAMPLED, _collapse(z, 3), Domain(z=Real, s=Positive), False, marks=pytest.mark.slow),
    ],
)
def test_a_name_of_a_parameter_changes_no_outcome(
    witness: str, statement: Statement, domain: Domain, holds: bool
) -> None:
    claim("names.one", "A name.", source=Source("names", "here"), statement=statement, domain=domain)
    try:
        found = run_unit(Unit("names.one", witness, "quick", 0, "cpu", 1e-9)).finding.outcome
    finally:
        del registry._CLAIMS["names.one"]
    assert found is (Outcome.CONFIRMED if holds else Outcome.REFUTED)
