"""The limit of CPU time inside a process: it interrupts, once more where the first exception was lost, and ends."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from crossproof.checks.judgement.rungs import TimeUp, interrupted_after


def spin(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def lose(act: Callable[[], None]) -> bool:
    """Return whether a TimeUp was raised inside, as a callback of a compiled library would lose it."""
    try:
        act()
    except TimeUp:
        return True
    return False


def test_what_takes_too_long_is_interrupted_and_what_does_not_is_left_alone() -> None:
    with pytest.raises(TimeUp), interrupted_after(0.05):
        spin(5.0)
    with interrupted_after(0.05):
        spin(0.01)
    assert not lose(lambda: spin(0.2))


def test_an_exception_that_was_lost_is_raised_again() -> None:
    def act() -> None:
        assert lose(lambda: spin(5.0))
        spin(5.0)

    with pytest.raises(TimeUp), interrupted_after(0.05):
        act()


def test_nothing_is_raised_inside_a_callback_of_the_garbage_collector() -> None:
    def slowly(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            spin(0.2)

    def act() -> None:
        gc.collect()
        spin(5.0)

    gc.callbacks.append(slowly)  # an exception in it would be a warning, and warnings are errors
    try:
        with pytest.raises(TimeUp), interrupted_after(0.05):
            act()
    finally:
        gc.callbacks.remove(slowly)


class Leaving:
    """An object that takes its time to leave."""

    def __del__(self) -> None:
        spin(0.2)


class SlowDict(dict[Any, Any]):
    """A dictionary from which a key is slow to be removed."""

    def __delitem__(self, key: Any) -> None:
        spin(0.2)
        super().__delitem__(key)


class Key:
    """Something that can be referred to weakly."""


def weakly() -> weakref.WeakKeyDictionary[Key, int]:
    made = weakref.WeakKeyDictionary[Key, int]()
    made.data = SlowDict()
    made[Key()] = 1
    return made


@pytest.mark.parametrize("leave", [Leaving, weakly])
def test_nothing_is_raised_while_an_object_leaves(leave: Callable[[], object]) -> None:
    def act() -> None:
        leave()  # an exception in what this starts would be a warning, and warnings are errors
        spin(5.0)

    with pytest.raises(TimeUp), interrupted_after(0.05):
        act()


def test_the_outer_limit_holds_around_inner_ones() -> None:
    def inner() -> None:
        with interrupted_after(0.05):
            spin(5.0)

    def act() -> None:
        while lose(inner) and time.thread_time() < end:
            spin(0.05)

    end = time.thread_time() + 5
    with pytest.raises(TimeUp), interrupted_after(0.3):
        act()
    assert time.thread_time() < end
