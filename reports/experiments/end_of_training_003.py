"""Document 003: distribution of a mode at the end of training, and the step of the Euler-Maruyama scheme."""

from __future__ import annotations

import math

import numpy as np
import torch

from ...numerics.networks.alignment import mode_amplitudes
from ...numerics.networks.data import TeacherData
from ...numerics.networks.draws import PhiloxDraws
from ...numerics.networks.initialisation import aligned_initialisation, make_teacher
from ...numerics.networks.langevin import anisotropic_langevin
from ...numerics.networks.sgd import sgd
from ..reproduce import Array, Curve, Panel, Picture, experiment

#: Width of inputs and outputs; the largest teacher singular value, whose mode is looked at, is 1.
WIDTH, SINGULAR_VALUES = 12, (1.0, 2 / 3, 1 / 3)
RATE, LABEL_NOISE, HORIZON = 0.01, 0.3, 12.0
_SETTING = "12 x 12, depth 2, loss 1/2 ||Wx - y||^2, started balanced and aligned at the teacher, batch 1"


def _final(seed: int, *, name: str, sigma: float, replicas: int, dt: float | None = None, start: float = 1.0) -> Array:
    """Return the largest mode's amplitudes after training: SGD, or the anisotropic SDE with the step `dt`."""
    draws = PhiloxDraws(replicas, seed=seed, claim=f"reproduce {name}", dtype=torch.float64)
    teacher = make_teacher(SINGULAR_VALUES, WIDTH, WIDTH)
    weights = aligned_initialisation([WIDTH] * 3, draws, [start * s for s in SINGULAR_VALUES], teacher)
    data = TeacherData(teacher.matrix, sigma)
    if dt is None:
        run = sgd(weights, data, draws, learning_rate=RATE, steps=round(HORIZON / RATE), loss_scale=0.5)
    else:
        steps = round(HORIZON / dt)
        run = anisotropic_langevin(weights, data, draws, learning_rate=RATE, dt=dt, steps=steps, loss_scale=0.5)
    found: Array = mode_amplitudes(run.weights, teacher.left, teacher.right)[:, 0].double().numpy()
    return found[np.isfinite(found)]


@experiment(
    "003.fig4",
    "Amplitude of the largest mode at the end of training",
    claims=("003.eq18", "003.eq17.repaired", "003.prop5.2.i.dirac"),
)
def end_of_training(seed: int) -> Picture:
    """Histograms without and with label noise, beside the Gaussian of the reduced equation."""
    noisy = _final(seed, name="fig4 noisy", sigma=LABEL_NOISE, replicas=1024)
    quiet = _final(seed, name="fig4 quiet", sigma=0.0, replicas=256, start=0.8)
    variance = RATE * LABEL_NOISE**2  # 003.eq18 at depth 2: eta_b (L/2) stilde^(2-2/L) sigma^2
    mean = 1 - RATE * LABEL_NOISE**2 / 2  # 003.eq17.repaired at depth 2
    grid = np.linspace(mean - 4 * math.sqrt(variance), mean + 4 * math.sqrt(variance), 200)
    density = np.exp(-((grid - mean) ** 2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)
    error = noisy.std() / math.sqrt(noisy.size)
    panels = (
        Panel(
            f"label noise {LABEL_NOISE}",
            "amplitude",
            "density",
            (Curve("SGD", noisy, np.array([]), "histogram"), Curve("reduced equation", grid, density, "dashed")),
        ),
        Panel("no label noise", "amplitude", "density", (Curve("SGD", quiet, np.array([]), "histogram"),)),
    )
    return Picture(
        panels,
        (
            f"label noise {LABEL_NOISE}: variance {noisy.var():.3g}, reduced equation {variance:.3g}; mean "
            f"{noisy.mean():.4f} +- {error:.4f}, reduced equation {mean:.4f}; both lie below the teacher value.",
            f"no label noise: standard deviation {quiet.std():.2g} around {quiet.mean():.6f}; the law contracts to the "
            "teacher value.",
        ),
        f"{_SETTING}, learning rate {RATE}, {HORIZON:g} units of time, 1024 replicas",
    )


@experiment(
    "003.fig12",
    "Step of the Euler-Maruyama scheme and the spread at the end",
    claims=("003.k.trend", "003.k.trend.linear", "003.k.cause"),
)
def discretisation(seed: int) -> Picture:
    """Spread of the anisotropic SDE without label noise for falling steps."""
    steps = (0.16, 0.08, 0.04, 0.02)
    finals = [_final(seed, name=f"fig12 {dt}", sigma=0.0, replicas=128, dt=dt, start=0.8) for dt in steps]
    spreads = np.array([max(f.std(), 1e-300) for f in finals])
    errors = 1.96 * np.array([s / math.sqrt(2 * f.size - 2) for s, f in zip(spreads, finals, strict=True)])
    finding = "; ".join(f"step {dt:g}: {s:.2g}" for dt, s in zip(steps, spreads, strict=True))
    panel = Panel(
        "spread at the end, no label noise",
        "step of the scheme",
        "standard deviation of the largest mode",
        (Curve("anisotropic Langevin", np.array(steps), spreads, "points", (spreads - errors, spreads + errors)),),
        logarithmic=(True, True),
    )
    return Picture(
        (panel,),
        (
            f"standard deviation at time {HORIZON:g}: {finding}.",
            "003.k.trend.linear: at this learning rate a smaller step slows the decay of the spread.",
        ),
        f"{_SETTING} at 0.8 of it, learning rate {RATE}, 128 replicas",
    )
