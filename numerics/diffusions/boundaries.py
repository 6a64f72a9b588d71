"""Ends of the range of a one-dimensional diffusion: natural, absorbing or reflecting."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...derivations.errors import DomainError
from ..arguments import check_fields
from .scalar_diffusion import ScalarDiffusion

_KINDS = ("natural", "absorbing", "reflecting")
#: Farthest coordinate that a grid may reach where the state is an exponential of it.
_FARTHEST = 600.0


@dataclass(frozen=True)
class Boundary:
    """One end of the range: natural (never reached), or absorbing or reflecting at the state `place`.

    Raises
    ------
    DomainError
        If the kind is unknown, or `place` is missing, not finite, or given for a natural end.
    """

    kind: str
    place: float | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        if self.kind not in _KINDS:
            raise DomainError(f"boundary kind = {self.kind!r}; choose from {', '.join(_KINDS)}")
        if self.kind == "natural" and self.place is not None:
            raise DomainError(f"place = {self.place}: a natural end is found automatically; leave place out")
        if self.kind != "natural" and (self.place is None or not math.isfinite(self.place)):
            raise DomainError(f"place = {self.place}; an end that is {self.kind} needs a finite state")

    @property
    def natural(self) -> bool:
        """Whether the end is never reached."""
        return self.kind == "natural"


NATURAL = Boundary("natural")


def absorbing(place: float) -> Boundary:
    """Return an end at which the process is stopped for good."""
    return Boundary("absorbing", place)


def reflecting(place: float) -> Boundary:
    """Return an end with zero current."""
    return Boundary("reflecting", place)


def coordinate_limits(process: ScalarDiffusion, low: Boundary, high: Boundary) -> tuple[float, float]:
    """Return the coordinates of the ends; those of the support (in the floats) where an end is natural.

    Raises
    ------
    DomainError
        If the ends are out of order or outside the support.
    """
    if low.place is not None and high.place is not None and not low.place < high.place:
        raise DomainError(f"low = {low.place} and high = {high.place}: give low < high")
    widest = process.support if process.coordinate == "linear" else (-_FARTHEST, _FARTHEST)
    return (
        widest[0] if low.place is None else process.z(low.place),
        widest[1] if high.place is None else process.z(high.place),
    )
