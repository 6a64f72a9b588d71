"""The errata of one document as a letter to its authors: blocks of text, formulas and commands, in their order.

Majors stand before minors. What rests on a mistake comes from the page on the document where there is one
(``docs/papers``), and from the claims that name it, or the number of its formula, as something given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...checks.evidence import Outcome
from ...derivations.claim import CLAIMS
from .model import Change, Entry, Failure, Report, Section
from .papers import conventions
from .readable import readable

RULE = (
    "An item is major if a result (theorem, proposition, lemma, corollary or conjecture) fails as printed, or a "
    "formula or sentence from which something else follows that has to change with it. It is minor if it is a step on "
    "the way to a result that stands all the same, a misprint, a failure at the edge of its domain alone, or if "
    "nothing rests on it."
)
_RESULT = re.compile(r"\b(?:Theorem|Proposition|Lemma|Corollary|Conjecture|Thm|abstract)\b")
_STEP = re.compile(r"proof|footnote|remark|F\.1, where", re.IGNORECASE)
#: What was stated and found at a counterexample, in words.
_ROWS = {"stated": "as stated", "gap": "difference"}
#: Most claims that are named as resting on one.
_MOST = 8


@dataclass(frozen=True)
class Heading:
    """A heading; `level` 1 is that of the letter."""

    text: str
    level: int


@dataclass(frozen=True)
class Text:
    """A paragraph; `lead` is set off at its beginning."""

    text: str
    lead: str = ""


@dataclass(frozen=True)
class Formula:
    """A displayed formula (LaTeX) after a few words."""

    words: str
    latex: str


@dataclass(frozen=True)
class Command:
    """A command for a shell."""

    text: str


Block = Heading | Text | Formula | Command


def letter(report: Report, document: str) -> tuple[Block, ...]:
    """Return the letter on one document of a report."""
    section = next(s for s in report.sections if s.document == document)
    by_id = {e.id: e for e in report.entries}
    return tuple(_letter(section, by_id))


def in_document(place: str) -> tuple[bool, str, int, int]:
    """Return where a place stands: sections by number, footnotes, then appendices by letter; formulas by number."""
    formula = re.search(r"\((\d+)\)", place)
    number = int(formula[1]) if formula else 0
    appendix = re.search(r"(?:^|\s)([A-Z])(?:\.(\d+))?(?![\w'])", place)
    section = re.search(r"(?:Section|Theorem|Proposition|Lemma|Corollary)\s+(\d+)", place)
    if appendix and not (section and section.start() < appendix.start()):
        return True, appendix[1], int(appendix[2] or 0), number
    footnote = re.search(r"footnote\s+(\d+)", place)
    return False, "", int(section[1]) if section else 1000 + int(footnote[1] if footnote else 0), number


def _closed(text: str) -> str:
    """Return a sentence with its full stop; dots that stand for what is left out end one, too."""
    return text if text.endswith(".") else f"{text}."


def is_major(entry: Entry) -> bool:
    """Return whether a mistake is major, by the rule that the letter states."""
    result = bool(_RESULT.search(entry.place)) and not _STEP.search(entry.place)
    if entry.remark is None:
        return result or (not _STEP.search(entry.place) and bool(_resting(entry)))
    if entry.remark.rests.startswith(("A misprint", "Nothing: types")) or "(a pedantic point" in entry.remark.fails:
        return False
    return result or not entry.remark.harmless(entry.place)


def _letter(section: Section, by_id: dict[str, Entry]) -> Iterator[Block]:
    source = section.source
    mistakes = [e for e in section.entries if e.accuses]
    mistakes.sort(key=lambda e: in_document(e.place))
    majors = [e for e in mistakes if is_major(e)]
    minors = [e for e in mistakes if not is_major(e)]
    undefined = [e for e in section.entries if e.outcome is Outcome.UNDEFINED]
    readings = [e for e in section.entries if e.outcome is Outcome.REFUTED and not e.stated]
    hold = sum(e.outcome in (Outcome.PROVED, Outcome.CONFIRMED) and not e.repairs for e in section.entries)
    yield Heading(f"Errata for {source.title or f'document {section.document}'}", 1)
    if source.authors:
        yield Text(f"Dear {', '.join(source.authors)},")
    count = sum(not e.repairs for e in section.entries)
    yield Text(
        f"{'we' if source.authors else 'We'} stated {count} assertions of your document as data and examined each "
        f"by independent witnesses (algebra, rigorous numerics, simulation). {hold} hold. "
        f"{len(mistakes)} fail as printed: {len(majors)} major, {len(minors)} minor. "
        + (f"{len(undefined)} have no meaning at some point of their domain. " if undefined else "")
        + f"{len(readings)} further readings of the print fail that you do not state; they are listed last and are not "
        "counted as mistakes. Every item has a counterexample inside the stated assumptions, what to write in its "
        "place with the verdict on it where there is one, and the command that repeats the examination."
    )
    yield Text(RULE, "Major and minor.")
    if source.lost:
        yield Text(
            "The text of your document that we have has lost its formulas. Formulas were derived again from the words, "
            "under the conventions below; where your formula differs, an item may not concern you.",
            "Formulas.",
        )
    if notation := conventions(section.document):
        yield Text(readable(notation), "How we read it.")
    numbers = {e.id: number for number, e in enumerate((*majors, *minors, *undefined), 1)}
    yield from _in_short(majors, numbers)
    for title, remark, members in (
        ("Major", "", majors),
        ("Minor", "", minors),
        (
            "Without meaning at a point",
            "Neither right nor wrong: at a point of the domain a side has no value.",
            undefined,
        ),
    ):
        if members:
            yield Heading(title, 2)
        if members and remark:
            yield Text(remark)
        for e in members:
            first = next(m for m in members if m is e or (e.remark is not None and m.remark is e.remark))
            yield from _item(e, numbers, first, by_id)
    if readings:
        yield Heading("Readings that fail, and that you do not state", 2)
        yield Text("No mistake is reported here. A word more in the text would exclude the reading.")
        for e in readings:
            yield from _reading(e, by_id)
    yield Heading("All of it again", 2)
    yield Command(f"crossproof verify document:{section.document}")
    yield Command(f"crossproof errata {section.document} --format md")


def _in_short(majors: Sequence[Entry], numbers: dict[str, int]) -> Iterator[Block]:
    """Yield one line for each major mistake, and one for those that a page treats together."""
    groups: dict[object, list[Entry]] = {}
    for e in majors:
        groups.setdefault(e.remark or e.id, []).append(e)
    if groups:
        yield Heading("The majors in short", 2)
    for members in groups.values():
        e = members[0]
        what = e.remark.fails if e.remark and e.remark.fails else _sentence(e.failure) if e.failure else e.title
        yield Text(f"{e.place}: {readable(what).rstrip('.')}.", f"{', '.join(str(numbers[m.id]) for m in members)}.")


def _item(e: Entry, numbers: dict[str, int], first: Entry, by_id: dict[str, Entry]) -> Iterator[Block]:
    """Yield one item; `first` is the item that shares its row on the page, and has said what the row says."""
    yield Heading(f"{numbers[e.id]}. {e.place} ({e.id})", 3)
    yield from _printed(e)
    if first is not e:
        yield Text(f"The same as in item {numbers[first.id]}.", "What is wrong.")
    elif e.remark and e.remark.fails:
        yield Text(_closed(readable(e.remark.fails)), "What is wrong.")
    elif e.failure:
        yield Text(f"{_sentence(e.failure)}.", "What is wrong.")
    if first is e and e.remark and e.remark.size not in ("", "-"):
        yield Text(_closed(readable(e.remark.size)), "By how much.")
    yield from _caveats(e)
    if e.failure:
        yield from _worked(e.failure)
        how = next((i.detail for i in e.evidence if i.outcome is e.outcome), "")
        if how and not e.failure.steps:
            yield Text(readable(how), "How it was found.")
            yield from _argument(e)
    yield from _repairs(e, by_id, said=first is not e)
    yield from _rests(e, said=first is not e)
    yield Text("", "Again:")
    yield Command(e.reproduce)


def _printed(e: Entry) -> Iterator[Block]:
    if e.printed:
        yield Formula("As printed:", e.printed)
    yield Text(readable(e.title), "As we read it." if e.printed else "The assertion.")
    if e.rederived:
        yield Formula("Derived again, since the printed formula is lost:", e.statement)
    else:
        yield Formula("As it was examined:", e.statement)
    if e.domain:
        yield Formula("for all", e.domain)
    if e.reading:
        yield Text(readable(e.reading) + ("" if e.stated else " (you do not state it)"), "Reading.")


def _caveats(e: Entry) -> Iterator[Block]:
    if e.given:
        yield Text("; ".join(map(readable, e.given)) + ".", "Assumed.")
    if e.note:
        yield Text(readable(e.note), "Note.")


def _sentence(failure: Failure) -> str:
    rows = dict(failure.rows)
    found = readable(rows["found"])
    return f"At {_point(failure)}: {readable(rows['stated'])} as stated, {found} as found"


def _point(failure: Failure) -> str:
    return ", ".join(f"{readable(c.name)} = {readable(c.value)}" for c in failure.shown) or "every point"


def _worked(failure: Failure) -> Iterator[Block]:
    meaning = failure.name == "without meaning"
    yield Text(f"{_point(failure)}.", "The point." if meaning else "Counterexample.")
    if not failure.simple:
        yield Text("; ".join(f"{_ROWS.get(name, name)}: {readable(value)}" for name, value in failure.rows) + ".")
    for step in failure.steps:
        yield Formula(f"{readable(step.words)}:", step.latex)


def _argument(e: Entry) -> Iterator[Block]:
    """Yield what follows in place of the assertion, where its counterexample is not worked out."""
    for step in e.argument:
        words = readable(step.words)
        yield Formula(f"{words}:", step.latex) if step.latex else Text(_closed(words))


def _repairs(e: Entry, by_id: dict[str, Entry], *, said: bool) -> Iterator[Block]:
    if e.remark and e.remark.instead and not said:
        yield Text(_closed(readable(e.remark.instead)), "Write instead.")
    for link in e.repaired_by:
        repair = by_id.get(link.id)
        if repair is None:
            yield Text(f"{link.id} (not in this report)", "In its place.")
            continue
        yield Text(f"{readable(repair.title)} {_verdict(repair)}", "In its place.")
        parts = [c for c in repair.changes if c.marked]
        if not parts:
            yield Formula("in formulas:", repair.statement)
        for change in repair.changes:
            yield from _change(change)
    if not e.repaired_by and e.outcome is Outcome.REFUTED and not (e.remark and e.remark.instead):
        yield Text("None is known.", "In its place.")


def _verdict(repair: Entry) -> str:
    return f"({repair.id}: {repair.label} by {', '.join(repair.kinds)}.)"


def _change(change: Change) -> Iterator[Block]:
    if change.formulas and change.marked:
        yield Formula(f"{change.what}, in place of", change.before)
        yield Formula("it has", change.after)
        yield Formula("so that it reads, with the change underlined,", change.marked)
    elif not change.formulas and change.before and change.after:
        yield Text(f"{readable(change.what)}: {readable(change.after)}, in place of {readable(change.before)}.")
    elif not change.formulas:
        yield Text(f"{change.what}: {readable(change.before or change.after)}.")


def _rests(e: Entry, *, said: bool) -> Iterator[Block]:
    if e.remark and e.remark.rests and not said:
        rests = e.remark.rests
        text = f"{rests} ({e.remark.inherited})" if rests.startswith(("The same", "As above")) else rests
        yield Text(f"{readable(text).rstrip('.')}.", "What rests on it.")
    if resting := _resting(e):
        more = f" and {len(resting) - _MOST} more" if len(resting) > _MOST else ""
        yield Text(", ".join(resting[:_MOST]) + more, "Examined claims that name it as given:")


def _resting(e: Entry) -> list[str]:
    """Return the claims of the same document that name this one, or the number of its formula, as given."""
    numbers = re.findall(r"\(\d+\)|\bTheorem [A-Z]?\.?\d[\d.]*|\bLemma [A-Z]\.\d+", e.place)
    named = [re.compile(rf"(?<![\w.]){re.escape(e.id)}(?![\w-]|\.\w)"), *(re.compile(re.escape(n)) for n in numbers)]
    own = {e.id, *(link.id for link in e.repaired_by)}
    return [
        c.id
        for c in CLAIMS.values()
        if c.document == e.document and c.id not in own and any(n.search(g) for n in named for g in c.given)
    ]


def _reading(e: Entry, by_id: dict[str, Entry]) -> Iterator[Block]:
    yield Heading(f"{e.place} ({e.id})", 3)
    yield Text(readable(e.title), "If it is read so:")
    if e.reading:
        yield Text(readable(e.reading), "Reading.")
    if e.printed:
        yield Formula("As printed:", e.printed)
    if e.failure:
        yield Text(_sentence(e.failure) + ".", "It fails.")
    if e.remark and e.remark.instead:
        yield Text(_closed(readable(e.remark.instead)), "Safer to write.")
    repairs: Sequence[Entry] = [by_id[link.id] for link in e.repaired_by if link.id in by_id]
    for repair in repairs:
        yield Text(f"{readable(repair.title)} {_verdict(repair)}", "What holds.")
    yield Command(e.reproduce)
