"""Kept machine code: the bits of the compiled kernel, without the compiler; what does not fit is left to numba."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.errors import NumericsError
from crossproof.derivations.symbols import real
from crossproof.numerics.kernels import machine_code, numba_kernels
from crossproof.numerics.kernels.plan import Plan
from crossproof.numerics.random import kernel_cache
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.schemes.one_step import OneStep

x, h = real("x, h")
STEP = OneStep("decay", (x,), (x - h * x * sp.Abs(x),), (), "gaussian", h, (), (x,), sp.Integer(0), sp.Integer(0))
PROGRAM = """
import sys
import test_machine_code as here
print(here.numba_kernels.states(here.plan())[0].tolist(), "numba" in sys.modules)
"""


def plan(step: OneStep = STEP) -> Plan:
    return Plan(step, np.zeros((2, 0)), np.array([[2.0], [-0.3]]), 0.1, 7, 3, key_words(1))


def forget() -> None:
    numba_kernels._kernel.cache_clear()
    machine_code._load.cache_clear()


def compiled(home: Path, step: OneStep = STEP) -> tuple[Path, np.ndarray]:
    """Compile a kernel in a folder of its own; return the file of its machine code and the states of numba."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(kernel_cache.HOME_VARIABLE, str(home))
        forget()
        states = numba_kernels.states(plan(step))[0]
        for thread in threading.enumerate():
            if thread.name == machine_code.THREAD:
                thread.join()
        forget()
    (file,) = (home / "kernels").rglob("*.object")
    return file, states


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    return compiled(tmp_path_factory.mktemp("home"))


def home_of(file: Path) -> Path:
    return file.parents[2]


def content(file: Path) -> bytes:
    found = kernel_cache.read(file)
    assert found is not None
    return found


def test_a_new_process_calls_the_same_code_without_numba(kept: tuple[Path, np.ndarray]) -> None:
    file, states = kept
    environment = os.environ | {kernel_cache.HOME_VARIABLE: str(home_of(file))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment, cwd=Path(__file__).parent
    )
    assert done.stdout.strip() == f"{states.tolist()} False", done.stderr


def test_arguments_of_other_types_are_refused(kept: tuple[Path, np.ndarray]) -> None:
    native = machine_code._load(kept[0])
    assert native is not None
    with pytest.raises(NumericsError, match="other types"):
        native(0, 1.5)


def test_machine_code_from_elsewhere_is_not_run_but_compiled_again(
    kept: tuple[Path, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A kernel that computes something else, compiled and sealed by another user, under the name of this one."""
    file, states = kept
    home = shutil.copytree(home_of(file), tmp_path / "home")
    monkeypatch.setenv(kernel_cache.HOME_VARIABLE, str(home))
    copied = home / file.relative_to(home_of(file))
    forget()
    assert machine_code.load(file.name.split(".")[0]) is not None
    other, other_states = compiled(tmp_path / "other", replace(STEP, update=(2 * x,)))
    assert not np.array_equal(other_states, states)
    forged = content(other)
    with monkeypatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path / "another user"))
        kernel_cache.write(copied, forged)
    forget()
    assert np.array_equal(numba_kernels.states(plan())[0], states)
    assert [record.getMessage() for record in caplog.records] == [
        f"crossproof: warning: {copied}, compiled code from elsewhere, was removed and not run "
        "(it was not sealed with this user's key)"
    ]
    kernel_cache.write(copied, forged)  # the seal is what decides: with the right one, this kernel would have been run
    forget()
    assert not np.array_equal(numba_kernels.states(plan())[0], states)
    forget()


def test_what_does_not_fit_is_left_to_numba(
    kept: tuple[Path, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, states = kept
    header, code = content(file).split(b"\n", 1)
    broken = tmp_path / "broken.object"
    header = json.dumps(json.loads(header) | {"externals": ["no_such_function"]}).encode()
    kernel_cache.write(broken, header + b"\n" + code)
    assert machine_code._load(broken) is None
    assert machine_code._load(tmp_path / "absent.object") is None
    name = file.name.split(".")[0]
    monkeypatch.setenv(kernel_cache.HOME_VARIABLE, str(home_of(file)))
    assert machine_code.load(name) is not None
    monkeypatch.setenv("NUMBA_OPT", "1")  # other settings of numba, other code
    assert machine_code.load(name) is None
    monkeypatch.delenv("NUMBA_OPT")
    forget()
    assert np.array_equal(numba_kernels.states(plan())[0], states)
    assert not machine_code.keep(name, lambda: None, [1])
    forget()
