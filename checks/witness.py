"""Witnesses: functions that examine one type of statement, and the register that finds them by type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from ..derivations.claim import CLAIMS, Claim
from ..derivations.statement import Statement
from ..numerics.random.philox import key_words
from .effort import Effort
from .evidence import Finding, Kind

if TYPE_CHECKING:
    from ..numerics.random.random_stream import RandomStream

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Probability that one run of the whole catalog refutes any true claim by chance.
FALSE_REFUTATION_LEVEL = 1e-6
#: What a unit of a user's claim or witness may spend: the same probability, shared by a thousand units.
USER_LEVEL = FALSE_REFUTATION_LEVEL / 1000

_PACKAGE = __name__.partition(".")[0]
_CATALOG, _WITNESS_ROOM = f"{_PACKAGE}.derivations.catalog.", f"{_PACKAGE}.checks.witnesses."


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
        Seed of the run; :meth:`draws` derives independent streams from it.
    device : str
        torch device, ``"cpu"`` or ``"cuda"``.
    level : float
        Share of the run's false-refutation probability that this unit may spend, over all its looks.
    witness : str
        Name of the witness, part of the key of its random streams.
    simulated : dict
        Paths or samples that the witness has drawn, by what made them and what they are (:meth:`note`).
    """

    claim: Claim
    effort: Effort
    seed: int
    device: str
    level: float
    witness: str
    simulated: dict[tuple[str, str], int] = field(default_factory=dict, compare=False, repr=False)

    def note(self, engine: str, count: int, of: str = "paths") -> None:
        """Note for the evidence what made random paths, or samples of another kind, and how many."""
        self.simulated[engine, of] = self.simulated.get((engine, of), 0) + count

    def note_samples(self, method: str, count: int, of: str = "samples") -> None:
        """Note for the evidence that torch has drawn samples in float64 on the device of the run."""
        self.note(f"torch on {self.device}, float64, {method}", count, of)

    def key(self, stream: str = "") -> tuple[int, int]:
        """Return Philox key words that depend on the seed, the claim, the witness and `stream` only."""
        return key_words(self.seed, self.claim.id, f"{self.witness}|{stream}")

    def draws(self, stream: str = "") -> RandomStream:
        """Return the random numbers of :meth:`key`, float64, on `device`: the same on every device."""
        from ..numerics.random.random_stream import RandomStream

        return RandomStream(self.key(stream), self.device)


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


def registered_witnesses() -> tuple[Witness, ...]:
    """Return all witnesses, the project's own and those that have been registered besides."""
    from . import witnesses  # noqa: F401  (importing the package registers them)

    return tuple(_WITNESSES.values())


def witnesses_for(claim: Claim) -> Iterator[Witness]:
    """Yield the witnesses that can speak to `claim`, found by the type of its statement."""
    for found in _of_type(type(claim.statement), len(registered_witnesses())):
        if _speaks(found, claim.statement):
            yield found


@cache
def _of_type(kind: type[Statement], registered: int) -> tuple[Witness, ...]:
    return tuple(found for found in registered_witnesses() if issubclass(kind, found.statement))


def _speaks(found: Witness, statement: Statement) -> bool:
    try:
        return found.applies(statement)
    except Exception:  # a user's condition may raise anything; the unit that is made then says so
        return True


def witness_named(name: str) -> Witness:
    """Return the witness called `name`."""
    from . import witnesses  # noqa: F401

    return _WITNESSES[name]


def unit_level(claim: Claim, found: Witness) -> float:
    """Return the false-refutation level of one unit, which depends on the claim, the witness and the catalog only.

    The units of the catalog's claims and the witnesses that come with them share the level of a run equally, whatever
    a run selects and whatever else is loaded, so that one claim examined alone gives the same verdict. A unit of a
    user's claim or witness has a level of its own, :data:`USER_LEVEL`.
    """
    return _catalog_level() if _built_in(claim) and found.examine.__module__.startswith(_WITNESS_ROOM) else USER_LEVEL


def _built_in(claim: Claim) -> bool:
    return claim.module.startswith(_CATALOG)


@cache
def _catalog_level() -> float:
    from ..derivations.catalog import whole  # noqa: F401  (importing it registers the claims)

    own = [c for c in CLAIMS.values() if _built_in(c)]
    units = sum(
        w.kind is Kind.MONTE_CARLO and w.examine.__module__.startswith(_WITNESS_ROOM)
        for c in own
        for w in witnesses_for(c)
    )
    return FALSE_REFUTATION_LEVEL / max(units, 1)
