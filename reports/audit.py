"""The audit in a terminal, and the list of accepted survivors, which may only shrink."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..checks.audit.audit import audit_claims
from ..checks.audit.fates import Audit, Fate
from ..checks.evidence import Kind
from ..checks.mutants.mutants import MARK
from ..checks.store.files import check_writable, write_whole
from ..checks.store.store import default_path
from ..derivations.errors import UsageError
from .messages import printable, warn

#: Name of the tracked list of survivors, looked up in the current folder.
SURVIVORS = "audit_survivors.json"
_UNSTUDIED = "not studied yet"


@dataclass(frozen=True)
class Accepted:
    """The tracked list.

    Parameters
    ----------
    claims : frozenset of str
        Ids of the claims that were audited when the list was last written.
    survivors : mapping of str to str
        Reason by ``<claim>#<change>``.
    undisturbed : mapping of str to str
        Reason by id of a claim that no change of what it is about disturbs.
    """

    claims: frozenset[str] = frozenset()
    survivors: Mapping[str, str] = field(default_factory=dict)
    undisturbed: Mapping[str, str] = field(default_factory=dict)

    def to_text(self) -> str:
        """Return the file's content."""
        data = {
            "claims": sorted(self.claims),
            "survivors": dict(sorted(self.survivors.items())),
            "undisturbed": dict(sorted(self.undisturbed.items())),
        }
        return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def read_accepted(path: Path) -> Accepted:
    """Return the list at `path`, empty when there is none; UsageError when it is malformed."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Accepted()
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {str(path)!r}: {error}") from None
    known = data if isinstance(data, dict) else {}
    claims, reasons = known.get("claims"), [known.get("survivors"), known.get("undisturbed", {})]
    if not (isinstance(claims, list) and all(isinstance(c, str) for c in claims) and all(map(_is_reasons, reasons))):
        wanted = '{"claims": [ids], "survivors": {"<claim>#<change>": "reason"}, "undisturbed": {"<claim>": "reason"}}'
        raise UsageError(f"{str(path)!r} must hold {wanted}")
    return Accepted(frozenset(claims), *reasons)


def _is_reasons(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(reason, str) for reason in value.values())


def unexpected(audit: Audit, accepted: Accepted) -> list[str]:
    """Return the keys of survivors, and the ids of undisturbed claims, that are not on the list."""
    survivors = [r.mutant.key for r in audit.survivors if r.mutant.key not in accepted.survivors]
    return survivors + [id for id in audit.undisturbed if id not in accepted.undisturbed]


def removable(audit: Audit, accepted: Accepted) -> list[str]:
    """Return the entries of the list that no longer hold; after a full audit also those that no longer exist."""
    surviving = {r.mutant.key for r in audit.survivors}
    seen = {r.mutant.key for r in audit.results}
    changed = set(audit.disturbed)
    if audit.sample is None:
        examined = {*audit.audited, *audit.left_out}
        seen |= {key for key in accepted.survivors if _claim(key) in examined}
        changed |= examined
    gone = [key for key in accepted.survivors if key in seen and key not in surviving]
    return sorted(gone + [id for id in accepted.undisturbed if id in changed and id not in audit.undisturbed])


def accept(audit: Audit, accepted: Accepted) -> Accepted:
    """Return the list after this audit: it shrinks, and grows by what it finds in claims that it did not know.

    Raises
    ------
    UsageError
        If the audit was of a sample, or a claim that the list knows is undisturbed or has a survivor, unlisted.
    """
    if audit.sample is not None:
        raise UsageError("--accept needs the mutants of whole claims; leave --sample out")
    new = unexpected(audit, accepted)
    grown = [key for key in new if _claim(key) in accepted.claims]
    if grown:
        remedy = "sharpen a witness so that it kills" if MARK in grown[0] else "say more of its object in"
        raise UsageError(
            f"the list of survivors may only shrink; {remedy} {grown[0]!r}"
            + (f" and {len(grown) - 1} more" if len(grown) > 1 else "")
        )
    gone = set(removable(audit, accepted))
    kept = [{k: r for k, r in part.items() if k not in gone} for part in (accepted.survivors, accepted.undisturbed)]
    for key in new:
        kept[MARK not in key][key] = _UNSTUDIED
    return Accepted(accepted.claims | set(audit.audited), *kept)


def _claim(key: str) -> str:
    return key.partition(MARK)[0]


def report_lines(audit: Audit, accepted: Accepted) -> Iterator[str]:
    """Yield the report: a line a claim, survivors in words, totals."""
    wide = max((len(id) for id in audit.audited), default=0)
    rows: dict[str, Any] = audit.to_json()["claims"]
    for id, row in rows.items():
        if row["mutants"] == 0 and audit.sample is not None:
            continue
        if row["rate"] is None:
            what = "nothing to mutate" if row["mutants"] == 0 else "no valid mutant differs"
            yield f"{id:<{wide}}  {what}"
            continue
        by = ", ".join(f"{n} by {kind}" for kind, n in row["killed_by"].items() if n)
        alive = f", {row['survived']} survived" if row["survived"] else ""
        yield f"{id:<{wide}}  {row['rate']:>6.1%} killed{': ' if by else ''}{by}{alive}"
    for r in audit.survivors:
        known = accepted.survivors.get(r.mutant.key)
        yield f"survivor {r.mutant.key}" + (f" (accepted: {printable(known)})" if known is not None else "")
        if known is None:
            yield f"    {r.note}"
    for id in audit.undisturbed:
        known = accepted.undisturbed.get(id)
        yield f"undisturbed {id}" + (f" (accepted: {printable(known)})" if known is not None else "")
        for r in audit.objects if known is None else ():
            if r.mutant.original == id:
                yield f"    {r.mutant.change}: {r.fate} ({r.note})"
    for key in removable(audit, accepted):
        yield f"no longer so, the entry can be removed: {printable(key)}"
    yield from _totals(audit)


def _totals(audit: Audit) -> Iterator[str]:
    counts = ", ".join(f"{audit.count(f)} {f}" for f in Fate)
    by = ", ".join(f"{n} by {kind}" for kind, n in sorted(audit.killed_by().items(), key=lambda kn: -kn[1]))
    drawn = "" if audit.sample is None else f" (a sample, seed {audit.seed})"
    yield f"{len(audit.results)} mutants of {len(audit.audited)} claims{drawn}: {counts}"
    if by:
        yield f"killed: {by}"
    inexact = frozenset(audit.audited) - audit.exact
    for what, ids in (("a witness proves the claim", audit.exact), ("numerics and sampling confirm it", inexact)):
        rate = audit.rate(ids)
        if rate is not None:
            yield f"kill rate where {what}: {rate:.2%} ({len(ids)} claims)"
    if audit.objects:
        felt, unfelt = len(audit.disturbed), len(audit.undisturbed)
        rest = f"{len(audit.audited) - felt - unfelt} about nothing that can be changed"
        yield f"what the claims are about was changed: {felt} disturbed, {unfelt} undisturbed, {rest}"
    yield f"{len(audit.left_out)} claims do not hold and were left out; {audit.effort} effort, {audit.seconds:.0f} s"


def run(
    selectors: Sequence[str],
    arguments: Mapping[str, Any],
    *,
    sample: int | None,
    json_file: Path | None,
    accepting: bool,
    kinds: Sequence[str] = (),
    least: float | None = None,
) -> int:
    """Audit, print the report, and return 1 when a survivor is not on the list in the current folder, else 0.

    Parameters
    ----------
    selectors, arguments, sample
        As in :func:`crossproof.checks.audit.audit.audit_claims`.
    json_file : Path, optional
        Where to write every mutant and its fate.
    accepting : bool
        Whether to rewrite the list.
    kinds : sequence of str
        Names of members of `Kind` in small letters, with hyphens; all kinds when empty.
    least : float, optional
        Return 1 where the kill rate is below this, in [0, 1], instead of by the list.
    """
    path = Path(SURVIVORS)
    chosen = tuple(Kind[name.upper().replace("-", "_")] for name in kinds) or tuple(Kind)
    if least is not None and not 0 <= least <= 1:
        raise UsageError(f"--least is {least}; give a rate between 0 and 1")
    if accepting and (kinds or least is not None):
        raise UsageError("--accept needs the fates under all witnesses; leave --kind and --least out")
    if accepting and sample is not None:
        raise UsageError("--accept needs the mutants of whole claims; leave --sample out")
    accepted = read_accepted(path)
    if accepting:
        check_writable(path)
    audit = audit_claims(
        selectors, sample=sample, kinds=chosen, progress=_progress, store=default_path(), warn=warn, **arguments
    )
    _progress(0, 0, "")
    if json_file:
        write_whole(json_file, json.dumps(audit.to_json(), indent=1, ensure_ascii=False) + "\n")
    print("\n".join(report_lines(audit, accepted)))
    if accepting:
        accepted = accept(audit, accepted)
        write_whole(path, accepted.to_text())
        print(f"wrote {path}: {len(accepted.survivors)} survivors, {len(accepted.undisturbed)} undisturbed claims")
    if least is not None:
        rate = audit.rate()
        return 0 if rate is not None and rate >= least else 1
    new = len(unexpected(audit, accepted))
    if new:
        print(f"survivors and undisturbed claims that {SURVIVORS} does not list: {new}")
    return 1 if new else 0


def _progress(done: int, total: int, what: str) -> None:
    """Show one line that is written over, on a terminal only."""
    if sys.stderr.isatty():
        text = f"{what} {done}/{total}" if total else ""
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
