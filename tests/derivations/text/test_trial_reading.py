"""A reading that would not end costs a few seconds and its own answer, and leaves nothing behind."""

from __future__ import annotations

import os
import threading

import pytest

from crossproof.derivations.errors import CrossproofError, ParsingError
from crossproof.derivations.text import trial_reading
from crossproof.derivations.text.trial_reading import OutOfTimeError, tried, while_reading


def endless_in_python() -> str:
    while True:
        try:
            sum(range(1000))
        except Exception:  # as libraries do
            continue


def endless_beneath_python() -> str:
    return str(sum(iter(int, 1)))  # never comes back to where an exception could be raised


def hungry() -> str:
    try:
        return f"{len(bytearray(2**40))} bytes"
    except MemoryError:
        return "no memory"


def dead() -> str:
    os._exit(3)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_reading, "SECONDS", 0.3)
    monkeypatch.setattr(trial_reading, "HARD_SECONDS", 0.6)


@pytest.mark.usefixtures("quick")
def test_each_reading_has_its_own_end() -> None:
    answers = tried([endless_in_python, lambda: "fine", endless_beneath_python, dead, lambda: "", hungry])
    assert [answer.partition(";")[0] for answer in answers] == [
        "reading takes more than 2 s",
        "fine",
        "reading takes too much time or memory",
        "reading takes too much time or memory",
        "",
        "no memory",
    ]
    assert all("; write" in answers[k] for k in (0, 2, 3))  # with the remedy


@pytest.mark.usefixtures("quick")
def test_what_was_being_read_is_named() -> None:
    def reading() -> str:
        try:
            with while_reading("equation"):
                return endless_in_python()
        except ParsingError as error:
            return str(error)

    (answer,) = tried([reading])
    assert answer.startswith("equation: reading takes more than")
    with pytest.raises(ParsingError, match="drift: reading takes"), while_reading("drift"):
        raise OutOfTimeError
    with pytest.raises(ValueError, match="another"), while_reading("drift"):  # and nothing else is touched
        raise ValueError("another")


@pytest.mark.usefixtures("quick")
def test_slow_readings_do_not_add_up_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_reading, "SLOW_SECONDS", 0.5)
    monkeypatch.setattr(trial_reading, "LEISURE", 0.0)
    answers = tried([endless_in_python] * 50 + [endless_beneath_python] * 50)
    stopped = sum("not read" not in answer for answer in answers)
    assert 2 <= stopped <= 3
    assert len(answers) == 100
    quick_ones = tried([lambda: ""] * 500)
    assert quick_ones == [""] * 500


def test_nothing_is_changed_in_the_process_that_asks() -> None:
    seen: list[int] = []

    def reading() -> str:
        seen.append(os.getpid())
        return str(os.getpid())

    (answer,) = tried([reading])
    assert answer != str(os.getpid())
    assert seen == []
    assert tried([]) == []


def test_a_thread_may_ask() -> None:
    answers: list[str] = []
    thread = threading.Thread(target=lambda: answers.extend(tried([lambda: "in the thread"])))
    thread.start()
    thread.join(60)
    assert answers == ["in the thread"]


def test_a_system_without_processes_to_spare_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)
    with pytest.raises(CrossproofError, match=r"cannot start a process to read claims in: .* unavailable; end others"):
        tried([lambda: ""])
