"""Claims and witnesses of a script, a notebook or a call: what worker processes are told of them.

A worker loads what it examines of the catalog, and the modules and files that a run names. Claims from elsewhere are
sent along with the units, if they come out of the parcel as they went in; what workers cannot be told of is examined in
this process.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.machinery import PathFinder

from ...derivations.claim import CLAIMS, Claim, forget, register
from ...derivations.text.files import holding
from ..sources.canonical_text import claim_text
from ..sources.sources import PACKAGE
from ..witness import witnesses_for
from .unit import home
from .user_folder import folders_of, named_modules

#: The claims that were handed to `verify` and stand in the register for the time of the run.
_GIVEN: dict[str, Claim] = {}


@contextmanager
def in_register(claim: Claim) -> Iterator[None]:
    """Let `claim` be the one that its id names, as long as the context lasts; one that is registered stays as it is."""
    before = CLAIMS.get(claim.id)
    if before is claim:
        yield
        return
    own = replace(claim, module="")  # a changed copy of a catalog claim is not the catalog's
    register(own)
    _GIVEN[own.id] = own
    try:
        yield
    finally:
        del _GIVEN[own.id]
        if before is None:
            forget([own.id])
        else:
            register(before)


class HandedOver:
    """What the workers of one run are told beside the modules that the run names.

    Parameters
    ----------
    claims : sequence of Claim
        What the run examines.
    modules : sequence of str
        What the workers load by themselves: names of modules, and texts of TOML files.
    """

    def __init__(self, claims: Sequence[Claim], modules: Sequence[str]) -> None:
        self._given, self._named = frozenset(modules), named_modules(modules)
        self.modules: list[str] = []
        """Further modules and texts that the workers load."""
        self.sources: dict[str, tuple[str, ...]] = {}
        """By the id of a claim that the workers do not load from `modules`: the file or text that holds it, if any."""
        self.parcels: dict[str, bytes | None] = {}
        """The claim as bytes, by id."""
        self._here: set[tuple[str, str]] = set()
        for claim in claims:
            self._add(claim)

    def is_kept_here(self, claim_id: str, witness: str) -> bool:
        """Return whether this process must examine the claim by this witness."""
        return (claim_id, witness) in self._here

    def _add(self, claim: Claim) -> None:
        known = self._loaded_there(claim)
        parcel = self.parcels[claim.id] = None if known else self._parcel(claim)
        for found in witnesses_for(claim):
            if not ((known or parcel) and self._importable(found.examine.__module__)):
                self._here.add((claim.id, found.name))

    def _loaded_there(self, claim: Claim) -> bool:
        """Return whether workers register this very claim by what they load."""
        given = _GIVEN.get(claim.id) is claim
        if not given and home(claim):
            return True
        held = None if given else holding(claim.id)
        if held is not None:
            if held[1] not in self._given:
                self._load(held[1])
                self.sources[claim.id] = (held[0],)
            return True
        if not given and claim.module.partition(".")[0] in self._named:
            return True
        self.sources[claim.id] = ()
        return False

    def _parcel(self, claim: Claim) -> bytes | None:
        """Return the claim as bytes from which every worker makes the same claim; None where there are none.

        SymPy evaluates what it unpacks, so that a formula kept as written may come out as another one: the parcel is
        opened here and compared.
        """
        text = claim_text(claim)
        if text is None or not all(self._importable(module) for module in text[1]):
            return None
        try:
            sent = pickle.dumps(claim)
            opened = pickle.loads(sent)
        except Exception:  # whatever the parts of a user's claim may raise
            return None
        return sent if opened.statement == claim.statement and claim_text(opened) == text else None

    def _importable(self, module: str) -> bool:
        """Return whether workers can import a module; one that is not the project's or a library's they then load."""
        top = module.partition(".")[0]
        if top == "__main__":
            return False
        if top in {PACKAGE, "sympy", *self._named, *sys.stdlib_module_names}:
            return True
        if PathFinder.find_spec(top, [folders_of([top])[top]]) is None:
            return False
        self._load(module)
        return True

    def _load(self, name: str) -> None:
        if name not in self.modules:
            self.modules.append(name)
