"""A claim, its source, and the registry of all claims."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import FrameType, MappingProxyType
from typing import Any

from .domain import Domain
from .errors import ClaimError, DomainError
from .expressions import exact
from .statement import Statement

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Points at which a domain with dependent bounds is tried when a claim is made.
_LOOKS = 6
_ID = re.compile(r"[A-Za-z0-9]+(\.[A-Za-z0-9_-]+)+")


@dataclass(frozen=True)
class Source:
    """Where a claim is printed.

    Parameters
    ----------
    document : str
        Number or name of the document, e.g. ``"004"``.
    place : str
        Section, equation or proposition.
    """

    document: str
    place: str


@dataclass(frozen=True)
class Claim:
    """An analytic claim as data.

    A SymPy float in the statement or in a bound of the domain is read as the decimal number that it prints as (15
    digits where nothing else was asked for): 0.1 is 1/10, not the binary fraction next to it.

    Parameters
    ----------
    id : str
        Stable identifier ``<document>.<name>``.
    title : str
        The assertion in one plain sentence.
    source : Source
        Document and place.
    statement : Statement
        The typed assertion.
    domain : Domain
        Ranges of every free symbol of the statement.
    given : tuple of str
        What is assumed, and from where.
    repairs : str or None
        Id of the claim that this one corrects.
    reading : str or None
        When the print allows several readings: which one is encoded here.
    stated : bool
        Whether the document states (or its conventions fix) that reading. A reading that the document does not
        state is examined for the reader's benefit and is never counted as a mistake of the document.
    note : str
        A remark for people.
    printed : str
        The document's own LaTeX (mathematics mode), or its words where nothing is displayed.
    written : tuple of (str, sympy.Expr)
        Expressions of the source, by the field that they stand in, that the statement holds in another form.
    module : str
        Module or file that states the claim; the registry records it, and two claims that differ in it alone are equal.
    """

    id: str
    title: str
    source: Source
    statement: Statement
    domain: Domain
    given: tuple[str, ...] = ()
    repairs: str | None = None
    reading: str | None = None
    stated: bool = True
    note: str = ""
    written: tuple[tuple[str, Any], ...] = ()
    module: str = field(default="", compare=False)
    printed: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not _ID.fullmatch(self.id):
            raise ClaimError(f"claim id {self.id!r} is malformed; use '<document>.<name>', e.g. '004.eq42'")
        self._check_parts()
        self._read_decimals()
        if not self.stated and self.reading is None:
            raise ClaimError(f"claim {self.id}: stated=False needs `reading`, the reading that is encoded")
        drawn = self.statement.drawn()
        if drawn & set(self.domain.symbols):
            kept = {s.name: given for s, given in self.domain.ranges.items() if s not in drawn}
            object.__setattr__(self, "domain", Domain(**kept))
        known = {s.name: s for s in self.domain.symbols}
        for symbol in sorted(self.statement.free_symbols(), key=str):
            if symbol.name not in known:
                raise ClaimError(
                    f"claim {self.id}: symbol {symbol} is free but has no range; add {symbol}=... to the domain"
                )
            if known[symbol.name] != symbol:
                raise ClaimError(
                    f"claim {self.id}: symbol {symbol} of the statement has assumptions "
                    f"{symbol._assumptions_orig} but its range implies {known[symbol.name]._assumptions_orig}; "
                    "create it with the assumptions of its range"
                )

    def _check_parts(self) -> None:
        for name, wanted in (("source", Source), ("statement", Statement), ("domain", Domain)):
            given = getattr(self, name)
            if not isinstance(given, wanted):
                raise ClaimError(
                    f"claim {self.id}: {name} is {given!r} of type {type(given).__name__}; give a {wanted.__name__}"
                )
        problem = self.statement.problem()
        if problem is not None:
            raise ClaimError(f"claim {self.id}: {problem}")
        if any(given.symbols() for given in self.domain.ranges.values()):
            try:
                for _ in self.domain.points(_LOOKS):
                    pass
            except DomainError as error:
                raise ClaimError(f"claim {self.id}: {error}") from None
            except (TypeError, ValueError, ArithmeticError) as error:  # what SymPy says of numbers that are not real
                raise ClaimError(
                    f"claim {self.id}: a bound in {self.domain} has no real value at parameters before it ({error}); "
                    "restrict these parameters, or state the bound otherwise"
                ) from None

    def _read_decimals(self) -> None:
        object.__setattr__(self, "statement", exact(self.statement))
        bounds = {s.name: exact(given) for s, given in self.domain.ranges.items()}
        if any(bounds[s.name] is not given for s, given in self.domain.ranges.items()):
            object.__setattr__(self, "domain", Domain(**bounds))

    @property
    def document(self) -> str:
        """Number or name of the document."""
        return self.source.document


_CLAIMS: dict[str, Claim] = {}

#: Every registered claim by id, in the order of registration.
CLAIMS: Mapping[str, Claim] = MappingProxyType(_CLAIMS)


def claim(
    id: str,
    title: str,
    *,
    source: Source,
    statement: Statement,
    domain: Domain,
    given: tuple[str, ...] = (),
    repairs: str | None = None,
    reading: str | None = None,
    stated: bool = True,
    note: str = "",
    printed: str = "",
) -> Claim:
    """Register a claim and return it; see :class:`Claim` for the arguments.

    Raises
    ------
    ClaimError
        If the id is taken, or the claim is malformed.
    """
    if id in _CLAIMS:
        raise ClaimError(f"claim id {id!r} is registered twice; ids are unique, choose another")
    module = _stating_module(sys._getframe(1))
    made = Claim(
        id, title, source, statement, domain, given, repairs, reading, stated, note, module=module, printed=printed
    )
    _CLAIMS[id] = made
    return made


def register(made: Claim) -> None:
    """Put a claim into the register, in place of one that has its id."""
    _CLAIMS[made.id] = made


def forget(ids: Iterable[str]) -> None:
    """Take the claims with these ids out of the register, as far as they are there."""
    for id in list(ids):
        _CLAIMS.pop(id, None)


def _stating_module(frame: FrameType) -> str:
    """Return the module whose import is under way, behind all functions that its body called; else the caller's."""
    caller = str(frame.f_globals.get("__name__", ""))
    above: FrameType | None = frame
    while above is not None and above.f_code.co_name != "<module>":
        above = above.f_back
    # a program that is run, not imported, has no spec or is called __main__
    if above is None or above.f_globals.get("__spec__") is None or above.f_globals["__name__"] == "__main__":
        return caller
    return str(above.f_globals["__name__"])


def check_repairs(claims: Mapping[str, Claim]) -> None:
    """Raise ClaimError when a claim repairs an id that does not exist."""
    for made in claims.values():
        if made.repairs is not None and made.repairs not in claims:
            raise ClaimError(f"claim {made.id} repairs {made.repairs!r}, which is not registered")
