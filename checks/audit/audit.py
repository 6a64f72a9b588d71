"""Who checks the checker: every witness is shown slightly wrong forms of the claims that it supports.

A mutant is killed when a witness refutes it. One that survives all its witnesses, and was not shown to assert the
same as its original, is a blind spot.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from ...derivations.claim import CLAIMS, Claim
from ...derivations.errors import UsageError
from ..effort import effort as effort_named
from ..evidence import Kind, Outcome
from ..mutants.mutants import Mutant, mutants
from ..runs.unit import load_catalog
from ..runs.verify import DEFAULT_SEED, resolve_device
from ..selection import select
from ..store.store import Store
from .fates import Audit, result_of
from .objects import disturb
from .trials import Progress, Trials, chain

#: Name of the file of evidence on mutants, beside the one on claims.
STORE = "audit.sqlite"


def audit_claims(
    selectors: Sequence[str] = (),
    *,
    effort: str = "default",
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    sample: int | None = None,
    device: str = "auto",
    kinds: Sequence[Kind] = tuple(Kind),
    modules: Sequence[str] = (),
    outcomes: Mapping[str, str] | None = None,
    progress: Progress = lambda done, total, what: None,
    store: Path | None = None,
    warn: Callable[[str], None] = lambda message: None,
) -> Audit:
    """Mutate the selected claims that hold, and run their witnesses on the mutants.

    A mutant meets its witnesses one by one, exact ones first, until one refutes it; see
    :func:`crossproof.checks.audit.trials.chain`. Then what the claims are about is changed; see
    :func:`crossproof.checks.audit.objects.disturb`.

    Parameters
    ----------
    selectors : sequence of str
        As in :func:`crossproof.checks.selection.select`; empty for the whole catalog.
    effort, seed, workers, device, modules, outcomes
        As in :func:`crossproof.checks.runs.verify.verify_claims`.
    sample : int, optional
        Draw this many mutants, of claims spread evenly over the list, by `seed` alone; those of claims that turn out
        not to hold are left out. What a claim is about is changed for claims of which a mutant was drawn; with 0, of
        all.
    kinds : sequence of Kind
        Kinds of witness that may kill; all by default. Restricting them measures one kind alone, on mutants of what
        is asserted only.
    progress : callable
        Called with (done, total, what is being done).
    store : Path, optional
        File of evidence on claims from earlier runs. Evidence on mutants is kept in a file of its own beside it, so
        that an interrupted audit goes on where it stopped, and a repeated one runs only what changed.
    warn : callable
        Called with a message when a file of evidence cannot be used.

    Raises
    ------
    SelectionError, UsageError
        If an argument is outside its range.
    """
    if sample is not None and (isinstance(sample, bool) or sample < 0):
        raise UsageError(f"sample is {sample!r}; give an integer >= 0")
    effort_named(effort)
    load_catalog(modules, strict=False)
    chosen = select(selectors, CLAIMS, dict(outcomes) if outcomes is not None else None)
    on = resolve_device(device)
    start = time.monotonic()
    run = Trials(effort, seed, on, workers, tuple(modules), progress)
    if sample is None:
        examined = chosen
        drawn = [m for c in chosen for m in mutants(c)]
    else:
        # a claim that another one repairs does not hold, so no draw is spent on it
        repaired = {c.repairs for c in CLAIMS.values()}
        standing = [c for c in chosen if c.id not in repaired]
        drawn = _spread(standing, sample, seed)
        examined = [c for c in standing if not sample or c.id in {m.original for m in drawn}]
    with _opened(store, warn) as kept:
        verdicts = run.verdicts(examined, kept)
    holding = {id: v for id, v in verdicts.items() if v.outcome in (Outcome.PROVED, Outcome.CONFIRMED)}
    drawn = [m for m in drawn if m.original in holding]
    chains = {m.id: chain(m, holding[m.original], kinds) for m in drawn if m.claim is not None}
    with _opened(None if store is None else store.with_name(STORE), warn) as kept:
        evidence = run.chase(chains, kept)
        # one kind of witness is measured by its kill rate alone
        objects = disturb(run, holding, kept) if set(kinds) == set(Kind) else ()
    return Audit(
        tuple(result_of(m, evidence.get(m.id, [])) for m in drawn),
        tuple(holding),
        frozenset(id for id, v in holding.items() if v.outcome is Outcome.PROVED),
        tuple(c.id for c in examined if c.id not in holding),
        objects,
        sample,
        effort,
        seed,
        on,
        time.monotonic() - start,
    )


def _opened(path: Path | None, warn: Callable[[str], None]) -> AbstractContextManager[Store | None]:
    return nullcontext() if path is None else Store(path, warn)


def _spread(claims: Sequence[Claim], sample: int, seed: int) -> list[Mutant]:
    """Return `sample` mutants at most: as many, drawn, of one claim that has any from each stretch of the list.

    Only the mutants of claims that are drawn are made.
    """
    draw = random.Random(seed)
    size = min(sample, len(claims))
    found: list[Mutant] = []
    for k in range(size):
        stretch = claims[len(claims) * k // size : len(claims) * (k + 1) // size]
        share = sample * (k + 1) // size - sample * k // size
        every = next((m for c in draw.sample(stretch, len(stretch)) if (m := mutants(c))), ())
        found += sorted(draw.sample(every, min(share, len(every))), key=lambda m: m.number)
    return found
