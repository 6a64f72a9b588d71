"""Witnesses: functions that examine one type of statement, and the register that finds them by type."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..derivations.claim import CLAIMS, Claim
from ..derivations.statements.base import Statement
from .effort import Effort
from .evidence import Finding, Kind

if TYPE_CHECKING:
    import torch

#: Probability that one run of the whole catalog refutes any true claim by chance.
FALSE_REFUTATION_LEVEL = 1e-6


@dataclass(frozen=True)
class Task:
    """One unit of work: a claim for one witness.

    Parameters
    ----------
    claim : Claim
        What is examined.
    effort : Effort
        How much work to spend.
    seed : int
        Seed of the run; `generator` derives independent streams from it.
    device : str
        torch device, ``"cpu"`` or ``"cuda"``.
    level : float
        Share of the run's false-refutation probability that this unit may spend, over all its looks.
    witness : str
        Name of the witness, part of the key of its random streams.
    """

    claim: Claim
    effort: Effort
    seed: int
    device: str
    level: float
    witness: str

    def key(self, stream: str = "") -> int:
        """Return a 63-bit key that depends on the seed, the claim, the witness and `stream` only."""
        text = f"{self.seed}|{self.claim.id}|{self.witness}|{stream}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1

    def generator(self, stream: str = "") -> torch.Generator:
        """Return a torch generator on `device`, seeded with :meth:`key`."""
        import torch

        return torch.Generator(device=self.device).manual_seed(self.key(stream))


Examine = Callable[[Any, Task], Finding]


@dataclass(frozen=True)
class Witness:
    """A registered witness.

    Parameters
    ----------
    name : str
        Unique name, shown in verdicts.
    kind : Kind
        Kind of evidence.
    statement : type
        Type of statement that it can speak to.
    starts_from : str
        What the witness takes as given: never the formula under examination.
    examine : callable
        ``examine(statement, task) -> Finding``.
    applies : callable
        Further condition on the statement, for witnesses that cover part of a type.
    """

    name: str
    kind: Kind
    statement: type[Statement]
    starts_from: str
    examine: Examine
    applies: Callable[[Any], bool]


_WITNESSES: dict[str, Witness] = {}


def witness(
    name: str,
    *,
    kind: Kind,
    statement: type[Statement],
    starts_from: str,
    applies: Callable[[Any], bool] = lambda statement: True,
) -> Callable[[Examine], Examine]:
    """Register the decorated function as a witness; see :class:`Witness`."""

    def register(examine: Examine) -> Examine:
        if name in _WITNESSES:
            raise ValueError(f"witness {name!r} is registered twice")
        _WITNESSES[name] = Witness(name, kind, statement, starts_from, examine, applies)
        return examine

    return register


def witnesses_for(claim: Claim) -> Iterator[Witness]:
    """Yield the witnesses that can speak to `claim`, found by the type of its statement."""
    from . import witnesses  # noqa: F401  (importing the package registers them)

    for found in _WITNESSES.values():
        if isinstance(claim.statement, found.statement) and found.applies(claim.statement):
            yield found


def witness_named(name: str) -> Witness:
    """Return the witness called `name`."""
    from . import witnesses  # noqa: F401

    return _WITNESSES[name]


def unit_level() -> float:
    """Return the false-refutation level of one statistical unit: the run's level shared over the catalog.

    The share does not depend on what a run selects, so that one claim examined alone gives the same verdict.
    """
    from ..derivations import catalog  # noqa: F401  (importing the package registers the claims)

    units = sum(w.kind is Kind.MONTE_CARLO for c in CLAIMS.values() for w in witnesses_for(c))
    return FALSE_REFUTATION_LEVEL / max(units, 1)
