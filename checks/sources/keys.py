"""Content keys of evidence: equal keys mean that a witness would be asked the same question by the same code.

Two levels. :func:`run_key` speaks of a whole run and needs neither SymPy nor torch, so that an unchanged run of the
catalog and of TOML files, which read nothing else, is answered at once. :class:`Keys` speaks of single units, so that a
changed run re-examines only what changed.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .canonical_text import claim_text
from .sources import PACKAGE, NoKey, Sources, digest_of, own_sources

if TYPE_CHECKING:
    from ...derivations.claim import Claim
    from ..runs.unit import Unit

_FORMAT = 2
#: Bytes of a file of claims beyond which it is certainly refused when it is loaded.
_LARGEST = 10_000_000
_COMPUTES_WITH = (
    "sympy", "mpmath", "gmpy2", "python-flint", "numpy", "scipy", "torch", "z3-solver", "numba", "triton",
)  # fmt: skip


def run_key(arguments: Mapping[str, Any], modules: Sequence[str] = ()) -> str | None:
    """Return the key of a whole run, without importing SymPy, torch or the claims.

    Parameters
    ----------
    arguments : mapping
        Everything else that the result depends on, as JSON types: selectors, effort, seed, device as given (the
        devices that ``auto`` would find are part of the key). A run whose selectors ask for outcomes of an earlier
        run depends on that run and must not be kept.
    modules : sequence of str
        The user's TOML files, or the texts of such; and names of modules.

    Returns
    -------
    str or None
        None with a module, which may read anything (data files, the environment, the clock) before it states its
        claims, so that nobody knows them before it has run; or when a TOML file cannot be read.
    """
    if not all(name.endswith(".toml") or "\n" in name for name in modules):
        return None
    try:
        texts = [(name, name if "\n" in name else _text(Path(name))) for name in modules]
    except (OSError, ValueError):
        return None
    return digest_of(_FORMAT, own_sources(), texts, _versions(), _devices(), dict(arguments))


class Keys:
    """Keys of units; sources are read once, so make a new object for each run.

    A key covers the claim's id, statement and domain; the witness and every source file that its module, the
    classes of the statement and the unit runner import; package versions; effort, seed and device; and for Monte
    Carlo the level. What people read (title, source, note, given) is not part of it, and neither is the code that
    builds the claims: its result is.
    """

    def __init__(self) -> None:
        self._sources = Sources()
        self._claims: dict[str, tuple[Claim, tuple[str, tuple[str, ...]] | None]] = {}

    def unit(self, unit: Unit) -> str | None:
        """Return the key of `unit`, or None when its claim or witness has no canonical text and cannot be kept."""
        from ...derivations.claim import CLAIMS
        from ..effort import effort
        from ..evidence import Kind
        from ..mutants.mutants import change_named, claim_named
        from ..witness import witness_named

        claim, found = claim_named(unit.claim_id), witness_named(unit.witness)
        original = CLAIMS[claim.id]
        known = self._claims.get(claim.id)
        if known is None or known[0] is not original:
            known = self._claims[claim.id] = original, claim_text(original)
        if known[1] is None:
            return None
        text, modules = known[1]
        if claim is not original:
            # the original, the words for the change and the code that makes it, which is among the sources
            text = f"{text}\n{change_named(unit.claim_id)}"
        roots = {f"{PACKAGE}.checks.runs.unit", found.examine.__module__, found.applies.__module__, *modules}
        try:
            code = self._sources.digest(roots)
        except NoKey:
            return None
        level = unit.level if found.kind is Kind.MONTE_CARLO else None
        asked = (repr(effort(unit.effort)), unit.seed, unit.device, level)
        return digest_of(_FORMAT, text, found.name, found.kind, code, _versions(), asked)


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    found = [("python", f"{platform.python_implementation()} {platform.python_version()} {platform.machine()}")]
    for package in (PACKAGE, *_COMPUTES_WITH):
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return tuple(found)


def _text(path: Path) -> str:
    """Return the text of a file of claims; OSError for what would be refused later, and might never end."""
    if not path.is_file() or path.stat().st_size > _LARGEST:
        raise FileNotFoundError(path)
    return path.read_text(encoding="utf-8")


def _devices() -> tuple[str | None, list[str]]:
    """Return what decides which devices torch will see, without asking torch."""
    folder = Path("/dev")
    nodes = sorted(p.name for p in folder.glob("nvidia*")) if folder.is_dir() else []
    return os.environ.get("CUDA_VISIBLE_DEVICES"), nodes
