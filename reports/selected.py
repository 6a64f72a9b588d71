"""What commands work on: the claims that are selected, the rows kept of them, their verdicts, the facts of a run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .messages import fail, warn

if TYPE_CHECKING:
    from ..checks.evidence import Verdict
    from ..checks.store.index import Row
    from ..checks.store.saved import Saved
    from ..derivations.claim import Claim


def find_modules_here(names: Sequence[str]) -> None:
    """Let the named modules, and none beside them, be found in the working folder."""
    from ..checks.runs.user_folder import named_modules, open_to

    if tops := named_modules(names):
        open_to(dict.fromkeys(tops, str(Path.cwd())))


def load_claims(options: argparse.Namespace) -> Saved:
    """Register all claims, name those that are malformed, and return the saved verdicts."""
    from ..checks.runs.unit import load_catalog, refused
    from ..checks.store.index import keep_rows, kept_rows
    from ..checks.store.saved import load
    from ..derivations.claim import CLAIMS

    find_modules_here(options.claims)
    load_catalog(options.claims, strict=False)
    options.refused = refused(options.claims)
    for problem in options.refused:
        fail(problem)
    if not options.claims and kept_rows() is None:
        keep_rows(CLAIMS.values())
    saved = load()
    if saved.message:
        warn(saved.message)
    return saved


def index_of(options: argparse.Namespace) -> dict[str, Row] | None:
    """Return the rows of the built-in claims; None where those are loaded, or others are named, or none are kept."""
    from ..checks.store.index import kept_rows

    loaded = f"{__name__.partition('.')[0]}.derivations.catalog.whole" in sys.modules
    return None if options.claims or loaded else kept_rows()


def check_early(selectors: Sequence[str], options: argparse.Namespace) -> None:
    """Raise what a selector that names nothing raises before the seconds that loading the catalog takes."""
    from ..checks.selection import select
    from ..checks.store.index import last_outcomes

    rows = index_of(options)
    if rows is None or not selectors:
        return
    outcomes = last_outcomes(rows) if any(s.startswith("outcome:") for s in selectors) else None
    select(selectors, rows, outcomes)


def selected(selectors: Sequence[str], outcomes: Mapping[str, str] | None) -> list[Claim]:
    """Return the registered claims that selectors name; SelectionError for one that names nothing."""
    from ..checks.selection import select
    from ..derivations.claim import CLAIMS

    return select(selectors, CLAIMS, outcomes)


def verdicts_on(chosen: Sequence[Claim], saved: Saved, options: argparse.Namespace) -> list[Verdict]:
    """Return the saved verdicts on `chosen`, after verifying the claims that have no current one."""
    found = {c.id: saved.verdict(c) for c in chosen}
    missing = [id for id, verdict in found.items() if verdict is None]
    if missing:
        from ..checks.runs.verify import verify_claims
        from ..checks.store.store import default_path
        from .progress import for_side_run
        from .verification import keep

        print(
            f"crossproof: verifying {len(missing)} claim{'s' * (len(missing) != 1)} without a current verdict",
            file=sys.stderr,
        )
        with for_side_run() as progress:
            arguments = run_arguments(options) | {"store": default_path(), "warn": warn, "strict": False}
            verdicts = verify_claims(missing, **arguments, progress=progress).verdicts
        keep(saved, verdicts)
        found.update({v.claim.id: v for v in verdicts})
    return [v for v in found.values() if v is not None]


def run_arguments(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options of a run as arguments of :func:`crossproof.checks.runs.verify.verify_claims`."""
    return {
        "effort": options.effort,
        "device": options.device,
        "seed": options.seed,
        "workers": options.workers,
        "modules": tuple(options.claims),
    } | {name: given for name in ("scheduler", "memory") if (given := getattr(options, name, None)) is not None}


def common_run(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the facts about the runs that `verdicts` come from; several values are all named."""
    from importlib.metadata import version

    facts: dict[str, Any] = {"crossproof": version("crossproof")}
    for key in ("effort", "seed", "device"):
        facts[key] = ", ".join(sorted({str(v.run[key]) for v in verdicts if key in v.run}))
    return facts
