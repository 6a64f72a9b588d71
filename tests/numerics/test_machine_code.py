"""Kept machine code: the bits of the compiled kernel, without the compiler; what does not fit is left to numba."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.errors import NumericsError
from crossproof.derivations.symbols import real
from crossproof.numerics import kernel_cache, machine_code, numba_kernels
from crossproof.numerics.one_step import OneStep
from crossproof.numerics.philox import key_words
from crossproof.numerics.plan import Plan

x, h = real("x, h")
STEP = OneStep("decay", (x,), (x - h * x * sp.Abs(x),), (), "gaussian", h, (), (x,), sp.Integer(0), sp.Integer(0))
PROGRAM = """
import sys
import test_machine_code as here
print(here.numba_kernels.final_states(here.plan()).tolist(), "numba" in sys.modules)
"""


def plan() -> Plan:
    return Plan(STEP, np.zeros((2, 0)), np.array([[2.0], [-0.3]]), 0.1, 7, 3, key_words(1))


def forget() -> None:
    numba_kernels._kernel.cache_clear()
    machine_code._load.cache_clear()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    """Compile the kernel in a folder of its own; return the file of its machine code and the states of numba."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(kernel_cache.HOME_VARIABLE, str(home))
        forget()
        states = numba_kernels.final_states(plan())
        for thread in threading.enumerate():
            if thread.name == machine_code.THREAD:
                thread.join()
        forget()
    (file,) = (home / "kernels").glob("*.object")
    return file, states


def test_a_new_process_calls_the_same_code_without_numba(kept: tuple[Path, np.ndarray]) -> None:
    file, states = kept
    environment = os.environ | {kernel_cache.HOME_VARIABLE: str(file.parent.parent)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment, cwd=Path(__file__).parent
    )
    assert done.stdout.strip() == f"{states.tolist()} False", done.stderr


def test_arguments_of_other_types_are_refused(kept: tuple[Path, np.ndarray]) -> None:
    native = machine_code._load(kept[0])
    assert native is not None
    with pytest.raises(NumericsError, match="other types"):
        native(0, 1.5)


def test_what_does_not_fit_is_left_to_numba(
    kept: tuple[Path, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, states = kept
    header, code = file.read_bytes().split(b"\n", 1)
    broken = tmp_path / "broken.object"
    broken.write_bytes(json.dumps(json.loads(header) | {"externals": ["no_such_function"]}).encode() + b"\n" + code)
    assert machine_code._load(broken) is None
    assert machine_code._load(tmp_path / "absent.object") is None
    name = file.name.split(".")[0]
    monkeypatch.setenv(kernel_cache.HOME_VARIABLE, str(file.parent.parent))
    assert machine_code.load(name) is not None
    monkeypatch.setenv("NUMBA_OPT", "1")  # other settings of numba, other code
    assert machine_code.load(name) is None
    monkeypatch.delenv("NUMBA_OPT")
    forget()
    assert np.array_equal(numba_kernels.final_states(plan()), states)
    assert not machine_code.keep(name, lambda: None, [1])
    forget()
