"""The tracked file of reviewed outcomes: what a person has looked at and agreed with, claim by claim.

A change counts when it takes something away or says something else: a new claim, another outcome, a claim that is
gone, witnesses that contradict each other. A confirmation that became a proof is not a change, because both say that
the claim holds and the proof says more; a proof that became a confirmation is one, except at ``quick`` effort, whose
shorter time limit may stop a proof that the reviewed run had time for.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ...derivations.errors import UsageError
from .files import write_whole

if TYPE_CHECKING:
    from ..evidence import Verdict

#: Name of the file when none is given.
DEFAULT_NAME = "verdicts.lock.json"
#: The outcomes that can be reviewed.
OUTCOMES = ("proved", "confirmed", "refuted", "undefined", "undecided")
#: What a verdict says when its witnesses contradict each other; it cannot be accepted.
CONTRADICTION = "contradiction"
_VERSION = 1
_REMEDY = "restore it from version control, or delete it and accept the outcomes again"


@dataclass(frozen=True)
class Lock:
    """Reviewed outcome by claim id.

    Parameters
    ----------
    claims : mapping of str to str
        One of `OUTCOMES` for each claim.
    """

    claims: Mapping[str, str] = field(default_factory=dict)

    @property
    def undecided(self) -> tuple[str, ...]:
        """Ids of the claims that are reviewed as undecided, sorted."""
        return tuple(sorted(i for i, outcome in self.claims.items() if outcome == "undecided"))


@dataclass(frozen=True)
class Result:
    """What a run says of one claim: its outcome or ``contradiction``, and the effort when it is known."""

    id: str
    outcome: str
    effort: str | None = None


@dataclass(frozen=True)
class Change:
    """A difference between a run and the reviewed outcomes.

    Parameters
    ----------
    kind : str
        ``new``: not reviewed yet; ``changed``: another outcome; ``missing``: reviewed, and no longer a claim.
    id : str
        The claim.
    reviewed, now : str or None
        The reviewed outcome and that of the run.
    """

    kind: Literal["new", "changed", "missing"]
    id: str
    reviewed: str | None
    now: str | None

    def __str__(self) -> str:
        if self.kind == "new":
            return f"{self.id}: {self.now}, not reviewed yet"
        if self.kind == "missing":
            return f"{self.id}: reviewed as {self.reviewed}, but there is no such claim any more"
        return f"{self.id}: {self.now}, reviewed as {self.reviewed}"


def load(path: Path) -> Lock:
    """Read the reviewed outcomes; none when there is no such file.

    Raises
    ------
    UsageError
        If the file cannot be read or is malformed: merge markers, an id twice, an unknown outcome or version.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Lock()
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise _malformed(path, "it is not UTF-8 text") from None
    try:
        content = json.loads(text, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise _malformed(path, str(error)) from None
    if not isinstance(content, dict) or set(content) != {"version", "claims"}:
        raise _malformed(path, "it must hold exactly the keys 'version' and 'claims'")
    if type(content["version"]) is not int or content["version"] != _VERSION:
        raise _malformed(path, f"its version is {content['version']!r}, not {_VERSION}")
    claims = content["claims"]
    if not isinstance(claims, dict):
        raise _malformed(path, f"'claims' is {claims!r}, not an object")
    for name, outcome in claims.items():
        if outcome not in OUTCOMES:
            choices = ", ".join(OUTCOMES)
            raise _malformed(path, f"the outcome of {name!r} is {outcome!r}; it must be one of {choices}")
    return Lock(claims)


def save(lock: Lock, path: Path) -> None:
    """Write the reviewed outcomes, sorted and one claim a line, whole or not at all; UsageError when it fails."""
    content = {"version": _VERSION, "claims": dict(sorted(lock.claims.items()))}
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def result_of(verdict: Verdict) -> Result:
    """Return what a verdict says, in the words of the lock."""
    outcome = CONTRADICTION if verdict.contradiction else str(verdict.outcome)
    return Result(verdict.claim.id, outcome, verdict.run.get("effort"))


def results_of_run(run: Mapping[str, Any]) -> list[Result]:
    """Return what a run says, from the JSON form of the run."""
    effort = run["run"]["effort"]
    return [Result(c["id"], CONTRADICTION if c["contradiction"] else c["outcome"], effort) for c in run["claims"]]


def compare(verdicts: Iterable[Verdict | Result], lock: Lock, registered: Iterable[str] | None = None) -> list[Change]:
    """Return the changes between a run and the reviewed outcomes, sorted by claim id.

    Parameters
    ----------
    verdicts : iterable of Verdict or Result
        What the run says.
    lock : Lock
        The reviewed outcomes.
    registered : iterable of str, optional
        Ids of all claims that exist; give them when the run examined a part, so that the rest is not missing.
    """
    results = {r.id: r for r in map(_result, verdicts)}
    existing = {*results, *(registered or ())}
    changes = [Change("missing", i, o, None) for i, o in lock.claims.items() if i not in existing]
    for name, found in results.items():
        reviewed = lock.claims.get(name)
        if reviewed is None:
            changes.append(Change("new", name, None, found.outcome))
        elif not agrees(reviewed, found):
            changes.append(Change("changed", name, reviewed, found.outcome))
    return sorted(changes, key=lambda c: c.id)


def agrees(reviewed: str, found: Result) -> bool:
    """Return whether an outcome is as reviewed, or says more (see the head of this module)."""
    holds = {reviewed, found.outcome} == {"proved", "confirmed"}
    return reviewed == found.outcome or (holds and (reviewed == "confirmed" or found.effort == "quick"))


def accept(
    lock: Lock,
    verdicts: Iterable[Verdict | Result],
    ids: Iterable[str],
    *,
    registered: Iterable[str] | None = None,
    allow_more_undecided: bool = False,
) -> Lock:
    """Return the lock with the outcomes of `ids` as the run found them; an id that is no claim any more leaves it.

    Parameters
    ----------
    lock : Lock
        The outcomes reviewed so far.
    verdicts, registered : iterable
        As in :func:`compare`.
    ids : iterable of str
        The claims whose outcomes a person has reviewed.
    allow_more_undecided : bool
        The number of undecided entries may only shrink, unless this is True.

    Raises
    ------
    UsageError
        If an id is unknown or was not examined, if its witnesses contradict each other, or if there would be more
        undecided entries than before.
    """
    results = {r.id: r for r in map(_result, verdicts)}
    existing = {*results, *(registered or ())}
    claims = dict(lock.claims)
    for name in ids:
        found = results.get(name)
        if found is not None and found.outcome == CONTRADICTION:
            raise UsageError(
                f"{name}: its witnesses contradict each other, so it has no outcome to accept; "
                f"`crossproof show {name}` tells what each of them found"
            )
        if found is not None:
            claims[name] = found.outcome
        elif name in existing:
            raise UsageError(f"{name} was not examined in this run; verify it first")
        elif name in claims:
            del claims[name]
        else:
            check_ids([name], {*existing, *claims})
    accepted = Lock(claims)
    if len(accepted.undecided) > len(lock.undecided) and not allow_more_undecided:
        grown = ", ".join(sorted({*accepted.undecided} - {*lock.undecided}))
        raise UsageError(
            f"{len(accepted.undecided)} undecided claims instead of {len(lock.undecided)} (new: {grown}); the number "
            "may only shrink: decide them, or allow more undecided claims explicitly"
        )
    return accepted


def check_ids(ids: Iterable[str], known: Iterable[str]) -> None:
    """Raise UsageError, with the nearest ids, if one of `ids` is not among the `known`."""
    among = set(known)
    for name in ids:
        if name not in among:
            near = difflib.get_close_matches(name, among, n=3, cutoff=0.5)
            raise UsageError(f"no claim {name!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))


def _result(verdict: Verdict | Result) -> Result:
    return verdict if isinstance(verdict, Result) else result_of(verdict)


def _malformed(path: Path, reason: str) -> UsageError:
    return UsageError(f"{str(path)!r} is not a file of reviewed outcomes: {reason}; {_REMEDY}")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name!r} appears twice")
        found[name] = value
    return found
