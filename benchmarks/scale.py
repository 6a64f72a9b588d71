"""What a run costs a claim, by the number of claims: ``python benchmarks/scale.py [--json FILE] [SIZE ...]``.

Every claim is the identity ``(x + k)**2 == x**2 + 2*k*x + k**2`` with its own k, written in one TOML file and examined
by every witness, with the JSON and the HTML report. The default sizes are 1,000, 5,000 and 20,000, some 10 ms
of CPU time a claim each, six minutes together on one core. Each size starts with an empty store and runs twice: the
second run is answered from the record of the first. CPU time is that of the command with all of its children; memory is
the peak of the command itself. ``--workers N`` sets the number of worker processes, one by default, so that nothing is
read or imported twice.

The rows say: CPU seconds of the run, milliseconds a claim, peak of the command in MiB, MiB of the store and of the
reports, CPU seconds and seconds by the clock of the second run. The ratio is that of the cost a claim to that at the
first size; more than 1.3 is an error, and so is a claim that is not proved.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SIZES = (1_000, 5_000, 20_000)
#: Largest cost a claim, relative to that at the first size.
LARGEST_RATIO = 1.3

_CLAIM = """
[[claim]]
id = "scale.square{k}"
title = "The square of x + {k}."
document = "scale"
place = "line {k}"
type = "identity"
equation = "(x + {k})**2 == x**2 + {twice}*x + {square}"
domain = {{x = "real"}}
"""
#: Runs the command in this process, and tells its own peak of memory, which the system counts together for children.
_COMMAND = """
import resource, sys
from pathlib import Path
from crossproof.cli import main
place, *arguments = sys.argv[1:]
try:
    status = main(arguments)
finally:
    Path(place).write_text(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
sys.exit(status)
"""


def text_of(claims: int) -> str:
    """Return a file of so many claims."""
    return "".join(_CLAIM.format(k=k, twice=2 * k, square=k * k) for k in range(1, claims + 1))


def run(folder: Path, workers: int) -> dict[str, float]:
    """Verify the claims of `folder`, and return CPU seconds, seconds by the clock and the peak in MiB."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    files = ["--claims", "claims.toml", "--store", "store", "--json", "report.json", "--html", "report.html"]
    command = [sys.executable, "-c", _COMMAND, "peak", "verify", "scale.*", "--workers", str(workers), *files]
    with (folder / "output.txt").open("w") as output:
        subprocess.run(command, cwd=folder, stdout=output, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = int((folder / "peak").read_text()) / 1024
    return {"cpu": cpu, "clock": time.monotonic() - start, "peak": peak}


def measured(claims: int, workers: int) -> dict[str, Any]:
    """Return the row of one size; SystemExit unless every claim is proved."""
    with tempfile.TemporaryDirectory(prefix="crossproof-scale-") as name:
        folder = Path(name)
        (folder / "claims.toml").write_text(text_of(claims), encoding="utf-8")
        first = run(folder, workers)
        lines = (folder / "output.txt").read_text().splitlines()
        if not any(line.startswith(f"{claims} claims in") and f": {claims} proved" in line for line in lines):
            raise SystemExit(f"not every claim is proved: {lines[-4:]}")
        again = run(folder, workers)
        sizes = {p.name: p.stat().st_size / 2**20 for p in folder.rglob("*") if p.is_file()}
        return {
            "claims": claims,
            "cpu_seconds": round(first["cpu"], 1),
            "ms_a_claim": round(1000 * first["cpu"] / claims, 2),
            "peak_mib": round(first["peak"]),
            "store_mib": round(sum(size for file, size in sizes.items() if file.startswith("evidence.")), 1),
            "verdicts_mib": round(sizes["verdicts.json"], 1),
            "reports_mib": round(sizes["report.json"] + sizes["report.html"], 1),
            "lines": len(lines),
            "again_cpu_seconds": round(again["cpu"], 2),
            "again_seconds": round(again["clock"], 2),
        }


def main() -> int:
    """Measure the sizes that were asked for, print a row for each, and return 1 when the cost a claim has grown."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="SIZE")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ.pop("CROSSPROOF_HOME", None)
    rows: list[dict[str, Any]] = []
    for size in options.sizes:
        row = measured(size, options.workers)
        rows.append(row | {"ratio": round(row["ms_a_claim"] / (rows or [row])[0]["ms_a_claim"], 2)})
        print(json.dumps(rows[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return int(any(row["ratio"] > LARGEST_RATIO for row in rows))


if __name__ == "__main__":
    sys.exit(main())
