"""Claims as the items of a pytest session; a failure shows the verdict and no stack.

Nothing of SymPy or torch is imported before an item is collected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ...checks.evidence import Verdict
    from ...derivations.claim import Claim
    from .plugin import Plugin

#: Name of the node under which all claims stand.
NAME = "claim"
_WIDTH = 160


def failure_text(verdict: Verdict, expected: str | None) -> str:
    """Return a verdict that is not as expected in a few lines of plain text.

    Parameters
    ----------
    verdict : Verdict
        What the run found.
    expected : str or None
        The reviewed outcome; None without a review.
    """
    claim = verdict.claim
    review = f"reviewed as {expected}" if expected else "not reviewed"
    if verdict.contradiction:
        found = "CONTRADICTION between " + " and ".join(map(repr, verdict.contradiction))
    else:
        found = str(verdict.outcome)
    lines = [f"{claim.id}: {claim.title}", f"source: document {claim.document}, {claim.source.place}"]
    if claim.reading:
        lines.append(f"reading: {claim.reading}")
    lines.append(f"verdict: {found} ({review})")
    c = verdict.counterexample
    if c is not None:
        at = ", ".join(f"{name} = {value}" for name, value in c.point.items())
        undefined = str(verdict.outcome) == "undefined"
        lines += [
            f"{'without meaning' if undefined else 'counterexample'}: at {at or 'every point'}",
            f"  stated: {c.stated}",
            f"  found:  {c.found}",
            f"  {'works:' if undefined else 'gap:  '}  {c.gap}",
        ]
    lines += [f"{e.finding.outcome} by {e.witness} ({e.kind}): {e.finding.detail}" for e in verdict.evidence]
    if not verdict.evidence:
        lines.append("no witness can speak to this statement")
    return "\n".join(_short(line) for line in lines)


class ClaimFailure(Exception):
    """A verdict that is not as expected; its text is the whole failure report."""


class ClaimItem(pytest.Item):
    """One claim as a test item."""

    def __init__(self, *, plugin: Plugin, claim: Claim, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.plugin = plugin
        self.claim = claim

    def runtest(self) -> None:
        """Examine the claim and compare the verdict with the review."""
        from ...checks.store.lock import agrees, result_of

        verdict = self.plugin.verdict(self.claim)
        expected = self.plugin.lock.claims.get(self.claim.id)
        found = result_of(verdict)
        self.user_properties.append(("crossproof_outcome", found.outcome))
        if verdict.resolution is not None:
            self.user_properties.append(("crossproof_resolution", verdict.resolution))
        holds = found.outcome in ("proved", "confirmed") if expected is None else agrees(expected, found)
        if not holds:
            raise ClaimFailure(failure_text(verdict, expected))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the verdict alone; the Python stack says nothing about the mathematics."""
        from ...derivations.errors import CrossproofError

        if isinstance(excinfo.value, (ClaimFailure, CrossproofError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the item is and what it is called."""
        # a name that ends like the node id would be printed with :: for every dot of the id
        return self.config.rootpath / NAME, None, f"{NAME} {self.name}"


class RefusedItem(pytest.Item):
    """A claim that could not be made; it fails with the reason."""

    def __init__(self, *, problem: str, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.problem = problem

    def runtest(self) -> None:
        """Fail."""
        raise ClaimFailure(self.problem)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the reason alone."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the item is and what it is called."""
        return self.config.rootpath / NAME, None, f"{NAME} {self.name}"


class ClaimCollector(pytest.Collector):
    """The node ``claim``, parent of all claims."""

    def __init__(self, *, plugin: Plugin, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.plugin = plugin

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each claim, marked with its document and its subject, and one for each malformed claim."""
        for claim in self.plugin.claims():
            item: ClaimItem = ClaimItem.from_parent(self, name=claim.id, plugin=self.plugin, claim=claim)
            subject = claim.module.rpartition(".")[2]
            for mark, meaning in (
                ("crossproof", None),
                (f"document_{_word(claim.document)}", f"a claim of document {claim.document}"),
                (f"subject_{_word(subject)}", f"a claim of the module {subject}"),
            ):
                if meaning is not None:
                    self.plugin.register_mark(mark, meaning)
                item.add_marker(mark)
            yield item
        for number, problem in enumerate(() if self.plugin.wanted else self.plugin.refused, 1):
            yield RefusedItem.from_parent(self, name=f"malformed-{number}", problem=problem)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]
        """Return the project's own errors without a stack."""
        from ...derivations.errors import CrossproofError

        if isinstance(excinfo.value, CrossproofError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


def _word(text: str) -> str:
    return re.sub(r"\W", "_", text)


def _short(line: str) -> str:
    from ..formats.plain import visible

    flat = visible(re.sub(r"\s*[\r\n]+\s*", " ", line)).rstrip()
    return flat if len(flat) <= _WIDTH else flat[: _WIDTH - 1].rstrip() + "…"
