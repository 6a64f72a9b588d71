"""How much work a run spends."""

from __future__ import annotations

from dataclasses import dataclass

from ..derivations.errors import UsageError

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


@dataclass(frozen=True)
class Effort:
    """Sizes that witnesses read.

    Parameters
    ----------
    name : str
        ``quick``, ``default`` or ``thorough``.
    points : int
        Exact domain points at which deterministic witnesses look.
    samples : int
        Independent samples (network data, SDE paths) of one Monte Carlo look.
    looks : int
        Looks that a sequential Monte Carlo witness may take; each look draws `samples` more.
    resolution : float
        Relative deviation that a confirmation must have been able to catch.
    algebra_seconds : float
        Hard time limit of one algebra witness.
    """

    name: str
    points: int
    samples: int
    looks: int
    resolution: float
    algebra_seconds: float


EFFORTS = {
    e.name: e
    for e in (
        Effort("quick", points=4, samples=20_000, looks=4, resolution=0.05, algebra_seconds=10.0),
        Effort("default", points=8, samples=100_000, looks=6, resolution=0.02, algebra_seconds=20.0),
        Effort("thorough", points=24, samples=400_000, looks=10, resolution=0.01, algebra_seconds=120.0),
    )
}


def effort(name: str) -> Effort:
    """Return the effort called `name`; UsageError names the choices."""
    try:
        return EFFORTS[name]
    except KeyError:
        raise UsageError(f"effort is {name!r}; choose one of {', '.join(EFFORTS)}") from None
