"""The Triton backend under its interpreter, path by path against torch; and its compilation without a GPU."""

from __future__ import annotations

import importlib.util
import os
import struct
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import sympy as sp
import torch

from crossproof.derivations.errors import NumericsError, PrintingError
from crossproof.derivations.processes.sde import SDE
from crossproof.numerics.kernels import torch_kernels, triton_kernels
from crossproof.numerics.kernels.loop_constants import loop_body
from crossproof.numerics.kernels.plan import Plan
from crossproof.numerics.kernels.summaries import Summaries
from crossproof.numerics.kernels.triton_source import kernel_source
from crossproof.numerics.random.normals import LOG_64
from crossproof.numerics.schemes.table import one_step

needs_triton = pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="triton is not installed")
x = sp.Symbol("x", real=True)


def load_cases() -> ModuleType:
    path = Path(__file__).with_name("kernel_cases.py")
    spec = importlib.util.spec_from_file_location("kernel_cases", path)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module


CASES = load_cases()
NAMES = list(CASES.cases())


@pytest.fixture(scope="module")
def interpreted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    file = tmp_path_factory.mktemp("triton") / "answers.npz"
    script = Path(__file__).with_name("kernel_cases.py")
    environment = os.environ | {"TRITON_INTERPRET": "1"}
    done = subprocess.run([sys.executable, str(script), str(file)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    with np.load(file) as found:
        return dict(found)


@pytest.fixture(scope="module")
def reference() -> dict[str, np.ndarray]:
    def carried_out(case: Plan, at: tuple[int, ...], start: np.ndarray | None) -> tuple[Summaries, torch.Tensor]:
        return torch_kernels.run(case), torch_kernels.states(case, at, start)

    found: dict[str, np.ndarray] = CASES.answers(carried_out)
    return found


@needs_triton
@pytest.mark.parametrize("name", NAMES)
def test_paths_agree_with_torch_to_rounding(
    name: str, interpreted: dict[str, np.ndarray], reference: dict[str, np.ndarray]
) -> None:
    got, wanted = interpreted[f"{name}/states"], reference[f"{name}/states"]
    assert got.dtype == wanted.dtype
    # infinite or NaN: a path is lost either way
    got, wanted = (np.where(np.isfinite(v), v, np.array(np.nan, v.dtype)) for v in (got, wanted))
    # a rounding error of 6e-8 or 1e-16 in each of some ten operations of some ten to a hundred steps
    scale = 1e-5 if got.dtype == np.float32 else 1e-13
    np.testing.assert_allclose(got, wanted, rtol=scale, atol=scale)
    np.testing.assert_array_equal(interpreted[f"{name}/counts"], reference[f"{name}/counts"])
    np.testing.assert_allclose(interpreted[f"{name}/sums"], reference[f"{name}/sums"], rtol=20 * scale, atol=scale)


@needs_triton
@pytest.mark.parametrize("name", CASES.saved())
def test_saved_states_agree_with_torch_to_rounding(
    name: str, interpreted: dict[str, np.ndarray], reference: dict[str, np.ndarray]
) -> None:
    got, wanted = interpreted[f"{name}/states"], reference[f"{name}/states"]
    scale = 1e-5 if got.dtype == np.float32 else 1e-13
    np.testing.assert_allclose(got, wanted, rtol=scale, atol=scale)
    assert np.abs(got[-1] - got[0]).mean() > 1e-2


@needs_triton
def test_the_comparison_sees_another_path(interpreted: dict[str, np.ndarray], reference: dict[str, np.ndarray]) -> None:
    got, wanted = interpreted["euler-float32/states"], np.roll(reference["euler-float32/states"], 1, axis=1)
    assert np.mean(np.abs(got - wanted) > 1e-3) > 0.9


@needs_triton
def test_cases_reach_what_they_are_for(reference: dict[str, np.ndarray]) -> None:
    assert 0 < reference["exploding/counts"][0, 0] <= 300
    # the columns are non-finite, below twice, the lower and upper hits, ...
    assert np.all(reference["euler-float32/counts"][:, 3:5] > 0)
    assert np.all(reference["two-point/counts"][:, 4] > 0)


_COMPILE = """
import sys
from pathlib import Path
from crossproof.numerics.kernels.triton_kernels import assembly
sys.path.insert(0, sys.argv[1])
from kernel_cases import cases
for name in sys.argv[3:]:
    assembly(cases()[name])
    Path(sys.argv[2], f"{name}.ptx").write_text(assembly(cases()[name], store=True)["ptx"], encoding="utf-8")
"""


@needs_triton
@pytest.mark.slow
def test_kernels_compile_for_a_gpu_with_constants_in_full_precision(tmp_path: Path) -> None:
    environment = {k: w for k, w in os.environ.items() if k != "TRITON_INTERPRET"}
    names = ["euler-float64", "functions-float32", "piecewise-float32", "two-point-of-three"]
    command = [sys.executable, "-c", _COMPILE, str(Path(__file__).parent), str(tmp_path), *names]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    texts = [(tmp_path / f"{name}.ptx").read_text(encoding="utf-8").upper() for name in names]
    for text in texts:
        assert "MUL.WIDE.U32" in text  # one instruction for the two words of a Philox product
    for c in LOG_64:
        assert struct.pack(">d", c).hex().upper() in texts[0]  # and not rounded to float32 on the way


@needs_triton
def test_code_for_a_gpu_is_refused_where_it_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = CASES.cases()["euler-float32"]
    with monkeypatch.context() as patch:
        patch.setattr(triton_kernels, "_interpreted", lambda triton: True)
        with pytest.raises(NumericsError, match="unset TRITON_INTERPRET"):
            triton_kernels.assembly(plan)
    monkeypatch.setattr(triton_kernels, "_interpreted", lambda triton: False)
    for capability in (70, 90.5, "90"):
        with pytest.raises(NumericsError, match=f"capability={capability!r}; it must be an integer >= 80"):
            triton_kernels.assembly(plan, capability)


def test_unknown_functions_are_refused_by_name() -> None:
    body = loop_body(one_step(SDE(x, sp.besselj(0, x), 1), "euler-maruyama"))
    with pytest.raises(PrintingError, match="besselj"):
        kernel_source(body, "float32", 0, (), 0, False)
    body = loop_body(one_step(SDE(x, sp.gamma(x), 1), "euler-maruyama"))
    with pytest.raises(PrintingError, match=r"gamma.*torch backend"):
        kernel_source(body, "float32", 0, (), 0, False)


def test_functions_of_parameters_alone_need_no_printing() -> None:
    k = sp.Symbol("k", positive=True)
    body = loop_body(one_step(SDE(x, -sp.gamma(k) * x, 1), "euler-maruyama"))
    assert "gamma" not in kernel_source(body, "float32", 0, (), 0, False).text


def test_subexpressions_are_shared() -> None:
    step = one_step(SDE(x, sp.exp(x) - sp.exp(x) ** 2, sp.exp(x)), "euler-maruyama")
    source = kernel_source(loop_body(step), "float32", 0, (), 0, False)
    assert source.text.count(" exp(x0)") == source.steps_together == 4


def test_without_triton_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "triton", None)
    assert not triton_kernels.available()
    with pytest.raises(NumericsError, match=r"pip install 'crossproof\[gpu\]'"):
        triton_kernels.run(CASES.cases()["without-noise"])


@needs_triton
def test_a_device_that_is_not_there() -> None:
    case = CASES.cases()["without-noise"]
    with pytest.raises(NumericsError, match="device="):
        triton_kernels.run(case, "cuda:99")
    if os.environ.get("TRITON_INTERPRET") != "1":
        with pytest.raises(NumericsError, match="'numba' backend"):
            triton_kernels.run(case, "cpu")
