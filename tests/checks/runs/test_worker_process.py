"""Limits count the CPU time of a process and its children; the clock stops only what waits without end."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crossproof.checks.runs import worker_process
from crossproof.checks.runs.unit import Unit, limit_seconds
from crossproof.checks.runs.worker_process import Allowance, cpu_seconds_of

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
        monkeypatch.setattr(worker_process, "WAITING_SECONDS", 0.0)
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
    monkeypatch.setattr(worker_process, "cpu_seconds_of", lambda process: pytest.fail("the system was asked"))
    assert not allowance.spent


def test_the_system_ends_a_unit_that_lets_no_thread_notice_that_the_parent_is_gone() -> None:
    """One long operation of compiled code keeps every thread of the worker from running; the limit needs none."""
    unit = Unit("003.eq7", "normal forms", "quick", 0, "cpu", 1e-9)
    worker = worker_process.Worker(())
    try:
        assert worker.incoming.recv() == worker_process.READY
        assert resource.prlimit(worker.process.pid, resource.RLIMIT_CPU)[0] == resource.RLIM_INFINITY
        worker.give(unit)
        worker.incoming.recv()
        allowed = resource.prlimit(worker.process.pid, resource.RLIMIT_CPU)[0]
        assert limit_seconds(unit) < allowed < 1000
    finally:
        worker.process.kill()
        worker.process.wait()
