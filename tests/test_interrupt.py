"""A run that a person stops from the keyboard ends with its workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_ctrl_c_stops_a_run_with_its_workers(tmp_path: Path) -> None:
    (tmp_path / "slow_claims.py").write_text(
        "import time, os, sympy as sp\n"
        "from crossproof import Domain, Positive, Source, claim\n"
        "from crossproof.derivations.statements.scalar import Identity\n"
        "from crossproof.checks.evidence import Kind\n"
        "from crossproof.checks.witness import witness\n"
        "class Slow(Identity):\n    pass\n"
        "@witness('slow', kind=Kind.ALGEBRA, statement=Slow, starts_from='nothing')\n"
        "def slow(statement, task):\n"
        "    open('started', 'w').write(str(os.getpid()))\n    time.sleep(60)\n"
        "x = sp.Symbol('x', positive=True)\n"
        "claim('slow.a', 'Slow.', source=Source('slow', '1'), statement=Slow(x, x), domain=Domain(x=Positive))\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-m", "crossproof", "verify", "slow.a", "--claims", "slow_claims", "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=os.environ | {"CROSSPROOF_HOME": str(tmp_path / "store")},
        text=True,
        start_new_session=True,
        # a shell starts what runs in the background with the signal ignored, and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        for _ in range(1800):
            if (tmp_path / "started").exists() and (tmp_path / "started").read_text():
                break
            try:
                run.wait(0.1)
                break
            except subprocess.TimeoutExpired:
                continue
        os.killpg(run.pid, signal.SIGINT)
        _, err = run.communicate(timeout=20)
    finally:
        run.kill()
        run.wait()
    assert (run.returncode, err) == (130, "crossproof: interrupted\n")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "started").read_text()), 0)
