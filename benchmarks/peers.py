"""Peers that simulate the scalar equation: torch eager, NumPy, numba and C++ in this process, the others in theirs."""

from __future__ import annotations

import ctypes
import functools
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import torch
from environments import ROOT, PeerMissingError, environment
from problem import HORIZON, LINEAR, NOISE, SQUARE, START, STEPS, A, V
from timing import Run, timed

HERE = Path(__file__).resolve().parent
DT = HORIZON / STEPS
Loop = Callable[[int, int], tuple[float, float]]
THREADS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def torch_eager(paths: int, seed: int, *, dtype: torch.dtype, law: str = "gaussian", device: str = "cpu") -> Run:
    """Simulate with torch operations in place, all paths at once."""
    generator = torch.Generator(device).manual_seed(seed)

    def simulate() -> tuple[float, float]:
        s = torch.full((paths,), START, dtype=dtype, device=device)
        noise, growth = torch.empty_like(s), torch.empty_like(s)
        for _ in range(STEPS):
            if law == "gaussian":
                noise.normal_(generator=generator)
            else:
                noise.bernoulli_(0.5, generator=generator).mul_(2).sub_(1)
            torch.mul(s, SQUARE * DT, out=growth).add_(1 + LINEAR * DT).add_(noise, alpha=NOISE * DT**0.5)
            s.mul_(growth)
        last = s.double()
        return last.mean().item(), (last * last).mean().item()

    return timed(simulate)


def numpy_loop(paths: int, seed: int, *, dtype: str, law: str = "gaussian") -> Run:
    """Simulate with NumPy operations in place and its ziggurat generator, in one thread as NumPy does."""
    rng = np.random.default_rng(seed)

    def simulate() -> tuple[float, float]:
        s = np.full(paths, START, dtype)
        noise, growth = np.empty_like(s), np.empty_like(s)
        scale, square, one = (np.dtype(dtype).type(x) for x in (NOISE * DT**0.5, SQUARE * DT, 1 + LINEAR * DT))
        for _ in range(STEPS):
            if law == "gaussian":
                rng.standard_normal(dtype=dtype, out=noise)
                noise *= scale
            else:
                bits = np.unpackbits(np.frombuffer(rng.bytes(-(-paths // 8)), np.uint8), count=paths)
                np.multiply(bits, 2 * scale, out=noise, casting="unsafe")
                noise -= scale
            np.multiply(s, square, out=growth)
            growth += one
            growth += noise
            s *= growth
        last = s.astype(np.float64)
        return float(last.mean()), float((last * last).mean())

    return timed(simulate)


@functools.cache
def _numba_kernel() -> Any:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def kernel(chunks: int, size: int, seed: int) -> Any:
        sums = np.zeros((chunks, 2))
        for k in numba.prange(chunks):
            np.random.seed(seed * chunks + k)  # noqa: NPY002 - the generator that this peer is named for
            first = second = 0.0
            for _ in range(size):
                s = np.float32(START)
                for _ in range(STEPS):
                    xi = np.float32(np.random.normal())  # noqa: NPY002
                    growth = np.float32(1 + LINEAR * DT) + np.float32(SQUARE * DT) * s
                    s *= growth + np.float32(NOISE * DT**0.5) * xi
                first += s
                second += s * s
            sums[k, 0], sums[k, 1] = first, second
        return sums

    return kernel


def numba_random(paths: int, seed: int) -> Run:
    """Simulate with numba: one path after another, np.random.normal inside, both cores."""
    kernel, chunks = _numba_kernel(), 8 * THREADS
    if paths % chunks:
        raise ValueError(f"paths={paths}; give a multiple of {chunks}")

    def simulate() -> tuple[float, float]:
        first, second = kernel(chunks, paths // chunks, seed).sum(axis=0) / paths
        return float(first), float(second)

    return timed(simulate)


@functools.cache
def _native_kernel() -> Any:
    source, library = HERE / "philox_avx512.cpp", ROOT / "philox_avx512.so"
    compiler = shutil.which("g++")
    if compiler is None:
        raise PeerMissingError("no g++ on the path")
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    if not all(f" {x} " in flags for x in ("avx512f", "avx512dq")):
        raise PeerMissingError("the processor has no AVX-512")
    ROOT.mkdir(parents=True, exist_ok=True)
    if not library.exists() or library.stat().st_mtime < source.stat().st_mtime:
        options = ("-O3", "-march=native", "-fschedule-insns", "-shared", "-fPIC", "-pthread")
        done = subprocess.run([compiler, *options, "-o", str(library), str(source)], capture_output=True, text=True)
        if done.returncode:
            raise PeerMissingError(f"g++ failed: {done.stderr.strip().splitlines()[0]}")
    kernel = ctypes.CDLL(str(library))
    kernel.logistic_moments.argtypes = [ctypes.c_double] * 4 + [ctypes.c_uint64] * 3 + [ctypes.c_int, ctypes.c_void_p]
    kernel.words.argtypes = [ctypes.c_uint64, ctypes.c_uint32, ctypes.c_uint64, ctypes.c_void_p]
    return kernel


def native_words(start: int, block: int, key: tuple[int, int]) -> Any:
    """Return the words (paths, 4) that the C++ kernel draws for its paths from number `start` on."""
    out = np.zeros((256, 4), np.uint32)
    return out[: _native_kernel().words(start, block, key[0] | key[1] << 32, out.ctypes.data)]


def native(paths: int, seed: int) -> Run:
    """Simulate with the hand-written AVX-512 kernel.

    Raises
    ------
    PeerMissingError
        Without g++ or AVX-512.
    """
    kernel = _native_kernel()

    def simulate() -> tuple[float, float]:
        sums = np.zeros(3)
        kernel.logistic_moments(A, V, START, DT, STEPS, paths, 0x5EED + seed, THREADS, sums.ctypes.data)
        if sums[2]:
            raise ArithmeticError(f"{int(sums[2])} paths became non-finite")
        return sums[0] / paths, sums[1] / paths

    return timed(simulate)


class Peer:
    """A peer's process; use as a context manager.

    Raises
    ------
    PeerMissingError
        If its environment cannot be made, or it ends without an answer.
    """

    def __init__(self, script: str, name: str) -> None:
        command = [str(environment(name)), str(HERE / script)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        greeting = self._read()
        self.versions: str = greeting["versions"]

    def run(self, name: str, paths: int, seed: int) -> Run:
        """Have the implementation `name` simulate `paths` paths; the time is taken in its process."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"name": name, "paths": paths, "seed": seed}) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        return Run(answer["seconds"], tuple(answer["averages"]))

    def _read(self) -> Any:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        line = self._process.stdout.readline()
        if not line:
            last = (self._process.stderr.read().strip().splitlines() or ["no message"])[-1]
            raise PeerMissingError(f"the process ended: {last}")
        return json.loads(line)

    def __enter__(self) -> Peer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()
