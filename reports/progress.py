"""Progress of a run: a bar on a terminal, a bounded number of plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from ..checks.evidence import Evidence, Verdict
    from ..checks.runs.unit import Unit

#: Claims of a run that have a line of their own where there is no terminal: more than the catalog has.
LISTED = 1000


def lines_of(verdicts: Sequence[Verdict], order: Sequence[str]) -> list[list[Any]]:
    """Return what a run has printed about each claim, in the order in which it did: whether on a terminal, too; line.

    Parameters
    ----------
    verdicts : sequence of Verdict
        All verdicts of the run.
    order : sequence of str
        Ids of claims in the order in which their evidence was complete; the others come last.
    """
    from .formats.terminal import claim_line, needs_reader

    place = {id: number for number, id in enumerate(order)}
    ordered = sorted(verdicts, key=lambda v: place.get(v.claim.id, len(place)))
    return [[needs_reader(v), claim_line(v)] for v in ordered]


def replay(lines: Iterable[Sequence[Any]]) -> None:
    """Print what the run that is told by `lines` (:func:`lines_of`) has printed."""
    from .formats.console import coloured, terminal

    held = list(lines)
    console = terminal()
    if console is None:
        print("\n".join([*(line for _, line in held[:LISTED]), *_others(len(held) - LISTED)]))
        return
    for needed, line in held:
        if needed:
            console.print(coloured(line), soft_wrap=True)


def _others(count: int) -> list[str]:
    says = "has no line here; the report says" if count == 1 else "have no line here; the reports say"
    return [f"{count} more claim{'s' * (count != 1)} {says} all (--html, --json)"] if count > 0 else []


class Progress:
    """Collects evidence, and tells when all of it on one claim has arrived; this base class shows nothing.

    `order` has the ids of the claims in the order in which that happened.
    """

    def __init__(self) -> None:
        self.order: list[str] = []
        self._evidence: dict[str, list[Evidence]] = {}
        self._expected: dict[str, int] = {}

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def __call__(self, done: int, total: int, unit: Unit, evidence: Evidence) -> None:
        """Take one piece of evidence."""
        from ..checks.evidence import combine
        from ..checks.witness import witnesses_for
        from ..derivations.claim import CLAIMS

        claim = CLAIMS[unit.claim_id]
        if claim.id not in self._expected:
            self._expected[claim.id] = sum(1 for _ in witnesses_for(claim))
        arrived = self._evidence.setdefault(claim.id, [])
        arrived.append(evidence)
        complete = len(arrived) == self._expected[claim.id]
        if complete:
            del self._evidence[claim.id]
            self.order.append(claim.id)
        self.advance(done, total, combine(claim, arrived) if complete else None)

    def advance(self, done: int, total: int, verdict: Verdict | None) -> None:
        """Show that `done` of `total` units have answered, and a verdict once it is complete."""

    def finish(self, verdicts: Sequence[Verdict]) -> None:
        """Show the verdicts on which no witness could speak."""


class Lines(Progress):
    """One plain line a claim, for the first `LISTED` that are complete; then one for each tenth of the run."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._claims = self._tenths = 0

    def advance(self, done: int, total: int, verdict: Verdict | None) -> None:
        if verdict is not None:
            self._show(verdict)
        if 10 * done // total > self._tenths:
            self._tenths = 10 * done // total
            if self._claims > LISTED:
                self._print(f"{done} of {total} examinations are made")

    def finish(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            if not verdict.evidence:
                self._show(verdict)
        for line in _others(self._claims - LISTED):
            self._print(line)

    def _show(self, verdict: Verdict) -> None:
        from .formats.terminal import claim_line

        self._claims += 1
        if self._claims <= LISTED:
            self._print(claim_line(verdict))

    def _print(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


class Bar(Progress):
    """A bar on a terminal, with a line above it for each claim that is refuted or undefined, and each contradiction."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._bar = _bar(stream)
        self._task = self._bar.add_task("starting workers", total=None)

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def advance(self, done: int, total: int, verdict: Verdict | None) -> None:
        self._bar.update(self._task, completed=done, total=total)
        if verdict is None:
            return
        from .formats.console import coloured
        from .formats.terminal import claim_line, needs_reader

        self._bar.update(self._task, description=f"{verdict.claim.id} {verdict.outcome}")
        if needs_reader(verdict):
            self._bar.console.print(coloured(claim_line(verdict)), soft_wrap=True)

    def finish(self, verdicts: Sequence[Verdict]) -> None:
        self._bar.update(self._task, description="writing down")


def _bar(stream: TextIO) -> RichProgress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Rich

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    return Rich(*columns, console=Console(file=stream, markup=False, highlight=False), transient=True)


@contextlib.contextmanager
def steps() -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar on the terminal while a command goes from step to step; yields what is told (done, total, name)."""
    if not sys.stderr.isatty():
        yield lambda done, total, name: None
        return
    with _bar(sys.stderr) as bar:
        task = bar.add_task("loading", total=None)
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=name)


def progress_on(stream: TextIO, *, lines: bool) -> Progress:
    """Return a bar when `stream` is a terminal, else plain lines if `lines`, else nothing."""
    if stream.isatty():
        return Bar(stream)
    return Lines(stream) if lines else Progress()


def for_run() -> Progress:
    """Return the progress of `verify`, whose output is the verdicts."""
    return progress_on(sys.stdout, lines=True)


def for_side_run() -> Progress:
    """Return the progress of a run that serves another command."""
    return progress_on(sys.stderr, lines=False)
