"""Paths of SGD and of its models on deep linear networks, from the same start beside a saddle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from ...numerics.models.networks import flattened
from ...numerics.models.run import model_states
from ...numerics.networks.data import TeacherData
from ...numerics.networks.draws import PhiloxDraws
from ...numerics.networks.runs import Watch
from ...numerics.networks.sgd import sgd
from .described import MODELS
from .setting import Array, Setting

#: Steps of a model's scheme in one of SGD.
FINER = 2
#: Paths stop at this modulus of a coordinate: in steep regions the noise of a model makes steps from which none comes
#: back. End-to-end numbers are cut at this many teachers, and displacements at this length, before their moments are
#: taken.
WITHIN, CUT, FAR = 10.0, 3.0, 5.0
#: Paths that are simulated at a time.
_CHUNK = 4096


@dataclass
class Paths:
    """What is kept of the paths of one process.

    Attributes
    ----------
    product : array of shape (paths, records)
        End-to-end numbers p, cut at `CUT`.
    early : array of shape (paths, records before the middle, weights)
        Displacement of the weights, cut at length `FAR`, at the first records.
    middle : array of shape (paths, weights)
        Weights at the middle, cut at `WITHIN`.
    jump : array of shape (paths, weights)
        Change of the weights over the first record.
    stopped : int
        Paths that were stopped, or SGD lost, beyond `WITHIN`.
    """

    product: Array
    early: Array
    middle: Array
    jump: Array
    stopped: int = 0

    def part(self, number: int, parts: int) -> Paths:
        """Return one of several equal parts of the paths."""
        rows = slice(number * len(self.product) // parts, (number + 1) * len(self.product) // parts)
        return Paths(self.product[rows], self.early[rows], self.middle[rows], self.jump[rows], self.stopped)


#: Records of `Paths.early`.
EARLY = 24


def _kept(setting: Setting, found: Array) -> Paths:
    """Return what is kept of states of shape (records, paths, coordinates), the weights first."""
    stopped = int((np.abs(found[-1]) >= WITHIN).any(axis=1).sum())
    states = found[..., : len(setting.start)]
    flat = torch.as_tensor(np.clip(states, -1e3, 1e3)).reshape(-1, states.shape[2])
    whole = None
    for layer in setting.network.weights(flat):
        whole = layer if whole is None else layer @ whole
    assert whole is not None
    product = np.clip(whole[:, 0, 0].numpy().reshape(states.shape[:2]).T, -CUT, CUT)
    moved = np.swapaxes(states[: EARLY + 1] - states[0], 0, 1)
    length = np.linalg.norm(moved, axis=2, keepdims=True)
    early = moved * np.minimum(1.0, FAR / np.maximum(length, FAR))
    middle = np.clip(states[len(states) // 2], -WITHIN, WITHIN)
    return Paths(product, early, middle, states[1] - states[0], stopped)


def _joined(parts: list[Paths]) -> Paths:
    return Paths(
        np.concatenate([p.product for p in parts]),
        np.concatenate([p.early for p in parts]),
        np.concatenate([p.middle for p in parts]),
        np.concatenate([p.jump for p in parts]),
        sum(p.stopped for p in parts),
    )


def _chunks(paths: int) -> Iterator[tuple[int, int]]:
    for first in range(0, paths, _CHUNK):
        yield first, min(_CHUNK, paths - first)


def train(setting: Setting, paths: int) -> Paths:
    """Return runs of SGD itself, from the loss and fresh samples of the teacher."""
    data = TeacherData(torch.ones(1, 1, dtype=torch.float64), setting.label_noise)
    start = torch.tensor(setting.start, dtype=torch.float64, device=setting.device)
    parts = []
    for first, count in _chunks(paths):
        draws = PhiloxDraws(
            count, setting.seed, f"compare {setting.depth}", torch.float64, torch.device(setting.device), first
        )
        watch = Watch(flattened, record_every=setting.every)
        weights = [w.contiguous() for w in setting.network.weights(start.expand(count, -1))]
        run = sgd(
            weights, data, draws, learning_rate=setting.rate, steps=setting.steps, loss_scale=0.5,
            batch=setting.batch, watch=watch,
        )  # fmt: skip
        assert run.trajectory is not None
        parts.append(_kept(setting, np.nan_to_num(run.trajectory.cpu().numpy(), nan=1e3, posinf=1e3, neginf=-1e3)))
    return _joined(parts)


def simulate(setting: Setting, name: str) -> Paths:
    """Return paths of the model of that name, by Euler steps `FINER` times as many as those of SGD.

    Raises
    ------
    NumericsError
        If paths become non-finite.
    """
    model, initial, speed = MODELS[name].prepare(setting)
    records = range(0, setting.steps + 1, setting.every)
    parts = []
    for first, count in _chunks(setting.paths):
        states, _ = model_states(
            model, {}, initial, horizon=setting.steps * setting.rate * speed, steps=FINER * setting.steps,
            paths=count, at=[FINER * n for n in records], within=WITHIN, seed=setting.seed,
            claim=f"compare {setting.depth}", stream=name, first_path=first, device=setting.device,
        )  # fmt: skip
        parts.append(_kept(setting, states.cpu().numpy()))
    return _joined(parts)
