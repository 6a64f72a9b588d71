"""Hostile texts by the thousand: ``python benchmarks/fuzz.py [--count 100000] [--seed 0] [--batch 100]``.

The texts are those of tests/hostile_text.py, of every type of claim, many in one file, as a stranger would hand them
over; what is no TOML stands alone. Every text has to end in a claim or in one line that refuses it. What is read goes
through what the command does with a claim before and after its witnesses are asked; a report is made of every tenth.
The exit status is 1 if a text hung or raised an exception of another's, or if something was executed.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import sys
import tempfile
import time
import tomllib
import traceback
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from hostile_text import WHOLE, any_type, claims, cpu_seconds, damaged, show

from crossproof.checks.evidence import combine
from crossproof.checks.sources.canonical_text import claim_text
from crossproof.checks.witness import witnesses_for
from crossproof.derivations.errors import CrossproofError
from crossproof.derivations.text.claims import read_claims

#: CPU seconds that a file may take on average for each of its texts, and a report for one claim.
SECONDS = 5.0
TEXTS = st.one_of(any_type(), any_type(), any_type(), claims(), claims(), damaged(any_type(), sound=9))


class Counts(collections.Counter[str]):
    """How the texts ended."""

    def read(self, texts: list[str]) -> None:
        """Read one file of texts, and divide it where it is refused as a whole."""
        start = cpu_seconds()
        try:
            found, problems = read_claims("".join(t.replace("fuzz.one", f"fuzz.n{k}") for k, t in enumerate(texts)))
        except CrossproofError as error:
            found, problems = [], [str(error)]
        except Exception:
            self._broken(texts, traceback.format_exc(limit=3))
            return
        if cpu_seconds() - start > SECONDS * len(texts):
            self._broken(texts, f"{cpu_seconds() - start:.1f} CPU s")
        if problems and problems[0].startswith(WHOLE) and len(texts) > 1:
            self.read(texts[: len(texts) // 2])
            self.read(texts[len(texts) // 2 :])
            return
        self["claims"] += len(found)
        self["refused"] += len(problems)
        for number, claim in enumerate(found):
            try:
                list(witnesses_for(claim))
                assert claim_text(claim) is not None
                if number % 10 == 0:
                    show(combine(claim, []))
            except Exception:
                self._broken([claim.id], traceback.format_exc(limit=3))

    def _broken(self, texts: list[str], why: str) -> None:
        self["hung or raised"] += 1
        print(why, *texts[:3], sep="\n", flush=True)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=int, default=100)
    arguments = parser.parse_args()
    counts, waiting, start = Counts(), [], time.process_time()
    # Hypothesis remembers what it drew: a fresh start for each thousand keeps that small
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        for part in range(-(-arguments.count // 1000)):

            @seed(arguments.seed * 1_000_003 + part)
            @settings(
                max_examples=min(1000, arguments.count), database=None, deadline=None, derandomize=False,
                phases=[Phase.generate], suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(TEXTS)
            def drawn(text: str) -> None:
                counts["texts"] += 1
                try:
                    tomllib.loads(text)
                except (tomllib.TOMLDecodeError, RecursionError, ValueError):
                    counts.read([text])
                    return
                waiting.append(text)
                if len(waiting) >= arguments.batch:
                    counts.read(waiting)
                    waiting.clear()

            drawn()
        if waiting:
            counts.read(waiting)
        counts["executed"] = len(list(Path().iterdir()))
    print(", ".join(f"{what}: {number}" for what, number in counts.items()))
    print(f"{time.process_time() - start:.0f} CPU s in the parent")
    return int(bool(counts["hung or raised"] or counts["executed"]))


if __name__ == "__main__":
    sys.exit(main())
