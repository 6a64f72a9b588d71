"""Description of how a mini-batch is drawn; `numerics` and `checks` know how to draw one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sympy as sp

from ..errors import ClaimError

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


class Scheme(StrEnum):
    """Ways to draw the B samples of a batch."""

    ONLINE = "independent draws from the data distribution"
    WITH_REPLACEMENT = "independent uniform draws from a data set"
    WITHOUT_REPLACEMENT = "distinct uniform draws from a data set"


@dataclass(frozen=True)
class Sampling:
    """A batch of B samples.

    Parameters
    ----------
    scheme : Scheme
        How they are drawn.
    batch : Expr
        B, a positive integer.
    population : Expr, optional
        Size n of the data set, for the two schemes that draw from one.

    Raises
    ------
    ClaimError
        If `population` is given for online sampling, or missing for another scheme.
    """

    scheme: Scheme
    batch: sp.Expr
    population: sp.Expr | None = None

    def __post_init__(self) -> None:
        if (self.population is None) != (self.scheme is Scheme.ONLINE):
            raise ClaimError(f"population is {self.population} with {self.scheme!r}; give it for a data set only")

    def symbols(self) -> set[sp.Symbol]:
        """Return the symbols of the description."""
        sizes = (self.batch,) if self.population is None else (self.batch, self.population)
        return set().union(*(sp.sympify(e).free_symbols for e in sizes))
