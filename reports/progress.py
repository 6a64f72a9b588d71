"""Progress of a run: a bar on a terminal, one plain line a claim elsewhere."""

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
        self.advance(done, total, combine(claim, arrived) if complete else None)

    def advance(self, done: int, total: int, verdict: Verdict | None) -> None:
        """Show that `done` of `total` units have answered, and a verdict once it is complete."""

    def finish(self, verdicts: Sequence[Verdict]) -> None:
        """Show the verdicts on which no witness could speak."""


class Lines(Progress):
    """One plain line a claim."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def advance(self, done: int, total: int, verdict: Verdict | None) -> None:
        if verdict is not None:
            print(claim_line(verdict), file=self._stream, flush=True)

    def finish(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            if not verdict.evidence:
                print(claim_line(verdict), file=self._stream, flush=True)


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
