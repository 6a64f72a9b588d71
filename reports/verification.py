"""The commands that verify and that accept: run, keep, compare with the reviewed outcomes, write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..checks.store.lock import Change, accept, compare, load, save
from .messages import printable, warn

if TYPE_CHECKING:
    from ..checks.store.lock import Lock, Result
    from ..checks.store.saved import Saved

Arguments = dict[str, Any]

#: What the record of a run keeps of each claim beside the reports.
_COMPARED = ("id", "outcome", "contradiction")
#: Exit status of a run that could not examine all that it was asked for.
UNFINISHED = 2


@dataclass(frozen=True)
class Request:
    """What one call of ``crossproof verify`` asks for.

    Parameters
    ----------
    selectors : tuple of str
        Claims; all when empty.
    run : dict
        Keyword arguments of :func:`crossproof.checks.runs.verify.verify_claims`: effort, device, seed, workers,
        modules.
    json, html : Path or None
        Files to write.
    lock : Path
        File of reviewed outcomes; nothing is compared when it does not exist.
    fresh : bool
        Examine again what the store already holds.
    strict : bool
        Let a refuted claim that its document states be a failure.
    """

    selectors: tuple[str, ...]
    run: Arguments
    json: Path | None
    html: Path | None
    lock: Path
    fresh: bool
    strict: bool = False

    @property
    def key(self) -> str | None:
        """Key of the whole run in the store, or None when it may not be answered from there."""
        from ..checks.sources.keys import run_key

        if self.fresh or any(s.startswith("outcome:") for s in self.selectors):
            return None
        asked = {k: self.run[k] for k in ("effort", "device", "seed")} | {"selectors": list(self.selectors)}
        return run_key(asked, self.run["modules"])


def verify(request: Request, load_saved: Callable[[], Saved]) -> int:
    """Verify, print the summary, write the files asked for, and return the exit status.

    0, 1 when something needs a person, or 2 when the run could not examine all that it was asked for.

    A run that was made before, by the same code on the same claims, is answered from the store without importing
    SymPy or torch; it prints what that run has printed, and says so.
    """
    from ..checks.store.store import Store, default_path
    from .formats.console import print_summary
    from .progress import replay

    said: set[str] = set()

    def tell(message: str) -> None:
        """Warn, once where the store is opened twice."""
        if message not in said:
            said.add(message)
            warn(message)

    key = request.key
    record = None
    if key is not None and default_path().is_file():  # bad usage must not leave an empty store behind
        with Store(default_path(), tell) as store:
            record = store.get_run(key, [name for name in ("json", "html") if getattr(request, name)])
    kept = default_path().with_name("verdicts.json").is_file()
    stored = record is not None and kept
    if record is None or not stored:
        record = _run(request, load_saved(), key, tell)
    else:
        replay(record["lines"])
    from ..checks.store.files import write_whole
    from ..checks.store.lock import results_of_run

    print_summary(record["summary"])
    total = record["examinations"]
    if origin := _origin(total, total if stored else record["reused"]):
        print(origin)
    if request.json:
        write_whole(request.json, record["json"])
    if request.html:
        write_whole(request.html, record["html"])
    for path in (request.json, request.html):
        if path:
            print(f"wrote {path}")
    changes = _changes(results_of_run(record["run"]), load(request.lock), record["registered"], request.lock)
    accused = record["accused"] if request.strict else []
    if accused:
        print(f"--strict: {len(accused)} claim{'s' * (len(accused) != 1)} that a document states refuted")
    if changes or accused or any(c["contradiction"] for c in record["run"]["claims"]):
        return 1
    return UNFINISHED if record.get("unfinished") else 0


def _origin(total: int, reused: int) -> str:
    """Return what came from the store, of all examinations of a claim by a witness; empty where nothing did."""
    if reused == 0:
        return ""
    again = "--fresh makes them anew"
    if reused == total:
        return f"all {total} examinations come from the store; {again}"
    return f"{reused} of {total} examinations come from the store, the others were made now; {again}"


def _run(request: Request, saved: Saved, key: str | None, tell: Callable[[str], None]) -> dict[str, Any]:
    """Verify the claims, keep verdicts and evidence, and return the record of the run."""
    from ..checks.evidence import Fault
    from ..checks.runs.unit import refused
    from ..checks.runs.verify import verify_claims
    from ..checks.store.saved import strict_json
    from ..checks.store.store import Store, default_path, keepable
    from ..derivations.claim import CLAIMS
    from .content import build as content
    from .formats import html
    from .formats.terminal import summary
    from .progress import for_run, lines_of

    outcomes = saved.outcomes() if any(s.startswith("outcome:") for s in request.selectors) else None
    with for_run() as progress:
        run = verify_claims(
            request.selectors,
            **request.run,
            outcomes=outcomes,
            progress=progress,
            store=default_path(),
            fresh=request.fresh,
            warn=tell,
            strict=False,
        )
        progress.finish(run.verdicts)
    keep(saved, run.verdicts)
    plain = content.run_json(run)
    record: dict[str, Any] = {
        "run": plain | {"claims": [{key: claim[key] for key in _COMPARED} for claim in plain["claims"]]},
        "json": strict_json(plain),
        "lines": lines_of(run.verdicts, progress.order),
        "summary": summary(run.verdicts, run.seconds),
        "examinations": run.examinations,
        "reused": run.reused,
        "accused": [v.claim.id for v in run.verdicts if v.accuses],
        "registered": list(CLAIMS),
        "unfinished": any(e.finding.fault is Fault.UNDONE for v in run.verdicts for e in v.evidence),
    }
    facts = plain["run"]
    del plain  # of a large catalog, many times its text
    if request.html:
        record["html"] = html.render(content.build(run.verdicts, facts))
    # messages on malformed claims come with loading them;
    # the key is asked for again: somebody may have edited a claim or the code while the run lasted
    whole = not refused(request.run["modules"])
    if whole and key is not None and all(keepable(e) for v in run.verdicts for e in v.evidence) and request.key == key:
        with Store(default_path()) as store:
            store.put_run(key, record)
    return record


def _changes(results: Sequence[Result], reviewed: Lock, registered: Sequence[str], path: Path) -> list[Change]:
    """Print and return what differs from the reviewed outcomes; nothing when there is no such file."""
    if not path.is_file():
        return []
    changes = compare(results, reviewed, registered)
    if changes:
        print(f"outcomes that differ from {path} (crossproof accept ID... records a reviewed change):")
        print("\n".join(f"  {printable(str(change))}" for change in changes))
    return changes


def accept_outcomes(ids: Sequence[str], verdicts: Sequence[Any], path: Path, more_undecided: bool) -> int:
    """Record the outcomes of `ids` as reviewed and return 0; UsageError when they cannot be accepted."""
    from ..derivations.claim import CLAIMS

    before = load(path)
    after = accept(before, verdicts, ids, registered=CLAIMS, allow_more_undecided=more_undecided)
    save(after, path)
    for name in ids:
        old, new = before.claims.get(name, "not reviewed"), after.claims.get(name, "no longer a claim")
        print(f"{name}: {new}" if old == new else f"{name}: {old} -> {new}")
    print(f"wrote {path}: {len(after.claims)} claims, {len(after.undecided)} undecided")
    return 0


def keep(saved: Saved, verdicts: Sequence[Any]) -> None:
    """Keep the verdicts for later commands; a folder that cannot be written must not cost the run."""
    from ..derivations.errors import UsageError

    try:
        saved.save(verdicts)
    except UsageError as error:
        warn(f"the verdicts were not kept for `show` and `report`: {error}")
    if saved.message:
        warn(saved.message)
