"""Document 003: learning of modes, diffusion peaks, scalings, alignment and balance, on real networks under SGD."""

from __future__ import annotations

import numpy as np

from ..reproduce import Curve, Panel, Picture, experiment
from .training_003 import (
    INITIAL,
    RATE,
    SETTING,
    SINGULAR_VALUES,
    Training,
    default,
    predicted_diffusion,
    train,
)


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
        largest = seen.diffusion[top, k]
        mean = predicted_diffusion(seen.amplitudes[:, k], stilde, depth=depth, eta_b=eta_b).max()
        found.append(
            f"mode {k + 1}: that diffusion is {largest / mean:.2f} of (7) at the mean amplitude, and "
            f"{largest / seen.own[:, k].max():.2f} of the mean of (7) over the networks."
        )
    return found


@experiment("003.fig1", "Modes and their diffusion along training, depth 2", claims=("003.eq3", "003.eq7", "003.eq9"))
def mode_learning(seed: int) -> Picture:
    """Amplitudes beside the logistic law, diffusion beside (7) at the measured amplitudes."""
    seen = default(seed, 2)
    amplitude, diffusion, at_mean = [], [], []
    for k, stilde in enumerate(SINGULAR_VALUES):
        amplitude.append(
            Curve(f"mode {k + 1}, SGD", seen.times, seen.amplitudes[:, k], band=seen.band("amplitudes", k))
        )
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
        diffusion.append(
            Curve(f"mode {k + 1}, networks", seen.times, seen.diffusion[:, k], band=seen.band("diffusion", k))
        )
        diffusion.append(Curve("(7), mean over networks", seen.times, seen.own[:, k], "dashed"))
        predicted = predicted_diffusion(seen.amplitudes[:, k], stilde, depth=2, eta_b=RATE)
        at_mean.append(Curve(f"(7) at the mean amplitude, mode {k + 1}", seen.times, predicted, "line"))
    return Picture(
        (
            Panel("amplitudes", "time (learning rate x steps)", "u^T W v", tuple(amplitude)),
            Panel("diffusion", "time (learning rate x steps)", "variance rate", (*diffusion, *at_mean)),
        ),
        tuple(_peaks(seen, 2, RATE)),
        f"{SETTING}, depth 2, batch 1, learning rate {RATE}, initial weights N(0, {INITIAL}^2); bands are 95 % "
        "intervals of the means. From random starts networks learn a mode at different times, so that the mean of "
        "their diffusion is broader and up to 20 % lower than (7) at their mean amplitude; (7) at the amplitude of "
        "each network, then averaged, agrees within a few per cent without balance or alignment. The document gives "
        "the initial scale of Figure 1 in a formula that is lost",
    )


@experiment(
    "003.fig2", "SGD, its continuous limit and gradient flow", claims=("003.order", "003.slower", "003.eq1.limit")
)
def continuous_limit(seed: int) -> Picture:
    """The largest and the smallest mode under the three dynamics on one clock."""
    runs = {name: default(seed, 2, name) for name in ("sgd", "langevin", "flow")}
    curves = [
        Curve(
            f"mode {k + 1}, {name}",
            run.times,
            run.amplitudes[:, k],
            "dashed" if name == "flow" else "line",
            run.band("amplitudes", k),
        )
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
        f"{SETTING}, depth 2, batch 1, learning rate {RATE}",
    )


@experiment("003.fig6", "Cross-modes along training", claims=("003.a2.sde", "003.a2.sde.repaired"))
def alignment(seed: int) -> Picture:
    """Share of the cross-modes in all squared amplitudes."""
    runs = {depth: default(seed, depth) for depth in (2, 4)}
    curves = tuple(Curve(f"depth {d}", r.times, r.cross, band=r.band("cross")) for d, r in runs.items())
    findings = tuple(
        f"depth {d}: share of cross-modes {r.cross[0]:.2f} at the start, {r.cross[-1]:.2g} at the end; "
        "not zero, as (A2) would have it."
        for d, r in runs.items()
    )
    return Picture((Panel("cross-modes", "time", "share of squared amplitudes", curves),), findings, SETTING)


@experiment("003.fig7", "Balance along training", claims=("003.a1.flow", "003.a1.sde", "003.eq33.scale"))
def balance(seed: int) -> Picture:
    """Relative imbalance from random and from balanced starts."""
    runs = {f"random start, depth {d}": default(seed, d) for d in (2, 4)}
    runs["balanced start, depth 2"] = train(seed, name="balanced", initial=None)
    curves = tuple(Curve(name, r.times, r.imbalance, band=r.band("imbalance")) for name, r in runs.items())
    findings = tuple(
        f"{name}: {r.imbalance[0]:.2g} at the start, {r.imbalance[-1]:.2g} at the end." for name, r in runs.items()
    )
    return Picture(
        (Panel("relative imbalance", "time", "imbalance", curves, logarithmic=(False, True)),), findings, SETTING
    )


def _scaling(seed: int, name: str, values: tuple[float, ...], vary: str) -> Picture:
    tops, errors = [], []
    for value in values:
        rate, batch = (value, 1) if vary == "rate" else (RATE, int(value))
        seen = train(seed, name=f"{name} {value}", rate=rate, batch=batch, initial=None, replicas=16)
        top = seen.diffusion.argmax(axis=0)
        tops.append(seen.diffusion[top, range(len(top))])
        errors.append(1.96 * seen.errors["diffusion"][top, range(len(top))])
    found, error = np.array(tops), np.array(errors)
    x = np.array(values)
    slopes = np.polyfit(np.log(x), np.log(found), 1)[0]
    eta_b = x if vary == "rate" else RATE / x
    curves = []
    for k, stilde in enumerate(SINGULAR_VALUES):
        grid = np.linspace(1e-3, 1, 2000) * stilde
        peak = np.array([predicted_diffusion(grid, stilde, depth=2, eta_b=float(e)).max() for e in eta_b])
        curves += [
            Curve(
                f"mode {k + 1}, networks",
                x,
                found[:, k],
                "points",
                (found[:, k] - error[:, k], found[:, k] + error[:, k]),
            ),
            Curve("maximum of (7)", x, peak, "dashed"),
        ]
    wanted = 1 if vary == "rate" else -1
    findings = [f"mode {k + 1}: exponent {slope:.3f}, predicted {wanted}." for k, slope in enumerate(slopes)]
    label = "learning rate" if vary == "rate" else "batch size"
    panel = Panel("largest diffusion", label, "variance rate", tuple(curves), logarithmic=(True, True))
    return Picture((panel,), tuple(findings), f"{SETTING}, depth 2, aligned balanced start, 16 replicas")


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
    seen = train(seed, name="fig11", hidden=24)
    curves, findings = [], []
    for k, stilde in enumerate(SINGULAR_VALUES):
        predicted = predicted_diffusion(seen.amplitudes[:, k], stilde, depth=2, eta_b=RATE)
        curves += [
            Curve(f"mode {k + 1}, networks", seen.times, seen.diffusion[:, k], band=seen.band("diffusion", k)),
            Curve("(7), mean over networks", seen.times, seen.own[:, k], "dashed"),
        ]
        top = seen.diffusion[:, k].max()
        findings.append(
            f"mode {k + 1}: largest diffusion {top / predicted.max():.2f} times that of (7) at the mean amplitudes, "
            f"{top / seen.own[:, k].max():.2f} times the mean of (7) over the networks."
        )
    panel = Panel("diffusion, hidden width 24", "time", "variance rate", tuple(curves))
    return Picture((panel,), tuple(findings), f"{SETTING}, depth 2, hidden width 24, learning rate {RATE}")
