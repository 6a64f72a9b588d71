"""Simulations of witnesses: keyed by the task, coupled over step sizes, exact in what a point says."""

from __future__ import annotations

import re

import pytest
import sympy as sp
import torch

from crossproof.checks.effort import effort
from crossproof.checks.runs.unit import Unit, load_catalog, run_unit
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.simulations import ends, planned
from crossproof.derivations.claim import Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Positive, Real
from crossproof.derivations.statements.processes import SDETransform

x, z = sp.symbols("x z", real=True)
k, n = sp.symbols("k n", positive=True)
EULER = r"torch on cpu, float64, euler-maruyama, \d+ steps, \d+ paths"
CUBIC = SDE(x, -k * x**n, 1)


def a_task(seed: int = 0, name: str = "test.one", witness: str = "w") -> Task:
    statement = SDETransform(CUBIC, 2 * x, SDE(z, z, 2))
    claim = Claim(name, "", Source("test", ""), statement, Domain(x=Real, k=Positive, n=Positive))
    return Task(claim, effort("quick"), seed, "cpu", 1e-8, witness)


def end(task: Task, stream: str = "s", levels: int = 1, steps: int = 32) -> list[torch.Tensor]:
    point = {k: sp.Rational(1, 3), n: sp.Integer(3), z: sp.Integer(7)}
    return ends(planned(CUBIC, point, -1.5, task, stream, horizon=1.0, steps=steps, paths=50), task, levels)


def test_draws_depend_on_seed_claim_witness_and_stream() -> None:
    reference = a_task().draws("s").normal(20)
    assert torch.equal(reference, a_task().draws("s").normal(20))
    for other in (a_task(1), a_task(name="test.two"), a_task(witness="v")):
        assert not (other.draws("s").normal(20) == reference).any()
    assert not (a_task().draws("t").normal(20) == reference).any()


def test_odd_powers_of_negative_states_stay_real() -> None:
    (found,) = end(a_task())
    assert torch.isfinite(found).all()
    assert not torch.equal(found, end(a_task(), "other")[0])


def test_levels_follow_the_same_paths() -> None:
    """Halving moves an end by a tenth of its spread at most; independent paths differ by more than the spread."""
    fine, coarse = end(a_task(), levels=2)
    spread = float(fine.std())
    assert float((fine - coarse).abs().mean()) < 0.1 * spread
    assert float((fine - end(a_task(), "other")[0]).abs().mean()) > 0.5 * spread
    with pytest.raises(NumericsError, match="joined"):
        end(a_task(), levels=2, steps=33)


@pytest.mark.parametrize(
    ("claim_id", "name", "drawn"),
    [
        ("001.eq3", "drawn batches", r"torch on cpu, float64, means of \d autograd gradients, \d+ batches"),
        ("003.eq2", "sampled mode derivatives", r"torch on cpu, float64, autograd on random networks, \d+ samples"),
        ("001.eq28.solvable", "circulation", r"torch on cpu, float64, exact transitions, \d+ samples"),
        ("004.dist.random", "sampled vectors", r"NumPy on cpu, float64, Gaussian vectors, \d+ samples"),
        ("000.eq5", "matrix simulation, drift", EULER),
        (
            "004.cor6.1",
            "coupled paths from small starts",
            EULER,
        ),
        ("003.eq1.limit.noise", "simulated gradient steps", r"torch on cpu, float64, SGD, \d+ steps, \d+ runs"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_evidence_names_what_drew_its_samples(claim_id: str, name: str, drawn: str) -> None:
    """Backend, device, dtype, scheme or method, steps and number, whichever kind of sample it is."""
    load_catalog()
    found = run_unit(Unit(claim_id, name, "quick", 0, "cpu", 1e-9))
    assert found.finding.fault is None
    assert found.simulations
    assert all(re.fullmatch(drawn, one) for one in found.simulations), found.simulations
