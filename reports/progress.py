"""Progress of a run: a bar on a terminal, a bounded number of plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import TextIO

from ..checks.evidence import Evidence, Outcome, Verdict, combine
from ..checks.runs.unit import Unit
from ..checks.witness import witnesses_for
from ..derivations.claim import CLAIMS
from .formats.terminal import claim_line

#: Claims of a run that have a line of their own where there is no terminal: more than the catalog has.
LISTED = 500


def listed(verdicts: Sequence[Verdict]) -> list[str]:
    """Return a line on each of the first verdicts of a run, and how many have none."""
    return [*map(claim_line, verdicts[:LISTED]), *_others(len(verdicts) - LISTED)]


def _others(count: int) -> list[str]:
    says = "has no line here; the report says" if count == 1 else "have no line here; the reports say"
    return [f"{count} more claim{'s' * (count != 1)} {says} all (--html, --json)"] if count > 0 else []


class Progress:
    """Collects evidence, and tells when all of it on one claim has arrived; this base class shows nothing."""

    def __init__(self) -> None:
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
        claim = CLAIMS[unit.claim_id]
        if claim.id not in self._expected:
            self._expected[claim.id] = sum(1 for _ in witnesses_for(claim))
        arrived = self._evidence.setdefault(claim.id, [])
        arrived.append(evidence)
        complete = len(arrived) == self._expected[claim.id]
        if complete:
            del self._evidence[claim.id]
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
        self._claims += 1
        if self._claims <= LISTED:
            self._print(claim_line(verdict))

    def _print(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


class Bar(Progress):
    """A bar on a terminal, with a line above it for each claim that is refuted or undefined, and each contradiction."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self._bar = RichProgress(
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=Console(file=stream),
            transient=True,
        )
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
        self._bar.update(self._task, description=f"{verdict.claim.id} {verdict.outcome}")
        if verdict.contradiction or verdict.outcome in (Outcome.REFUTED, Outcome.UNDEFINED):
            self._bar.console.print(claim_line(verdict), markup=False, highlight=False, soft_wrap=True)


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
