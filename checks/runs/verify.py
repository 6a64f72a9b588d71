"""Verification of claims: from selectors to verdicts."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...derivations.claim import CLAIMS, Claim, check_repairs
from ...derivations.errors import UsageError
from ...derivations.text.files import handed_on, is_text, load
from ..effort import effort as effort_named
from ..evidence import Evidence, Outcome, Verdict, combine
from ..selection import select
from ..sources.keys import Keys
from ..store.store import Store
from ..witness import unit_level, witnesses_for
from .cluster import run_on_cluster
from .handed_over import HandedOver, in_register
from .reuse import run_stored
from .runner import check_memory, run_units
from .unit import Unit, home, load_catalog, run_unit
from .worker_process import MEMORY_MIB

#: Seed of runs that name none.
DEFAULT_SEED = 0

Progress = Callable[[int, int, Unit, Evidence], None]


@dataclass(frozen=True)
class Run:
    """Verdicts of one run, in the order of the catalog; `reused` of its `examinations` came from the store."""

    verdicts: tuple[Verdict, ...]
    effort: str
    seed: int
    device: str
    seconds: float
    examinations: int = 0
    reused: int = 0

    @property
    def contradictions(self) -> tuple[Verdict, ...]:
        """Verdicts on which two witnesses contradict each other."""
        return tuple(v for v in self.verdicts if v.contradiction)

    def count(self, outcome: Outcome) -> int:
        """Return the number of verdicts with `outcome`."""
        return sum(v.outcome is outcome for v in self.verdicts)

    def to_json(self) -> dict[str, Any]:
        """Return plain data in the documented format, version 1."""
        from importlib.metadata import version

        return {
            "version": 1,
            "run": {
                "crossproof": version("crossproof"),
                "effort": self.effort,
                "seed": self.seed,
                "device": self.device,
                "seconds": round(self.seconds, 3),
            },
            "claims": [v.to_json() for v in self.verdicts],
        }


def resolve_device(device: str) -> str:
    """Return ``"cpu"`` or ``"cuda"`` for ``auto``, ``cpu`` or ``cuda``.

    Raises
    ------
    UsageError
        If the device is unknown or not present.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise UsageError(f"device is {device!r}; choose auto, cpu or cuda")
    if device == "cpu":
        return device
    import torch

    present = torch.cuda.is_available()
    if device == "cuda" and not present:
        raise UsageError("device 'cuda' is not available: torch finds no CUDA device; use --device cpu")
    return "cuda" if present else "cpu"


def verify_claims(
    selectors: Sequence[str] = (),
    *,
    effort: str = "default",
    device: str = "auto",
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    modules: Sequence[str] = (),
    scheduler: str | None = None,
    memory: int = MEMORY_MIB,
    outcomes: dict[str, str] | None = None,
    progress: Progress = lambda done, total, unit, evidence: None,
    store: Path | None = None,
    fresh: bool = False,
    warn: Callable[[str], None] = lambda message: None,
    strict: bool = True,
) -> Run:
    """Verify the selected claims with every witness that can speak to them.

    Parameters
    ----------
    selectors : sequence of str
        See :func:`crossproof.checks.selection.select`; empty for the whole catalog.
    effort : str
        ``quick``, ``default`` or ``thorough``.
    device : str
        ``auto``, ``cpu`` or ``cuda``, for Monte Carlo witnesses.
    seed : int
        Seed >= 0 of all random streams.
    workers : int, optional
        Worker processes; all cores by default. Verdicts do not depend on it.
    modules : sequence of str
        A user's own claims: importable modules that register them, TOML files, or the text of such files.
    scheduler : str, optional
        Address of a dask.distributed scheduler whose workers run the witnesses, e.g. ``tcp://host:8786``; by default
        they run in processes on this machine. Verdicts do not depend on it.
    memory : int
        MiB that one witness may use on one claim before it is stopped.
    outcomes : dict, optional
        Outcomes of an earlier run, for ``outcome:`` selectors.
    progress : callable
        Called with (done, total, unit, evidence) as evidence arrives.
    store : Path, optional
        File of evidence from earlier runs: only what changed is examined, and what is examined is kept.
    fresh : bool
        Examine everything again; the store keeps the new evidence.
    warn : callable
        Called with a message when the store cannot be used.
    strict : bool
        Whether a malformed claim in `modules` is an error; if not, the other claims are examined, and
        :func:`crossproof.checks.runs.unit.refused` tells why it is not.

    Raises
    ------
    SelectionError, UsageError
        If an argument is outside its range.
    ClaimError
        If `strict` and a claim in `modules` is malformed.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise UsageError(f"seed is {seed!r}; give an integer >= 0")
    if workers is not None and workers < 1:
        raise UsageError(f"workers is {workers!r}; give an integer >= 1")
    if workers is not None and scheduler is not None:
        raise UsageError("workers and scheduler are both given; a cluster has its own number of workers")
    check_memory(memory)
    effort_named(effort)
    load_catalog(modules, strict=strict)
    if strict:
        check_repairs(CLAIMS)
    chosen = select(selectors, CLAIMS, outcomes)
    on = resolve_device(device)
    # texts rather than files: a file may be edited while the run lasts, and other machines do not have it
    named = [load(name, strict=strict) if is_text(name) else name for name in modules]
    handed = HandedOver(chosen, named)
    units: dict[str, list[Unit]] = {
        c.id: [
            Unit(c.id, w.name, effort, seed, on, unit_level(c, w), handed.parcels[c.id], home(c))
            for w in witnesses_for(c)
        ]
        for c in chosen
    }
    total = sum(map(len, units.values()))
    done = made = 0

    def advance(unit: Unit, evidence: Evidence) -> None:
        nonlocal done
        done += 1
        progress(done, total, unit, evidence)

    start = time.monotonic()
    flat = [u for each in units.values() for u in each]
    loaded = tuple(handed_on(name) if is_text(name) else name for name in (*named, *handed.modules))

    def run(wanted: Sequence[Unit], report: Callable[[Unit, Evidence], None]) -> dict[Unit, Evidence]:
        nonlocal made
        made = len(wanted)
        away = [u for u in wanted if not handed.is_kept_here(u.claim_id, u.witness)]
        if scheduler is None:
            found = run_units(away, workers=workers, modules=loaded, memory=memory, progress=report, warn=warn)
        else:
            found = run_on_cluster(away, scheduler, modules=loaded, memory=memory, progress=report, warn=warn)
        for unit in wanted:
            if unit not in found:
                found[unit] = run_unit(unit)
                report(unit, found[unit])
        return found

    if store is None:
        results = run(flat, advance)
    else:
        with Store(store, warn) as kept:
            results = run_stored(flat, kept, Keys().unit, run, advance, fresh=fresh)
    verdicts = tuple(
        replace(combine(c, [results[u] for u in units[c.id]]), run=_facts(c, modules, handed, effort, seed, on))
        for c in chosen
    )
    return Run(verdicts, effort, seed, on, time.monotonic() - start, total, total - made)


def _facts(
    claim: Claim, modules: Sequence[str], handed: HandedOver, effort: str, seed: int, device: str
) -> dict[str, Any]:
    """Return how a claim was examined, as far as examining it again needs it."""
    sources = handed.sources.get(claim.id)
    named = [m for m in (*modules, *(sources or ())) if "\n" not in m]
    facts = {"effort": effort, "seed": seed, "device": device, "modules": named}
    return facts if sources is None or sources else {**facts, "stated_in": claim.module or "the call"}


def verify_one(claim: str | Claim, **options: Any) -> Verdict:
    """Verify one claim and return its verdict; options as in :func:`verify_claims`.

    A claim that is not registered, or another than the registered one of that id, is registered while it is examined.
    """
    if isinstance(claim, Claim):
        load_catalog(options.get("modules", ()))
        with in_register(claim):
            return verify_claims([claim.id], **options).verdicts[0]
    run = verify_claims([claim], **options)
    if len(run.verdicts) != 1:
        raise UsageError(f"{claim!r} selects {len(run.verdicts)} claims; use verify_claims for several")
    return run.verdicts[0]
