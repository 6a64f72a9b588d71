"""What a picture is: numbers with names. It knows neither statements nor how anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...derivations.errors import UsageError

Array = NDArray[np.float64]


class NoPicture(UsageError):
    """A claim without numbers that could be drawn; the message gives the reason."""


@dataclass(frozen=True)
class Axis:
    """One axis: its label in LaTeX or words, the range that is shown, and whether it is logarithmic."""

    label: str
    low: float
    high: float
    logarithmic: bool = False


@dataclass(frozen=True)
class Curve:
    """A line through (x, y); where y is not finite it has a gap. With `dots` nothing is drawn between the points."""

    label: str
    x: Array
    y: Array
    role: str = "found"
    dots: bool = False


@dataclass(frozen=True)
class Band:
    """The area between `low` and `high`, at x; nothing where one is not finite."""

    label: str
    x: Array
    low: Array
    high: Array
    role: str = "found"


@dataclass(frozen=True)
class Bars:
    """A histogram: `heights` between consecutive `edges`."""

    label: str
    edges: Array
    heights: Array
    role: str = "found"


@dataclass(frozen=True)
class Intervals:
    """Measured values: an estimate at each x, with a confidence interval from `low` to `high`."""

    label: str
    x: Array
    y: Array
    low: Array
    high: Array
    role: str = "found"


@dataclass(frozen=True)
class Mark:
    """A point that is named. With `other`, the other value at the same x: the gap between them is drawn."""

    label: str
    x: float
    y: float
    other: float | None = None


@dataclass(frozen=True)
class Rule:
    """A straight line at a value of y, or of x where it is `upright`."""

    label: str
    at: float
    upright: bool = False
    role: str = "aid"


@dataclass(frozen=True)
class Panel:
    """One coordinate system."""

    x: Axis
    y: Axis
    curves: tuple[Curve, ...] = ()
    bands: tuple[Band, ...] = ()
    bars: tuple[Bars, ...] = ()
    intervals: tuple[Intervals, ...] = ()
    marks: tuple[Mark, ...] = ()
    rules: tuple[Rule, ...] = ()
    title: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture of one claim, as data.

    Parameters
    ----------
    kind : str
        What kind of picture, in words, such as ``"density over histogram"``.
    claim : str
        Id of the claim.
    title : str
        Id and title of the claim.
    panels : tuple of Panel
        What is drawn, from left to right.
    caption : str
        One sentence: what is shown, at which values of the parameters, with which seed and numbers of samples.
    outcome : str
        Outcome of the verdict whose counterexample is marked; empty without a verdict.
    """

    kind: str
    claim: str
    title: str
    panels: tuple[Panel, ...]
    caption: str
    outcome: str = field(default="")

    def save(self, path: object, *, dark: bool = False) -> None:
        """Write the picture as ``.svg``, ``.pdf`` or ``.png``, by the suffix of `path`, whole or not at all.

        Raises
        ------
        UsageError
            If the suffix is another, the file cannot be written, or Matplotlib is not installed.
        """
        from pathlib import Path

        from .render import save

        save(self, Path(str(path)), dark=dark)

    def _repr_svg_(self) -> str:
        from .render import svg_of

        return svg_of(self)

    def _repr_png_(self) -> bytes:
        from .render import png_of

        return png_of(self)
