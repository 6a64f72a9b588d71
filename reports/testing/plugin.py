"""A pytest plugin: ``pytest --crossproof`` makes every claim a test item ``claim::ID``.

The claims are those of the catalog, or those of the modules and TOML files that ``--crossproof-claims`` (or
``crossproof_claims`` in the ini file) names. An item passes when the verdict is as reviewed in the lock file; a claim
without a review passes when it is proved or confirmed. Witnesses that contradict each other always fail.

Units run one after another in one worker process, kept for the whole session: a witness that hangs is stopped at its
time limit, every item shows its own time, and ``pytest -n`` gives each pytest process its own worker. Monte Carlo
runs on the CPU, so that a test does not depend on the machine that it runs on, unless ``--crossproof-device`` says
otherwise.

``pytest --crossproof-properties`` makes an item ``function::ID`` of every claim whose generated function samples can
judge (:mod:`crossproof.checks.functions`), in the process of the session. It needs Hypothesis.

Without either nothing is imported: everything that needs SymPy or torch is imported where it is used.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .function_items import FUNCTION, FunctionCollector
from .items import NAME, ClaimCollector

if TYPE_CHECKING:
    from ...checks.evidence import Evidence, Verdict
    from ...checks.functions.checks import FunctionCheck
    from ...checks.runs.unit import Unit
    from ...checks.runs.worker_process import Worker
    from ...checks.store.lock import Lock
    from ...derivations.claim import Claim

_CATALOG = f"{__name__.partition('.')[0]}.derivations.catalog"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; all are silent without ``--crossproof`` and ``--crossproof-properties``."""
    group = parser.getgroup("crossproof", "verification of analytic claims")
    group.addoption("--crossproof", action="store_true", help="verify every claim as a test item claim::ID")
    group.addoption(
        "--crossproof-properties",
        action="store_true",
        help="let samples judge the generated function of every claim at drawn points, as a test item function::ID",
    )
    group.addoption(
        "--crossproof-claims",
        metavar="MODULE|FILE.toml",
        action="append",
        default=[],
        help="verify the claims of this module or TOML file instead of the catalog (repeatable)",
    )
    group.addoption("--crossproof-effort", choices=("quick", "default", "thorough"), default="default")
    group.addoption(
        "--crossproof-device", choices=("auto", "cpu", "cuda"), default="cpu", help="where samples are drawn"
    )
    group.addoption("--crossproof-seed", metavar="N", default="0", help="seed of all random numbers")
    group.addoption(
        "--crossproof-lock",
        metavar="FILE",
        help="reviewed outcomes (default: verdicts.lock.json in the root directory)",
    )
    parser.addini("crossproof_claims", "modules and TOML files that --crossproof verifies", type="args", default=[])


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin proper when it is asked for; take ``claim::ID`` and ``function::ID`` from the arguments."""
    config.addinivalue_line("markers", "crossproof: a claim, examined by crossproof's witnesses")
    if not (config.getoption("--crossproof") or config.getoption("--crossproof-properties")):
        return
    if not re.fullmatch("[0-9]+", config.getoption("--crossproof-seed")):
        raise pytest.UsageError(f"--crossproof-seed is {config.getoption('--crossproof-seed')!r}; give an integer >= 0")
    wanted = {node: [a for a in config.args if a.startswith(f"{node}::")] for node in (NAME, FUNCTION)}
    config.args[:] = [a for a in config.args if a not in wanted[NAME] + wanted[FUNCTION]]
    names = {node: [a.removeprefix(f"{node}::") for a in found] for node, found in wanted.items()}
    config.pluginmanager.register(Plugin(config, names[NAME], names[FUNCTION]), "crossproof-claims")


class Plugin:
    """The state of one session: the claims, the reviewed outcomes and the worker."""

    def __init__(self, config: pytest.Config, wanted: Sequence[str], functions: Sequence[str]) -> None:
        from ...checks.runs.verify import resolve_device
        from ...checks.store.lock import DEFAULT_NAME, load
        from ...derivations.errors import UsageError

        self.config = config
        self.wanted, self.functions = wanted, functions
        #: Whether other points are drawn in every session; else the same ones.
        self.free = config.getoption("--hypothesis-seed", None) is not None
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
            self.device = resolve_device(config.getoption("--crossproof-device"))
            self.lock: Lock = load(path)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None
        self._marks: set[str] = set()
        self._stated: list[Claim] | None = None
        self._loaded: list[str] = []
        #: Why claims of the user could not be made.
        self.refused: list[str] = []
        self._worker: Worker | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Put the claims before the files that the session collects, whose tests may register claims of their own."""
        report = yield
        if isinstance(collector, pytest.Session) and report.passed:
            kinds = ((NAME, "--crossproof", ClaimCollector), (FUNCTION, "--crossproof-properties", FunctionCollector))
            nodes = [
                kind.from_parent(collector, name=name, nodeid=name, plugin=self)
                for name, option, kind in kinds
                if self.config.getoption(option)
            ]
            report.result = [*nodes, *report.result]
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
        stated = self.stated()
        self._check_names(self.wanted, [c.id for c in stated], "claim")
        return [c for c in stated if not self.wanted or c.id in self.wanted]

    def function_checks(self) -> list[tuple[Claim, FunctionCheck]]:
        """Return the claims whose functions samples can judge, and how; or those that are named, if they can or not."""
        from ...checks.functions.checks import function_checks

        by_id = {c.id: c for c in self.stated()}
        found = [
            c for c in function_checks(by_id.values()) if c.name in self.functions or not (self.functions or c.reason)
        ]
        self._check_names(self.functions, [c.name for c in found], "function of a claim")
        return [(by_id[c.claim], c) for c in found]

    def _check_names(self, names: Sequence[str], known: Sequence[str], kind: str) -> None:
        from ...derivations.errors import SelectionError

        unknown = [name for name in names if name not in known]
        if unknown:
            why = "".join(f"; {problem}" for problem in self.refused)
            raise SelectionError(f"no {kind} {unknown[0]!r} among the {len(known)} that are collected{why}")

    def stated(self) -> list[Claim]:
        """Return the claims of the catalog, or those of the user."""
        from ...checks.runs.unit import load_catalog, refused
        from ...derivations.claim import CLAIMS

        if self._stated is not None:
            return self._stated
        root = str(self.config.rootpath)
        if root not in sys.path:  # where the command line, too, looks for a user's modules
            sys.path.insert(0, root)
        load_catalog()
        stated = self._own() if self.modules else [c for c in CLAIMS.values() if c.module.startswith(f"{_CATALOG}.")]
        self.refused = refused(self.modules)
        self._stated = stated
        return stated

    def _own(self) -> list[Claim]:
        """Load the user's modules and files and return their claims, which a conftest may have registered before."""
        from ...checks.runs.unit import load_catalog, refused
        from ...derivations.claim import CLAIMS
        from ...derivations.errors import UsageError
        from ...derivations.text.files import is_text, text_of

        before = set(CLAIMS)
        load_catalog(self.modules, strict=False)
        # texts rather than files: a file may be edited while the session lasts
        self._loaded = [text_of(name) if is_text(name) else name for name in self.modules]
        named = [Path(name).stem if is_text(name) else name for name in self.modules]
        own = [c for c in CLAIMS.values() if c.id not in before or _belongs(c.module, named)]
        if not own and not refused(self.modules):
            raise UsageError(f"{', '.join(self.modules)}: no claim is registered there")
        return own

    def verdict(self, claim: Claim) -> Verdict:
        """Examine one claim with every witness that can speak to it."""
        from dataclasses import replace

        from ...checks.evidence import combine
        from ...checks.runs.unit import Unit, home
        from ...checks.witness import unit_level, witnesses_for

        units = [
            Unit(claim.id, w.name, self.effort, self.seed, self.device, unit_level(claim, w), module=home(claim))
            for w in witnesses_for(claim)
        ]
        facts = {"effort": self.effort, "seed": self.seed, "device": self.device, "modules": list(self.modules)}
        return replace(combine(claim, [self._evidence(unit) for unit in units]), run=facts)

    def _evidence(self, unit: Unit) -> Evidence:
        from ...checks.runs.unit import limit_seconds
        from ...checks.runs.worker_process import Stopped

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

    def _ready_worker(self) -> Worker:
        from ...checks.runs.worker_process import Worker
        from ...derivations.errors import CrossproofError

        if self._worker is None:
            with pytest.MonkeyPatch.context() as patch:  # the worker imports from where this session does
                patch.setenv("PYTHONPATH", ":".join(p for p in sys.path if p))
                worker = Worker(self._loaded)
            try:
                worker.become_ready()
            except CrossproofError:
                worker.stop()
                raise
            self._worker = worker
        return self._worker


def _belongs(module: str, named: Sequence[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in named)
