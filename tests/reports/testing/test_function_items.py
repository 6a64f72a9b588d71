"""Functions of a user's claims as test items: right and wrong ones, by name, and what cannot be judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = """
import sympy as sp
import crossproof as cp

b, n = sp.symbols("b n", integer=True, positive=True)
online = cp.Sampling(cp.Scheme.WITH_REPLACEMENT, b, n)


def state(name, factor):
    cp.claim("mine." + name, "The covariance of a batch mean.", source=cp.Source("mine", name),
             statement=cp.BatchFactor(online, cp.BatchQuantity.COVARIANCE, factor),
             domain=cp.Domain(b=cp.Integers(1), n=cp.Integers(2)))


state("right", 1 / b)
state("wrong", sp.Rational(6, 5) / b)
state("known", sp.Rational(6, 5) / b)
cp.claim("mine.identity", "Nothing random.", source=cp.Source("mine", "identity"),
         statement=cp.Identity(b + b, 2 * b), domain=cp.Domain(b=cp.Integers(1)))
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "crossproof.reports.testing.plugin", "-W", "error", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("functions")
    (made / "sampled_claims.py").write_text(MODULE)
    (made / "verdicts.lock.json").write_text(json.dumps({"version": 1, "claims": {"mine.known": "refuted"}}))
    (made / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\ncrossproof_claims = sampled_claims\n")
    return made


def test_each_function_that_samples_can_judge_is_an_item(folder: Path) -> None:
    done = run(folder, "--crossproof-properties", "-v")
    assert "function::mine.right PASSED" in done.stdout, done.stdout + done.stderr
    assert "function::mine.known PASSED" in done.stdout
    assert "function::mine.wrong FAILED" in done.stdout
    assert "collected 3 items" in done.stdout
    assert "mine.wrong: the function is refuted by drawn batches" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("function::mine.none",), "no function of a claim 'mine.none'"),
        (("--crossproof-device=cuda", "function::mine.right"), "no CUDA device"),
    ],
)
def test_what_cannot_be_judged_is_told_in_one_line(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    if "cuda" in arguments[0]:
        torch = pytest.importorskip("torch")
        if torch.cuda.is_available():
            pytest.skip("there is a CUDA device")
    done = run(folder, "--crossproof-properties", *arguments)
    assert done.returncode != 0
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
