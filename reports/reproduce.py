"""Pictures of repeated experiments beside their predictions: ``crossproof reproduce 003.fig1``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..derivations.errors import UsageError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """One line, row of points or histogram of a panel.

    Parameters
    ----------
    label : str
        Text of the legend.
    x, y : arrays of shape (n,)
        Abscissae and ordinates; a histogram has its samples in `x` and an empty `y`.
    style : {"line", "dashed", "points", "histogram"}
        How it is drawn; predictions are dashed.
    band : pair of arrays of shape (n,), optional
        Lower and upper end of the errors of `y`, or of its spread; the setting of the picture says which.
    """

    label: str
    x: Array
    y: Array
    style: str = "line"
    band: tuple[Array, Array] | None = None


@dataclass(frozen=True)
class Panel:
    """One coordinate system of a picture, with named horizontal `levels` and vertical `places`."""

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    logarithmic: tuple[bool, bool] = (False, False)
    levels: tuple[tuple[str, float], ...] = ()
    places: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Picture:
    """Result of one experiment.

    Parameters
    ----------
    panels : tuple of Panel
        What is drawn.
    findings : tuple of str
        Measured and predicted numbers, one sentence each.
    setting : str
        What was simulated, and how it differs from the document.
    """

    panels: tuple[Panel, ...]
    findings: tuple[str, ...]
    setting: str


@dataclass(frozen=True)
class Experiment:
    """A registered experiment of a document."""

    id: str
    title: str
    claims: tuple[str, ...]
    run: Callable[[int], Picture]


_EXPERIMENTS: dict[str, Experiment] = {}
EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(_EXPERIMENTS)


def experiment(
    id: str, title: str, *, claims: tuple[str, ...]
) -> Callable[[Callable[[int], Picture]], Callable[[int], Picture]]:
    """Register the decorated ``run(seed)`` as the experiment `id`, which shows what `claims` predict."""

    def register(run: Callable[[int], Picture]) -> Callable[[int], Picture]:
        if id in _EXPERIMENTS:
            raise UsageError(f"experiment {id!r} is registered twice")
        _EXPERIMENTS[id] = Experiment(id, title, claims, run)
        return run

    return register


def load_experiments() -> Mapping[str, Experiment]:
    """Import all experiments and return them by id."""
    from . import experiments  # noqa: F401  (importing the package registers them)

    return EXPERIMENTS


def chosen(selector: str | None) -> list[Experiment]:
    """Return the experiments of a selector: an id, or a document such as ``003``; all without one.

    Raises
    ------
    UsageError
        If nothing is selected.
    """
    known = load_experiments()
    found = [e for e in known.values() if selector in (None, e.id, e.id.split(".")[0])]
    if not found:
        raise UsageError(f"no experiment {selector!r}; known are {', '.join(known)}")
    return found


@dataclass(frozen=True)
class Reproduction:
    """What was made of one experiment."""

    experiment: Experiment
    picture: Picture
    path: Path
    seconds: float = field(compare=False)

    def __str__(self) -> str:
        lines = [f"{self.experiment.id}  {self.experiment.title}", f"  setting: {self.picture.setting}"]
        lines += [f"  {finding}" for finding in self.picture.findings]
        lines.append(f"  claims: {', '.join(self.experiment.claims)}")
        lines.append(f"  picture: {self.path} ({self.seconds:.1f} s)")
        return "\n".join(lines)


def reproduce(
    selector: str | None,
    folder: Path,
    suffix: str = "png",
    seed: int = 0,
    starting: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Iterator[Reproduction]:
    """Run the selected experiments and write a picture of each into `folder`.

    Parameters
    ----------
    selector : str or None
        As in :func:`chosen`.
    folder : Path
        Made if it does not exist.
    suffix : {"png", "svg", "pdf"}
        Format of the pictures.
    seed : int
        Seed of every random number.
    starting : callable
        Called with (done, total, id) before each experiment.

    Raises
    ------
    UsageError
        If nothing is selected, the folder cannot be made or written to, or matplotlib is not installed.
    """
    from ..checks.runs.unit import load_catalog
    from ..checks.store.files import check_writable

    experiments = chosen(selector)
    load_catalog()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {folder}: {error.strerror}; name a folder that can be written") from None
    paths = [folder / f"{made.id}.{suffix}" for made in experiments]
    for path in paths:  # before minutes of simulation
        check_writable(path)
    for number, (made, path) in enumerate(zip(experiments, paths, strict=True)):
        starting(number, len(experiments), made.id)
        start = time.perf_counter()
        picture = made.run(seed)
        draw(picture, f"{made.id}: {made.title}", path)
        yield Reproduction(made, picture, path, time.perf_counter() - start)


_COLOURS = (
    "#3b6ea8",
    "#c2571a",
    "#3d8b40",
    "#8a4fa3",
    "#8c6d1f",
    "#5b5b5b",
    "#c03a5b",
    "#2a9d9d",
    "#7f9f1f",
    "#b07fd0",
)


def draw(made: Picture, title: str, path: Path) -> None:
    """Write a picture as PNG, SVG or PDF, by the suffix of `path`.

    Raises
    ------
    UsageError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise UsageError("pictures need matplotlib; install crossproof[figures]") from None
    figure = Figure(figsize=(5.2 * len(made.panels), 4.0), layout="constrained")
    for axes, panel in zip(np.atleast_1d(figure.subplots(1, len(made.panels))), made.panels, strict=True):
        _draw_panel(axes, panel)
    figure.suptitle(title, fontsize=10)
    figure.savefig(path, dpi=150)


def _draw_panel(axes: Any, panel: Panel) -> None:
    number = -1
    for curve in panel.curves:
        # a prediction has the colour of the measurement before it
        number += curve.style != "dashed" or number < 0
        colour = _COLOURS[number % len(_COLOURS)]
        if curve.style == "histogram":
            axes.hist(curve.x, bins=60, density=True, color=colour, alpha=0.45, label=curve.label)
        elif curve.style == "points":
            axes.plot(curve.x, curve.y, "o", color=colour, markersize=4, label=curve.label)
        else:
            axes.plot(curve.x, curve.y, "--" if curve.style == "dashed" else "-", color=colour, label=curve.label)
        if curve.band is not None and curve.style == "points":
            axes.vlines(curve.x, *curve.band, color=colour, linewidth=0.8)
        elif curve.band is not None:
            axes.fill_between(curve.x, *curve.band, color=colour, alpha=0.2, linewidth=0)
    for text, level in panel.levels:
        axes.axhline(level, color="#999999", linewidth=0.8, linestyle=":")
        axes.text(0.99, level, text, transform=axes.get_yaxis_transform(), ha="right", va="bottom", fontsize=7)
    for text, place in panel.places:
        axes.axvline(place, color="#999999", linewidth=0.8, linestyle=":")
        axes.text(
            place, 0.99, text, transform=axes.get_xaxis_transform(), ha="right", va="top", rotation=90, fontsize=7
        )
    axes.set_title(panel.title, fontsize=9)
    axes.set_xlabel(panel.x_label, fontsize=8)
    axes.set_ylabel(panel.y_label, fontsize=8)
    axes.tick_params(labelsize=7)
    if panel.logarithmic[0]:
        axes.set_xscale("log")
    if panel.logarithmic[1]:
        axes.set_yscale("log")
    if panel.curves:
        axes.legend(fontsize=7, frameon=False)
