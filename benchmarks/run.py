"""Rates against peers in one run: ``python benchmarks/run.py [--quick] [--cuda] [--only WORKLOAD] [--json FILE]``.

Every workload measures its implementations in alternating rounds and checks their results against the same exact
reference. Peers with environments of their own (torchsde, JAX, diffrax) are installed on first use under ``build``.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gpu
import peers
import solvers
import workloads
from timing import Row

WORKLOADS: dict[str, Callable[[bool], list[Row]]] = {
    "scalar": workloads.scalar,
    "float64": workloads.float64,
    "two-point": workloads.two_point,
    "paths": workloads.paths,
    "memory": workloads.memory,
    "modewise": workloads.modewise,
    "three-dimensional": workloads.three_dimensional,
    "first-call": workloads.first_call,
    "fokker-planck": solvers.fokker_planck,
    "network": solvers.network,
}


def machine() -> dict[str, Any]:
    """Return the processor, its number of usable cores, the date and versions of libraries."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    found: dict[str, Any] = {
        "processor": model,
        "cores": peers.THREADS,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "python": platform.python_version(),
    }
    for name in ("torch", "numpy", "numba", "llvmlite", "triton"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def show(row: Row) -> str:
    """Return a row as one line of text."""
    spread = f"[{row['slowest']:.4g}, {row['fastest']:.4g}]"
    known = ("workload", "implementation", "dtype", "rate", "unit", "slowest", "fastest", "rounds", "paths", "seconds")
    more = {key.replace("_", " "): value for key, value in row.items() if key not in known and value is not None}
    size = f"; {row['paths']:.0e} paths" if "paths" in row else ""
    name = f"{row['workload']:18} {row['implementation']:32} {row['dtype']:8}"
    rest = "".join(f", {key} {value:.3g}" for key, value in more.items())
    return f"{name} {row['rate']:10.4g} {spread:22} {row['unit']}; {row['rounds']} rounds{size}{rest}"


def main(arguments: list[str] | None = None) -> None:
    """Run the chosen workloads, print their rows as they come, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes and three rounds: the shape, not the figures")
    parser.add_argument("--cuda", action="store_true", help="measure the CUDA device instead of the CPU")
    parser.add_argument("--only", action="append", choices=list(WORKLOADS), help="this workload; may be repeated")
    parser.add_argument("--json", type=Path, help="also write the rows to this file, or add them to those in it")
    options = parser.parse_args(arguments)
    chosen = {"cuda": gpu.scalar} if options.cuda else {name: WORKLOADS[name] for name in options.only or WORKLOADS}
    found = machine()
    print(", ".join(f"{name} {value}" for name, value in found.items()))
    for name, workload in chosen.items():
        print(f"measuring {name}", file=sys.stderr)
        rows = workload(options.quick)
        for row in rows:
            print(show(row), flush=True)
        if options.json:
            _add(options.json, found, rows)


def _add(file: Path, found: dict[str, Any], rows: list[Row]) -> None:
    """Write rows to `file`, in place of rows of the same workload and implementation that it has."""
    held = json.loads(file.read_text())["rows"] if file.exists() else []
    new = {(row["workload"], row["implementation"], row["dtype"]) for row in rows}
    kept = [row for row in held if (row["workload"], row["implementation"], row["dtype"]) not in new]
    file.write_text(json.dumps({"machine": found, "rows": kept + rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
