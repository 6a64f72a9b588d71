"""Document 003: learning of modes, diffusion peaks, scalings, alignment and balance, on real networks under SGD."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch

from ...derivations.claim import CLAIMS
from ...numerics.alignment import cross_mode_share, mode_amplitudes, mode_diffusion, relative_imbalance
from ...numerics.initialisation import Teacher, aligned_initialisation, make_teacher, random_initialisation
from ...numerics.network_data import TeacherData
from ...numerics.network_draws import PhiloxDraws
from ...numerics.network_flow import gradient_flow
from ...numerics.network_langevin import anisotropic_langevin
from ...numerics.network_runs import NetworkRun, Watch
from ...numerics.network_sgd import sgd
from ..reproduce import Array, Curve, Panel, Picture, experiment

#: Width of inputs and outputs, teacher singular values in arithmetic progression, and replicas.
WIDTH, SINGULAR_VALUES, REPLICAS = 12, (1.0, 2 / 3, 1 / 3), 32
#: Learning rate, and standard deviation of the small initial weights.
RATE, INITIAL = 0.01, 0.01
_HALF = 0.5
_SETTING = "12 x 12, teacher 1, 2/3, 1/3, loss 1/2 ||Wx - y||^2, whitened Gaussian inputs, online SGD, 32 replicas"


@dataclass(frozen=True)
class Training:
    """Means over replicas along one training run: numbers a mode, and balance and alignment."""

    times: Array
    amplitudes: Array
    diffusion: Array
    cross: Array
    imbalance: Array
    lost: int


def _train(
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
    watch = Watch(measure=_measure(teacher, data), observe_every=max(1, steps // records))
    if method == "sgd":
        run = sgd(weights, data, draws, learning_rate=rate, steps=steps, loss_scale=_HALF, batch=batch, watch=watch)
    elif method == "langevin":
        run = anisotropic_langevin(
            weights, data, draws, learning_rate=rate, batch=batch, dt=rate, steps=steps, loss_scale=_HALF, watch=watch
        )
    else:
        run = gradient_flow(weights, data, horizon=horizon, steps=steps, loss_scale=_HALF, watch=watch)
    return _training(run, horizon / steps, rate / batch)


def _measure(teacher: Teacher, data: TeacherData):  # type: ignore[no-untyped-def]
    def measure(weights: tuple[torch.Tensor, ...]) -> torch.Tensor:
        left, right = teacher.left, teacher.right
        return torch.cat(
            [
                mode_amplitudes(weights, left, right),
                mode_diffusion(weights, data, left, right, loss_scale=_HALF),
                cross_mode_share(weights, left, right)[:, None],
                relative_imbalance(weights).reshape(len(weights[0]), -1).mean(1, keepdim=True),
            ],
            dim=1,
        )

    return measure


def _training(run: NetworkRun, interval: float, eta_b: float) -> Training:
    means = run.means.numpy()
    n = len(SINGULAR_VALUES)
    times = run.observed.numpy() * interval
    return Training(times, means[:, :n], eta_b * means[:, n : 2 * n], means[:, 2 * n], means[:, 2 * n + 1], run.lost)


@cache
def _default(seed: int, depth: int, method: str = "sgd") -> Training:
    initial = INITIAL if depth == 2 else 0.15
    return _train(seed, name=f"default {depth} {method}", depth=depth, initial=initial, method=method)


def predicted_diffusion(amplitude: Array, stilde: float, *, depth: int, eta_b: float, sigma: float = 0.0) -> Array:
    """Return the variance rate (7) of an aligned balanced mode, from the verified claim 003.eq7."""
    from ...numerics.formula import formula_of

    made = CLAIMS["003.eq7"]
    rate = formula_of(made.id, made.statement.formula(), made.domain).numpy()
    held = np.maximum(amplitude, 1e-12)
    value = rate(L=depth, s1=held, stilde1=stilde, sigma=sigma, eta_b=eta_b)
    return np.asarray(value, dtype=np.float64)


def _peaks(seen: Training, depth: int, eta_b: float) -> list[str]:
    found = []
    for k, stilde in enumerate(SINGULAR_VALUES):
        top = int(seen.diffusion[:, k].argmax())
        grid = np.linspace(1e-3, 1, 2000) * stilde
        expected = grid[int(predicted_diffusion(grid, stilde, depth=depth, eta_b=eta_b).argmax())]
        found.append(
            f"mode {k + 1} (teacher {stilde:.3g}): largest mean diffusion at mean amplitude "
            f"{seen.amplitudes[top, k]:.3f}; (9) puts the peak of an aligned mode at {expected:.3f}."
        )
    return found


@experiment("003.fig1", "Modes and their diffusion along training, depth 2", claims=("003.eq3", "003.eq7", "003.eq9"))
def mode_learning(seed: int) -> Picture:
    """Amplitudes beside the logistic law, diffusion beside (7) at the measured amplitudes."""
    seen = _default(seed, 2)
    amplitude, diffusion = [], []
    for k, stilde in enumerate(SINGULAR_VALUES):
        amplitude.append(Curve(f"mode {k + 1}, SGD", seen.times, seen.amplitudes[:, k]))
        # the logistic law through the measured half-way point: dead time depends on the random start
        middle = float(np.interp(stilde / 2, seen.amplitudes[:, k], seen.times))
        amplitude.append(
            Curve(
                f"logistic, {stilde:.2g}",
                seen.times,
                stilde / (1 + np.exp(-2 * stilde * (seen.times - middle))),
                "dashed",
            )
        )
        diffusion.append(Curve(f"mode {k + 1}, networks", seen.times, seen.diffusion[:, k]))
        predicted = predicted_diffusion(seen.amplitudes[:, k], stilde, depth=2, eta_b=RATE)
        diffusion.append(Curve("(7) at the amplitude", seen.times, predicted, "dashed"))
    return Picture(
        (
            Panel("amplitudes", "time (learning rate x steps)", "u^T W v", tuple(amplitude)),
            Panel("diffusion", "time (learning rate x steps)", "variance rate", tuple(diffusion)),
        ),
        tuple(_peaks(seen, 2, RATE)),
        f"{_SETTING}, depth 2, batch 1, learning rate {RATE}, initial weights N(0, {INITIAL}^2)",
    )


@experiment(
    "003.fig2", "SGD, its continuous limit and gradient flow", claims=("003.order", "003.slower", "003.eq1.limit")
)
def continuous_limit(seed: int) -> Picture:
    """The largest and the smallest mode under the three dynamics on one clock."""
    runs = {name: _default(seed, 2, name) for name in ("sgd", "langevin", "flow")}
    curves = [
        Curve(f"mode {k + 1}, {name}", run.times, run.amplitudes[:, k], "dashed" if name == "flow" else "line")
        for k in (0, 2)
        for name, run in runs.items()
    ]
    findings = []
    for k, stilde in enumerate(SINGULAR_VALUES):
        halves = {n: float(np.interp(stilde / 2, r.amplitudes[:, k], r.times)) for n, r in runs.items()}
        findings.append(
            f"mode {k + 1} half learned at time {halves['sgd']:.2f} (SGD), {halves['langevin']:.2f} (anisotropic "
            f"Langevin), {halves['flow']:.2f} (gradient flow)."
        )
    findings.append("On one loss and one clock the three agree to a few per cent; the print has 200 against 30 units.")
    return Picture(
        (Panel("amplitudes", "time (learning rate x steps)", "u^T W v", tuple(curves)),),
        tuple(findings),
        f"{_SETTING}, depth 2, batch 1, learning rate {RATE}",
    )


@experiment("003.fig6", "Cross-modes along training", claims=("003.a2.sde", "003.a2.sde.repaired"))
def alignment(seed: int) -> Picture:
    """Share of the cross-modes in all squared amplitudes."""
    runs = {depth: _default(seed, depth) for depth in (2, 4)}
    curves = tuple(Curve(f"depth {d}", r.times, r.cross) for d, r in runs.items())
    findings = tuple(
        f"depth {d}: share of cross-modes {r.cross[0]:.2f} at the start, {r.cross[-1]:.2g} at the end; "
        "not zero, as (A2) would have it."
        for d, r in runs.items()
    )
    return Picture((Panel("cross-modes", "time", "share of squared amplitudes", curves),), findings, _SETTING)


@experiment("003.fig7", "Balance along training", claims=("003.a1.flow", "003.a1.sde", "003.eq33.scale"))
def balance(seed: int) -> Picture:
    """Relative imbalance from random and from balanced starts."""
    runs = {f"random start, depth {d}": _default(seed, d) for d in (2, 4)}
    runs["balanced start, depth 2"] = _train(seed, name="balanced", initial=None)
    curves = tuple(Curve(name, r.times, r.imbalance) for name, r in runs.items())
    findings = tuple(
        f"{name}: {r.imbalance[0]:.2g} at the start, {r.imbalance[-1]:.2g} at the end." for name, r in runs.items()
    )
    return Picture(
        (Panel("relative imbalance", "time", "imbalance", curves, logarithmic=(False, True)),), findings, _SETTING
    )


def _scaling(seed: int, name: str, values: tuple[float, ...], vary: str) -> Picture:
    tops = []
    for value in values:
        rate, batch = (value, 1) if vary == "rate" else (RATE, int(value))
        seen = _train(seed, name=f"{name} {value}", rate=rate, batch=batch, initial=None, replicas=16)
        tops.append(seen.diffusion.max(axis=0))
    found = np.array(tops)
    x = np.array(values)
    slopes = np.polyfit(np.log(x), np.log(found), 1)[0]
    eta_b = x if vary == "rate" else RATE / x
    curves = []
    for k, stilde in enumerate(SINGULAR_VALUES):
        grid = np.linspace(1e-3, 1, 2000) * stilde
        peak = np.array([predicted_diffusion(grid, stilde, depth=2, eta_b=float(e)).max() for e in eta_b])
        curves += [
            Curve(f"mode {k + 1}, networks", x, found[:, k], "points"),
            Curve("maximum of (7)", x, peak, "dashed"),
        ]
    wanted = 1 if vary == "rate" else -1
    findings = [f"mode {k + 1}: exponent {slope:.3f}, predicted {wanted}." for k, slope in enumerate(slopes)]
    label = "learning rate" if vary == "rate" else "batch size"
    panel = Panel("largest diffusion", label, "variance rate", tuple(curves), logarithmic=(True, True))
    return Picture((panel,), tuple(findings), f"{_SETTING}, depth 2, aligned balanced start, 16 replicas")


@experiment("003.fig9", "Largest diffusion against the learning rate", claims=("003.eq7.lr",))
def learning_rates(seed: int) -> Picture:
    """Four learning rates."""
    return _scaling(seed, "fig9", (0.0025, 0.005, 0.01, 0.02), "rate")


@experiment("003.fig10", "Largest diffusion against the batch size", claims=("003.eq7.batch",))
def batch_sizes(seed: int) -> Picture:
    """Four batch sizes."""
    return _scaling(seed, "fig10", (1, 2, 4, 8), "batch")


@experiment("003.fig11", "Diffusion with hidden layers of width 24", claims=("003.j.width", "003.eq7"))
def wide_hidden_layers(seed: int) -> Picture:
    """Diffusion of the networks beside (7) at their amplitudes."""
    seen = _train(seed, name="fig11", hidden=24)
    curves, findings = [], []
    for k, stilde in enumerate(SINGULAR_VALUES):
        predicted = predicted_diffusion(seen.amplitudes[:, k], stilde, depth=2, eta_b=RATE)
        curves += [
            Curve(f"mode {k + 1}, networks", seen.times, seen.diffusion[:, k]),
            Curve("(7) at the amplitude", seen.times, predicted, "dashed"),
        ]
        ratio = seen.diffusion[:, k].max() / predicted.max()
        findings.append(f"mode {k + 1}: largest diffusion {ratio:.2f} times that of (7) at the mean amplitudes.")
    panel = Panel("diffusion, hidden width 24", "time", "variance rate", tuple(curves))
    return Picture((panel,), tuple(findings), f"{_SETTING}, depth 2, hidden width 24, learning rate {RATE}")
