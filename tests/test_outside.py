"""A module from outside whose witness simulates with a scheme and a backend of its own, from the command line.

A statement type and witnesses from outside are examined by the blocks of ``docs/claims.md`` and its how-to pages.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from partial_package import sitecustomize

ENGINE = """
import crossproof as cp
import numpy as np
import sympy as sp

@cp.scheme(weak_order=1)
def euler(sde, h, noises):
    return [x + b * h + sp.sqrt(h) * s * noises[0] for x, b, s in zip(sde.state, sde.drift, sde.diffusion)]

@cp.backend
def loop(plan, at, starts):
    step, states = plan.one_step, [starts]
    move = sp.lambdify([*step.state, *step.noises, step.dt, *step.parameters], list(step.update), "numpy")
    for n in range(plan.steps):
        now = move(*states[-1].transpose(2, 0, 1), *plan.noises(n), plan.dt, *plan.parameters.T[:, :, None])
        states.append(np.stack(now, axis=-1))
    return np.array([states[n] for n in at])
"""
CLAIMS = """
import crossproof as cp
import sympy as sp
from engine_of_mine import euler, loop

@cp.witness("my paths", kind=cp.Kind.MONTE_CARLO, statement=cp.ExpectationAtAllTimes, starts_from="the equation")
def paths(statement, task):
    run = {"horizon": 1.0, "steps": 16, "paths": 500, "seed": task.seed, "claim": task.claim.id, "dtype": "float64"}
    found = cp.simulate(statement.sde, {}, 1.0, scheme=euler, backend=loop, **run)
    for engine in found.engines:
        task.note(engine, 500)
    return cp.undecided(f"The mean is {found.mean[0, 0]:.9f}.")

x, t = cp.real("x"), cp.positive("t")
cp.claim(
    "mine.mean", "The mean decays.", source=cp.Source("mine", "(1)"),
    statement=cp.ExpectationAtAllTimes(cp.SDE(x, -x, 1), x, t, sp.S.One, sp.exp(-t)), domain=cp.Domain(t=cp.Positive),
)
"""


@pytest.mark.slow
def test_scheme_and_backend_are_named_in_evidence_and_part_of_its_key(tmp_path: Path) -> None:
    """Evidence is kept for the same scheme, and made anew when the module of the scheme has changed."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "sitecustomize.py").write_text(sitecustomize(["geometric_brownian"], ["scalars.identities"]))
    (tmp_path / "claims_of_mine.py").write_text(CLAIMS)
    paths = os.pathsep.join([str(tmp_path / "parts"), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": paths, "XDG_STATE_HOME": str(tmp_path / "state")}

    def found(engine: str) -> tuple[float, float]:
        (tmp_path / "engine_of_mine.py").write_text(engine)
        command = [str(Path(sys.executable).with_name("crossproof")), "verify", "mine.", "--claims", "claims_of_mine"]
        done = subprocess.run(
            [*command, "--effort", "quick", "--device", "cpu", "--workers", "1", "--json", "out.json"],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        (claim,) = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["claims"]
        (evidence,) = claim["evidence"]
        assert evidence["simulations"] == [
            "engine_of_mine.loop on cpu, float64, engine_of_mine.euler, 16 steps, 500 paths"
        ]
        mean = re.fullmatch(r"The mean is (\d\.\d+)\.", evidence["detail"])
        assert mean, evidence
        return float(mean[1]), evidence["seconds"]

    first, again, other = (found(text) for text in (ENGINE, ENGINE, ENGINE.replace("b * h +", "b * h + h**2 +")))
    assert first == again  # to the time that it took: it was not made again
    assert other[0] - first[0] == pytest.approx(0.04, abs=0.01)  # h times the horizon, decayed
