"""Points at which matrices are drawn: fewer rows than columns, as many, and more."""

from __future__ import annotations

from ....derivations.domain import Domain, Point
from ....derivations.statements.classes.overlaps import SpikedOverlap
from ....derivations.statements.random_matrices import SpikedSingularValue
from ....numerics.exact.balls import midpoint
from ...judgement.deterministic import generic_points

#: The range of aspects at which matrices are not too long.
_SHORTEST, _LONGEST = 0.2, 4.0
#: Points of either kind that are looked at.
_TRIED = 12
#: Largest number of points that are returned.
SIDES = 3


def sides_of_one(statement: SpikedSingularValue | SpikedOverlap, domain: Domain) -> list[Point]:
    """Return a point with aspect below 1, one above and one at 1, as far as the domain is seen to have them."""
    found: dict[int, Point] = {}
    for point in (*generic_points(domain, _TRIED), *domain.points(_TRIED)):
        aspect = midpoint(statement.aspect, point)
        if _SHORTEST <= aspect <= _LONGEST:
            found.setdefault((aspect > 1) - (aspect < 1), point)
    return list(found.values())
