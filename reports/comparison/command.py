"""``crossproof compare``: from what is asked to runs, results and pictures."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from ...checks.store.files import check_writable, write_whole
from ...derivations.errors import NumericsError, UsageError
from ...numerics.devices import checked_device
from ..progress import steps
from ..reproduce import draw
from .described import MODELS
from .pictures import escape, picture
from .results import CONTROL, Compared, record, show
from .runs import Paths, simulate, train
from .setting import Setting
from .statistics import FAMILY, Reference, comparisons

#: Paths of each model by effort; SGD runs four times as many.
EFFORTS: Mapping[str, int] = {"quick": 2048, "default": 8192, "thorough": 32768}
#: Depths beyond which the polynomials of the models take minutes to print.
DEEPEST = 6


@dataclass(frozen=True)
class Asked:
    """What the command line asks for."""

    depths: Sequence[int]
    models: Sequence[str]
    effort: str
    seed: int
    device: str
    width: int
    rate: float
    json: Path | None
    out: Path | None
    format: str

    def settings(self) -> list[Setting]:
        """Return a setting for each depth.

        Raises
        ------
        UsageError
            If a depth, a model, the width, the rate or the device is not one that can be compared.
        """
        for name in self.models:
            if name not in MODELS:
                raise UsageError(f"--models {name!r}: known are {', '.join(MODELS)}")
        if len(set(self.models)) < len(self.models) or len(set(self.depths)) < len(self.depths):
            raise UsageError("--models or --depths names one twice; name each once")
        for depth in self.depths:
            if not 2 <= depth <= DEEPEST:
                raise UsageError(f"--depths {depth}: give depths from 2 to {DEEPEST}")
        if not 1 <= self.width <= 4:
            raise UsageError(f"--width {self.width}: give 1 to 4 neurons")
        if not 0 < self.rate <= 0.2:
            raise UsageError(f"--rate {self.rate}: give a learning rate in (0, 0.2], where SGD is stable")
        device = self.device
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            checked_device(device)
        except NumericsError as problem:
            raise UsageError(f"--device {device}: {problem}") from None
        paths = EFFORTS[self.effort]
        return [
            Setting(depth, width=self.width, rate=self.rate, paths=paths, seed=self.seed, device=device)
            for depth in self.depths
        ]


def compare(asked: Asked, step: Callable[[str], None] = lambda what: None) -> Iterator[Compared]:
    """Yield what is found at each depth; `step` is told what comes next, once for SGD and each model of a depth."""
    level = FAMILY / comparisons(len(asked.models) + 1, len(asked.depths))
    for setting in asked.settings():
        step(f"depth {setting.depth}: SGD")
        reference = Reference(setting, train(setting, 4 * setting.paths))
        every: dict[str, Paths] = {"SGD": reference.sgd}
        rows = list(reference.rows(CONTROL, reference.again, level))
        failed = {}
        for name in asked.models:
            step(f"depth {setting.depth}: {name}")
            try:
                every[name] = simulate(setting, name)
            except NumericsError as problem:
                failed[name] = str(problem)
                continue
            rows += reference.rows(name, every[name], level)
        escapes = {name: escape(paths, setting) for name, paths in every.items()}
        if asked.out is not None:
            path = asked.out / f"compare-depth-{setting.depth}.{asked.format}"
            draw(picture(setting, every, escapes), f"SGD and its models, depth {setting.depth}", path)
        stopped = {name: paths.stopped for name, paths in every.items() if paths.stopped}
        yield Compared(setting, tuple(rows), escapes, stopped, failed)


def run(asked: Asked) -> int:
    """Carry out the command: pictures and JSON where they are asked for, and the table."""
    asked.settings()
    if asked.json is not None:
        check_writable(asked.json)
    if asked.out is not None:
        try:
            asked.out.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise UsageError(f"--out {asked.out}: {problem.strerror}; name a folder that can be written") from None
    began, threads = time.perf_counter(), torch.get_num_threads()
    torch.set_num_threads(1)  # states of a few thousand paths are too short to share out
    try:
        with steps() as bar:
            done, total = itertools.count(), len(asked.depths) * (len(asked.models) + 1)
            found = list(compare(asked, lambda what: bar(next(done), total, what)))
    finally:
        torch.set_num_threads(threads)
    show(found, asked.models)
    seconds = time.perf_counter() - began
    if asked.json is not None:
        write_whole(asked.json, json.dumps(record(found, asked.models), indent=1, allow_nan=False))
        print(f"wrote {asked.json}")
    if asked.out is not None:
        print(f"wrote {len(found)} picture{'s' * (len(found) != 1)} into {asked.out}")
    print(f"{seconds:.0f} s")
    return 0
