"""Hypothesis strategies of exact points, built from a claim's own domain without rejection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..derivations.domain import Domain, Point
from ..derivations.errors import DomainError, UsageError

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: Largest index drawn in an unbounded range; numerators and denominators then stay below about 150.
LARGEST_INDEX = 400


def points(
    domain: Domain, largest: int = LARGEST_INDEX, limits: Mapping[str, int] | None = None
) -> SearchStrategy[Point]:
    """Return a strategy of exact points of `domain`; shrinking goes to the simplest point.

    Every parameter is drawn as an index into its range (simplest value first), so nothing is ever rejected and a
    minimal failing example is minimal in the sense of the mathematics, not of floating-point bits.

    Parameters
    ----------
    domain : Domain
        Domain of a claim.
    largest : int
        Largest index, >= 0.
    limits : mapping of str to int, optional
        Largest index of single parameters by name, e.g. ``{"L": 3}`` for the four smallest depths.

    Raises
    ------
    DomainError
        If an index is negative or a limit names no parameter.
    UsageError
        If Hypothesis is not installed.
    """
    try:
        from hypothesis import strategies as st
    except ImportError:
        raise UsageError("property tests need Hypothesis: pip install hypothesis") from None

    highest = {s: (limits or {}).get(s.name, largest) for s in domain.symbols}
    if min(highest.values(), default=0) < 0 or not set(limits or {}) <= {s.name for s in domain.symbols}:
        raise DomainError(f"largest = {largest}, limits = {limits}; give integers >= 0 for parameters of the domain")
    tops = [highest[s] if r.size is None else min(highest[s], r.size - 1) for s, r in domain.ranges.items()]
    return st.tuples(*(st.integers(0, top) for top in tops)).map(domain.point)
