"""The command line: every command with its options, in the order of :func:`parser`.

SymPy, torch and the catalog are imported by the command that needs them, so that help and usage errors are quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

BAD_USAGE, INTERRUPTED, BROKEN_PIPE = 2, 130, 141
#: Shells that `completion` knows.
SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line that names what is near."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **{"allow_abbrev": False, **keywords})

    def error(self, message: str) -> NoReturn:
        from .derivations.errors import UsageError

        raise UsageError(f"{_with_hint(message)} (see `{self.prog} --help`)")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Refuse what is left over where it was given, so that the error can name the options of that command."""
        found, left = super().parse_known_args(args, namespace)
        if left:
            import difflib

            option = next((word for word in left if word.startswith("-")), left[0]).partition("=")[0]
            near = difflib.get_close_matches(option, self._option_string_actions, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            self.error(f"unrecognized argument {option!r}{hint}")
        return found, left


def _with_hint(message: str) -> str:
    """Return argparse's message on a wrong choice with what is near it instead of all that there is."""
    import difflib
    import re

    wrong = re.fullmatch(r"argument (.+): invalid choice: '(.*)' \(choose from (.*)\)", message, re.DOTALL)
    if wrong is None:
        return message
    known = re.findall(r"[\w-]+", wrong[3])
    near = difflib.get_close_matches(wrong[2], known, n=2)
    hint = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(known)}"
    what = "" if wrong[1] == "COMMAND" else f"argument {wrong[1]}: "
    return f"{what}invalid choice: {wrong[2]!r}; {hint}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status.

    0: the command completed; 1: two witnesses contradict each other, an outcome differs from the reviewed one, or
    (``--strict``) a document is refuted;
    2: bad usage, with one line on stderr, or the command completed without the malformed claims, or the examinations
    that could not be made, that stderr names;
    130: interrupted.
    """
    from .derivations.errors import CrossproofError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without some sign must not stop the run
            stream.reconfigure(errors="backslashreplace")
    try:
        whole = parser()
        if "_ARGCOMPLETE" in os.environ:  # a shell asks how the line may go on
            import argcomplete

            argcomplete.autocomplete(whole, always_complete_options=False)
        options = whole.parse_args(arguments)
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
        epilog="A SELECTOR is an id, a prefix (004 or 004.), a glob ('004.dw*'), document:NNN or "
        "outcome:NAME; without one, all claims are meant. Exit status: 0 completed, 1 witnesses contradict each "
        "other, an outcome differs from the reviewed one or (--strict) a document is refuted, 2 bad usage, malformed "
        "claims or examinations that could not be made, 130 interrupted.",
    )
    whole.add_argument("--version", action=_Version, help="show the version and leave")
    commands = whole.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    for name, (help, options) in COMMANDS.items():
        one = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
        options(one)
        one.set_defaults(command=name)
    return whole


def _verify(parser: argparse.ArgumentParser) -> None:
    _selectors(parser)
    _run_options(parser)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the verdicts as JSON")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a report as one HTML page")
    parser.add_argument("--identity", metavar="'LHS == RHS'", help="examine this identity instead of claims")
    parser.add_argument("--domain", metavar="RANGES", help="its parameters, such as 'x=positive, c=between(0, 1)'")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="run on a dask cluster, such as tcp://host:8786")
    parser.add_argument("--memory", metavar="MIB", type=_integer(1), help="for one witness on one claim; 2048")
    parser.add_argument("--fresh", action="store_true", help="examine again what earlier runs have answered")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a claim that a document states is refuted")
    _lock_option(parser)


def _accept(parser: argparse.ArgumentParser) -> None:
    which = parser.add_argument("ids", metavar="ID", nargs="*", help="claims whose outcome you have reviewed")
    _completed(which)
    parser.add_argument("--all", action="store_true", help="every claim")
    parser.add_argument("--allow-more-undecided", action="store_true", help="let the undecided claims grow")
    _run_options(parser)
    _lock_option(parser)


def _list(parser: argparse.ArgumentParser) -> None:
    _selectors(parser)
    _claims_option(parser)
    _store_option(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def _show(parser: argparse.ArgumentParser) -> None:
    _completed(parser.add_argument("id", metavar="ID"))
    _run_options(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def _report(parser: argparse.ArgumentParser) -> None:
    _selectors(parser)
    _run_options(parser)
    parser.add_argument("--format", choices=("html", "latex"), required=True)
    parser.add_argument("--out", metavar="FILE", type=Path, required=True)
    parser.add_argument("--pictures", action="store_true", help="draw the claims that were refuted or confirmed")


def _errata(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("document", metavar="DOCUMENT", help="such as 004")
    _run_options(parser)
    parser.add_argument("--format", choices=("md", "latex", "html"), default="md", help="default: md")
    parser.add_argument("--out", metavar="FILE", type=Path, help="printed without one")


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", metavar="ID", nargs="+")
    parser.add_argument("--to", choices=("numpy", "torch", "jax", "c", "julia", "latex"), required=True)
    parser.add_argument("--out", metavar="FILE", type=Path, help="printed without one")
    _claims_option(parser)
    _store_option(parser)


def _reproduce(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "experiment", nargs="?", metavar="ID", help="an experiment such as 003.fig1, or a document; all by default"
    )
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=Path("report"), help="default: report")
    parser.add_argument("--format", choices=("png", "svg", "pdf"), default="png")
    parser.add_argument("--seed", metavar="N", type=_integer(0), default=0)


def _compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--depths", metavar="L,..", type=_listed(int), default=(2, 3, 4), help="default: 2,3,4")
    parser.add_argument("--models", metavar="NAME,..", type=_listed(str), default=(), help="all without it")
    parser.add_argument("--width", metavar="N", type=_integer(1), default=2, help="neurons of a hidden layer; 2")
    parser.add_argument("--rate", metavar="ETA", type=float, default=0.05, help="learning rate of SGD; 0.05")
    parser.add_argument("--effort", choices=("quick", "default", "thorough"), default="default")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--seed", metavar="N", type=_integer(0), default=0)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all values and intervals as JSON")
    parser.add_argument("--out", metavar="FOLDER", type=Path, help="draw a picture of each depth; none without it")
    parser.add_argument("--format", choices=("png", "svg", "pdf"), default="png")


def _plot(parser: argparse.ArgumentParser) -> None:
    _completed(parser.add_argument("id", metavar="ID"))
    _run_options(parser)
    parser.add_argument("--out", metavar="FILE", type=Path, required=True, help="a .svg, .pdf or .png file")
    parser.add_argument("--dark", action="store_true", help="light on dark")


def _audit(parser: argparse.ArgumentParser) -> None:
    _selectors(parser)
    _run_options(parser)
    sample = "N mutants of claims spread evenly; all by default; with 0 only what the claims are about is changed"
    parser.add_argument("--sample", metavar="N", type=_integer(0), help=sample)
    parser.add_argument(
        "--kind", action="append", choices=("algebra", "deterministic", "monte-carlo"), help="witnesses that may kill"
    )
    parser.add_argument(
        "--least", metavar="RATE", type=float, help="exit 1 below this kill rate, instead of by the list"
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="write every mutant and its fate as JSON")
    parser.add_argument("--accept", action="store_true", help="rewrite audit_survivors.json, which may only shrink")


def _selftest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", metavar="N", type=_integer(1), help="processes; all cores by default")


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))


#: Every command: its line in the help, and what adds its options; `reports.commands.COMMANDS` has what it does.
COMMANDS: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "verify": ("examine claims with every witness", _verify),
    "accept": ("record reviewed outcomes", _accept),
    "list": ("list claims and their last outcome", _list),
    "show": ("show one claim with its verdict", _show),
    "report": ("write a report on the last verdicts", _report),
    "plot": ("draw one claim, with the counterexample of its verdict", _plot),
    "errata": ("write to the authors of a document what does not stand in it", _errata),
    "export": ("write formulas as code that needs no crossproof", _export),
    "reproduce": ("repeat a document's experiments, with pictures", _reproduce),
    "compare": ("compare SGD on deep linear networks with stochastic models of it", _compare),
    "audit": ("show the witnesses slightly wrong claims", _audit),
    "selftest": ("try every witness on one claim: does this installation work?", _selftest),
    "completion": ("print what lets a shell complete commands, options and ids", _completion),
}


class _Version(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, **keywords: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **keywords)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"crossproof {version('crossproof')}")
        parser.exit()


def _selectors(parser: argparse.ArgumentParser) -> None:
    which = parser.add_argument("selectors", metavar="SELECTOR", nargs="*", help="claims; all without one")
    _completed(which)


def _completed(action: argparse.Action) -> None:
    """Let a shell complete ids of claims here."""

    def ids(prefix: str, **_: Any) -> list[str]:
        from .checks.store.index import kept_rows

        known = kept_rows() or {}
        starts = dict.fromkeys(f"{row.document}." for row in known.values())
        return [name for name in (known if "." in prefix else starts) if name.startswith(prefix)]

    action.completer = ids  # type: ignore[attr-defined]  # argcomplete's own attribute


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


def _listed(kind: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    def listed(text: str) -> tuple[Any, ...]:
        try:
            return tuple(kind(part.strip()) for part in text.split(","))
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no list such as 2,3,4") from None

    return listed


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
