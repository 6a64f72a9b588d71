"""What is trained, and how long: the setting of a comparison."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...numerics.models.networks import ScalarNetwork

Array = NDArray[np.float64]

#: Records of a path, with its start.
RECORDS = 120


@dataclass(frozen=True)
class Setting:
    """What is trained and how.

    Parameters
    ----------
    depth, width : int
        Of the network; one input, one output.
    rate, batch : float, int
        Learning rate and batch size of SGD.
    label_noise : float
        Standard deviation of the labels about the teacher, which is 1; the loss of a sample is (p x - y)^2 / 2.
    size : float
        Of the two layers that vanish at the saddle.
    horizon : float
        Units of time, eta to a step of SGD.
    paths, seed, device
        Replicas of SGD and paths of each model; seed; where models and SGD run.
    """

    depth: int
    width: int = 2
    rate: float = 0.05
    batch: int = 1
    label_noise: float = 0.5
    size: float = 0.03
    horizon: float = 12.0
    paths: int = 2048
    seed: int = 0
    device: str = "cpu"

    @cached_property
    def network(self) -> ScalarNetwork:
        """The network in symbols."""
        return ScalarNetwork(self.depth, self.width, 1, self.label_noise)

    @cached_property
    def every(self) -> int:
        """Steps of SGD between two records."""
        return max(1, math.ceil(self.horizon / self.rate / RECORDS))

    @cached_property
    def steps(self) -> int:
        """Steps of SGD."""
        return self.every * max(8, round(self.horizon / self.rate / self.every))

    @property
    def dt(self) -> float:
        """Time between records."""
        return self.every * self.rate

    @property
    def start(self) -> list[float]:
        """The weights at time 0."""
        return self.network.near_saddle(self.size)

    def losses(self, product: Array) -> Array:
        """Mean loss above the noise, (p - 1)^2 / 2."""
        return np.asarray((product - 1) ** 2 / 2)
