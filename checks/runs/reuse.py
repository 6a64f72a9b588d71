"""Units that an earlier run has answered, and the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..evidence import Evidence
    from ..store.store import Store
    from .unit import Unit


def run_stored(
    units: Sequence[Unit],
    store: Store,
    key: Callable[[Unit], str | None],
    run: Callable[[Sequence[Unit], Callable[[Unit, Evidence], None]], Mapping[Unit, Evidence]],
    progress: Callable[[Unit, Evidence], None] = lambda unit, evidence: None,
    *,
    fresh: bool = False,
) -> dict[Unit, Evidence]:
    """Return the evidence of every unit: what the store has, and the rest from `run`, kept as it arrives.

    Parameters
    ----------
    units : sequence of Unit
        Work.
    store : Store
        The evidence of earlier runs.
    key : callable
        Key of a unit, :meth:`crossproof.checks.sources.keys.Keys.unit`; a unit without a key is always run.
    run : callable
        ``run(units, progress)``, which examines units and reports each as it ends.
    progress : callable
        Called with each unit and its evidence, stored or new.
    fresh : bool
        Examine every unit again, whatever the store has.
    """
    keys = {unit: key(unit) for unit in units}
    results: dict[Unit, Evidence] = {}
    for unit in () if fresh else units:
        known = keys[unit]
        found = None if known is None else store.get(known)
        if found is not None and found.witness == unit.witness:
            results[unit] = found
            progress(unit, found)

    def keep(unit: Unit, evidence: Evidence) -> None:
        known = keys[unit]
        if known is not None:
            store.put(known, evidence)
        progress(unit, evidence)

    return results | dict(run([u for u in units if u not in results], keep))
