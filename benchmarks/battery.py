"""The published battery dieharder on the kernels' random words, in several orders, and on their normals.

    python benchmarks/battery.py [--quick] [--only SOURCE] [--seed SEED] [--json FILE]

dieharder (Brown, Eddelbuettel and Bauer) holds Marsaglia's Diehard tests, tests of NIST's suite and its own. It gives a
p-value for each test; one of a good generator is uniform, below 0.005 or above 0.995 ("weak") in one of a hundred, and
outside [1e-6, 1 - 1e-6] ("failed") in two of a million. The script exits with 1 if a test failed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from crossproof.numerics.kernels.numba_kernels import aligned
from crossproof.numerics.random.kernel_cache import load
from crossproof.numerics.random.normal_rows import normal_rows
from crossproof.numerics.random.numba_random import LANES
from crossproof.numerics.random.numba_text import random_source
from crossproof.numerics.random.philox import GAUSSIAN_FLOAT32, key_schedule, key_words

Chunks = Iterator[NDArray[np.uint32]]
Source = Callable[[int], Chunks]

BLOCKS = 256
STREAMS = 64

#: Options of dieharder: every test that it does not call suspect, with tuples and lags where it wants one.
QUICK = ("-d 0", "-d 1", "-d 8", "-d 100", "-d 101", "-d 204", "-d 205", "-d 206 -n 256", "-d 209 -n 12")
FULL = (
    *QUICK,
    *(f"-d {d}" for d in (2, 3, 4, 9, 10, 11, 12, 13, 15, 16, 17, 102)),
    *(f"-d 200 -n {n}" for n in range(1, 13)),
    *(f"-d {d} -n {n}" for d in (201, 202) for n in range(2, 6)),
    *(f"-d 203 -n {n}" for n in (0, 1, 2, 4, 8)),
    "-d 207 -n 32",
    "-d 208",
)


@dataclass(frozen=True)
class Finding:
    """A p-value of dieharder."""

    source: str
    test: str
    tuple: int
    p: float
    assessment: str


@numba.njit(nogil=True)
def _fill(fill: Any, out: Any, fixed: Any, keys: Any, first: int) -> None:
    for b in range(len(out)):
        fill(out[b], 0, fixed, keys, np.uint64(first + b), np.uint64(0))


def _words(key: tuple[int, int]) -> Iterator[NDArray[np.uint32]]:
    """Yield the words of LANES paths as the kernels make them, shape (BLOCKS, 4, LANES), for block after block."""
    module = load(random_source("gaussian", "float32"))
    keys = np.array([w for pair in key_schedule(key) for w in pair] + [0], dtype=np.uint64)
    fixed = aligned(3 * LANES, np.dtype(np.uint64))
    module.prepare(fixed, 0, keys, np.uint64(GAUSSIAN_FLOAT32))
    first = 0
    while True:
        out = np.empty((BLOCKS, 2 * LANES), np.uint64)
        _fill(module.fill, out, fixed, keys, first)
        yield out.view(np.uint32).reshape(BLOCKS, 4, LANES)
        first += BLOCKS


def by_path(seed: int) -> Chunks:
    """Yield words in the kernels' order: a word of path after path."""
    return (w.reshape(-1) for w in _words(key_words(seed, "battery")))


def by_time(seed: int) -> Chunks:
    """Yield words in the order of time: block after block of a path, then the next path."""
    return (np.ascontiguousarray(w.transpose(2, 0, 1)).reshape(-1) for w in _words(key_words(seed, "battery")))


def by_stream(seed: int) -> Chunks:
    """Yield the same word of stream after stream, which differ in their key only."""
    streams = [_words(key_words(seed, "battery", stream)) for stream in range(STREAMS)]
    while True:
        yield np.stack([next(s).reshape(-1) for s in streams], axis=1).reshape(-1)


def by_normal(seed: int) -> Chunks:
    """Yield the upper 32 bits of Phi(z) of the float64 normals z, path after path."""
    draw, count = 0, 64
    while True:
        z = normal_rows(0, 4096, draw, count, dtype="float64", key=key_words(seed, "battery"))
        yield np.minimum(ndtr(z) * 2.0**32, 2.0**32 - 1).astype(np.uint32).reshape(-1)
        draw += count


SOURCES: dict[str, Source] = {"paths": by_path, "time": by_time, "streams": by_stream, "normals": by_normal}


def examine(name: str, chunks: Chunks, options: str) -> list[Finding]:
    """Return what one test of dieharder finds in the words of a source.

    Raises
    ------
    RuntimeError
        If dieharder gives no p-value.
    """
    # generator 200: raw words from a pipe
    command = ["dieharder", "-g", "200", *options.split()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):
            for chunk in chunks:
                process.stdin.write(chunk.data)
        with suppress(BrokenPipeError):
            process.stdin.close()
        text = process.stdout.read().decode()
    rows = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if not line.startswith("#")]
    found = [
        Finding(name, row[0], int(row[1]), float(row[4]), row[5].lower())
        for row in rows
        if len(row) == 6 and row[1].isdigit()
    ]
    if not found:
        raise RuntimeError(f"dieharder {options} gave no p-value: {text.strip()[-200:]}")
    return found


def report(name: str, findings: list[Finding]) -> bool:
    """Print what was found in a source, and return whether a test failed."""
    weak, failed = ([f for f in findings if f.assessment == word] for word in ("weak", "failed"))
    smallest, largest = min(f.p for f in findings), max(f.p for f in findings)
    print(f"{name:8} {len(findings)} p-values from {smallest:.2g} to {largest:.8g}", end="")
    print(f": {len(weak)} weak, {len(failed)} failed")
    for f in (*weak, *failed):
        print(f"         {f.assessment} {f.test} {f.tuple}: p = {f.p:.8g}", flush=True)
    return bool(failed)


def main() -> int:
    """Run the battery and print a line for each source and each weak or failed test."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="the fast tests instead of all")
    parser.add_argument("--only", choices=SOURCES, help="one source")
    parser.add_argument("--seed", type=int, default=0, help="of the streams; a weak test should not be so at another")
    parser.add_argument("--json", type=Path, help="write every p-value there")
    arguments = parser.parse_args()
    if shutil.which("dieharder") is None:
        parser.error("dieharder is not on the path; install your system's package of that name")
    names = [arguments.only] if arguments.only else list(SOURCES)
    tests = QUICK if arguments.quick else FULL
    findings: list[Finding] = []
    bad = False
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {n: [pool.submit(examine, n, SOURCES[n](arguments.seed), options) for options in tests] for n in names}
        for name in names:
            mine: list[Finding] = []
            for job in jobs[name]:
                try:
                    mine += job.result()
                except RuntimeError as error:
                    bad = True
                    print(f"{name}: {error}", file=sys.stderr)
            if mine:
                bad |= report(name, mine)
            findings += mine
            if arguments.json:
                arguments.json.write_text(json.dumps([asdict(f) for f in findings], indent=1) + "\n", encoding="utf-8")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
