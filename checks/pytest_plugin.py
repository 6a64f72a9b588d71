"""A pytest plugin: ``pytest --crossproof`` makes every claim a test item ``claim::ID``.

The claims are those of the catalog, or those of the modules and TOML files that ``--crossproof-claims`` (or
``crossproof_claims`` in the ini file) names. An item passes when the verdict is as reviewed in the lock file; a claim
without a review passes when it is proved or confirmed. Witnesses that contradict each other always fail.

Units run one after another in one worker process, kept for the whole session: a witness that hangs is stopped at its
time limit, every item shows its own time, and ``pytest -n`` gives each pytest process its own worker. Monte Carlo
runs on the CPU, so that a test does not depend on the machine that it runs on.

Without ``--crossproof`` nothing is imported: everything that needs SymPy or torch is imported where it is used.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..derivations.claim import Claim
    from .evidence import Evidence, Verdict
    from .lock import Lock
    from .runner import _Worker
    from .unit import Unit

_NAME = "claim"
_WIDTH = 160
_CATALOG = f"{__package__.rpartition('.')[0]}.derivations.catalog"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; all are silent without ``--crossproof``."""
    group = parser.getgroup("crossproof", "verification of analytic claims")
    group.addoption("--crossproof", action="store_true", help="verify every claim as a test item claim::ID")
    group.addoption(
        "--crossproof-claims",
        metavar="MODULE|FILE.toml",
        action="append",
        default=[],
        help="verify the claims of this module or TOML file instead of the catalog (repeatable)",
    )
    group.addoption("--crossproof-effort", choices=("quick", "default", "thorough"), default="default")
    group.addoption("--crossproof-seed", metavar="N", default="0", help="seed of all random numbers")
    group.addoption(
        "--crossproof-lock",
        metavar="FILE",
        help="reviewed outcomes (default: verdicts.lock.json in the root directory)",
    )
    parser.addini("crossproof_claims", "modules and TOML files that --crossproof verifies", type="args", default=[])


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin proper when ``--crossproof`` is given, and take ``claim::ID`` from the arguments."""
    config.addinivalue_line("markers", "crossproof: a claim, examined by crossproof's witnesses")
    if not config.getoption("--crossproof"):
        return
    if not re.fullmatch("[0-9]+", config.getoption("--crossproof-seed")):
        raise pytest.UsageError(f"--crossproof-seed is {config.getoption('--crossproof-seed')!r}; give an integer >= 0")
    wanted = [a for a in config.args if a.startswith(f"{_NAME}::")]
    config.args[:] = [a for a in config.args if a not in wanted]
    config.pluginmanager.register(_Plugin(config, [a.removeprefix(f"{_NAME}::") for a in wanted]), "crossproof-claims")


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
        lines += [
            f"counterexample: at {at or 'every point'}",
            f"  stated: {c.stated}",
            f"  found:  {c.found}",
        ]
        lines.append(f"  gap:    {c.gap}")
    lines += [f"{e.finding.outcome} by {e.witness} ({e.kind}): {e.finding.detail}" for e in verdict.evidence]
    if not verdict.evidence:
        lines.append("no witness can speak to this statement")
    return "\n".join(_short(line) for line in lines)


class ClaimFailure(Exception):
    """A verdict that is not as expected; its text is the whole failure report."""


class ClaimItem(pytest.Item):
    """One claim as a test item."""

    def __init__(self, *, plugin: _Plugin, claim: Claim, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.plugin = plugin
        self.claim = claim

    def runtest(self) -> None:
        """Examine the claim and compare the verdict with the review."""
        from .lock import agrees, result_of

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
        from ..derivations.errors import CrossproofError

        if isinstance(excinfo.value, (ClaimFailure, CrossproofError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the item is and what it is called."""
        # a name that ends like the node id would be printed with :: for every dot of the id
        return self.config.rootpath / _NAME, None, f"{_NAME} {self.name}"


class ClaimCollector(pytest.Collector):
    """The node ``claim``, parent of all claims."""

    def __init__(self, *, plugin: _Plugin, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.plugin = plugin

    def collect(self) -> Iterator[ClaimItem]:
        """Yield an item for each claim, marked with its document and its subject."""
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

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]
        """Return the project's own errors without a stack."""
        from ..derivations.errors import CrossproofError

        if isinstance(excinfo.value, CrossproofError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class _Plugin:
    """The state of one session: the claims, the reviewed outcomes and the worker."""

    def __init__(self, config: pytest.Config, wanted: Sequence[str]) -> None:
        from ..derivations.errors import UsageError
        from .lock import DEFAULT_NAME, load

        self.config = config
        self.wanted = wanted
        given, here = config.getoption("--crossproof-claims"), config.invocation_params.dir
        if not given:
            given, here = config.getini("crossproof_claims"), config.rootpath
        #: Names of modules, and files from where they were named.
        self.modules = [str(here / name) if name.endswith(".toml") else name for name in given]
        self.effort: str = config.getoption("--crossproof-effort")
        self.seed = int(config.getoption("--crossproof-seed"))
        named = config.getoption("--crossproof-lock")
        path = config.invocation_params.dir / named if named else config.rootpath / DEFAULT_NAME
        if named and not path.is_file():
            raise pytest.UsageError(f"--crossproof-lock: there is no file {named!r}")
        try:
            self.lock: Lock = load(path)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None
        self._marks: set[str] = set()
        self._level = 0.0
        self._loaded: list[str] = []
        self._worker: _Worker | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Put the claims before the files that the session collects, whose tests may register claims of their own."""
        report = yield
        if isinstance(collector, pytest.Session) and report.passed:
            node = ClaimCollector.from_parent(collector, name=_NAME, nodeid=_NAME, plugin=self)
            report.result = [node, *report.result]
        return report

    def pytest_unconfigure(self) -> None:
        """End the session's worker."""
        self._stop()

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.stop()
            self._worker = None

    def register_mark(self, name: str, meaning: str) -> None:
        """Declare a marker, so that ``--strict-markers`` knows it."""
        if name not in self._marks:
            self._marks.add(name)
            self.config.addinivalue_line("markers", f"{name}: {meaning}")

    def claims(self) -> list[Claim]:
        """Return the claims to examine."""
        from ..derivations.claim import CLAIMS, check_repairs
        from ..derivations.errors import SelectionError
        from .unit import load_catalog
        from .witness import unit_level

        root = str(self.config.rootpath)
        if root not in sys.path:  # where the command line, too, looks for a user's modules
            sys.path.insert(0, root)
        load_catalog()
        stated = self._own() if self.modules else [c for c in CLAIMS.values() if c.module.startswith(f"{_CATALOG}.")]
        check_repairs(CLAIMS)
        known = {c.id for c in stated}
        unknown = [name for name in self.wanted if name not in known]
        if unknown:
            raise SelectionError(f"no claim {unknown[0]!r} among the {len(known)} that are collected")
        self._level = unit_level()
        return [c for c in stated if c.id in (self.wanted or known)]

    def _own(self) -> list[Claim]:
        """Load the user's modules and files and return their claims, which a conftest may have registered before."""
        from ..derivations.claim import CLAIMS
        from ..derivations.errors import UsageError
        from ..derivations.text_claims import is_text, text_of
        from .unit import load_catalog

        before = set(CLAIMS)
        load_catalog(self.modules)
        # texts rather than files: a file may be edited while the session lasts
        self._loaded = [text_of(name) if is_text(name) else name for name in self.modules]
        named = [Path(name).stem if is_text(name) else name for name in self.modules]
        own = [c for c in CLAIMS.values() if c.id not in before or _belongs(c.module, named)]
        if not own:
            raise UsageError(f"{', '.join(self.modules)}: no claim is registered there")
        return own

    def verdict(self, claim: Claim) -> Verdict:
        """Examine one claim with every witness that can speak to it."""
        from dataclasses import replace

        from .evidence import combine
        from .unit import Unit
        from .witness import witnesses_for

        units = [Unit(claim.id, w.name, self.effort, self.seed, "cpu", self._level) for w in witnesses_for(claim)]
        facts = {"effort": self.effort, "seed": self.seed, "device": "cpu", "modules": list(self.modules)}
        return replace(combine(claim, [self._evidence(unit) for unit in units]), run=facts)

    def _evidence(self, unit: Unit) -> Evidence:
        from .runner import Stopped
        from .unit import limit_seconds

        if self._worker is not None and self._worker.swollen:
            self._stop()
        try:
            found = self._ready_worker().answer(unit, limit_seconds(unit))
        except OSError:  # it died between two items
            self._stop()
            found = self._ready_worker().answer(unit, limit_seconds(unit))
        if isinstance(found, Stopped):
            self._worker = None
            return found.evidence(unit)
        return found

    def _ready_worker(self) -> _Worker:
        from ..derivations.errors import CrossproofError
        from .runner import _Worker

        if self._worker is None:
            with pytest.MonkeyPatch.context() as patch:  # the worker imports from where this session does
                patch.setenv("PYTHONPATH", ":".join(p for p in sys.path if p))
                worker = _Worker(self._loaded)
            try:
                worker.become_ready()
            except CrossproofError:
                worker.stop()
                raise
            self._worker = worker
        return self._worker


def _belongs(module: str, named: Sequence[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in named)


def _word(text: str) -> str:
    return re.sub(r"\W", "_", text)


def _short(line: str) -> str:
    flat = re.sub(r"\s*[\r\n]+\s*", " ", line).rstrip()
    return flat if len(flat) <= _WIDTH else flat[: _WIDTH - 1].rstrip() + "…"
