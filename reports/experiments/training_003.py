"""Document 003: training runs of real networks and what is measured along them, for its experiments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch

from ...derivations.claim import CLAIMS
from ...numerics.networks.alignment import cross_mode_share, mode_amplitudes, mode_diffusion, relative_imbalance
from ...numerics.networks.data import TeacherData
from ...numerics.networks.draws import PhiloxDraws
from ...numerics.networks.flow import gradient_flow
from ...numerics.networks.initialisation import Teacher, aligned_initialisation, make_teacher, random_initialisation
from ...numerics.networks.langevin import anisotropic_langevin
from ...numerics.networks.runs import Measure, NetworkRun, Watch
from ...numerics.networks.sgd import sgd
from ..reproduce import Array

#: Width of inputs and outputs, teacher singular values in arithmetic progression, and replicas.
WIDTH, SINGULAR_VALUES, REPLICAS = 12, (1.0, 2 / 3, 1 / 3), 32
#: Learning rate, and standard deviation of the small initial weights.
RATE, INITIAL = 0.01, 0.01
_HALF = 0.5
SETTING = "12 x 12, teacher 1, 2/3, 1/3, loss 1/2 ||Wx - y||^2, whitened Gaussian inputs, online SGD, 32 replicas"


@dataclass(frozen=True)
class Training:
    """Means over replicas along one training run: numbers a mode, and balance and alignment.

    `own` is the mean of the rate (7) at each replica's own amplitude; `errors` holds the standard errors of the means.
    """

    times: Array
    amplitudes: Array
    diffusion: Array
    own: Array
    cross: Array
    imbalance: Array
    errors: Mapping[str, Array]
    lost: int

    def band(self, name: str, mode: int | None = None) -> tuple[Array, Array]:
        """Return both ends of the 95 % intervals of the means `name`, of one mode where they have modes."""
        both = getattr(self, name), 1.96 * self.errors[name]
        middle, half = both if mode is None else (v[:, mode] for v in both)
        return middle - half, middle + half


def train(
    seed: int,
    *,
    name: str,
    depth: int = 2,
    hidden: int = WIDTH,
    rate: float = RATE,
    batch: int = 1,
    horizon: float = 16.0,
    initial: float | None = INITIAL,
    label_noise: float = 0.0,
    method: str = "sgd",
    replicas: int = REPLICAS,
    records: int = 160,
) -> Training:
    """Train networks and return what was seen; `initial` None starts balanced and aligned at amplitude 0.01."""
    draws = PhiloxDraws(replicas, seed=seed, claim=f"reproduce {name}", dtype=torch.float64)
    teacher = make_teacher(SINGULAR_VALUES, WIDTH, WIDTH)
    widths = [WIDTH, *[hidden] * (depth - 1), WIDTH]
    if initial is None:
        weights = aligned_initialisation(widths, draws, [0.01] * len(SINGULAR_VALUES), teacher)
    else:
        weights = random_initialisation(widths, draws, initial)
    data = TeacherData(teacher.matrix, label_noise)
    steps = round(horizon / rate)
    watch = Watch(measure=_measure(teacher, data, depth, rate / batch), observe_every=max(1, steps // records))
    if method == "sgd":
        run = sgd(weights, data, draws, learning_rate=rate, steps=steps, loss_scale=_HALF, batch=batch, watch=watch)
    elif method == "langevin":
        run = anisotropic_langevin(
            weights, data, draws, learning_rate=rate, batch=batch, dt=rate, steps=steps, loss_scale=_HALF, watch=watch
        )
    else:
        run = gradient_flow(weights, data, horizon=horizon, steps=steps, loss_scale=_HALF, watch=watch)
    return _training(run, horizon / steps, replicas)


def _measure(teacher: Teacher, data: TeacherData, depth: int, eta_b: float) -> Measure:
    def measure(weights: tuple[torch.Tensor, ...]) -> torch.Tensor:
        left, right = teacher.left, teacher.right
        amplitudes = mode_amplitudes(weights, left, right)
        own = [
            predicted_diffusion(one, stilde, depth=depth, eta_b=eta_b)
            for one, stilde in zip(amplitudes.T.double().numpy(), SINGULAR_VALUES, strict=True)
        ]
        seen = torch.cat(
            [
                amplitudes,
                eta_b * mode_diffusion(weights, data, left, right, loss_scale=_HALF),
                torch.as_tensor(np.array(own).T),
                cross_mode_share(weights, left, right)[:, None],
                relative_imbalance(weights).reshape(len(weights[0]), -1).mean(1, keepdim=True),
            ],
            dim=1,
        )
        return torch.cat([seen, seen.square()], dim=1)

    return measure


def _training(run: NetworkRun, interval: float, replicas: int) -> Training:
    means, squares = np.split(run.means.double().numpy(), 2, axis=1)
    errors = np.sqrt(np.maximum(squares - means**2, 0) / (replicas - 1))
    n = len(SINGULAR_VALUES)
    places: dict[str, Any] = {
        "amplitudes": slice(0, n),
        "diffusion": slice(n, 2 * n),
        "own": slice(2 * n, 3 * n),
        "cross": 3 * n,
        "imbalance": 3 * n + 1,
    }
    made = {name: means[:, at] for name, at in places.items()}
    found = {name: errors[:, at] for name, at in places.items()}
    return Training(times=run.observed.numpy() * interval, **made, errors=found, lost=run.lost)


@cache
def default(seed: int, depth: int, method: str = "sgd") -> Training:
    """Return the run that most experiments look at, from small random weights."""
    initial = INITIAL if depth == 2 else 0.15
    return train(seed, name=f"default {depth} {method}", depth=depth, initial=initial, method=method)


@cache
def _rate() -> Callable[..., Any]:
    from ...numerics.formula import formula_of

    made = CLAIMS["003.eq7"]
    return formula_of(made.id, made.statement.formula(), made.domain).numpy()


def predicted_diffusion(amplitude: Array, stilde: float, *, depth: int, eta_b: float, sigma: float = 0.0) -> Array:
    """Return the variance rate (7) of an aligned balanced mode, from the verified claim 003.eq7."""
    held = np.maximum(amplitude, 1e-12)
    value = _rate()(L=depth, s1=held, stilde1=stilde, sigma=sigma, eta_b=eta_b)
    return np.asarray(value, dtype=np.float64)
