"""A pytest plugin: ``pytest --crossproof`` makes every claim a test item ``claim::ID``.

The claims are those of the catalog, or those of the modules that ``--crossproof-claims`` (or ``crossproof_claims`` in
the ini file) names. An item passes when the verdict is as reviewed in the lock file; a claim without a review passes
when it is proved or confirmed. Witnesses that contradict each other always fail.

Units run one after another in one worker process, kept for the whole session: a witness that hangs is stopped at its
time limit, every item shows its own time, and ``pytest -n`` gives each pytest process its own worker. Monte Carlo
runs on the CPU, so that a test does not depend on the machine that it runs on.

Without ``--crossproof`` nothing is imported: everything that needs SymPy or torch is imported where it is used.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
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
        metavar="MODULE",
        action="append",
        default=[],
        help="verify the claims of this importable module instead of the catalog (repeatable)",
    )
    group.addoption("--crossproof-effort", choices=("quick", "default", "thorough"), default="default")
    group.addoption("--crossproof-seed", metavar="N", default="0", help="seed of all random numbers")
    group.addoption(
        "--crossproof-lock",
        metavar="FILE",
        help="reviewed outcomes (default: verdicts.lock.json in the root directory)",
    )
    parser.addini("crossproof_claims", "modules whose claims --crossproof verifies", type="args", default=[])


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
        for claim, subject in self.plugin.claims():
            item: ClaimItem = ClaimItem.from_parent(self, name=claim.id, plugin=self.plugin, claim=claim)
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
        self.modules: list[str] = config.getoption("--crossproof-claims") or config.getini("crossproof_claims")
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

    def claims(self) -> list[tuple[Claim, str]]:
        """Return the claims to examine, each with the name of the module that states it."""
        from ..derivations.claim import CLAIMS, check_repairs
        from ..derivations.errors import SelectionError
        from .unit import load_catalog
        from .witness import unit_level

        root = str(self.config.rootpath)
        if root not in sys.path:  # where the command line, too, looks for a user's modules
            sys.path.insert(0, root)
        fresh, before = _CATALOG not in sys.modules, set(CLAIMS)
        load_catalog()
        stated = [name for name in CLAIMS if not fresh or name not in before]
        subjects = self._own(stated, fresh) if self.modules else _subjects(stated, _catalog_files())
        check_repairs(CLAIMS)
        unknown = [name for name in self.wanted if name not in subjects]
        if unknown:
            raise SelectionError(f"no claim {unknown[0]!r} among the {len(subjects)} that are collected")
        self._level = unit_level()
        return [(CLAIMS[name], subject) for name, subject in subjects.items() if name in (self.wanted or subjects)]

    def _own(self, catalog: Sequence[str], fresh: bool) -> Mapping[str, str]:
        """Import the user's modules and return what :func:`_subjects` says of their claims.

        The claims of a module that a conftest has imported before, together with the catalog, are known by their ids
        in its source only.
        """
        from ..derivations.claim import CLAIMS
        from ..derivations.errors import UsageError
        from .unit import load_catalog

        known = set(catalog) if fresh else set(CLAIMS)
        try:
            load_catalog(self.modules)
        except ImportError as error:
            raise UsageError(f"cannot import the claims: {error}") from error
        files = [
            (name.rpartition(".")[2], Path(file))
            for name in self.modules
            if (file := getattr(sys.modules.get(name), "__file__", None))
        ]
        literal = [] if fresh else [n for n in CLAIMS if _subjects([n], files)]
        own = [name for name in CLAIMS if name not in known or name in literal]
        if not own:
            raise UsageError(f"{', '.join(self.modules)}: no claim is registered there")
        return _subjects(own, files, default=self.modules[0].rpartition(".")[2])

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
                worker = _Worker(self.modules)
            try:
                worker.become_ready()
            except CrossproofError:
                worker.stop()
                raise
            self._worker = worker
        return self._worker


def _catalog_files() -> list[tuple[str, Path]]:
    from ..derivations import catalog

    return [(p.stem, p) for folder in catalog.__path__ for p in sorted(Path(folder).glob("*.py")) if p.stem[0] != "_"]


def _subjects(names: Sequence[str], files: Sequence[tuple[str, Path]], default: str | None = None) -> Mapping[str, str]:
    """Return the module that states each claim, in the order of registration.

    A claim does not carry its module. Its id stands in the source as a literal; where it is put together, the claim
    belongs to the module of the one registered before it, because a module registers its claims in one go.
    """
    texts = [(subject, path.read_text(encoding="utf-8")) for subject, path in files]
    found: dict[str, str] = {}
    for name in names:
        literal = re.compile(f"[\"']{re.escape(name)}[\"']")
        default = next((subject for subject, text in texts if literal.search(text)), default)
        if default is not None:
            found[name] = default
    return found


def _word(text: str) -> str:
    return re.sub(r"\W", "_", text)


def _short(line: str) -> str:
    flat = re.sub(r"\s*[\r\n]+\s*", " ", line).rstrip()
    return flat if len(flat) <= _WIDTH else flat[: _WIDTH - 1].rstrip() + "…"
