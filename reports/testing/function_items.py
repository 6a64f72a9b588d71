"""Functions of claims as the items of a pytest session: samples judge each at points that Hypothesis draws."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .items import ClaimFailure

if TYPE_CHECKING:
    from ...checks.functions.checks import FunctionCheck
    from ...derivations.claim import Claim
    from .plugin import Plugin

#: Name of the node under which all functions stand.
FUNCTION = "function"


class FunctionItem(pytest.Item):
    """The generated function of one claim as a test item."""

    def __init__(self, *, plugin: Plugin, claim: Claim, check: FunctionCheck, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.plugin, self.claim, self.check = plugin, claim, check

    def runtest(self) -> None:
        """Judge the function; where the review finds fault with the claim, a rejection is right and no rule either."""
        from ...checks.effort import effort
        from ...checks.functions.judgement import judge_function

        plugin = self.plugin
        examples = effort(plugin.effort).points
        verdict = judge_function(self.claim, self.check.part, examples=examples, device=plugin.device, free=plugin.free)
        outcome, reviewed = str(verdict.outcome), plugin.lock.claims.get(self.claim.id, "confirmed")
        self.user_properties.append(("crossproof_outcome", outcome))
        if reviewed in ("proved", "confirmed"):
            if outcome != "confirmed":
                raise ClaimFailure(str(verdict))
        elif outcome != "refuted":
            pytest.skip(f"reviewed as {reviewed}, which no drawn point shows")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what samples say; the Python stack says nothing about the mathematics."""
        from ...derivations.errors import CrossproofError

        if isinstance(excinfo.value, (ClaimFailure, CrossproofError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the item is and what it is called."""
        return self.config.rootpath / FUNCTION, None, f"{FUNCTION} {self.name}"


class FunctionCollector(pytest.Collector):
    """The node ``function``, parent of the functions of all claims."""

    def __init__(self, *, plugin: Plugin, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.plugin = plugin

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each function that samples can judge."""
        for claim, check in self.plugin.function_checks():
            yield FunctionItem.from_parent(self, name=check.name, plugin=self.plugin, claim=claim, check=check)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]
        """Return the project's own errors without a stack."""
        from ...derivations.errors import CrossproofError

        if isinstance(excinfo.value, CrossproofError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)
