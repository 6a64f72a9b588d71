"""The command line ``crossproof verify | accept | list | show | report | reproduce | audit`` and its options.

SymPy, torch and the catalog are imported by the command that needs them, so that help and usage errors are quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

BAD_USAGE, INTERRUPTED, BROKEN_PIPE = 2, 130, 141


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        from .derivations.errors import UsageError

        raise UsageError(f"{message} (see `{self.prog} --help`)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status.

    0: the command completed; 1: two witnesses contradict each other, or an outcome differs from the reviewed one;
    2: bad usage, with one line on stderr, or the command completed without the malformed claims, or the examinations
    that could not be made, that stderr names;
    130: interrupted.
    """
    from .derivations.errors import CrossproofError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without some sign must not stop the run
            stream.reconfigure(errors="backslashreplace")
    try:
        options = parser().parse_args(arguments)
        from .checks.store.files import kept_in
        from .reports.commands import run

        with kept_in(getattr(options, "store", None)):
            status = run(options)
        sys.stdout.flush()
        return status
    except SystemExit as leave:  # --help and --version
        return int(leave.code or 0)
    except CrossproofError as error:
        from .reports.messages import fail

        fail(str(error))
        return BAD_USAGE
    except KeyboardInterrupt:
        print("crossproof: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has left; give the interpreter nothing more to flush
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    whole = _Parser(
        prog="crossproof",
        description="Verify published derivations: proof, rigorous numerics and Monte Carlo in one verdict.",
        epilog="A SELECTOR is an id, a prefix that ends in a dot (004.), a glob ('004.dw*'), document:NNN or "
        "outcome:NAME; without one, all claims are meant. Exit status: 0 completed, 1 witnesses contradict each "
        "other or an outcome differs from the reviewed one, 2 bad usage, malformed claims or examinations that could "
        "not be made, 130 interrupted.",
        allow_abbrev=False,
    )
    whole.add_argument("--version", action=_Version, help="show the version and leave")
    commands = whole.add_subparsers(metavar="COMMAND", required=True)

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
    verify.set_defaults(command="verify")

    accepting = commands.add_parser("accept", help="record reviewed outcomes", allow_abbrev=False)
    accepting.add_argument("ids", metavar="ID", nargs="*")
    accepting.add_argument("--all", action="store_true", help="every claim")
    accepting.add_argument("--allow-more-undecided", action="store_true", help="let the undecided claims grow")
    _run_options(accepting)
    _lock_option(accepting)
    accepting.set_defaults(command="accept")

    listing = commands.add_parser("list", help="list claims and their last outcome", allow_abbrev=False)
    _selectors(listing)
    _claims_option(listing)
    _store_option(listing)
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(command="list")

    show = commands.add_parser("show", help="show one claim with its verdict", allow_abbrev=False)
    show.add_argument("id", metavar="ID")
    _run_options(show)
    show.set_defaults(command="show")

    report = commands.add_parser("report", help="write a report on the last verdicts", allow_abbrev=False)
    _selectors(report)
    _run_options(report)
    report.add_argument("--format", choices=("html", "latex"), required=True)
    report.add_argument("--out", metavar="FILE", type=Path, required=True)
    report.set_defaults(command="report")

    reproduce = commands.add_parser(
        "reproduce", help="repeat a document's experiments, with pictures", allow_abbrev=False
    )
    reproduce.add_argument(
        "experiment", nargs="?", metavar="ID", help="an experiment such as 003.fig1, or a document; all by default"
    )
    reproduce.add_argument("--out", metavar="FOLDER", type=Path, default=Path("report"), help="default: report")
    reproduce.add_argument("--format", choices=("png", "svg", "pdf"), default="png")
    reproduce.add_argument("--seed", type=int, default=0)
    reproduce.set_defaults(command="reproduce")

    audit = commands.add_parser("audit", help="show the witnesses slightly wrong claims", allow_abbrev=False)
    _selectors(audit)
    _run_options(audit)
    audit.add_argument("--sample", metavar="N", type=_integer(1), help="N mutants, spread evenly; all by default")
    audit.add_argument(
        "--kind", action="append", choices=("algebra", "deterministic", "monte-carlo"), help="witnesses that may kill"
    )
    audit.add_argument(
        "--least", metavar="RATE", type=float, help="exit 1 below this kill rate, instead of by the list"
    )
    audit.add_argument("--json", metavar="FILE", type=Path, help="write every mutant and its fate as JSON")
    audit.add_argument("--accept", action="store_true", help="rewrite audit_survivors.json, which may only shrink")
    audit.set_defaults(command="audit")
    return whole


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


def _store_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--store",
        metavar="FOLDER",
        type=Path,
        help="where evidence and verdicts are kept; by default in your state folder, apart for each working folder",
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
    _store_option(parser)


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
