"""The models of document 002 by name: from a setting to the equation, its start and the units of its time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from ...derivations.processes.sde import SDE
from ...numerics.models.adaptive import adam_langevin, rmsprop_langevin
from ...numerics.models.clocks import TimeChanged
from ...numerics.models.langevin import anisotropic_langevin, heavy_ball_langevin, isotropic_langevin
from ...numerics.models.refined import refined_model
from .setting import Setting

#: The equation to simulate, its start, and units of its time in one of SGD's: eta to a step.
Prepared = tuple[SDE | TimeChanged, list[float], float]

#: What the notes leave open: index of the jumps, order of the time derivative, momentum, averages of squares.
ALPHA, BETA, MOMENTUM, DECAY, EPSILON = 1.8, 0.9, 0.9, 0.9, 0.05


@dataclass(frozen=True)
class Described:
    """A model of SGD: in words, and from a setting to its equation."""

    words: str
    prepare: Callable[[Setting], Prepared] = field(repr=False)


def _arguments(setting: Setting) -> dict[str, Any]:
    return {"rate": sp.Float(setting.rate), "batch": setting.batch}


def _at_start(setting: Setting, entries: sp.Matrix) -> list[float]:
    """Return the values of expressions in the weights at the start."""
    return [float(e) for e in entries.subs(dict(zip(setting.network.state, setting.start, strict=True)))]


def _isotropic(setting: Setting) -> Prepared:
    network = setting.network
    trace = sum(v**2 for v in _at_start(setting, network.root))
    temperature = sp.Float(setting.rate / setting.batch * trace / (2 * len(network.state)))
    return isotropic_langevin(network.state, network.loss, temperature), setting.start, 1.0


def _anisotropic(setting: Setting) -> Prepared:
    network = setting.network
    return anisotropic_langevin(network.state, network.loss, network.root, **_arguments(setting)), setting.start, 1.0


def _refined(flow: bool, alpha: float = 2, beta: float = 1) -> Callable[[Setting], Prepared]:
    def prepare(setting: Setting) -> Prepared:
        network = setting.network
        steep = network.sharpness if flow else None
        model = refined_model(
            network.state, network.loss, network.root, sharpness=steep, alpha=alpha, beta=beta, **_arguments(setting)
        )
        return model, setting.start, 1.0

    return prepare


def _heavy_ball(setting: Setting) -> Prepared:
    """Momentum at the learning rate that moves as fast as SGD does; it starts with the velocity of that motion."""
    network, rate = setting.network, setting.rate * (1 - MOMENTUM)
    friction = (1 - MOMENTUM) / math.sqrt(rate)
    model = heavy_ball_langevin(
        network.state, network.loss, network.root, rate=sp.Float(rate), momentum=sp.Float(MOMENTUM), batch=setting.batch
    )
    slopes = _at_start(setting, sp.Matrix([sp.diff(network.loss, w) for w in network.state]))
    return model, [*setting.start, *(-g / friction for g in slopes)], friction


def _adaptive(momentum: bool) -> Callable[[Setting], Prepared]:
    """Averages start where they rest at the start; the learning rate moves the steepest weight as SGD does there."""

    def prepare(setting: Setting) -> Prepared:
        network = setting.network
        slopes = _at_start(setting, sp.Matrix([sp.diff(network.loss, w) for w in network.state]))
        spreads = _at_start(setting, network.root)
        squares = [g**2 + v**2 / setting.batch for g, v in zip(slopes, spreads, strict=True)]
        speed = math.sqrt(max(squares)) + EPSILON
        rate = sp.Float(setting.rate * speed)
        options = {"rate": rate, "decay": sp.Float(DECAY), "epsilon": sp.Float(EPSILON), "batch": setting.batch}
        # an average that begins at 0 has a root without a slope
        begun = [max(s, 1e-12) for s in squares]
        if momentum:
            adam = adam_langevin(network.state, network.loss, network.root, momentum=sp.Float(MOMENTUM), **options)
            return adam, [*setting.start, *slopes, *begun], speed
        return rmsprop_langevin(network.state, network.loss, network.root, **options), [*setting.start, *begun], speed

    return prepare


#: The models of document 002 by the names that the command line knows.
MODELS: Mapping[str, Described] = {
    "isotropic": Described("Langevin, noise alike in all directions, of SGD's trace at the start", _isotropic),
    "anisotropic": Described("Langevin with the covariance of the gradient noise", _anisotropic),
    "stable": Described(f"anisotropic, alpha-stable noise of index {ALPHA}", _refined(False, alpha=ALPHA)),
    "central-flow": Described("anisotropic with the central flow of the Gauss-Newton sharpness", _refined(True)),
    "fractional": Described(f"anisotropic in fractional time of order {BETA}", _refined(False, beta=BETA)),
    "momentum": Described(f"underdamped, momentum {MOMENTUM} at as fast a learning rate", _heavy_ball),
    "rmsprop": Described(f"preconditioned by averages of squares, decay {DECAY}", _adaptive(False)),
    "adam": Described(f"preconditioned, with momentum {MOMENTUM}", _adaptive(True)),
    "refined": Described(
        f"central flow, stable noise {ALPHA} and fractional time {BETA} together", _refined(True, ALPHA, BETA)
    ),
}
