"""Limits count the CPU time and the memory of a process and its children, and its pipe may hold anything.

The clock stops only what waits without end.
"""

from __future__ import annotations

import os
import pickle
import resource
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from crossproof.checks.evidence import Evidence
from crossproof.checks.runs import process_use, worker_process
from crossproof.checks.runs.frames import Incoming, JunkError
from crossproof.checks.runs.process_use import Allowance, cpu_seconds_of, descendants, end_with_descendants, memory_of
from crossproof.checks.runs.unit import Unit, limit_seconds

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="CPU times are read from /proc")

BUSY = "while True: pass"
CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"


@contextmanager
def process(code: str) -> Iterator[int]:
    started = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    try:
        yield started.pid
    finally:
        os.killpg(started.pid, 9)
        started.wait()


def wait_until_spent(allowance: Allowance) -> None:
    while not allowance.spent:
        time.sleep(0.02)


@pytest.mark.parametrize("code", [BUSY, CHILD], ids=["itself", "its child"])
def test_a_process_that_computes_is_stopped_by_its_cpu_time(code: str) -> None:
    with process(code) as number:
        before = cpu_seconds_of(number)
        wait_until_spent(Allowance(number, 0.3))
        assert cpu_seconds_of(number) - before >= 0.3


def test_a_process_that_waits_spends_nothing_until_the_clock_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with process("import time; time.sleep(600)") as number:
        time.sleep(0.3)
        allowance = Allowance(number, 0.05)
        time.sleep(0.2)
        assert allowance.elapsed > 0.05
        assert not allowance.spent
        monkeypatch.setattr(process_use, "WAITING_SECONDS", 0.0)
        wait_until_spent(allowance)
        assert cpu_seconds_of(number) < 5


def test_where_the_system_tells_nothing_the_clock_counts() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert cpu_seconds_of(gone.pid) is None
    allowance = Allowance(gone.pid, 0.05)
    assert not allowance.spent
    time.sleep(0.06)
    assert allowance.spent


def test_the_system_is_not_asked_before_the_limit_can_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    allowance = Allowance(os.getpid(), 1000.0)
    monkeypatch.setattr(process_use, "cpu_seconds_of", lambda process: pytest.fail("the system was asked"))
    assert not allowance.spent


def test_the_system_ends_a_unit_that_lets_no_thread_notice_that_the_parent_is_gone() -> None:
    """One long operation of compiled code keeps every thread of the worker from running; the limit needs none."""
    unit = Unit("003.eq7", "normal forms", "quick", 0, "cpu", 1e-9)
    worker = worker_process.Worker(())
    try:
        worker.become_ready()
        assert resource.prlimit(worker.process.pid, resource.RLIMIT_CPU)[0] == resource.RLIM_INFINITY
        assert isinstance(worker.answer(unit, limit_seconds(unit)), Evidence)
        allowed = resource.prlimit(worker.process.pid, resource.RLIMIT_CPU)[0]
        assert limit_seconds(unit) < allowed < 1000
    finally:
        worker.stop()


MIB = 64
OWN = f"eaten = bytearray(b'x') * (2**20 * {MIB}); print('full', flush=True); input()"
SHARED = f"import mmap; m = mmap.mmap(-1, 2**20 * {MIB}); m[:] = bytes(len(m)); print('full', flush=True); input()"
COMMON = SHARED.replace("print", "import os; [os.fork() or input() for _ in range(3)]; print")
IN_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {OWN!r}])"


@pytest.mark.parametrize("code", [OWN, SHARED, COMMON, IN_CHILD], ids=["own", "shared", "with children", "in a child"])
def test_memory_is_counted_wherever_it_lies_and_once(code: str) -> None:
    started = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
    )
    try:
        assert started.stdout is not None
        assert started.stdout.read(4) == b"full"
        assert MIB <= memory_of(started.pid) < 1.9 * MIB
    finally:
        end_with_descendants(started.pid)
        started.communicate()


ORPHAN = "import os, time; os.setsid(); print(os.getpid(), flush=True); time.sleep(600)"


def test_what_a_process_has_started_ends_with_it() -> None:
    """Also a child in a session of its own, which a signal to the group does not reach."""
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ORPHAN!r}])"
    started = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, process_group=0)
    assert started.stdout is not None
    child = int(started.stdout.readline())
    assert descendants(started.pid) == [child]
    end_with_descendants(started.pid)
    assert started.communicate() == (b"", None)  # the child held it open
    assert started.returncode == -9


def test_a_worker_takes_in_the_processes_whose_parent_has_ended() -> None:
    """A daemon would otherwise escape every limit."""
    parent = f"import os; os.fork() or exec({ORPHAN!r})"
    code = (
        "from crossproof.checks.runs.worker import _keep_descendants; _keep_descendants()\n"
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {parent!r}]); input()"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
    )
    try:
        assert started.stdout is not None
        child = int(started.stdout.readline())
        assert child in descendants(started.pid)
    finally:
        end_with_descendants(started.pid)
        started.communicate()


# Pipes


def pipe() -> tuple[Incoming, int]:
    reading, writing = os.pipe()
    return Incoming(reading), writing


def test_a_message_is_given_out_when_it_is_whole() -> None:
    incoming, writing = pipe()
    body = pickle.dumps("a message")
    whole = struct.pack("!i", len(body)) + body
    for byte in whole[:-1]:
        os.write(writing, bytes([byte]))
        assert incoming.recv() is None
    os.write(writing, whole[-1:])
    assert incoming.recv() == "a message"
    Connection(writing, readable=False).send(big := "x" * 50_000)
    assert incoming.recv() == big
    with pytest.raises(EOFError):  # the connection was closed with its last reference
        incoming.recv()
    incoming.close()


@pytest.mark.parametrize(
    "junk",
    [
        b"junk",  # as a size it would announce 1.8 GB
        b"\xff\xff\xff\xff",
        b"\0\0\0\0",
        b"\0\0\0\4junk",
        struct.pack("!i", len(pickle.dumps(None))) + pickle.dumps(None),
        struct.pack("!i", len(pickle.dumps(1))) + pickle.dumps(1) + b"\n",
        struct.pack("!i", 32) + b"cno.such.module\nname\n.          ",
    ],
)
def test_junk_is_told_apart_without_waiting_for_the_rest(junk: bytes) -> None:
    incoming, writing = pipe()
    os.write(writing, junk)
    with pytest.raises(JunkError):
        incoming.recv()
    incoming.close()
    os.close(writing)


def test_the_unit_that_only_mutants_have_is_known_to_a_new_process() -> None:
    code = (
        "from crossproof.checks.runs.unit import Unit, limit_seconds, load_catalog\n"
        "load_catalog()\n"
        "print(limit_seconds(Unit('004.gbm.log#0', 'the same assertion', 'quick', 0, 'cpu', 1e-9)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True)
    assert float(done.stdout) > 0


def test_a_worker_imports_what_its_units_are_about_and_finds_the_rest_where_nobody_names_it() -> None:
    code = (
        "import sys\n"
        "from crossproof.checks.runs.unit import Unit, load_catalog, provide, run_unit\n"
        "from crossproof.derivations.claim import CLAIMS\n"
        "load_catalog([], strict=False, handed_on=True)\n"
        "def loaded(): return sum(m.startswith('crossproof.derivations.catalog.') for m in sys.modules)\n"
        "print(len(CLAIMS), loaded())\n"
        "unit = Unit('004.gbm.log#0', 'the same assertion', 'quick', 0, 'cpu', 1e-9,\n"
        "            module='crossproof.derivations.catalog.geometric_brownian')\n"
        "provide(unit)\n"
        "print('004.gbm.log' in CLAIMS, loaded() < 10, '003.eq7' in CLAIMS)\n"
        "run_unit(Unit('003.eq7', 'normal forms', 'quick', 0, 'cpu', 1e-9))\n"
        "print('003.eq7' in CLAIMS, len(CLAIMS) > 600)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.split() == ["0", "0", "True", "True", "False", "True", "True"]
