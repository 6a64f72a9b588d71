"""Hostile texts by the thousand end in claims or in refusals; what does not end so is counted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import crossproof as cp

SCRIPT = Path(cp.__file__).parent / "benchmarks" / "fuzz.py"


@pytest.mark.slow
def test_two_thousand_texts(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--count", "2000", "--seed", "7"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    counts = dict(part.split(": ") for part in done.stdout.splitlines()[-2].split(", "))
    assert int(counts["texts"]) == 2000
    assert int(counts["claims"]) > 100
    assert int(counts["claims"]) + int(counts["refused"]) >= 2000 - 20  # what is no file at all is refused as one
    assert counts["executed"] == "0"
