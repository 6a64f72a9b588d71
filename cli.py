"""The command line: ``crossproof verify | accept | list | show | report | reproduce | audit``.

SymPy, torch and the catalog are imported by the command that needs them, so that help and usage errors are quick.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from .checks.evidence import Verdict
    from .checks.saved import Saved
    from .derivations.claim import Claim

OK, CONTRADICTED, BAD_USAGE, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 130, 141


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        from .derivations.errors import UsageError

        raise UsageError(f"{message} (see `{self.prog} --help`)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status.

    0: the command completed; 1: two witnesses contradict each other, or an outcome differs from the reviewed one;
    2: bad usage, with one line on stderr; 130: interrupted.
    """
    from .derivations.errors import CrossproofError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without some sign must not stop the run
            stream.reconfigure(errors="backslashreplace")
    try:
        options = _parser().parse_args(arguments)
        command: Callable[[argparse.Namespace], int] = options.command
        status = command(options)
        sys.stdout.flush()
        return status
    except SystemExit as leave:  # --help and --version
        return int(leave.code or 0)
    except CrossproofError as error:
        print(f"crossproof: error: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD_USAGE
    except KeyboardInterrupt:
        print("crossproof: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has left; give the interpreter nothing more to flush
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="crossproof",
        description="Verify published derivations: proof, rigorous numerics and Monte Carlo in one verdict.",
        epilog="A SELECTOR is an id, a prefix that ends in a dot (004.), a glob ('004.dw*'), document:NNN or "
        "outcome:NAME; without one, all claims are meant. Exit status: 0 completed, 1 witnesses contradict each "
        "other or an outcome differs from the reviewed one, 2 bad usage, 130 interrupted.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, help="show the version and leave")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    verify = commands.add_parser("verify", help="examine claims with every witness", allow_abbrev=False)
    _selectors(verify)
    _run_options(verify)
    verify.add_argument("--json", metavar="FILE", type=Path, help="write the verdicts as JSON")
    verify.add_argument("--html", metavar="FILE", type=Path, help="write a report as one HTML page")
    verify.add_argument("--identity", metavar="'LHS == RHS'", help="examine this identity instead of claims")
    verify.add_argument("--domain", metavar="RANGES", help="its parameters, such as 'x=positive, c=between(0, 1)'")
    verify.add_argument("--scheduler", metavar="ADDRESS", help="run on a dask cluster, such as tcp://host:8786")
    verify.add_argument("--memory", metavar="MIB", type=_integer(1), help="for one witness on one claim; 2048")
    verify.add_argument("--fresh", action="store_true", help="examine again what earlier runs have answered")
    _lock_option(verify)
    verify.set_defaults(command=_verify)

    accepting = commands.add_parser("accept", help="record reviewed outcomes", allow_abbrev=False)
    accepting.add_argument("ids", metavar="ID", nargs="*")
    accepting.add_argument("--all", action="store_true", help="every claim")
    accepting.add_argument("--allow-more-undecided", action="store_true", help="let the undecided claims grow")
    _run_options(accepting)
    _lock_option(accepting)
    accepting.set_defaults(command=_accept)

    listing = commands.add_parser("list", help="list claims and their last outcome", allow_abbrev=False)
    _selectors(listing)
    _claims_option(listing)
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(command=_list)

    show = commands.add_parser("show", help="show one claim with its verdict", allow_abbrev=False)
    show.add_argument("id", metavar="ID")
    _run_options(show)
    show.set_defaults(command=_show)

    report = commands.add_parser("report", help="write a report on the last verdicts", allow_abbrev=False)
    _selectors(report)
    _run_options(report)
    report.add_argument("--format", choices=("html", "latex"), required=True)
    report.add_argument("--out", metavar="FILE", type=Path, required=True)
    report.set_defaults(command=_report)

    reproduce = commands.add_parser(
        "reproduce", help="repeat a document's experiments, with pictures", allow_abbrev=False
    )
    reproduce.add_argument(
        "experiment", nargs="?", metavar="ID", help="an experiment such as 003.fig1, or a document; all by default"
    )
    reproduce.add_argument("--out", metavar="FOLDER", type=Path, default=Path("report"), help="default: report")
    reproduce.add_argument("--format", choices=("png", "svg", "pdf"), default="png")
    reproduce.add_argument("--seed", type=int, default=0)
    reproduce.set_defaults(command=_reproduce)

    audit = commands.add_parser("audit", help="show the witnesses slightly wrong claims", allow_abbrev=False)
    _selectors(audit)
    _run_options(audit)
    audit.add_argument("--sample", metavar="N", type=_integer(1), help="N mutants, spread evenly; all by default")
    audit.add_argument("--json", metavar="FILE", type=Path, help="write every mutant and its fate as JSON")
    audit.add_argument("--accept", action="store_true", help="rewrite audit_survivors.json, which may only shrink")
    audit.set_defaults(command=_audit)
    return parser


class _Version(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, **keywords: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **keywords)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"crossproof {version('crossproof')}")
        parser.exit()


def _selectors(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("selectors", metavar="SELECTOR", nargs="*", help="claims; all without one")


def _claims_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--claims",
        metavar="MODULE|FILE.toml",
        action="append",
        default=[],
        help="a module or a TOML file with claims of your own",
    )


def _lock_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lock",
        metavar="FILE",
        type=Path,
        default=Path("verdicts.lock.json"),
        help="reviewed outcomes; a run that differs from them exits with 1",
    )


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--effort", choices=("quick", "default", "thorough"), default="default")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="for Monte Carlo")
    parser.add_argument("--seed", metavar="N", type=_integer(0), default=0, help="of all random numbers")
    parser.add_argument("--workers", metavar="N", type=_integer(1), help="processes; all cores by default")
    _claims_option(parser)


def _integer(least: int) -> Callable[[str], int]:
    def integer(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not an integer >= {least}")
        return value

    return integer


def _verify(options: argparse.Namespace) -> int:
    from .checks.files import check_writable
    from .derivations.errors import UsageError
    from .reports.verification import Request, verify

    paths = [path for path in (options.json, options.html) if path is not None]
    if len(paths) == 2 and paths[0].resolve() == paths[1].resolve():
        raise UsageError(f"--json and --html both name {str(paths[0])!r}; give two files")
    for path in paths:
        check_writable(path)
    if options.domain is not None and options.identity is None:
        raise UsageError("--domain belongs to --identity; claims have domains of their own")
    if options.identity is not None and options.selectors:
        raise UsageError(f"--identity and {options.selectors[0]!r} are both given; give one")
    _find_modules_here()
    run = _run_arguments(options)
    if options.identity is not None:
        from .reports.one_off import verify_identity

        return verify_identity(options.identity, options.domain or "", run, options.json, options.html)
    request = Request(tuple(options.selectors), run, options.json, options.html, options.lock, options.fresh)
    return verify(request, lambda: _load(options))


def _accept(options: argparse.Namespace) -> int:
    from .checks.files import check_writable
    from .derivations.claim import CLAIMS
    from .reports.verification import accept_outcomes

    check_writable(options.lock)
    saved = _load(options)
    chosen = list(CLAIMS.values()) if options.all else [CLAIMS[i] for i in options.ids if i in CLAIMS]
    verdicts = _verdicts(chosen, saved, options)
    ids = [c.id for c in chosen] if options.all else options.ids
    return accept_outcomes(ids, verdicts, options.lock, options.allow_more_undecided)


def _list(options: argparse.Namespace) -> int:
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
        return OK
    wide = max(map(len, (c.id for c in chosen)), default=0)
    for c in chosen:
        print(f"{c.id:<{wide}}  {outcomes.get(c.id, '-'):<9}  {c.title}")
    return OK


def _show(options: argparse.Namespace) -> int:
    from .derivations.errors import UsageError

    saved = _load(options)
    chosen = _select([options.id], saved.outcomes() if options.id.startswith("outcome:") else None)
    if len(chosen) != 1:
        raise UsageError(f"{options.id!r} selects {len(chosen)} claims; `show` takes one id")
    verdict = _verdicts(chosen, saved, options)[0]
    from .reports.terminal import show_lines

    print("\n".join(show_lines(verdict)))
    return CONTRADICTED if verdict.contradiction else OK


def _report(options: argparse.Namespace) -> int:
    from .checks.files import check_writable, write_whole

    check_writable(options.out)
    saved = _load(options)
    needs = any(s.startswith("outcome:") for s in options.selectors)
    chosen = _select(options.selectors, saved.outcomes() if needs else None)
    verdicts = _verdicts(chosen, saved, options)
    from .reports import content, html, latex

    report = content.build(verdicts, _common_run(verdicts))
    write_whole(options.out, (html if options.format == "html" else latex).render(report))
    print(f"wrote {options.out}: {len(verdicts)} claim{'s' * (len(verdicts) != 1)}")
    return CONTRADICTED if report.contradictions else OK


def _find_modules_here() -> None:
    """Let claim modules in the current directory be imported, as the worker processes do."""
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))


def _reproduce(options: argparse.Namespace) -> int:
    from .reports.reproduce import reproduce

    for made in reproduce(options.experiment, options.out, options.format, options.seed):
        print(made, flush=True)
    return OK


def _audit(options: argparse.Namespace) -> int:
    from .checks.files import check_writable

    if options.json:
        check_writable(options.json)
    saved = _load(options)
    from .reports.audit import run

    needs = any(s.startswith("outcome:") for s in options.selectors)
    arguments = _run_arguments(options) | {"outcomes": saved.outcomes() if needs else None}
    return run(options.selectors, arguments, sample=options.sample, json_file=options.json, accepting=options.accept)


def _load(options: argparse.Namespace) -> Saved:
    """Register all claims and return the saved verdicts."""
    from .checks.saved import load
    from .checks.unit import load_catalog
    from .derivations.claim import CLAIMS, check_repairs

    _find_modules_here()
    load_catalog(options.claims)
    check_repairs(CLAIMS)
    saved = load()
    if saved.message:
        from .reports.verification import warn

        warn(saved.message)
    return saved


def _select(selectors: Sequence[str], outcomes: Mapping[str, str] | None) -> list[Claim]:
    from .checks.selection import select
    from .derivations.claim import CLAIMS

    return select(selectors, CLAIMS, outcomes)


def _verdicts(chosen: Sequence[Claim], saved: Saved, options: argparse.Namespace) -> list[Verdict]:
    """Return the saved verdicts on `chosen`, after verifying the claims that have no current one."""
    found = {c.id: saved.verdict(c) for c in chosen}
    missing = [id for id, verdict in found.items() if verdict is None]
    if missing:
        from .checks.store import default_path
        from .checks.verify import verify_claims
        from .reports.progress import for_side_run
        from .reports.verification import keep, warn

        print(
            f"crossproof: verifying {len(missing)} claim{'s' * (len(missing) != 1)} without a current verdict",
            file=sys.stderr,
        )
        with for_side_run() as progress:
            run = verify_claims(missing, **_run_arguments(options), progress=progress, store=default_path(), warn=warn)
        keep(saved, run.verdicts)
        found.update({v.claim.id: v for v in run.verdicts})
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
