"""One JSON object a line over standard input and output: how ``run.py`` measures a peer that lives elsewhere.

The process stays alive, so that rounds can alternate between peers without compiling anything again.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping

Moments = tuple[float, float]
Simulate = Callable[[int, int], Moments]


def serve(implementations: Mapping[str, Simulate], versions: str) -> None:
    """Answer ``{"name", "paths", "seed"}`` with seconds and the moments of the last state until the input ends."""
    out, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps({"implementations": list(implementations), "versions": versions}), file=out, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        start = time.perf_counter()
        mean, square = implementations[request["name"]](request["paths"], request["seed"])
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "averages": [mean, square]}), file=out, flush=True)
