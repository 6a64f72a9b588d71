"""Document 004, Figure 5: a linear student under label noise, and a drop of its learning rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ...numerics.networks.draws import PhiloxDraws
from ..reproduce import Array, Curve, Panel, Picture, experiment

#: Appendix J: dimensions, samples, teacher, noise of the outputs, steps of the warm-up, up to the drop and after it,
#: learning rates before and after.
WIDTH, SAMPLES, SIGNALS, OUTPUTS = 64, 1024, np.linspace(1, 0.5, 8), 0.5
WARM_UP, BEFORE, AFTER, RATES = 1_000, 51_000, 10_000, (3.0, 0.3)
#: Singular values up to which modes collapse before the drop, eta zeta^2/2; initial singular value; replicas of 256.
COLLAPSED, START, REPLICAS = (0.0, 0.25, 0.5, 0.75), 0.01, 32
_NAME = "reproduce 004.fig5"
#: Steps between two looks at the students, and steps whose random numbers are made at once.
_EVERY, _CHUNK = 100, 100


@dataclass(frozen=True)
class Data:
    """Singular values of Sigma_yx, the teacher's share u^T W v of each mode, and the squared norm of the outputs."""

    values: Array
    teacher: Array
    outputs: float


@dataclass(frozen=True)
class Runs:
    """Steps, shape (t,), singular values of the students, (t, noises, replicas, modes), and the steps' rates."""

    steps: Array
    students: Array
    rates: tuple[float, float]
    noises: Array


def data(seed: int) -> Data:
    """Return the data: whitened inputs, a teacher of rank 8, and output noise of variance 0.25/64.

    Under A1 the rows of X are orthonormal, so that the noise of Sigma_yx has independent entries like those of the
    outputs, and what it leaves over is independent of it: (1024 - 64) x 64 further entries.
    """
    draws = PhiloxDraws(WIDTH, seed, _NAME, torch.float64)
    scale = OUTPUTS / np.sqrt(WIDTH)
    noise = scale * draws.normals("samples", 0, 1, SAMPLES)[0].numpy()
    teacher = np.zeros((WIDTH, WIDTH))
    teacher[range(len(SIGNALS)), range(len(SIGNALS))] = SIGNALS
    left, values, right = np.linalg.svd(teacher + noise[:WIDTH].T)
    rest = float((noise[WIDTH:] ** 2).sum())
    return Data(values, np.einsum("im,ij,mj->m", left, teacher, right), float((values**2).sum()) + rest)


def train(made: Data, seed: int, replicas: int = REPLICAS, before: int = BEFORE, after: int = AFTER) -> Runs:
    """Return the students under (38)-(39), balanced, with eta times the factor 2/|Y|^2 of the gradient of (34)."""
    high, low = (2 * rate / made.outputs for rate in RATES)
    noises = np.sqrt(2 * np.array(COLLAPSED) / high)
    draws = PhiloxDraws(len(noises) * replicas, seed, _NAME, torch.float64)
    zeta = torch.as_tensor(noises).repeat_interleave(replicas)
    target = torch.as_tensor(made.values.copy())[:, None]
    weights = torch.full((WIDTH, len(zeta)), START**0.5, dtype=torch.float64)
    steps, found = [0], [weights.square()]
    for n in range(before + after):
        if n % _CHUNK == 0:
            normals = zeta * draws.normals("label noise", n, _CHUNK, WIDTH)
        rate = high * min((n + 1) / WARM_UP, 1) if n < before else low
        # both layers of a balanced start move alike
        weights = weights - rate * weights * (weights.square() - target + normals[n % _CHUNK])
        if (n + 1) % _EVERY == 0:
            steps.append(n + 1)
            found.append(weights.square())
    students = torch.stack(found).reshape(len(steps), WIDTH, len(noises), replicas).permute(0, 2, 3, 1)
    return Runs(np.array(steps), students.numpy(), (high, low), noises)


def errors(made: Data, students: Array) -> tuple[Array, Array]:
    """Return train and test error (34) of students with the singular vectors of the data, over their last axis."""
    train_error = (made.outputs - (made.values**2).sum() + ((students - made.values) ** 2).sum(-1)) / made.outputs
    power = (SIGNALS**2).sum()
    test_error = (power + (students**2).sum(-1) - 2 * (students * made.teacher).sum(-1)) / power
    return train_error, test_error


def settled(made: Data, threshold: float) -> tuple[Array, tuple[float, float]]:
    """Return mean singular values, and mean train and test error, under the laws (60) with eta zeta^2/2 = threshold.

    Above the threshold the law is a gamma law of mean s~ - eta zeta^2/2 and scale eta zeta^2.
    """
    mean = np.maximum(made.values - threshold, 0)
    train_error, test_error = errors(made, mean)
    spread = 2 * threshold * mean.sum()  # of the variances
    return mean, (float(train_error) + spread / made.outputs, float(test_error) + spread / float((SIGNALS**2).sum()))


def escaping(made: Data, start: Array, time: float) -> Array:
    """Return the logistic curves of gradient flow, 004.sec6.ode, after `time` from singular values `start`."""
    growth = np.exp(2 * made.values * time)
    found: Array = start * growth * made.values / (made.values + start * (growth - 1))
    return found


def _error_panel(name: str, runs: Runs, seen: Array, level: Array, before: int) -> Panel:
    curves = []
    plateau = np.array([0.5, 1.0]) * before
    for threshold, one, value in zip(COLLAPSED, np.moveaxis(seen, 1, 0), level, strict=True):
        band = tuple(np.quantile(one, q, axis=1) for q in (0.1, 0.9))
        curves += [
            Curve(f"eta zeta^2/2 = {threshold:g}", runs.steps, one.mean(axis=1), "line", (band[0], band[1])),
            Curve("", plateau, np.full(2, value), "dashed"),
        ]
    return Panel(name, "step", "error", tuple(curves), logarithmic=(False, True), places=(("drop", float(before)),))


@experiment(
    "004.fig5",
    "Generalisation by stochastic collapse in a linear student",
    claims=(
        "004.eq38",
        "004.conj-i.1.limits.shrinkage",
        "004.eq60",
        "004.sec6.threshold",
        "004.sec6.escape",
        "004.eq62.repaired",
    ),
)
def student(seed: int) -> Picture:
    """Errors along training, and the signals of the student before and after the drop."""
    made = data(seed)
    runs = train(made, seed)
    seen = errors(made, runs.students)
    laws = [settled(made, threshold) for threshold in COLLAPSED]
    panels = [
        _error_panel(f"{name} error", runs, one, np.array([law[1][k] for law in laws]), BEFORE)
        for k, (name, one) in enumerate(zip(("train", "test"), seen, strict=True))
    ]
    drop = int(np.searchsorted(runs.steps, BEFORE))
    signals, later, findings = [], [], []
    for k, (threshold, (mean, level)) in enumerate(zip(COLLAPSED, laws, strict=True)):
        values = runs.students[drop, k]
        middle, error = values.mean(axis=0), 1.96 * values.std(axis=0) / np.sqrt(len(values))
        signals += [
            Curve(f"eta zeta^2/2 = {threshold:g}", made.values, middle, "points", (middle - error, middle + error)),
            Curve("", made.values, mean, "dashed"),
        ]
        second = runs.steps > BEFORE / 2
        plateau = [one[second & (runs.steps <= BEFORE), k].mean() for one in seen]
        findings.append(
            f"eta zeta^2/2 = {threshold:g}: train error {plateau[0]:.3f}, predicted {level[0]:.3f}; test error "
            f"{plateau[1]:.3f}, predicted {level[1]:.3f} before the drop, {seen[1][-1, k].mean():.3f} at the end."
        )
    for at in (0, 1_000, 3_000, 10_000):
        values = runs.students[int(np.searchsorted(runs.steps, BEFORE + at)), 2]
        band = tuple(np.quantile(values, q, axis=0) for q in (0.1, 0.9))
        expected = escaping(made, runs.students[drop, 2], runs.rates[1] * at).mean(axis=0)
        later += [
            Curve(f"{at} steps after", made.values, values.mean(axis=0), "line", (band[0], band[1])),
            Curve("", made.values, expected, "dashed"),
        ]
    return Picture(
        (
            *panels,
            Panel("student before the drop", "signal of the data", "signal of the student", tuple(signals)),
            Panel(
                f"after the drop, eta zeta^2/2 = {COLLAPSED[2]:g} before",
                "signal of the data",
                "signal of the student",
                tuple(later),
            ),
        ),
        (*findings, "Dashed: the laws (60) before the drop; after it, gradient flow from where each student was."),
        "64 inputs and outputs, 1024 samples, teacher of rank 8 with signals from 0.5 to 1, learning rate 3 for "
        "50000 steps with a warm-up of 1000, then 0.3 for 10000, as printed; steps (38)-(39) of every mode, the "
        f"learning rate times the factor 2/|Y|^2 = {2 / made.outputs:.3g} of the gradient of (34), without which "
        "steps of 3 diverge. The document gives no amplitudes zeta, no scale of the start, no shape of the warm-up: "
        "chosen, 0.01, linear. Its output noise 0.5 is read in the units of I.3, 0.5/sqrt(64): as it stands it "
        "gives the data singular values up to 8 and hides every signal. X^T X = 1 is read as X X^T = 1, for 1024 "
        f"inputs in 64 dimensions cannot be orthonormal. {REPLICAS} replicas in place of 256; bands from 10 % to 90 "
        "% of them, bars 95 % intervals of means",
    )
