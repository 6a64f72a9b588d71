"""What each command does with its options; SymPy, torch and the catalog are imported by the commands that need them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .messages import fail, warn

if TYPE_CHECKING:
    from ..checks.evidence import Verdict
    from ..checks.store.saved import Saved
    from ..derivations.claim import Claim

#: Exit status of a command that left malformed claims out, unless it found something worse.
CLAIMS_REFUSED = 2


def run(options: argparse.Namespace) -> int:
    """Carry out the command that `options` name and return the exit status."""
    options.refused = []
    status = COMMANDS[options.command](options)
    if not options.refused:
        return status
    count = len(options.refused)
    fail(f"{count} malformed claim{'s were' if count > 1 else ' was'} left out, as said above")
    return status or CLAIMS_REFUSED


def verify(options: argparse.Namespace) -> int:
    """Examine claims, or one identity, with every witness that can speak to them."""
    from ..checks.store.files import check_writable
    from ..derivations.errors import UsageError
    from .verification import Request
    from .verification import verify as verified

    paths = [path for path in (options.json, options.html) if path is not None]
    if len(paths) == 2 and paths[0].resolve() == paths[1].resolve():
        raise UsageError(f"--json and --html both name {str(paths[0])!r}; give two files")
    for path in paths:
        check_writable(path)
    if options.domain is not None and options.identity is None:
        raise UsageError("--domain belongs to --identity; claims have domains of their own")
    if options.identity is not None and options.selectors:
        raise UsageError(f"--identity and {options.selectors[0]!r} are both given; give one")
    _find_modules_here(options.claims)
    arguments = _run_arguments(options)
    if options.identity is not None:
        from .one_off import verify_identity

        return verify_identity(options.identity, options.domain or "", arguments, options.json, options.html)
    request = Request(tuple(options.selectors), arguments, options.json, options.html, options.lock, options.fresh)
    return verified(request, lambda: _load(options))


def accept(options: argparse.Namespace) -> int:
    """Record reviewed outcomes in the lock."""
    from ..checks.store.files import check_writable
    from ..derivations.claim import CLAIMS
    from .verification import accept_outcomes

    check_writable(options.lock)
    saved = _load(options)
    chosen = list(CLAIMS.values()) if options.all else [CLAIMS[i] for i in options.ids if i in CLAIMS]
    verdicts = _verdicts(chosen, saved, options)
    ids = [c.id for c in chosen] if options.all else options.ids
    return accept_outcomes(ids, verdicts, options.lock, options.allow_more_undecided)


def list_claims(options: argparse.Namespace) -> int:
    """Print claims with their last outcome."""
    saved = _load(options)
    outcomes = saved.outcomes()
    chosen = _select(options.selectors, outcomes)
    if options.json:
        rows = [
            {
                "id": c.id,
                "title": c.title,
                "document": c.document,
                "place": c.source.place,
                "repairs": c.repairs,
                "reading": c.reading,
                "stated": c.stated,
                "outcome": outcomes.get(c.id),
            }
            for c in chosen
        ]
        print(json.dumps(rows, indent=1, ensure_ascii=False))
        return 0
    from .formats.plain import visible

    wide = max(map(len, (c.id for c in chosen)), default=0)
    for c in chosen:
        print(visible(f"{c.id:<{wide}}  {outcomes.get(c.id, '-'):<9}  {c.title}"))
    return 0


def show(options: argparse.Namespace) -> int:
    """Print all that is known of one claim."""
    from ..derivations.errors import UsageError

    saved = _load(options)
    chosen = _select([options.id], saved.outcomes() if options.id.startswith("outcome:") else None)
    if len(chosen) != 1:
        raise UsageError(f"{options.id!r} selects {len(chosen)} claims; `show` takes one id")
    verdict = _verdicts(chosen, saved, options)[0]
    from .formats.terminal import show_lines

    print("\n".join(show_lines(verdict)))
    return int(verdict.contradiction is not None)


def report(options: argparse.Namespace) -> int:
    """Write a report on the last verdicts."""
    from ..checks.store.files import check_writable, write_whole

    check_writable(options.out)
    saved = _load(options)
    needs = any(s.startswith("outcome:") for s in options.selectors)
    chosen = _select(options.selectors, saved.outcomes() if needs else None)
    verdicts = _verdicts(chosen, saved, options)
    from .content import build as content
    from .formats import html, latex

    document = content.build(verdicts, _common_run(verdicts))
    write_whole(options.out, (html if options.format == "html" else latex).render(document))
    print(f"wrote {options.out}: {len(verdicts)} claim{'s' * (len(verdicts) != 1)}")
    return int(bool(document.contradictions))


def _find_modules_here(names: Sequence[str]) -> None:
    """Let the named modules, and none beside them, be found in the working folder."""
    from ..checks.runs.user_folder import named_modules, open_to

    if tops := named_modules(names):
        open_to(dict.fromkeys(tops, str(Path.cwd())))


def reproduce(options: argparse.Namespace) -> int:
    """Repeat a document's experiments."""
    from .reproduce import reproduce as repeated

    for made in repeated(options.experiment, options.out, options.format, options.seed):
        print(made, flush=True)
    return 0


def audit(options: argparse.Namespace) -> int:
    """Show the witnesses claims that are slightly wrong."""
    from ..checks.store.files import check_writable

    if options.json:
        check_writable(options.json)
    saved = _load(options)
    from .audit import run as audited

    needs = any(s.startswith("outcome:") for s in options.selectors)
    arguments = _run_arguments(options) | {"outcomes": saved.outcomes() if needs else None}
    return audited(
        options.selectors,
        arguments,
        sample=options.sample,
        json_file=options.json,
        accepting=options.accept,
        kinds=options.kind or (),
        least=options.least,
    )


def _load(options: argparse.Namespace) -> Saved:
    """Register all claims, name those that are malformed, and return the saved verdicts."""
    from ..checks.runs.unit import load_catalog, refused
    from ..checks.store.saved import load

    _find_modules_here(options.claims)
    load_catalog(options.claims, strict=False)
    options.refused = refused(options.claims)
    for problem in options.refused:
        fail(problem)
    saved = load()
    if saved.message:
        warn(saved.message)
    return saved


def _select(selectors: Sequence[str], outcomes: Mapping[str, str] | None) -> list[Claim]:
    from ..checks.selection import select
    from ..derivations.claim import CLAIMS

    return select(selectors, CLAIMS, outcomes)


def _verdicts(chosen: Sequence[Claim], saved: Saved, options: argparse.Namespace) -> list[Verdict]:
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
            arguments = _run_arguments(options) | {"store": default_path(), "warn": warn, "strict": False}
            verdicts = verify_claims(missing, **arguments, progress=progress).verdicts
        keep(saved, verdicts)
        found.update({v.claim.id: v for v in verdicts})
    return [v for v in found.values() if v is not None]


def _run_arguments(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "effort": options.effort,
        "device": options.device,
        "seed": options.seed,
        "workers": options.workers,
        "modules": tuple(options.claims),
    } | {name: given for name in ("scheduler", "memory") if (given := getattr(options, name, None)) is not None}


def _common_run(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the facts about the runs that `verdicts` come from; several values are all named."""
    from importlib.metadata import version

    facts: dict[str, Any] = {"crossproof": version("crossproof")}
    for key in ("effort", "seed", "device"):
        facts[key] = ", ".join(sorted({str(v.run[key]) for v in verdicts if key in v.run}))
    return facts


#: The commands by name.
COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "verify": verify,
    "accept": accept,
    "list": list_claims,
    "show": show,
    "report": report,
    "reproduce": reproduce,
    "audit": audit,
}
