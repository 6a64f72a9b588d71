"""The inputs that were once misjudged, through the witnesses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from crossproof.checks.evidence import Verdict
from crossproof.checks.runs.verify import verify_claims

from .issue import ROWS

#: Module of the claims that need Python, under the name by which worker processes find it.
STATEMENTS = "known_truth.issue_statements"
_FOLDER = str(Path(__file__).resolve().parents[1])


def verdicts(effort: str, workers: int | None = None) -> Iterator[tuple[Verdict, frozenset[str]]]:
    """Yield every input's verdict with the outcomes that are right."""
    path = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = _FOLDER if path is None else os.pathsep.join((_FOLDER, path))
    try:
        text = "\n".join(row.case.toml(row.id) for row in ROWS)
        run = verify_claims(["issue."], effort=effort, device="cpu", workers=workers, modules=[text, STATEMENTS])
    finally:
        if path is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = path
    from .issue_statements import RIGHT

    right = {**{row.id: row.right for row in ROWS}, **RIGHT}
    for verdict in run.verdicts:
        yield verdict, right[verdict.claim.id]


def run(effort: str, workers: int | None) -> int:
    """Print every verdict beside what is right; return 1 if one is wrong."""
    wrong = 0
    for verdict, right in verdicts(effort, workers):
        outcome = "contradiction" if verdict.contradiction else str(verdict.outcome)
        bad = outcome not in right
        wrong += bad
        said = f"{verdict.claim.id:24}{outcome:14}{'/'.join(sorted(right)):32}{_said(verdict)}"
        print(f"{'WRONG' if bad else 'right':6}{said}")
    print(f"wrongly judged: {wrong}")
    return 1 if wrong else 0


def _said(verdict: Verdict) -> str:
    statement = verdict.claim.statement
    sides = [
        str(getattr(statement, name)) for name in ("lhs", "rhs", "relation", "density") if hasattr(statement, name)
    ]
    return " == ".join(sides)[:90]
