"""The way to a cluster: a scheduler that answers, and workers with this code of crossproof."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import threading
import time
from collections.abc import Iterator
from typing import Any

from ...derivations.errors import UsageError
from .cluster_worker import code_here

#: Seconds that a scheduler may take to answer at all, and then to take this client and to name its workers.
ANSWER_SECONDS, CONNECT_SECONDS = 5.0, 20.0


def distributed_package() -> Any:
    """Import dask.distributed, which only runs on a cluster need."""
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise UsageError("a cluster needs dask.distributed: pip install 'crossproof[cluster]'") from None


@contextlib.contextmanager
def connected(scheduler: str) -> Iterator[Any]:
    """Connect to the scheduler, without changing what other code in this process sees as its client."""
    distributed = distributed_package()
    check_address(scheduler)
    try:
        client = distributed.Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False, name="crossproof")
    except Exception as error:  # what answers there may send anything
        raise _nothing_there(scheduler, error) from error
    with client:
        yield client


def check_address(scheduler: str) -> None:
    """Raise UsageError unless a dask scheduler answers.

    A client of dask asks again and again, and says in many lines what it did; here it is asked once. In a thread of its
    own: the caller may have a loop running in this one, as notebooks have, and a name server may take its time.
    """
    if not scheduler.startswith("tcp://") and "://" in scheduler:  # tls needs certificates, which the client finds
        return
    failure: list[BaseException] = []

    async def ask() -> None:
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            distributed_package().rpc(scheduler, timeout=ANSWER_SECONDS) as remote,
        ):
            kind = (await remote.identity())["type"]
        if kind != "Scheduler":
            raise TypeError(f"this is the address of a {kind.lower()} of dask")

    def asked() -> None:
        try:
            asyncio.run(ask())
        except Exception as error:  # what answers there may send anything
            failure.append(error)

    thread = threading.Thread(target=asked, daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS + 1.0)
    if thread.is_alive() or failure:
        raise _nothing_there(scheduler, failure[0] if failure else TimeoutError())


def _nothing_there(scheduler: str, error: BaseException) -> UsageError:
    silence = isinstance(error, TimeoutError)
    reason = f"nothing in {ANSWER_SECONDS:.0f} s" if silence else f"{type(error).__name__}: {error}"
    return UsageError(
        f"no dask scheduler answers at {scheduler!r} ({reason}); give the address that `dask scheduler` prints when it "
        "starts, such as tcp://host:8786"
    )


def codes_of_workers(client: Any) -> dict[str, object]:
    """Return the code of crossproof that each worker has, by its address, or the error where there is none."""
    found: dict[str, object] = client.run(code_here, on_error="return")
    return found


def check_workers(client: Any, scheduler: str) -> None:
    """Raise UsageError unless there are workers, all with this code of crossproof; those that leave do not count."""
    deadline = time.monotonic() + CONNECT_SECONDS
    right: list[object] = []
    while not right:
        try:
            client.wait_for_workers(1, timeout=max(0.1, deadline - time.monotonic()))
        except TimeoutError:
            raise UsageError(f"the scheduler at {scheduler!r} has no workers; start some with `dask worker`") from None
        try:
            found = [code for code in codes_of_workers(client).values() if not isinstance(code, OSError)]
        except Exception as error:  # whatever a foreign machine may raise while it looks for crossproof
            raise UsageError(f"the workers of {scheduler!r} cannot import crossproof: {error}") from error
        right = [code for code in found if code == code_here()]
        other = sorted(str(code) for code in found if code != code_here())
        if other:
            raise UsageError(f"the workers of {scheduler!r} need {code_here()}, as here; they have {other[0]}")
