"""The rows of ``run.py --json FILE`` as Markdown: ``python benchmarks/tables.py FILE``."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

#: Columns beside implementation, dtype, rate and spread, each shown in a table where a row has it.
COLUMNS = {
    "paths": "paths",
    "ratio_to_torch_eager": "x torch eager",
    "ratio_of_crossproof": "crossproof is faster by",
    "nanoseconds_per_path_step": "ns a path-step",
    "ratio_to_scalar_per_variable": "x scalar, per variable",
    "relative_error": "relative error",
    "stated_relative_error": "stated error",
    "before_the_run": "before the run",
}


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows of one workload as a table; the spread is that of the slowest and the fastest round."""
    extra = {key: title for key, title in COLUMNS.items() if any(row.get(key) is not None for row in rows)}
    head = ["implementation", "dtype", rows[0]["unit"], "slowest to fastest", *extra.values()]
    lines = [head, ["---"] * len(head)]
    for row in rows:
        spread = f"{_number(row['slowest'])} to {_number(row['fastest'])}"
        more = [_number(row[key]) if row.get(key) is not None else "" for key in extra]
        lines.append([row["implementation"], row["dtype"], _number(row["rate"]), spread, *more])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(value: float) -> str:
    if value >= 1e5 or value < 1e-3:
        return f"{value:.2g}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def main() -> None:
    """Print the machine and one table a workload."""
    found = json.loads(Path(sys.argv[1]).read_text())
    print(", ".join(f"{name} {value}" for name, value in found["machine"].items()))
    rows = sorted(found["rows"], key=lambda row: row["workload"])
    for workload, group in itertools.groupby(rows, key=lambda row: row["workload"]):
        print(f"\n### {workload}\n\n{table(list(group))}")


if __name__ == "__main__":
    main()
