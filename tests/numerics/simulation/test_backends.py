"""Bad input of the engine: what is not there, or cannot do what is asked, is one line with the remedy."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import sympy as sp
import torch

from crossproof.derivations.errors import NumericsError, PrintingError
from crossproof.derivations.processes.sde import SDE
from crossproof.numerics.devices import checked_device
from crossproof.numerics.kernels import numba_kernels
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.simulation.backends import carry_out
from crossproof.numerics.simulation.simulate import plan_of, run
from crossproof.numerics.simulation.states import states

x = sp.Symbol("x", real=True)
PLAIN, STEEP = SDE(x, -x, 1), SDE(x, -x, 1 / (1 + x**66))


def planned(sde: SDE = PLAIN, scheme: str = "euler-maruyama") -> Any:
    return plan_of(sde, {}, 0.5, horizon=1.0, steps=8, paths=3, key=key_words(1), scheme=scheme)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"backend": "jax"}, "choose one of auto, numba, triton, torch"),
        ({"device": "tpu"}, "'cpu' always can"),
        ({"device": "meta"}, "'cpu' always can"),
        ({"device": "mps"}, "'cpu' always can"),
        ({"device": "cuda:77"}, "'cpu' always can"),
        ({"backend": "triton", "device": "cpu"}, "take the 'torch' or 'numba' backend"),
    ],
    ids=str,
)
def test_what_is_not_there_is_one_line_with_the_remedy(asked: dict[str, str], said: str) -> None:
    for job in (run, states):
        with pytest.raises(NumericsError) as caught:
            job(planned(), **asked)  # type: ignore[arg-type]
        message = str(caught.value)
        (value,) = {asked.get("backend"), asked.get("device")} & {w for w in asked.values() if w in message}
        assert said in message
        assert f"={value!r}" in message
        assert "\n" not in message
        assert len(message) < 250
    assert checked_device("cpu") == torch.device("cpu")


def test_numba_is_for_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where there is a device: the remedy names backends that run on it."""
    monkeypatch.setattr("crossproof.numerics.devices.checked_device", torch.device)
    with pytest.raises(NumericsError, match=r"device='cuda': numba runs on the CPU; take backend='triton' or 'torch'"):
        run(planned(), backend="numba", device="cuda")


def test_a_backend_that_is_not_installed_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """And where none was asked for, the next one runs."""

    def missing(*_: Any, **__: Any) -> Any:
        raise ModuleNotFoundError("No module named 'numba'", name="numba")

    monkeypatch.setattr(numba_kernels, "run", missing)
    with pytest.raises(NumericsError, match=r"^backend='numba' needs the package numba: pip install numba, or take"):
        run(planned(), backend="numba")
    assert carry_out("auto", None, None, lambda module, options: module.run(planned(), **options))[0] == "torch"
    monkeypatch.setitem(sys.modules, "triton", None)
    with pytest.raises(NumericsError, match=r"needs the package triton \(Linux\): pip install 'crossproof\[gpu\]'"):
        run(planned(), backend="triton", device="cpu")


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_what_a_scheme_cannot_do_says_what_can(backend: Any) -> None:
    signs = planned(scheme="weak-1")
    with pytest.raises(NumericsError, match="two-point increments only the state after all steps is kept"):
        states(signs, (4, 8), backend=backend)
    assert states(signs, (8,), backend=backend)[0].shape == (1, 1, 3, 1)
    with pytest.raises(NumericsError, match="scheme='heun'; choose one of euler-maruyama"):
        planned(scheme="heun")


def test_an_equation_that_a_backend_cannot_print_names_the_term() -> None:
    with pytest.raises(PrintingError, match="too high"):
        run(planned(STEEP), backend="numba")
    assert run(planned(STEEP), backend="torch") is not None
