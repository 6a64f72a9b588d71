"""What each command does with its options; SymPy, torch and the catalog are imported by the commands that need them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from .messages import fail, warn
from .selected import (
    check_early,
    common_run,
    find_modules_here,
    index_of,
    load_claims,
    run_arguments,
    selected,
    verdicts_on,
)

if TYPE_CHECKING:
    from ..checks.evidence import Verdict

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
    check_early(options.selectors, options)
    find_modules_here(options.claims)
    arguments = run_arguments(options)
    if options.identity is not None:
        from .one_off import verify_identity

        return verify_identity(options.identity, options.domain or "", arguments, options.json, options.html)
    request = Request(
        tuple(options.selectors), arguments, options.json, options.html, options.lock, options.fresh, options.strict
    )
    return verified(request, lambda: load_claims(options))


def accept(options: argparse.Namespace) -> int:
    """Record reviewed outcomes in the lock."""
    from ..checks.store.files import check_writable
    from ..checks.store.lock import check_ids
    from ..checks.store.lock import load as load_lock
    from ..derivations.errors import UsageError
    from .verification import accept_outcomes

    if options.all == bool(options.ids):
        raise UsageError("name the claims whose outcome you have reviewed, or give --all for every claim")
    check_writable(options.lock)
    before = load_lock(options.lock)
    if (rows := index_of(options)) is not None:
        check_ids(options.ids, {*rows, *before.claims})
    saved = load_claims(options)
    from ..derivations.claim import CLAIMS

    ids = list(CLAIMS) if options.all else options.ids
    check_ids(ids, {*CLAIMS, *before.claims})
    verdicts = verdicts_on([CLAIMS[i] for i in ids if i in CLAIMS], saved, options)
    return accept_outcomes(ids, verdicts, options.lock, options.allow_more_undecided)


def list_claims(options: argparse.Namespace) -> int:
    """Print claims with their last outcome; of the built-in ones an index is kept, which is quick to read."""
    from ..checks.selection import select
    from ..checks.store.index import last_outcomes, row_of

    rows = index_of(options)
    outcomes = None if rows is None else last_outcomes(rows)
    if rows is None or outcomes is None:
        outcomes = load_claims(options).outcomes()
        from ..derivations.claim import CLAIMS

        rows = {c.id: row_of(c) for c in CLAIMS.values()}
    chosen = select(options.selectors, rows, outcomes)
    if options.json:
        shown = ("id", "title", "document", "place", "repairs", "reading", "stated")
        found = [{key: getattr(c, key) for key in shown} | {"outcome": outcomes.get(c.id)} for c in chosen]
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return 0
    from .formats.console import print_claims
    from .formats.plain import visible

    print_claims([(visible(c.id), outcomes.get(c.id, "-"), visible(c.title)) for c in chosen])
    return 0


def show(options: argparse.Namespace) -> int:
    """Print all that is known of one claim."""
    from ..derivations.errors import UsageError

    check_early([options.id], options)
    saved = load_claims(options)
    chosen = selected([options.id], saved.outcomes() if options.id.startswith("outcome:") else None)
    if len(chosen) != 1:
        raise UsageError(f"{options.id!r} selects {len(chosen)} claims; `show` takes one id")
    verdict = verdicts_on(chosen, saved, options)[0]
    if options.json:
        print(json.dumps(shown(verdict), indent=1, ensure_ascii=False, default=str))
    else:
        from .formats.console import print_rows
        from .formats.terminal import show_rows

        print_rows(show_rows(verdict))
    return int(verdict.contradiction is not None)


def shown(verdict: Verdict) -> dict[str, Any]:
    """Return all that is known of one claim as plain data: the verdict, and under `shown` what reports say of it."""
    from .content.build import entry

    content = asdict(replace(entry(verdict, worked=True), picture=None))
    return verdict.to_json() | {"shown": content}


def report(options: argparse.Namespace) -> int:
    """Write a report on the last verdicts."""
    from ..checks.store.files import check_writable

    check_writable(options.out)
    check_early(options.selectors, options)
    saved = load_claims(options)
    needs = any(s.startswith("outcome:") for s in options.selectors)
    chosen = selected(options.selectors, saved.outcomes() if needs else None)
    verdicts = verdicts_on(chosen, saved, options)
    from .written import write_report

    facts = common_run(verdicts)
    return write_report(verdicts, options.format, options.out, facts, pictures=options.pictures, seed=options.seed)


def plot(options: argparse.Namespace) -> int:
    """Draw one claim."""
    from ..derivations.errors import UsageError
    from .pictures.render import checked_path

    checked_path(options.out)
    check_early([options.id], options)
    saved = load_claims(options)
    chosen = selected([options.id], saved.outcomes() if options.id.startswith("outcome:") else None)
    if len(chosen) != 1:
        raise UsageError(f"{options.id!r} selects {len(chosen)} claims; `plot` takes one id")
    verdict = verdicts_on(chosen, saved, options)[0]
    from .pictures.choose import picture_of

    picture = picture_of(verdict.claim, verdict, seed=options.seed)
    picture.save(options.out, dark=options.dark)
    print(f"wrote {options.out}: {picture.caption}")
    return int(verdict.contradiction is not None)


def errata(options: argparse.Namespace) -> int:
    """Write the errata of one document."""
    from ..checks.store.files import check_writable

    if options.out is not None:
        check_writable(options.out)
    selectors = [f"document:{options.document}"]
    check_early(selectors, options)
    saved = load_claims(options)
    verdicts = verdicts_on(selected(selectors, None), saved, options)
    from .written import write_errata

    return write_errata(verdicts, options.format, options.out, common_run(verdicts))


def export(options: argparse.Namespace) -> int:
    """Write formulas of claims as source code."""
    from ..checks.store.files import check_writable

    if options.out is not None:
        check_writable(options.out)
    check_early(options.ids, options)
    load_claims(options)
    from .exports.export import export as exported

    for said in exported(selected(options.ids, None), options.to, options.out):
        warn(str(said))
    return 0


def compare(options: argparse.Namespace) -> int:
    """Compare SGD with the models of it."""
    from .comparison.command import Asked, run
    from .comparison.described import MODELS

    return run(
        Asked(
            options.depths, options.models or tuple(MODELS), options.effort, options.seed, options.device,
            options.width, options.rate, options.json, options.out, options.format,
        )
    )  # fmt: skip


def reproduce(options: argparse.Namespace) -> int:
    """Repeat a document's experiments."""
    from .progress import steps

    with steps() as starting:
        from .reproduce import reproduce as repeated

        for made in repeated(options.experiment, options.out, options.format, options.seed, starting):
            print(made, flush=True)
    return 0


def selftest(options: argparse.Namespace) -> int:
    """Try every witness on one claim of known outcome."""
    from .selftest import run as tried

    return tried(options.workers)


def completion(options: argparse.Namespace) -> int:
    """Print what a shell evaluates so that it completes the command line."""
    from argcomplete.shell_integration import shellcode

    print(shellcode(["crossproof"], shell=options.shell))
    return 0


def audit(options: argparse.Namespace) -> int:
    """Show the witnesses claims that are slightly wrong."""
    from ..checks.store.files import check_writable

    if options.json:
        check_writable(options.json)
    check_early(options.selectors, options)
    saved = load_claims(options)
    from .audit import run as audited

    needs = any(s.startswith("outcome:") for s in options.selectors)
    arguments = run_arguments(options) | {"outcomes": saved.outcomes() if needs else None}
    return audited(
        options.selectors,
        arguments,
        sample=options.sample,
        json_file=options.json,
        accepting=options.accept,
        kinds=options.kind or (),
        least=options.least,
    )


#: The commands by name.
COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "verify": verify,
    "accept": accept,
    "list": list_claims,
    "show": show,
    "report": report,
    "plot": plot,
    "errata": errata,
    "export": export,
    "reproduce": reproduce,
    "compare": compare,
    "audit": audit,
    "selftest": selftest,
    "completion": completion,
}
