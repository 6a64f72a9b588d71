"""Hostile arguments of every public function: the project's own error, which names the argument, and never a number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import CrossproofError, DomainError, NumericsError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Positive
from crossproof.derivations.symbols import positive, real
from crossproof.numerics.argument_kinds import is_real, is_whole
from crossproof.numerics.arguments import checked, parameter_values
from crossproof.numerics.diffusions.backward_equation import backward_expectation
from crossproof.numerics.diffusions.boundaries import absorbing
from crossproof.numerics.diffusions.fokker_planck import solve_fokker_planck, solve_mean
from crossproof.numerics.diffusions.lyapunov import covariance_at, linear_coefficients, stationary_covariance
from crossproof.numerics.diffusions.passages import hitting_probability, mean_passage_time
from crossproof.numerics.diffusions.scalar_diffusion import ScalarDiffusion
from crossproof.numerics.diffusions.spectral_gap import spectral_gap
from crossproof.numerics.diffusions.stationary import stationary_law
from crossproof.numerics.formula import Formula
from crossproof.numerics.kernels.plan import Plan
from crossproof.numerics.networks import alignment
from crossproof.numerics.networks.data import FiniteData, TeacherData
from crossproof.numerics.networks.draws import PhiloxDraws
from crossproof.numerics.networks.flow import gradient_flow
from crossproof.numerics.networks.initialisation import (
    aligned_initialisation,
    make_teacher,
    orthogonal_factor,
    random_initialisation,
)
from crossproof.numerics.networks.langevin import anisotropic_langevin
from crossproof.numerics.networks.sgd import sgd
from crossproof.numerics.random.levy import levy_increments, stable
from crossproof.numerics.random.philox import key_words, words
from crossproof.numerics.schemes.table import one_step
from crossproof.numerics.simulation.barriers import exit_times
from crossproof.numerics.simulation.simulate import simulate

x = real("x")
s, k = positive("s, k")
OU = SDE(x, -k * x, 1)
KEY = key_words(1)
#: No argument below may be any of these.
NEVER = {
    "NaN": math.nan,
    "complex": 1 + 1j,
    "text": "many",
    "None in a list": [None],
    "symbol": sp.Symbol("q"),
    "array of NaN": np.full((2, 2), np.nan),
    "array of texts": np.array(["a"]),
    "complex array": np.array([1j]),
    "complex tensor": torch.tensor([[1j, 2], [3, 4]]),
    "tensor": torch.full((4, 3, 3), math.nan)[0, 0, 0],
    "object": object(),
}


@cache
def process() -> ScalarDiffusion:
    return ScalarDiffusion(OU, {k: 1})


@cache
def networks() -> dict[str, Any]:
    draws = PhiloxDraws(4, seed=1, dtype=torch.float64)
    teacher = make_teacher((1.0, 0.5), 3, 3)
    weights = random_initialisation([3, 3, 3], draws, 0.3)
    data = TeacherData(teacher.matrix, 0.1)
    return {"weights": weights, "data": data, "draws": draws, "teacher": teacher}


def trained(**more: Any) -> dict[str, Any]:
    held = networks()
    chosen = {name: held[name] for name in ("weights", "data", "draws")}
    return chosen | {"learning_rate": 0.01, "steps": 2, "loss_scale": 0.5} | more


def without(given: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in names}


def cases() -> dict[str, tuple[Callable[..., Any], Callable[[], dict[str, Any]]]]:
    """Return functions, and valid arguments of which each is replaced in turn."""
    paths = torch.arange(5)
    one = torch.ones(4, 2, 3, dtype=torch.float64)
    bases = {name: getattr(networks()["teacher"], name) for name in ("left", "right")}
    draws, weights = networks()["draws"], networks()["weights"]
    line = {"process": process(), "start": 0.1}
    ends = {"low": absorbing(-1.0), "high": absorbing(1.0)}
    stable_law = {"paths": paths, "first": 0, "count": 1, "alpha": 1.5, "beta": 0.0, "key": KEY, "dtype": "float64"}
    drift, noise = -np.eye(2), np.eye(2)
    return {
        "simulate": (
            simulate,
            lambda: {
                "sde": OU, "parameters": {k: 1.0}, "initial": 0.5, "horizon": 1.0, "steps": 2, "paths": 3,
                "scheme": "euler-maruyama", "summaries": None, "seed": 0, "first_path": 0, "backend": "torch",
                "dtype": "float32", "device": None, "threads": None,
            },
        ),
        "Plan": (
            Plan,
            lambda: {
                "one_step": one_step(OU, "milstein"), "parameters": np.ones((1, 1)), "initial": np.ones(1), "dt": 0.1,
                "steps": 2, "paths": 3, "key": KEY, "first_path": 0, "dtype": "float32",
            },
        ),
        "ScalarDiffusion": (ScalarDiffusion, lambda: {"sde": OU, "parameters": {k: 1}}),
        "exit_times": (
            exit_times,
            lambda: {
                "sde": OU, "parameters": {k: 1}, "start": 0.1, "low": -1.0, "high": 1.0, "dt": 0.01, "steps": 2,
                "paths": 3, "key": KEY, "first_path": 0, "bridge": True, "dtype": "float64",
            },
        ),
        "backward": (
            backward_expectation,
            lambda: {
                "sde": OU, "parameters": {k: 1}, "observable": x**2, "start": 0.3, "horizon": 0.2, "cells": 200,
            },
        ),
        "fokker_planck": (solve_fokker_planck, lambda: line | {"horizon": 0.5, "cells": 128, "margin": 1.5}),
        "mean": (solve_mean, lambda: line | {"horizon": 0.5, "cells": 128, "tolerance": 1e-3}),
        "gap": (spectral_gap, lambda: {"process": process(), "cells": 128, "index": 1}),
        "hitting": (hitting_probability, lambda: line | ends | {"tolerance": 1e-6}),
        "passage": (mean_passage_time, lambda: line | ends | {"tolerance": 1e-6}),
        "stationary": (stationary_law, lambda: {"process": process(), "cells": 128}),
        "linear_coefficients": (linear_coefficients, lambda: {"sde": OU, "parameters": {k: 1}}),
        "lyapunov": (stationary_covariance, lambda: {"drift": drift, "diffusion": noise}),
        "covariance_at": (
            covariance_at,
            lambda: {"drift": drift, "diffusion": noise, "time": 1.0, "initial": np.eye(2)},
        ),
        "teacher": (make_teacher, lambda: {"singular_values": [1.0], "inputs": 3, "outputs": 3}),
        "orthogonal": (orthogonal_factor, lambda: {"matrix": torch.eye(3)}),
        "random": (
            random_initialisation,
            lambda: {"widths": [3, 3, 3], "draws": draws, "standard_deviation": 0.1},
        ),
        "aligned": (
            aligned_initialisation,
            lambda: {
                "widths": [3, 3, 3], "draws": draws, "amplitudes": [0.1], "teacher": networks()["teacher"],
            },
        ),
        "FiniteData": (FiniteData, lambda: {"x": one[0], "y": one[0], "label_noise": 0.0, "order": "with-replacement"}),
        "sgd": (sgd, lambda: trained(batch=1, backend="auto")),
        "langevin": (anisotropic_langevin, lambda: trained(batch=1, dt=0.01)),
        "flow": (gradient_flow, lambda: without(trained(horizon=0.1), "draws", "learning_rate")),
        "amplitudes": (alignment.mode_amplitudes, lambda: {"weights": weights, **bases}),
        "diffusion": (
            alignment.mode_diffusion,
            lambda: {"weights": weights, "data": networks()["data"], **bases, "loss_scale": 0.5},
        ),
        "stable": (stable, lambda: stable_law),
        "levy": (levy_increments, lambda: stable_law | {"dt": 0.1}),
        "words": (words, lambda: {"paths": paths, "block": 0, "law": 0, "key": KEY}),
    }  # fmt: skip


#: Arguments that may be a text, or numbers of any kind: their own functions check them.
OPEN = {("simulate", "device"): {"text"}, ("simulate", "seed"): set()}


@pytest.mark.parametrize("name", sorted(cases()))
def test_hostile_arguments_meet_an_error_that_names_them(name: str) -> None:
    function, valid = cases()[name]
    function(**valid())
    for argument in valid():
        for what, value in NEVER.items():
            with pytest.raises(CrossproofError) as caught:
                function(**(valid() | {argument: value}))
            assert argument.split("_")[0] in str(caught.value), (argument, what)
        for value in () if isinstance(valid()[argument], bool) else (True, {}):
            with pytest.raises(CrossproofError):
                function(**(valid() | {argument: value}))


def test_numbers() -> None:
    for value in (1, -2.5, math.inf, sp.Rational(1, 3), sp.sqrt(2), sp.oo, np.float32(1), np.int64(3)):
        assert is_real(value)
    for value in (True, np.True_, math.nan, np.float64("nan"), 1j, sp.I, sp.nan, x, "1", None, np.ones(1), sp.zoo):
        assert not is_real(value)
    assert all(map(is_whole, (1, -3, np.int64(2), sp.Integer(4))))
    assert not any(map(is_whole, (True, 1.0, 2.5, sp.Rational(1, 2), np.float64(1), np.array(1), torch.tensor(1), "1")))


def test_parameters_keep_the_assumptions_of_their_symbols() -> None:
    n = sp.Symbol("n", integer=True, nonnegative=True)
    assert parameter_values({k: 0.5, n: 0, x: -2.0}) == {k: sp.Rational(1, 2), n: 0, x: -2}
    wrong: list[Mapping[sp.Symbol, Any]] = [
        {k: 0},
        {k: -1.0},
        {n: sp.Rational(1, 2)},
        {n: -1},
        {x: math.inf},
        {x: True},
    ]
    for values in wrong:
        with pytest.raises(DomainError, match=str(next(iter(values)))):
            parameter_values(values)
    for function in (linear_coefficients, ScalarDiffusion):
        with pytest.raises(DomainError, match=r"k=-1.*positive"):
            function(OU, {k: -1})


def test_numbers_of_sympy_and_arrays_are_taken_where_numbers_and_lists_are_asked_for() -> None:
    @checked(NumericsError)
    def both(number: float, several: tuple[int, ...], anything: Any = None) -> tuple[object, object]:
        return number, several

    number, several = both(sp.Rational(1, 4), np.array([1, 2]))  # type: ignore[arg-type]
    assert (number, type(number), several) == (0.25, float, [1, 2])
    with pytest.raises(NumericsError, match=r"number=10+.*beyond the floats"):
        both(10**400, (1,))
    with pytest.raises(NumericsError, match=r"several=\(1.5,\); give a list of integers"):
        both(1.0, several=(1.5,))  # type: ignore[arg-type]


def test_functions_of_formulas_take_real_numbers_only() -> None:
    made = Formula("a.b", s**2, Domain(s=Positive))
    functions = (made.numpy(), made.torch())
    for function in functions:
        assert float(function(s=2)) == 4
        for value in (
            "2",
            True,
            1j,
            np.array([1j]),
            np.array(["2"]),
            np.array([True]),
            None,
            torch.tensor(1j),
            math.nan,
        ):
            with pytest.raises(DomainError, match="s "):
                function(s=value)


def test_a_class_is_known_by_its_name_and_another_annotation_is_refused_where_it_is_written() -> None:
    class Kernel:
        pass

    @checked(NumericsError)
    def spread(kernel: Kernel) -> bool:
        return True

    assert spread(Kernel())
    with pytest.raises(NumericsError, match=r"kernel=3; give a Kernel"):
        spread(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"annotation 'set\[int\]': say in argument_kinds what"):

        @checked(NumericsError)
        def chosen(numbers: set[int]) -> None: ...
