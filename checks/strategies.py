"""Hypothesis strategies of exact points, built from a claim's own domain without rejection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..derivations.domain import Domain, Point
from ..derivations.errors import DomainError

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: Largest index drawn in an unbounded range; numerators and denominators then stay below about 150.
LARGEST_INDEX = 400


def points(domain: Domain, largest: int = LARGEST_INDEX) -> SearchStrategy[Point]:
    """Return a strategy of exact points of `domain`; shrinking goes to the simplest point.

    Every parameter is drawn as an index into its range (simplest value first), so nothing is ever rejected and a
    minimal failing example is minimal in the sense of the mathematics, not of floating-point bits.

    Parameters
    ----------
    domain : Domain
        Domain of a claim.
    largest : int
        Largest index, >= 0.

    Raises
    ------
    DomainError
        If `largest` is negative.
    """
    from hypothesis import strategies as st

    if largest < 0:
        raise DomainError(f"largest = {largest}; give an integer >= 0")
    tops = [largest if r.size is None else min(largest, r.size - 1) for r in domain.ranges.values()]
    return st.tuples(*(st.integers(0, top) for top in tops)).map(domain.point)
