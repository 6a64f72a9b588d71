"""What a report says: the parts that HTML, LaTeX and the terminal render."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...checks.evidence import Outcome
from .documents import Document, document
from .papers import Remark

if TYPE_CHECKING:
    from ..pictures.picture import Picture


@dataclass(frozen=True)
class EvidenceItem:
    """What one witness found, as text."""

    witness: str
    kind: str
    outcome: Outcome
    detail: str
    starts_from: str
    code: str
    facts: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Coordinate:
    """One parameter of a counterexample: its name, the name in LaTeX, and the exact value as text."""

    name: str
    latex: str
    value: str


@dataclass(frozen=True)
class Step:
    """One line of a worked counterexample or an argument: what it is in words, and a formula (LaTeX), or none."""

    words: str
    latex: str


@dataclass(frozen=True)
class Change:
    """One difference between a claim and its repair.

    `before` and `after` are LaTeX where `formulas` is set, else plain text; either may be empty. `marked` is the whole
    formula of the repair with the changed part underlined.
    """

    what: str
    before: str = ""
    after: str = ""
    marked: str = ""
    formulas: bool = False


@dataclass(frozen=True)
class Failure:
    """Where a claim fails: `name` is a counterexample, or a point without meaning.

    `rows` say, each by its name, what the claim states there, what was found, and by how much they differ (or where
    the statement has a meaning). `steps` work it out for a check by hand, at `simple` where simpler numbers than those
    of the witness do.
    """

    name: str
    point: tuple[Coordinate, ...]
    rows: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...] = ()
    simple: tuple[Coordinate, ...] = ()

    @property
    def shown(self) -> tuple[Coordinate, ...]:
        """The point that a reader is shown first."""
        return self.simple or self.point


@dataclass(frozen=True)
class Link:
    """A mention of another claim; `here` tells whether the report has an entry for it."""

    id: str
    outcome: str | None
    here: bool


@dataclass(frozen=True)
class Entry:
    """One claim with its verdict. Formulas are LaTeX (mathematics mode); all else is plain text."""

    id: str
    title: str
    document: str
    place: str
    statement: str
    written: tuple[tuple[str, str], ...]
    domain: str
    given: tuple[str, ...]
    reading: str | None
    stated: bool
    note: str
    outcome: Outcome
    label: str
    headline: str
    kinds: tuple[str, ...]
    independence: str
    evidence: tuple[EvidenceItem, ...]
    failure: Failure | None
    contradiction: tuple[str, str] | None
    repairs: Link | None
    repaired_by: tuple[Link, ...]
    reproduce: str
    printed: str = ""
    rederived: bool = False
    subject: str = ""
    changes: tuple[Change, ...] = ()
    remark: Remark | None = None
    argument: tuple[Step, ...] = ()
    picture: Picture | None = None

    @property
    def argument_name(self) -> str:
        """What the argument shows."""
        return "how it follows" if self.outcome is Outcome.PROVED else "what follows instead"

    @property
    def accuses(self) -> bool:
        """Whether the entry reports a mistake of its document."""
        return self.outcome is Outcome.REFUTED and self.stated


@dataclass(frozen=True)
class Section:
    """The claims of one document."""

    document: str
    entries: tuple[Entry, ...]

    @property
    def source(self) -> Document:
        """What is known of the document itself."""
        return document(self.document)

    def count(self, outcome: Outcome) -> int:
        """Return the number of claims with `outcome`."""
        return sum(e.outcome is outcome for e in self.entries)


@dataclass(frozen=True)
class Report:
    """The whole content of a report."""

    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    versions: tuple[tuple[str, str], ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in the order of the sections."""
        return tuple(e for s in self.sections for e in s.entries)

    @property
    def errata(self) -> tuple[Entry, ...]:
        """Refuted claims under a reading that the document states: its mistakes."""
        return tuple(e for e in self.entries if e.accuses)

    @property
    def unstated(self) -> tuple[Entry, ...]:
        """Refuted readings that the document does not state: never its mistakes."""
        return tuple(e for e in self.entries if e.outcome is Outcome.REFUTED and not e.stated)

    @property
    def undefined(self) -> tuple[Entry, ...]:
        """Claims without meaning at a point of their domain: neither right nor wrong as they stand."""
        return tuple(e for e in self.entries if e.outcome is Outcome.UNDEFINED)

    @property
    def contradictions(self) -> tuple[Entry, ...]:
        """Entries on which two witnesses contradict each other."""
        return tuple(e for e in self.entries if e.contradiction)

    def count(self, outcome: Outcome) -> int:
        """Return the number of claims with `outcome`."""
        return sum(e.outcome is outcome for e in self.entries)
