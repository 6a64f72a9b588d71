"""The drift of a power of a distance: the chain rule on |Px|^2, and derivatives in coordinates for actual matrices."""

from __future__ import annotations

import itertools

import sympy as sp

from ....derivations.domain import Point
from ....derivations.statements.distances import DistanceDrift
from ....numerics.exact.balls import midpoint
from ...evidence import Finding, Kind, Outcome
from ...judgement.deterministic import Ledger, generic_points
from ...judgement.domain_signs import candidates, certified_sign
from ...judgement.exact import Residual, judge
from ...judgement.findings import undecided
from ...witness import Task, witness

#: (dimension, normals of the set) of the matrices that are tried.
_SHAPES = ((2, 2), (3, 2), (4, 3), (5, 3))


@witness(
    "chain rule on the squared distance",
    kind=Kind.ALGEBRA,
    statement=DistanceDrift,
    starts_from="grad |Px|^2 = 2 Px and its Hessian 2 P, through a power of |Px|^2, for any P, mu and D",
)
def chain_rule(statement: DistanceDrift, task: Task) -> Finding:
    """Compare with phi'(q) (2 x^T P mu + 2 Tr D_perp) + 4 phi''(q) x^T D_perp x for phi(q) = q^(lambda/2)."""
    q = sp.Dummy("q", positive=True)
    phi = q ** (statement.power / 2)
    first, second = (sp.diff(phi, q, k).subs(q, statement.distance**2) for k in (1, 2))
    found = first * 2 * (statement.push + statement.spread) + second * 4 * statement.radial
    finding = judge([Residual("the drift", statement.value, sp.powsimp(found))], task, method="chain rule")
    if finding.outcome is Outcome.REFUTED and finding.counterexample is not None:
        point = {s: sp.sympify(finding.counterexample.point[str(s)]) for s in task.claim.domain.symbols}
        if not _attained(statement, point):
            return undecided("chain rule: the drift differs where no matrix is seen to have the stated products.")
    return finding if finding.outcome is not Outcome.PROVED else _about_something(statement, task) or finding


def _attained(statement: DistanceDrift, point: Point) -> bool:
    """Whether a positive semi-definite matrix is seen to have the stated products at a point.

    x^T D x is neither negative nor larger than Tr D |x|^2.
    """
    bounds = (statement.radial, statement.spread * statement.distance**2 - statement.radial)
    return all(certified_sign(sp.sympify(e), point) in (0, 1) for e in bounds)


def _about_something(statement: DistanceDrift, task: Task) -> Finding | None:
    """Return the finding that nothing is asserted as far as is seen; None where some matrix has the stated products."""
    if any(_attained(statement, point) for point in candidates(task.claim.domain, 4 * task.effort.points)):
        return None
    return undecided("no positive semi-definite matrix is seen to have the stated products, so that nothing is said.")


@witness(
    "derivatives in coordinates",
    kind=Kind.DETERMINISTIC,
    statement=DistanceDrift,
    starts_from="a projection, a drift and a diffusion matrix in coordinates, differentiated one by one",
)
def in_coordinates(statement: DistanceDrift, task: Task) -> Finding:
    """Compare with mu . grad + sum D_ij d_i d_j of |Px|^lambda at points with the asked distance and products."""
    ledger = Ledger(task, "derivatives in coordinates", [statement.value])
    points = generic_points(task.claim.domain, task.effort.points)
    possible = (point for point in points if _attained(statement, point))
    for point, (dimension, normals) in zip(possible, itertools.cycle(_SHAPES), strict=False):
        found = midpoint(_drift(statement, point, dimension, normals), {})
        stated = midpoint(statement.value, point)
        finding = ledger.compare(
            f"the drift in {dimension} dimensions", point, stated, found, 0.0, max(abs(stated), abs(found), 1e-3)
        )
        if finding:
            return finding
    return _about_something(statement, task) or ledger.finding()


def _drift(statement: DistanceDrift, point: Point, dimension: int, normals: int) -> sp.Expr:
    """Return the drift at x with |Px| = l, for mu and D with the stated products; the frame is turned."""
    power, length = (point[s] for s in (statement.power, statement.distance))
    push, spread, radial = (sp.sympify(e).subs(point) for e in (statement.push, statement.spread, statement.radial))
    turn = _turn(dimension)
    # in the turned frame the first `normals` axes are normal to the set, and Px lies along the first of them
    inner = sp.diag(*([1] * normals + [0] * (dimension - normals)))
    place = sp.Matrix([length] + [0] * (normals - 1) + [k + 1 for k in range(dimension - normals)])
    drift = sp.Matrix([push / length] + [sp.Rational(k, 3) for k in range(1, dimension)])
    along = radial / length**2
    rest = (spread - along) / (normals - 1)
    diffusion = sp.diag(*([along] + [rest] * (normals - 1) + [sp.Integer(2)] * (dimension - normals)))
    projection, centre = turn * inner * turn.T, turn * place
    mu, d = turn * drift, turn * diffusion * turn.T
    x = sp.Matrix(sp.symbols(f"x0:{dimension}", real=True))
    distance = (x.T * projection * x)[0] ** (power / 2)
    at = dict(zip(x, centre, strict=True))
    total = sum(mu[i] * sp.diff(distance, x[i]).subs(at) for i in range(dimension))
    pairs = itertools.product(range(dimension), repeat=2)
    total += sum(d[i, j] * sp.diff(distance, x[i], x[j]).subs(at) for i, j in pairs if d[i, j] != 0)
    return sp.sympify(total)


def _turn(dimension: int) -> sp.Matrix:
    """Return a rational rotation without zeros: the reflection at a vector of integers."""
    v = sp.Matrix([k + 1 for k in range(dimension)])
    reflection: sp.Matrix = sp.eye(dimension) - 2 * v * v.T / (v.T * v)[0]
    return reflection
