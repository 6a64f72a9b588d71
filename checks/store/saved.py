"""The last verdict on each claim, kept in a file so that reports need no second run."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...derivations.claim import CLAIMS, Claim
from ...derivations.errors import UsageError
from ...numerics import seals
from ..evidence import Counterexample, Evidence, Fault, Finding, Kind, Outcome, Verdict, shared_code
from ..sources.canonical_text import claim_text
from .files import home, one_at_a_time, write_whole
from .saved_file import VERSION, NewerError, content, plain_number, records


def evidence_from_json(data: Mapping[str, Any]) -> Evidence:
    """Return the evidence that :meth:`Evidence.to_json` wrote; KeyError, TypeError or ValueError if it is not such."""
    counterexample = data["counterexample"]
    if counterexample is not None:
        point = {str(name): str(value) for name, value in counterexample["point"].items()}
        counterexample = Counterexample(point, *(str(counterexample[k]) for k in ("stated", "found", "gap")))
    finding = Finding(
        Outcome(data["outcome"]),
        str(data["detail"]),
        _number(data["resolution"]),
        _number(data["effect"]),
        _number(data["level"]),
        counterexample,
        bool(data.get("certified", False)),
        str(data.get("quantity", "")),
        Fault(data["fault"]) if data.get("fault") else None,
    )
    return Evidence(
        witness=str(data["witness"]),
        kind=Kind(data["kind"]),
        starts_from=str(data["starts_from"]),
        finding=finding,
        seed=None if data["seed"] is None else int(data["seed"]),
        versions={str(k): str(v) for k, v in data["versions"].items()},
        seconds=float(data["seconds"]),
        code=shared_code(tuple(str(name) for name in data.get("code", ()))),
        simulations=tuple(str(one) for one in data.get("simulations", ())),
    )


def verdict_from_json(data: Mapping[str, Any], claim: Claim, run: Mapping[str, Any] | None = None) -> Verdict:
    """Return the verdict on `claim` that :meth:`Verdict.to_json` wrote."""
    if data["id"] != claim.id:
        raise ValueError(f"the verdict is on {data['id']!r}, not on {claim.id!r}")
    contradiction = data["contradiction"]
    return Verdict(
        claim,
        Outcome(data["outcome"]),
        tuple(evidence_from_json(e) for e in data["evidence"]),
        None if contradiction is None else (str(contradiction[0]), str(contradiction[1])),
        dict(run or {}),
    )


def digest(claim: Claim) -> str:
    """Return a digest of what the claim asserts and where; it changes when a verdict no longer speaks to it."""
    known = claim_text(claim)
    if known is None:
        shown = "\n".join((claim.id, repr(claim.statement), claim.statement.latex(), repr(claim.domain)))
        text = re.sub(r"0x[0-9a-f]+", "", shown)
    else:
        text = known[0]
    return hashlib.sha256(text.encode()).hexdigest()[:24]


@dataclass
class Saved:
    """Saved verdicts as plain data, by claim id; the file carries a seal of this user.

    Parameters
    ----------
    path : Path
        The file.
    records : dict
        One record a claim: program version, digest of the claim, run, verdict.
    message : str or None
        What had to be done about the file when it was last read.
    """

    path: Path
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    message: str | None = None

    def verdict(self, claim: Claim) -> Verdict | None:
        """Return the saved verdict on `claim`, or None when there is none or it speaks to another version of it."""
        record = self.records.get(claim.id)
        if record is None or record["crossproof"] != _own_version() or record["digest"] != digest(claim):
            return None
        return verdict_from_json(record["verdict"], claim, record["run"])

    def outcomes(self, claims: Mapping[str, Claim] = CLAIMS) -> dict[str, str]:
        """Return the outcome of every claim that has a saved verdict."""
        found = ((c.id, self.verdict(c)) for c in claims.values() if c.id in self.records)
        return {id: str(verdict.outcome) for id, verdict in found if verdict is not None}

    def save(self, verdicts: Iterable[Verdict]) -> None:
        """Merge `verdicts` into the file, which another run may have written since; UsageError when that fails."""
        new = {
            verdict.claim.id: {
                "crossproof": _own_version(),
                "digest": digest(verdict.claim),
                "run": dict(verdict.run),
                "verdict": verdict.to_json(),
            }
            for verdict in verdicts
        }
        folder, said, self.message = self.path.parent, self.message, None
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            seals.seal()
        except OSError as error:
            raise UsageError(f"cannot write {str(self.path)!r}: {error.strerror or error}") from None
        with one_at_a_time(folder):
            current = load(folder)
            self.path = current.path
            self.message = None if current.message == said else current.message
            self.records |= current.records | new
            write_whole(self.path, content(self.records))


def load(folder: Path | None = None) -> Saved:
    """Read the saved verdicts.

    A damaged file, or one that this user's crossproof did not write, is renamed, so that nothing is lost and nothing of
    it is believed; one of a newer version is left alone, and another one used beside it. The message says so.

    Raises
    ------
    UsageError
        If the file is there but cannot be read.
    """
    return _read((folder or home()) / "verdicts.json")


def _read(path: Path) -> Saved:
    if path.is_symlink():  # it may lead to any file, which would be written to
        return Saved(path, message=_set_aside(path, "a link"))
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Saved(path)
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        return Saved(path, message=_set_aside(path, "not a text file"))
    try:
        return Saved(path, _records(json.loads(text)))
    except NewerError:
        found = _read(path.with_name(f"{path.stem}-{VERSION}.json"))
        said = f"{path} was made by a newer version of crossproof and is left alone; this one uses {found.path.name}"
        return replace(found, message="; ".join(filter(None, (said, found.message))))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, IndexError) as error:
        return Saved(path, message=_set_aside(path, f"{type(error).__name__}: {error}"))
    except OSError as error:
        return Saved(path, message=f"{path} cannot be used without a key ({error})")


def strict_json(data: Any) -> str:
    """Return `data` as standard JSON text; a number that is not finite, which JSON lacks, becomes null.

    Each member of an object, and of a list in it, has a line of its own.
    """
    if not isinstance(data, Mapping):
        return _line(data) + "\n"
    lists = {key: ",\n".join(map(_line, value)) for key, value in data.items() if isinstance(value, (list, tuple))}
    parts = [f"{_line(str(k))}: [\n{lists[k]}\n]" if k in lists else _line({k: v})[1:-1] for k, v in data.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _line(data: Any) -> str:
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False, default=plain_number)
    except ValueError:
        return json.dumps(_finite(data), ensure_ascii=False, allow_nan=False, default=plain_number)


@cache
def _own_version() -> str:
    return version("crossproof")


def _records(content: Any) -> dict[str, dict[str, Any]]:
    """Return the records of a file after reading every one of them once."""
    found = records(content)
    for id, record in found.items():
        if record["verdict"]["id"] != id or not isinstance(record["run"], dict):
            raise ValueError(f"the record of {id!r} is malformed")
        str(record["crossproof"]), str(record["digest"]), Outcome(record["verdict"]["outcome"])
        for evidence in record["verdict"]["evidence"]:
            evidence_from_json(evidence)
    return found


def _set_aside(path: Path, reason: str) -> str:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    try:
        path.rename(aside)
    except OSError as error:
        raise UsageError(f"{str(path)!r} is damaged and cannot be renamed: {error.strerror or error}") from None
    return f"{path} is not a file of saved verdicts ({reason}); it was renamed to {aside.name}"


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _finite(data: Any) -> Any:
    if isinstance(data, float):
        return data if abs(data) < float("inf") else None
    if isinstance(data, Mapping):
        return {key: _finite(value) for key, value in data.items()}
    return [_finite(value) for value in data] if isinstance(data, (list, tuple)) else data
